"""Values for every secret of a cluster's render, made here, and sealed for an instance with its own certificate.

They are random but for the URLs, which are put together from the rendered Services. They stay in the instance's folder
(secrets.json, mode 0600), so that a second `up` uses the same ones; Git gets sealed values only.
"""

import hashlib
import json
import os
import secrets as random
import subprocess
from collections.abc import Mapping
from pathlib import Path

from gitops import sealing
from gitops.errors import GitopsError
from gitops.local.instance import Instance
from gitops.manifests import Build, Manifest

Values = dict[str, dict[str, str]]  # "namespace/name" -> key -> value
ELSEWHERE = "store.invalid"  # where an external store would be (RFC 2606)


def ensure(instance: Instance, build: Build, table: Mapping[str, object]) -> Values:
    """The values of every key that the build needs; new ones are made and kept."""
    file = instance.path("secrets.json")
    known: Values = json.loads(file.read_text()) if file.exists() else {}
    needed = {f"{namespace}/{name}": keys for (namespace, name), keys in sealing.needed(build, table).items()}
    passwords = known.setdefault("passwords", {})
    for secret, keys in needed.items():
        held = known.setdefault(secret, {})
        held |= {key: _value(build, passwords, key) for key in keys if key not in held}
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(known, out, indent=2)
    return {secret: known[secret] for secret in needed}


def _value(build: Build, passwords: dict[str, str], key: str) -> str:
    """A value that fits the key: the same password on both sides, URL-safe."""

    def password(of: str) -> str:
        return passwords.setdefault(of, random.token_urlsafe(24))

    def host(store: str) -> str:
        return f"pybase-{store}" if build.find("Service", "pybase", f"pybase-{store}") else f"{store}.{ELSEWHERE}"

    redis = f"redis://:{password('redis')}@{host('redis')}:6379"
    made = {
        "secret-key": random.token_hex(32),
        "database-url": f"postgresql://pybase:{password('postgresql')}@{host('postgresql')}:5432/pybase",
        "redis-url": f"{redis}/0", "celery-broker-url": f"{redis}/1", "celery-result-backend": f"{redis}/2",
        "s3-access-key": password("s3-access"), "root-user": password("s3-access"),
        "s3-secret-key": password("s3-secret"), "root-password": password("s3-secret"),
        "password": password("postgresql"), "redis-password": password("redis"), "master-key": password("meilisearch"),
    }  # fmt: skip
    return made.get(key) or random.token_urlsafe(24)


def sealed(instance: Instance, build: Build, values: Values, certificate: str) -> dict[str, str]:
    """Path -> text of every SealedSecret of the build with these values, sealed with `certificate` (PEM).

    What was sealed before with the same certificate and values is given again: a new seal would be a new commit."""
    file = instance.path("sealed.json")
    seen = hashlib.sha256(json.dumps([certificate, values], sort_keys=True).encode()).hexdigest()
    known = json.loads(file.read_text()) if file.exists() else {}
    if known.get("of") != seen:
        path = instance.path("sealed-secrets.pem")
        path.write_text(certificate)
        known = {"of": seen, "data": {name: _seal(instance, path, name, held) for name, held in values.items()}}
        file.write_text(json.dumps(known))
    stubs = {f"{stub.namespace}/{stub.name}": stub for stub in build.of_kind("SealedSecret")}
    return {stub.origin: _text(stub, known["data"][name]) for name, stub in stubs.items() if name in known["data"]}


def _seal(instance: Instance, certificate: Path, secret: str, held: Mapping[str, str]) -> dict[str, str]:
    """Ciphertext by key, strict scope; the values go through a pipe."""
    namespace, name = secret.split("/")
    metadata = {"name": name, "namespace": namespace}
    body = json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": dict(held)})
    command = [str(instance.path("bin", "seal")), str(certificate)]
    done = subprocess.run(command, input=body, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GitopsError(f"sealing {secret}: {done.stderr.strip()[:300]}")
    data: dict[str, str] = json.loads(done.stdout)["spec"]["encryptedData"]
    return data


def _text(stub: Manifest, data: Mapping[str, str]) -> str:
    spec = {**stub.data["spec"], "encryptedData": dict(data)}
    return json.dumps({**stub.data, "spec": spec}, indent=2) + "\n"
