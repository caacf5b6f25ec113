"""The sealed-secrets controller of a running cluster: its certificate, and ciphertext under its newest key.

Through the API server, by kubeseal; the controller of `gitops local` runs beside its cluster and is asked directly.
"""

import argparse
import json
from dataclasses import dataclass

from gitops import kubeseal, target
from gitops.cluster import Cluster, Object
from gitops.errors import GitopsError
from gitops.local import network, parts
from gitops.local.instance import Instance


@dataclass(frozen=True)
class Controller:
    cluster: Cluster
    instance: Instance | None

    def certificate(self) -> str:
        """The certificate (PEM) of its newest key."""
        return _ask(self.instance, "/v1/cert.pem") if self.instance else kubeseal.fetch_certificate(self.cluster)

    def re_encrypt(self, sealed: Object) -> Object:
        """The SealedSecret under the newest key; GitopsError when the controller cannot open it."""
        if self.instance is None:
            return kubeseal.re_encrypt(self.cluster, sealed)
        found: Object = json.loads(_ask(self.instance, "/v1/rotate", json.dumps(sealed)))
        return found


def reached(options: argparse.Namespace) -> Controller:
    """The controller of the cluster that the options name, once its API server has answered."""
    return Controller(target.reached(options), target.instance(options))


def _ask(instance: Instance, path: str, body: str = "") -> str:
    status, text = network.get(instance, parts.SEALED_SECRETS_PORT, path, body=body)
    if status != 200:
        said = " ".join(text.split())[:300] or "no answer"
        raise GitopsError(f"instance {instance.name}: the sealed-secrets controller says {status}: {said}")
    return text
