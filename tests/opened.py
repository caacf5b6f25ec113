"""What a cluster's SealedSecrets hold, opened by kubeseal with the controller's private key."""

import base64
import json
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from controller_keys import private
from gitops import tools

STUB = "STUB"


def values(folder: Path, key: RSAPrivateKey, scratch: Path) -> dict[str, str]:
    """secret/key -> value of every sealed key of a sealed/ folder; stubs are left out."""
    file = scratch / "controller.key"
    file.write_text(private(key))
    found = {}
    for path in sorted(folder.glob("*-secret.yaml")):
        sealed = yaml.safe_load(path.read_text())
        data = {name: held for name, held in sealed["spec"]["encryptedData"].items() if held != STUB}
        if not data:
            continue
        sealed["spec"]["encryptedData"] = data
        options = ("--recovery-unseal", f"--recovery-private-key={file}", "--format=json")
        secret = json.loads(tools.run(str(tools.build("kubeseal")), *options, text=json.dumps(sealed)))
        for name, held in secret["data"].items():
            found[f"{secret['metadata']['name']}/{name}"] = base64.b64decode(held).decode()
    return found
