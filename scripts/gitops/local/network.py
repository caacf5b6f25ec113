"""The network of an instance: making it, starting a program in it, and reaching a port of it from outside."""

import http.client
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gitops.errors import GitopsError
from gitops.local.instance import Instance

KEEPER = "keeper"
API_PORT = 6443
ADDRESS = "192.0.2.1"  # of every instance, beside 127.0.0.1; of the range for examples (RFC 5737)
START_SECONDS = 20
NEEDS = (
    "needs root, or user namespaces for ordinary users (sysctl kernel.unprivileged_userns_clone=1, and on Ubuntu "
    "kernel.apparmor_restrict_unprivileged_userns=0)"
)


def ensure(instance: Instance) -> int:
    """Make the network when it is not there; the port of this machine by which its API server is reached."""
    port_file = instance.path("port")
    known = int(port_file.read_text()) if port_file.exists() else 0
    if instance.pid(KEEPER):
        return known
    instance.stop(*instance.names())  # what is left has lost its network
    with _listener(known) as listener:
        port = int(listener.getsockname()[1])
        port_file.write_text(str(port))
        command = ["unshare", *_user("--map-root-user"), "--net", "--mount", "--propagation", "private"]
        program = [
            sys.executable,
            "-I",
            str(Path(__file__).with_name("keeper.py")),
            str(_socket(instance)),
            str(API_PORT),
            ADDRESS,
        ]
        with instance.path("log", KEEPER).open("wb") as log:
            process = _popen([*command, *program], stdin=listener.fileno(), log=log.fileno())
    instance.record(KEEPER, process.pid)
    wait(lambda: _answers(instance), START_SECONDS, lambda: process.poll() is not None)
    if not _answers(instance):
        said = instance.path("log", KEEPER).read_text().strip().splitlines()[-1:] or ["no reason given"]
        raise GitopsError(f"no network of its own: {said[0]}; gitops local {NEEDS}")
    return port


def start(instance: Instance, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Start a program inside, with nothing of this shell's environment but what is given."""
    with instance.path("log", name).open("ab") as log:
        process = _popen(inside(instance, command), log=log.fileno(), env=dict(environment))
    instance.record(name, process.pid)


def inside(instance: Instance, command: Sequence[str]) -> list[str]:
    """The command line that runs `command` in the instance's network."""
    pid = instance.pid(KEEPER)
    if pid is None:
        raise GitopsError(f"instance {instance.name} is not up; run `gitops local up`")
    target = ["nsenter", "--target", str(pid), *_user("--user", "--preserve-credentials"), "--net", "--mount"]
    return [*target, "--", *command]


def get(instance: Instance, port: int, path: str, *, tls: bool = False) -> tuple[int, str]:
    """(status, body) of a GET of 127.0.0.1:`port` inside; status 0 when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        channel = connect(instance, port)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # only whether it answers
        connection.sock = context.wrap_socket(channel) if tls else channel
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def connect(instance: Instance, port: int) -> socket.socket:
    channel = socket.socket(socket.AF_UNIX)
    channel.settimeout(5)
    channel.connect(str(_socket(instance)))
    channel.sendall(f"{port}\n".encode())
    return channel


def wait(ready: Callable[[], object], seconds: float, over: Callable[[], bool] = lambda: False) -> bool:
    """Ask until `ready()` is true, `over()` says that it never will be, or the time is out; the last answer."""
    end = time.monotonic() + seconds
    while not (answer := bool(ready())) and not over() and time.monotonic() < end:
        time.sleep(0.1)
    return answer


def _answers(instance: Instance) -> bool:
    try:
        connect(instance, API_PORT).close()
    except OSError:
        return False
    return True


def _socket(instance: Instance) -> Path:
    path = instance.path("keeper.sock")
    if len(str(path)) > 100:  # sun_path of unix(7) holds 108 bytes
        raise GitopsError(f"{path}: too long for a socket; set XDG_STATE_HOME to a shorter folder")
    return path


def _listener(port: int) -> socket.socket:
    """A listening socket of this machine's loopback, on the port of last time when that is free."""
    for wanted in (port, 0):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", wanted))
        except OSError:
            listener.close()
            continue
        listener.listen()
        return listener
    raise GitopsError("no free port on 127.0.0.1; end a program that listens there")


def _user(*options: str) -> list[str]:
    return [] if os.geteuid() == 0 else list(options)


def _popen(
    command: Sequence[str], *, log: int, stdin: int = subprocess.DEVNULL, env: Mapping[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(command, stdin=stdin, stdout=log, stderr=log, env=env, start_new_session=True)
    except OSError as error:
        raise GitopsError(f"{command[0]}: {error.strerror}; install util-linux") from error


def run(instance: Instance, command: Sequence[str]) -> None:
    """Run a short program inside to its end."""
    done = subprocess.run(inside(instance, command), capture_output=True, text=True, check=False)
    if done.returncode:
        raise GitopsError(f"{command[0]}: {done.stderr.strip()[:300]}")
