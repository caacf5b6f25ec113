"""Certificates of controllers: what one says, and what is none."""

import subprocess
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from controller_keys import DAY, certificate, key, private
from gitops import certificates
from gitops.errors import GitopsError

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_says_fingerprint_validity_and_size() -> None:
    pem = certificate(key(), START, days=30)
    found = certificates.read(f"a comment\n{pem}{certificate()}", "x.pem")
    assert found == certificates.read(pem.replace("\n", "\r\n"), "x.pem")
    assert (found.pem, found.start, found.end, found.bits) == (pem, START, START + 30 * DAY, 2048)


def test_fingerprint_is_what_openssl_says() -> None:
    pem = certificate()
    command = ["openssl", "x509", "-noout", "-fingerprint", "-sha256"]
    said = subprocess.run(command, input=pem, capture_output=True, text=True, check=True).stdout
    assert certificates.read(pem, "x.pem").fingerprint == said.strip().split("=")[1].replace(":", "").lower()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a certificate in PEM"),
        ("\x00é\ud800", "not a certificate in PEM"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not a certificate in PEM"),
        (certificate()[:900], "not a certificate in PEM"),
        (certificate() + private(key()), "holds a private key"),
        (certificate(ec.generate_private_key(ec.SECP256R1())), "its key is not RSA"),
        (certificate(key(bits=1024)), "its RSA key has 1024 bits, fewer than 2048"),
    ],
    ids=["empty", "binary", "no ASN.1", "cut", "private key", "elliptic curve", "short"],
)
def test_what_nothing_can_be_sealed_with_is_one_line(text: str, said: str) -> None:
    with pytest.raises(GitopsError, match=rf"^facts/x\.pem: {said}[^\n]* write what `kubeseal --fetch-cert` prints$"):
        certificates.read(text, "facts/x.pem")


def test_the_command_starts_without_the_library() -> None:
    code = "import sys; from gitops import cli; cli.parser(); print('cryptography' in sys.modules)"
    assert subprocess.run(["python", "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
