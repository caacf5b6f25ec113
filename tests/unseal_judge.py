"""What the code of the sealed-secrets controller (tools/unseal) opens with the keys that it has."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from controller_keys import private
from gitops import tools

REFUSED = ""


def opened(asked: Iterable[tuple[dict[str, Any], RSAPrivateKey]]) -> list[dict[str, str]]:
    """For each (SealedSecret, key of the controller): key -> digest of the value, or REFUSED."""
    lines = (json.dumps({"keys": [private(key)], "sealed": sealed}) for sealed, key in asked)
    return [json.loads(line) for line in tools.run("unseal", text="\n".join(lines)).splitlines()]


def digest(value: bytes) -> str:
    return sha256(value).hexdigest()
