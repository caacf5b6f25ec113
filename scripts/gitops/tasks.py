"""What Celery workers run and for how long, and the time that a container takes before it is told to stop. Pure."""

import re
import shlex
from collections.abc import Mapping
from typing import Any

from gitops.manifests import Container, dig, sequence

DEFAULT_QUEUE = "celery"
VISIBILITY = re.compile(r"visibility_timeout[\"']?\s*[:=]\s*(\d{1,9})\b")
_SLEEP = re.compile(r"(?:^|[\s;&|/])sleep\s+(\d{1,6})\b")


def words(container: Container) -> list[str]:
    """Its command line, that of a shell taken apart."""
    found: list[str] = []
    for word in map(str, [*sequence(container.spec.get("command")), *sequence(container.spec.get("args"))]):
        try:
            found += shlex.split(word) if " " in word else [word]
        except ValueError:
            found += word.split()
    return found


def longest(container: Container, known: Mapping[str, Any]) -> int | None:
    """Seconds of the longest task that a worker may run: of its queues, cut off by its own time limit; None for a
    container that runs no worker."""
    line = words(container)
    if not any(word.rpartition("/")[2] == "celery" for word in line) or "worker" not in line:
        return None
    queues = (_option(line, "-Q", "--queues") or DEFAULT_QUEUE).split(",")
    tasks = [known.get(queue, known.get(DEFAULT_QUEUE)) for queue in queues]
    seconds = max((task for task in tasks if isinstance(task, int)), default=0)
    limit = _option(line, "--time-limit", "--time-limit")
    return min(seconds, int(float(limit))) if re.fullmatch(r"\d{1,9}(\.\d+)?", limit) else seconds


def before_stop(container: Container) -> int:
    """Seconds that its preStop hook sleeps; 0 for what cannot be known."""
    hook = dig(container.spec, "lifecycle", "preStop")
    slept = dig(hook, "sleep", "seconds")
    if isinstance(slept, int):
        return slept
    found = _SLEEP.search(" ".join(map(str, sequence(dig(hook, "exec", "command")))))
    return int(found[1]) if found else 0


def _option(line: list[str], short: str, long: str) -> str:
    """The value of an option as celery takes it: -Q x, -Qx, --queues x, --queues=x; "" without one."""
    for index, word in enumerate(line):
        if word in (short, long):
            return line[index + 1] if index + 1 < len(line) else ""
        if word.startswith(f"{long}="):
            return word.partition("=")[2]
        if len(short) == 2 and word.startswith(short):
            return word[2:].removeprefix("=")
    return ""
