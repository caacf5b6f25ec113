"""Keys and certificates as a sealed-secrets controller makes them (sealed-secrets, pkg/crypto/keys.go)."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
DAY = timedelta(days=1)


def key(name: str = "a", bits: int = 2048) -> rsa.RSAPrivateKey:
    """The key of the controller of that name, the same one for the whole run."""
    return _key(name, bits)


@cache
def _key(name: str, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def private(held: Key) -> str:
    return held.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def certificate(held: Key | None = None, start: datetime | None = None, days: int = 3650) -> str:
    """PEM, valid from `start` (a day ago) for that long."""
    held = held or key()
    start = start or datetime.now(UTC) - DAY
    name = x509.Name([])
    unsigned = x509.CertificateBuilder(name, name, held.public_key(), x509.random_serial_number())
    dated = unsigned.not_valid_before(start).not_valid_after(start + days * DAY)
    return dated.sign(held, SHA256()).public_bytes(Encoding.PEM).decode()
