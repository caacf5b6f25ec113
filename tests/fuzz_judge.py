"""What `gitops validate` may do with a hostile file: end with 0, 1 or 2 in time, and say which file is wrong."""

import contextlib
import io
import json
import os
import re
import resource
import signal
import subprocess
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gitops import cli, fleet, kubeconform, output, tools, validation
from gitops.fleet import Fleet
from gitops.layout import Repository

SECONDS = 2  # of processor time, of this process and of the renderer
MEMORY = 512  # MiB, each of them
HANGS = 60  # seconds without an answer

_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d+): .+; .+ \([a-z-]+\)")


class TooSlow(BaseException):
    """Not an Exception, which the command would make a message of."""


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Within: processor time is limited, and so is waiting for the renderer."""

    def late(*_: object) -> None:
        raise TooSlow(f"more than {SECONDS} s, or {HANGS} s without an answer")

    signal.signal(signal.SIGPROF, late)
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.alarm(HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)


@contextlib.contextmanager
def little_memory() -> Iterator[None]:
    """Within: this process may have so much more than it has now."""
    resource.setrlimit(resource.RLIMIT_AS, (_size("self", "VmSize") + (MEMORY << 20), resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextlib.contextmanager
def _limits_lifted() -> Iterator[None]:
    """Within: a program that is started has no limit, since Go reserves more than it uses."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def _size(process: str, what: str) -> int:
    """Bytes, of /proc/<process>/status."""
    status = Path("/proc", process, "status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(f"{what}:"))) * 1024


Run = Callable[..., str]


@contextlib.contextmanager
def one_renderer() -> Iterator[Run]:
    """`tools.run` with a renderer that lives on between calls; others are started as ever."""
    running: list[subprocess.Popen[str]] = []
    real = tools.run

    def start() -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with _limits_lifted():
            return subprocess.Popen([tools.find("render")], text=True, bufsize=1, **pipes)

    def run(name: str, *arguments: str, text: str = "", **options: object) -> str:
        if name != "render":
            with _limits_lifted():
                return real(name, *arguments, text=text, **options)
        process = running.pop() if running and running[-1].poll() is None else start()
        spent = _processor(process.pid)
        process.stdin.write(text)
        process.stdin.flush()
        answers = []
        for _ in text.splitlines():
            if not (line := process.stdout.readline()):
                process.kill()
                raise TooSlow("the renderer ended")
            answers.append(line)
        if _processor(process.pid) - spent > SECONDS or _size(str(process.pid), "VmHWM") > MEMORY << 20:
            process.kill()
            raise TooSlow("the renderer took too much")
        running.append(process)
        return "".join(answers)

    try:
        yield run
    finally:
        for process in running:
            process.kill()
            process.wait()


def _processor(process: int) -> float:
    """Seconds that a process has used (proc(5): fields 14 and 15)."""
    ticks = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def whole(tree: Path, path: str, run: Run, schemas: bool) -> str:
    """What is wrong with `gitops validate` in the tree, whose file `path` is hostile; "" for nothing."""
    said, told = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        patch.setattr(tools, "run", run)
        if not schemas:
            patch.setattr(kubeconform, "validate", lambda *_: [])
        try:
            with guarded():
                code = cli.main(["validate", "--repository", str(tree), "--quiet", "--format", "text", "--debug"])
        except BaseException as error:
            return _raised(error)
    return _wrong(tree, path, code, said.getvalue(), told.getvalue())


def _raised(error: BaseException) -> str:
    """The exception, and the last places of the command that it went through."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/gitops/" in f.filename][-3:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__}: {str(error)[:200]} at {places}"


def _wrong(tree: Path, path: str, code: int, out: str, err: str) -> str:
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if code == 2:
        return "" if path in err and err.count("\n") == 1 else f"exit 2 does not name the file: {err}"
    if (code == 1) != bool(out) or err:
        return f"exit code {code}, {out!r}, {err!r}"
    return next((f"no place: {line}" for line in out.splitlines() if not _placed(tree, line)), "")


def _placed(tree: Path, line: str) -> bool:
    """Does the line of a problem name a line of a file that is there, or the folder where one is missing?"""
    found = _PLACE.match(line)
    if not found:
        return False
    file = tree / found["path"]
    held = len(re.findall(rb"\r\n|\r|\n", file.read_bytes())) + 2 if file.is_file() else 2
    return int(found["line"]) <= held and (file.exists() or file.parent.exists())


def alone(tree: Path, path: str) -> str:
    """What is wrong with reading one hostile file and with the rules that need no build; "" for nothing."""
    repository = Repository(tree)
    try:
        with guarded():
            sources = fleet.read(repository, [path])
            problems = validation.validate(Fleet(repository, repository.clusters, [path], sources, []))
            printed = {name: form(problems) for name, form in output.FORMATS.items()}
    except BaseException as error:
        return _raised(error)
    ElementTree.fromstring(printed["junit"])
    json.loads(printed["json"])
    unread = [file.path for file in sources.values() if not file.readable]
    silent = [file for file in unread if f"{output.printable(file)}:" not in printed["text"]]
    return f"not named: {silent}" if silent else ""
