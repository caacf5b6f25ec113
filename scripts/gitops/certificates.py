"""Certificates of sealed-secrets controllers: what one says, read offline. Pure."""

from dataclasses import dataclass
from datetime import datetime

from gitops.errors import GitopsError

SMALLEST_BITS = 2048  # NIST SP 800-57 part 1, table 2; the controller makes 4096
REMEDY = "write what `kubeseal --fetch-cert` prints"


@dataclass(frozen=True)
class Certificate:
    """`pem`: this one alone. `fingerprint`: SHA-256 in lower-case hex, as in `openssl x509 -fingerprint -sha256`.

    `start` and `end` of its validity are in UTC, `bits` is the size of its RSA key.
    """

    pem: str
    fingerprint: str
    start: datetime
    end: datetime
    bits: int


def read(text: str, path: str) -> Certificate:
    """The first certificate of a PEM file, which is the one that kubeseal seals with.

    Raises GitopsError, beginning with `path`, for what nothing can be sealed with, and for a private key.
    """
    # Here: the library takes longer to import than most commands run.
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    if "PRIVATE KEY" in text:
        raise GitopsError(f"{path}: holds a private key, which is known now: renew it, delete this file, {REMEDY}")
    try:
        found = x509.load_pem_x509_certificates(text.encode())[0]
        key = found.public_key()
        start, end = found.not_valid_before_utc, found.not_valid_after_utc
    except (ValueError, UnsupportedAlgorithm) as error:
        raise GitopsError(f"{path}: not a certificate in PEM; {REMEDY}") from error
    if not isinstance(key, RSAPublicKey):
        raise GitopsError(f"{path}: its key is not RSA, so it is not a sealed-secrets controller's; {REMEDY}")
    if key.key_size < SMALLEST_BITS:
        raise GitopsError(f"{path}: its RSA key has {key.key_size} bits, fewer than {SMALLEST_BITS}; {REMEDY}")
    pem = found.public_bytes(Encoding.PEM).decode()
    return Certificate(pem, found.fingerprint(SHA256()).hex(), start, end, key.key_size)
