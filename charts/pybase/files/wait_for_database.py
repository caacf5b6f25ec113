"""Wait until the server of DATABASE_URL accepts connections, at most two minutes; exit 1 with the reason.

It speaks no PostgreSQL: a wrong password is for the program that follows to report. The URL is a secret and is never
printed.
"""

import os
import socket
import sys
import time
from urllib.parse import urlsplit

DEADLINE = 120  # seconds
PAUSE = 2  # seconds between two attempts


def wait(host: str, port: int) -> None:
    """Return when `host` accepts a connection on `port`; end the process when it has not until the deadline."""
    end = time.monotonic() + DEADLINE
    while True:
        try:
            socket.create_connection((host, port), timeout=5).close()
            return
        except OSError as error:
            if time.monotonic() > end:
                sys.exit(f"no connection to the database at {host}:{port} for {DEADLINE} s: {error}")
        time.sleep(PAUSE)


try:
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    host, port = url.hostname, url.port or 5432
except ValueError:  # its text would show a part of the URL
    sys.exit("DATABASE_URL is no address: a password in it holds only letters, digits, - and _")
if not host:
    sys.exit("DATABASE_URL names no host: set database-url in the Secret pybase-api-secret")
wait(host, port)
