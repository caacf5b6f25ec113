"""kubeseal, the real one: what it is given, what comes back, what it says."""

import json
import resource
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller_keys import certificate, key
from gitops import kubeseal
from gitops.cluster import Cluster
from gitops.errors import GitopsError
from unseal_judge import digest, opened

SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "s", "namespace": "n", "labels": {"l": "v"}},
    "data": {"binary": b64encode(b"\x00\xff\n").decode(), "empty": ""},
    "stringData": {"text": "canary-é"},
}


def test_a_sealed_secret_comes_back_without_a_value() -> None:
    sealed = kubeseal.seal(SECRET, certificate())
    assert (sealed["kind"], sealed["metadata"]["name"], sealed["metadata"]["namespace"]) == ("SealedSecret", "s", "n")
    values = {"binary": b"\x00\xff\n", "empty": b"", "text": "canary-é".encode()}
    assert opened([(sealed, key())]) == [{name: digest(value) for name, value in values.items()}]
    assert sealed["spec"]["template"]["metadata"] == SECRET["metadata"]
    assert "canary" not in json.dumps(sealed)


def test_what_the_shell_tells_kubeseal_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for option in ("SCOPE=cluster-wide", "RAW=true", "NAMESPACE=other", "SEALED_SECRET_FILE=x", "RE_ENCRYPT=true"):
        monkeypatch.setenv(*f"SEALED_SECRETS_{option}".split("="))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    sealed = kubeseal.seal(SECRET, certificate())
    assert (sealed["metadata"].get("annotations"), list(tmp_path.iterdir())) == (None, [])


def test_no_core_dump_is_left() -> None:
    kubeseal.seal(SECRET, certificate())
    assert resource.getrlimit(resource.RLIMIT_CORE) == (1, 1)


def test_an_expired_certificate_is_one_line_without_a_value() -> None:
    expired = certificate(start=datetime(2020, 1, 1, tzinfo=UTC), days=1)
    with pytest.raises(GitopsError, match=r"^n/s: kubeseal: .*expired certificate on January 2, 2020$"):
        kubeseal.seal(SECRET, expired)


@pytest.mark.parametrize(
    "ask",
    [kubeseal.fetch_certificate, lambda cluster: kubeseal.re_encrypt(cluster, SECRET)],
    ids=["fetch", "re-encrypt"],
)
def test_a_cluster_that_does_not_answer_is_one_line(ask: Callable[[Cluster], object], tmp_path: Path) -> None:
    parts = {
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    }
    file = tmp_path / "kubeconfig"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **parts}))
    with pytest.raises(GitopsError, match=r"^c: kubeseal: [^\n]*connection refused"):
        ask(Cluster(kubeconfig=str(file), context="c"))
