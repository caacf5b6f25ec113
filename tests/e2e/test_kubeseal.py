"""kubeseal and the controller that runs: the certificate, and ciphertext under the newest key."""

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from controller_keys import certificate
from gitops import certificates, kubeseal, tools
from gitops.cluster import Cluster, Object
from gitops.errors import GitopsError
from gitops.local import platform
from gitops.local.instance import Instance
from gitops.progress import silent
from unseal_judge import digest, opened

SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "s", "namespace": "default"},
    "stringData": {"a": "x", "b": ""},
}


@pytest.fixture(scope="module")
def kubectl(state: Instance) -> Cluster:
    """A control plane and the controller, with nothing of the fleet."""
    platform.up(state, tools.build("platform"), [], [], silent)
    return platform.kubectl(state)


@pytest.fixture
def controller(kubectl: Cluster) -> RSAPrivateKey:
    """Its key, of which a cluster has one as long as none is renewed."""
    (held,) = (secret for secret in kubectl.every("secrets", "kube-system") if secret["type"] == "kubernetes.io/tls")
    found = load_pem_private_key(b64decode(held["data"]["tls.key"]), None)
    assert isinstance(found, RSAPrivateKey)
    return found


def test_what_is_sealed_with_the_fetched_certificate_is_encrypted_anew(
    kubectl: Cluster, controller: RSAPrivateKey
) -> None:
    pem = kubeseal.fetch_certificate(kubectl)
    assert certificates.read(pem, "x").bits == 4096
    sealed = kubeseal.seal(SECRET, pem)
    again = kubeseal.re_encrypt(kubectl, sealed)
    values = {"a": digest(b"x"), "b": digest(b"")}
    assert opened([(sealed, controller), (again, controller)]) == [values, values]
    assert sealed["spec"]["encryptedData"].items().isdisjoint(again["spec"]["encryptedData"].items())


@pytest.mark.parametrize("own", [True, False], ids=["another name", "another cluster"])
def test_what_the_controller_cannot_open_is_one_line(own: bool, kubectl: Cluster) -> None:
    sealed: Object = kubeseal.seal(SECRET, kubeseal.fetch_certificate(kubectl) if own else certificate())
    said = r"^default/t: the controller cannot open it; it is sealed with another cluster's certificate[^\n]*$"
    with pytest.raises(GitopsError, match=said):
        kubeseal.re_encrypt(kubectl, {**sealed, "metadata": {**sealed["metadata"], "name": "t"}})
