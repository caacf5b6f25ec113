"""Runs inside a pod of the API, as `python -I -c`: can each store be reached with the settings that the pod has?

Prints one line of JSON, store -> "" or what is wrong. Values of settings are never printed: URLs hold passwords.
Nothing is written to a store: PostgreSQL is asked whether it speaks TLS, Redis for a PING, the others for a page.
"""

import json
import os
import socket
import ssl
import struct
from collections.abc import Callable
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

SECONDS = 3


def postgresql() -> str:
    url = urlsplit(os.environ["DATABASE_URL"])
    with socket.create_connection((url.hostname, url.port or 5432), SECONDS) as channel:
        channel.sendall(struct.pack("!II", 8, 80877103))  # SSLRequest (PostgreSQL protocol 3.0)
        return "" if channel.recv(1) in (b"S", b"N") else "does not answer as PostgreSQL does"


def redis() -> str:
    url = urlsplit(os.environ["REDIS_URL"])
    with socket.create_connection((url.hostname, url.port or 6379), SECONDS) as plain:
        channel = plain
        if url.scheme == "rediss":
            channel = ssl.create_default_context().wrap_socket(plain, server_hostname=url.hostname)
        words = [word for word in (unquote(url.username or ""), unquote(url.password or "")) if word]
        for command in ([["AUTH", *words]] if words else []) + [["PING"]]:
            parts = [f"*{len(command)}\r\n", *(f"${len(word.encode())}\r\n{word}\r\n" for word in command)]
            channel.sendall("".join(parts).encode())
            answer = channel.recv(200)
            if not answer.startswith(b"+"):
                return f"{command[0]}: {answer.decode(errors='replace').split()[0].lstrip('-')}"
    return ""


def minio() -> str:
    return page(os.environ.get("S3_ENDPOINT_URL") or f"https://s3.{os.environ['S3_REGION']}.amazonaws.com", 499)


def meilisearch() -> str:
    return page(os.environ["MEILISEARCH_URL"].rstrip("/") + "/health", 399)


def page(url: str, worst: int) -> str:
    """S3 answers 403 to who gives no name, which is an answer."""
    try:
        with urlopen(url, timeout=SECONDS) as answer:
            code = answer.status
    except HTTPError as error:
        code = error.code
    return "" if code <= worst else f"answers {code}"


def said(ask: Callable[[], str]) -> str:
    try:
        return str(ask())
    except KeyError as error:
        return f"{error.args[0]} is not set"
    except ValueError:  # its text would show a part of the URL
        return "its URL is no address"
    except OSError as error:
        return str(getattr(error, "reason", None) or error.strerror or error)


print(json.dumps({ask.__name__: said(ask) for ask in (postgresql, redis, minio, meilisearch)}))
