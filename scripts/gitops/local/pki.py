"""Keys, certificates, tokens and kubeconfigs of an instance, made once; the API server reads its users from a file."""

import datetime
import ipaddress
import json
import os
import secrets
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gitops.local.instance import Instance

# Kubeconfig -> user and group. The parts stand for pods whose own accounts they are not; a person is `admin`.
USERS = {
    "admin": ("admin", "system:masters"),
    "controller-manager": ("system:kube-controller-manager", "system:masters"),
    "scheduler": ("system:kube-scheduler", ""),
    "kwok": ("kwok-controller", "system:masters"),
    "metrics-server": ("metrics-server", "system:masters"),
    "argocd": ("argocd", "system:masters"),
}
API = "https://127.0.0.1:6443"  # inside the instance's network
DAYS = 3650


def make(instance: Instance, outside: int) -> None:
    """Make what is not there yet. `outside` is the port by which the API server is reached from this machine."""
    folder = instance.path("pki")
    if not (folder / "tokens.csv").exists():
        folder.mkdir(exist_ok=True)
        account = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        _write(folder / "sa.key", _private(account))
        _write(folder / "sa.pub", account.public_key().public_bytes(*_PUBLIC))
        _authority(folder, "ca")
        _authority(folder, "front-proxy-ca")
        _certificate(folder, "apiserver", "ca", server=True)
        _certificate(folder, "front-proxy-client", "front-proxy-ca", server=False)
        rows = [f'{secrets.token_hex(24)},{user},{user},"{group}"\n' for user, group in USERS.values()]
        _write(folder / "tokens.csv", "".join(rows).encode())
    for name, row in zip(USERS, (folder / "tokens.csv").read_text().splitlines(), strict=True):
        _write(instance.path(f"{name}.kubeconfig"), _kubeconfig(folder, instance.name, API, row).encode())
    server = f"https://127.0.0.1:{outside}"
    row = (folder / "tokens.csv").read_text().splitlines()[0]
    _write(instance.path("kubeconfig"), _kubeconfig(folder, instance.name, server, row).encode())


_PUBLIC = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _private(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def _authority(folder: Path, name: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    usage = x509.BasicConstraints(ca=True, path_length=0)
    certificate = _builder(subject, subject, key).add_extension(usage, critical=True).sign(key, hashes.SHA256())
    _write(folder / f"{name}.key", _private(key))
    _write(folder / f"{name}.crt", certificate.public_bytes(serialization.Encoding.PEM))


def _certificate(folder: Path, name: str, authority: str, server: bool) -> None:
    issuer = x509.load_pem_x509_certificate((folder / f"{authority}.crt").read_bytes())
    signer = serialization.load_pem_private_key((folder / f"{authority}.key").read_bytes(), password=None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = _builder(_name(name), issuer.subject, key).add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if server:
        hosts = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"]
        names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), *map(x509.DNSName, hosts)]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    _write(folder / f"{name}.key", _private(key))
    _write(folder / f"{name}.crt", builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=DAYS))
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _kubeconfig(folder: Path, name: str, server: str, row: str) -> str:
    cluster = {"server": server, "certificate-authority": str(folder / "ca.crt")}
    context = f"pybase-local-{name}"
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": context, "cluster": cluster}],
            "users": [{"name": context, "user": {"token": row.partition(",")[0]}}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
            "current-context": context,
        },
        indent=2,
    )


def _write(path: Path, body: bytes) -> None:
    """A file that nobody else may read, from its first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(body)
