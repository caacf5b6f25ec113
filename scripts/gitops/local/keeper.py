"""Keeps the network of an instance and passes connections into it.

Runs inside, as `python keeper.py SOCKET PORT ADDRESS`.

The namespace has nothing but `lo`, so the parts of the platform use the ports they always use, are reachable from
nowhere, and two instances do not meet. /run is its own too: the sealed-secrets controller reads its account there.
`lo` has ADDRESS beside 127.0.0.1: the API server passes requests to Services, but never to a loopback address.

Ways in: standard input is a listening TCP socket that was opened outside; its connections go to PORT. SOCKET is a Unix
socket; a client first writes a line with the port it wants.
"""

import contextlib
import fcntl
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

SIOCSIFFLAGS, SIOCSIFADDR, IFF_UP = 0x8914, 0x8916, 0x1  # linux/sockios.h, net/if.h
CHUNK = 65536


def main(path: str, port: int, address: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))
        alias = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(address))
        fcntl.ioctl(control, SIOCSIFADDR, alias)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    Path(path).unlink(missing_ok=True)
    inner = socket.socket(socket.AF_UNIX)
    inner.bind(path)
    inner.listen()
    outer = socket.socket(fileno=0)
    threading.Thread(target=accept, args=(outer, lambda _: port), daemon=True).start()
    accept(inner, asked)


def asked(client: socket.socket) -> int:
    line = b""
    while not line.endswith(b"\n") and (byte := client.recv(1)):
        line += byte
    return int(line)


def accept(listener: socket.socket, wanted: Callable[[socket.socket], int]) -> None:
    while True:
        client, _ = listener.accept()
        client.settimeout(None)
        threading.Thread(target=join, args=(client, wanted), daemon=True).start()


def join(client: socket.socket, wanted: Callable[[socket.socket], int]) -> None:
    with (
        client,
        contextlib.suppress(OSError, ValueError),
        socket.create_connection(("127.0.0.1", wanted(client))) as server,
    ):
        back = threading.Thread(target=copy, args=(server, client), daemon=True)
        back.start()
        copy(client, server)
        back.join()


def copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
