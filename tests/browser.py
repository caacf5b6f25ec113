"""Headless Chromium, as the tests of pages use it."""

import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Without the middle ones Chromium calls home, and waits for the answer where there is no network.
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic",
)  # fmt: skip


def dom(page: Path, *options: str) -> str:
    """The page's HTML after its scripts ran; its profile is a folder beside it."""
    return run(page, "--dump-dom", *options)


def screenshot(page: Path, picture: Path, size: tuple[int, int], *options: str) -> None:
    run(page, f"--screenshot={picture}", f"--window-size={size[0]},{size[1]}", "--hide-scrollbars", *options)


def run(page: Path, *options: str) -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, f"none of {', '.join(NAMES)} is installed; on Debian it is the package chromium"
    profile = f"--user-data-dir={page.with_name('profile')}"
    command = [found, *OPTIONS, profile, *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
