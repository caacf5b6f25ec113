"""The small fleet with nothing sealed yet, and `gitops secrets seal` on it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import opened
from controller_keys import certificate, key
from support import Answer, Gitops

CLUSTER = "bare-metal-production-fra1"
SEALED = f"clusters/{CLUSTER}/workload/sealed"
API, REDIS = f"{SEALED}/pybase-api-secret.yaml", f"{SEALED}/pybase-redis-secret.yaml"
PEM = f"clusters/{CLUSTER}/facts/sealed-secrets.pem"


def unsealed(base: Path) -> Path:
    """`base` with stubs only, and the certificate of a controller whose key is at hand."""
    (base / PEM).write_text(certificate())
    for path in (API, REDIS):
        (base / path).write_text(re.sub(r": A\S{300,}", ": STUB", (base / path).read_text()))
    return base


@contextmanager
def held(text: str) -> Iterator[int]:
    """An open descriptor with that text, as a pipe of the shell is."""
    end, other = os.pipe()
    os.write(other, text.encode())
    os.close(other)
    yield end
    os.close(end)


def seal(gitops: Gitops, fleet: Path, *options: str, given: str = "") -> Answer:
    with held(given) as descriptor:
        more = ("--values-fd", str(descriptor)) if given else ()
        return gitops("secrets", "seal", CLUSTER, *options, *more, folder=fleet)


def values(fleet: Path, scratch: Path) -> dict[str, str]:
    """secret/key -> value, as the controller opens them."""
    return opened.values(fleet / SEALED, key(), scratch)
