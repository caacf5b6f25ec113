"""What we seal opens in the real controller's code to the same bytes, and under no other name, scope or key.

A thousand values, empty to 1 MiB (all that the API server lets a Secret hold), for each scope and size of key.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from controller_keys import certificate, key
from gitops import kubeseal
from unseal_judge import REFUSED, digest, opened

SCOPES = ("strict", "namespace-wide", "cluster-wide")
SECRETS, VALUES = 60, 1000
LARGEST = 2**20
SMALL = 2**10  # what is sent in many variants
RANDOM = Random(5)


@dataclass(frozen=True)
class Case:
    scope: str
    bits: int
    values: dict[str, bytes]
    sealed: dict[str, Any]

    def variant(self, scope: str = "", data: dict[str, str] | None = None, **metadata: str) -> dict[str, Any]:
        """Its SealedSecret with another name, namespace or scope, and the small values only, unless `data` is given."""
        encrypted = self.sealed["spec"]["encryptedData"]
        small = {name: encrypted[name] for name, value in self.values.items() if len(value) <= SMALL}
        return {
            **self.sealed,
            "metadata": {"name": "a", "namespace": "b", "annotations": annotations(scope or self.scope)} | metadata,
            "spec": {"encryptedData": small if data is None else data},
        }


def annotations(scope: str) -> dict[str, str]:
    return {} if scope == "strict" else {f"sealedsecrets.bitnami.com/{scope}": "true"}


def made(number: int) -> bytes:
    size = (0, 1, LARGEST, LARGEST)[number] if number < 4 else int(2 ** RANDOM.uniform(0, 20))
    if number % 2:
        return RANDOM.randbytes(size)
    return ("é\n\r\t 語\x00🔑$'\"\\" * (size // 4)).encode()[:size].decode(errors="ignore").encode()


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    values = [made(number) for number in range(VALUES)]
    found = []
    for number in range(SECRETS):
        scope, bits = SCOPES[number % 3], (2048, 4096)[number // 3 % 2]
        mine = {f"key-{place}": value for place, value in enumerate(values[number::SECRETS])}
        metadata = {"name": "a", "namespace": "b", "annotations": annotations(scope)}
        data = {name: b64encode(value).decode() for name, value in mine.items()}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
        found.append(Case(scope, bits, mine, kubeseal.seal(secret, certificate(key(bits=bits)))))
    return found


def verdicts(cases: list[Case], asked: list[dict[str, Any]], owner: str = "a") -> list[set[bool]]:
    """For each SealedSecret, whether its values open."""
    answers = opened((sealed, key(owner, case.bits)) for case, sealed in zip(cases, asked, strict=True))
    return [{said != REFUSED for said in answer.values()} for answer in answers]


def test_every_value_opens_to_the_same_bytes(cases: list[Case]) -> None:
    answers = opened((case.sealed, key(bits=case.bits)) for case in cases)
    assert sum(map(len, answers)) == VALUES
    assert answers == [{name: digest(value) for name, value in case.values.items()} for case in cases]


def test_a_flipped_bit_never_opens(cases: list[Case]) -> None:
    def flipped(text: str) -> str:
        data = bytearray(b64decode(text))
        data[RANDOM.randrange(len(data))] ^= 1 << RANDOM.randrange(8)
        return b64encode(data).decode()

    changed = [{n: flipped(v) for n, v in case.sealed["spec"]["encryptedData"].items()} for case in cases]
    asked = [case.variant(data=data) for case, data in zip(cases, changed, strict=True)]
    assert verdicts(cases, asked) == [{False}] * SECRETS


def test_another_cluster_never_opens_it(cases: list[Case]) -> None:
    assert verdicts(cases, [case.variant() for case in cases], owner="b") == [{False}] * SECRETS


@pytest.mark.parametrize(
    ("change", "opens"),
    [
        ({}, SCOPES),
        ({"name": "other"}, SCOPES[1:]),
        ({"namespace": "other"}, SCOPES[2:]),
        ({"scope": "strict"}, SCOPES[:1]),
        ({"scope": "namespace-wide"}, SCOPES[1:2]),
        ({"scope": "cluster-wide"}, SCOPES[2:]),
    ],
)
def test_it_opens_where_its_scope_says(cases: list[Case], change: dict[str, str], opens: tuple[str, ...]) -> None:
    assert verdicts(cases, [case.variant(**change) for case in cases]) == [{case.scope in opens} for case in cases]
