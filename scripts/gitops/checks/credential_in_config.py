"""A credential is written in a file that is no SealedSecret.

Why: a password in a ConfigMap, an env value, an argument, an annotation or a URL is readable by everyone who can read
the repository or list pods, and stays in the history. Looked for, in manifests and policies, are a user and password in
a URL, private keys, tokens of known shapes (AWS, GitHub, GitLab, Slack, Google, JSON web tokens), and the same inside
base64; and any value of 8 characters or more after a name that ends in password, secretKey, apiKey, accessToken or the
like, in the values of a chart too. The value is never printed.

Fails:

    literals: ["REDIS_URL=redis://:s3cr3t@pybase-redis:6379/0"]

Passes:

    env: [{name: REDIS_URL, valueFrom: {secretKeyRef: {name: pybase-api-secret, key: redis-url}}}]

Fix: replace the credential wherever it is in use, seal the new one, and refer to it by secretKeyRef.
Cannot see: a password of no known shape that stands alone, or after a name that does not say so.
Source: https://docs.github.com/en/code-security/secret-scanning
"""

import base64
import re
from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.problems import Problem

ID = "credential-in-config"
SEVERITY = "error"
CONTROLS = ("SE03",)
READS = ("source",)
FIX = "replace it wherever it is in use, seal the new one and refer to it by secretKeyRef"
_SHAPES = {
    "a password in a URL": re.compile(r"[a-z][a-z0-9+.-]*://[^\s/:@\"'<>$]*:[^\s/@\"'<>${}]+@[^\s/]"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{40,})"),
    "a GitLab token": re.compile(r"\bglpat-[0-9A-Za-z_-]{20}"),
    "a Slack token": re.compile(r"\bxox[abprs]-[0-9A-Za-z-]{10,}"),
    "a Google API key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "a JSON web token": re.compile(r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}"),
}
# What a key of such a name holds, in a mapping, a literal or an argument; a sealed value is longer.
_NAMED = re.compile(
    r"(?:passw(?:or)?d|passphrase|secret[_-]?key|access[_-]?token|auth[_-]?token|api[_-]?key)[\"']?\s*[:=]\s*"
    r"[\"']?[^\s\"'{}\[\],$<>|&*!#]{8,200}(?=$|[\s\"',}\]])",
    re.I,
)
_BASE64 = re.compile(r"(?<![0-9A-Za-z+/])[0-9A-Za-z+/]{24,4096}={0,2}(?![0-9A-Za-z+/=])")


def check(fleet: Fleet) -> Iterator[Problem]:
    for source in fleet.sources.values():
        for number, line in enumerate(source.text.splitlines(), 1):
            found = _credential(line) or next((f"{what}, in base64" for what in _decoded(line)), "")
            found = found or ("the value of a password, key or token" if _NAMED.search(line.split(" #")[0]) else "")
            if found:
                yield Problem(source.path, number, ID, "", f"{found} is written here", FIX)


def _credential(text: str) -> str:
    return next((what for what, shape in _SHAPES.items() if shape.search(text)), "")


def _decoded(line: str) -> Iterator[str]:
    """What base64 words of the line hide, when they decode to text."""
    for word in _BASE64.findall(line):
        try:
            text = base64.b64decode(word + "=" * (-len(word) % 4)).decode()
        except ValueError:
            continue
        if found := _credential(text):
            yield found
