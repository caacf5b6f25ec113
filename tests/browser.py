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
    """The page's HTML after its scripts ran; the browser's profile is a folder beside it."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, f"none of {', '.join(NAMES)} is installed; on Debian it is the package chromium"
    profile = f"--user-data-dir={page.with_name('profile')}"
    command = [found, *OPTIONS, profile, "--dump-dom", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
