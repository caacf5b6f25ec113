"""The only caller of kubeseal: seals Secrets offline, and asks a cluster's controller through its kubeconfig.

Values go to it on standard input, and nowhere else: no argument, file, environment, message or core dump holds one.
"""

import json
import os
import resource
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from gitops import tools
from gitops.cluster import Cluster
from gitops.errors import GitopsError

Object = dict[str, Any]
# Where apps/sealed-secrets puts the controller.
CONTROLLER = ("--controller-namespace=kube-system", "--controller-name=sealed-secrets-controller")
PATIENCE = "--request-timeout=30s"
UNOPENED = "cannot re-encrypt secret: an error on the server"  # kubeseal, when the controller answers 500 to /v1/rotate


def seal(secret: Mapping[str, Any], certificate: str) -> Object:
    """The SealedSecret of a Secret, for the holder of the key of a certificate (PEM, not expired).

    Its values are in `data` (base64) or `stringData`. The scope is strict unless its annotations widen it. Raises
    GitopsError without a value in it.
    """
    about = f"{secret['metadata']['namespace']}/{secret['metadata']['name']}"
    file = os.memfd_create("certificate")  # standard input is taken
    try:
        os.write(file, certificate.encode())
        options = (f"--cert=/dev/fd/{file}", "--scope=strict", "--format=json")
        # An empty environment: kubeseal takes options from SEALED_SECRETS_*, and a namespace from the kubeconfig.
        return _object(_run(about, options, secret, {"KUBECONFIG": os.devnull}, file))
    finally:
        os.close(file)


def fetch_certificate(cluster: Cluster) -> str:
    """The certificate (PEM) that the cluster's controller wants to be used now."""
    return _ask(cluster, None, "--fetch-cert")


def re_encrypt(cluster: Cluster, sealed: Mapping[str, Any]) -> Object:
    """The same SealedSecret under the newest key of the cluster; its values are seen by the controller alone.

    Of use are its name, namespace and encryptedData. GitopsError when the controller cannot open it.
    """
    try:
        return _object(_ask(cluster, sealed, "--re-encrypt", "--format=json"))
    except GitopsError as error:
        if UNOPENED not in str(error):
            raise
        name = f"{sealed['metadata']['namespace']}/{sealed['metadata']['name']}"
        why = "it is sealed with another cluster's certificate, or for another name or namespace: seal it again"
        raise GitopsError(f"{name}: the controller cannot open it; {why}") from error


def forbid_core_dumps() -> None:
    """For this process and those it starts: what holds values leaves no image of its memory.

    At a limit of 0 a dump still goes to a program where core_pattern names one; at 1 neither (Linux, fs/coredump.c)."""
    limit = int(resource.getrlimit(resource.RLIMIT_CORE)[1] != 0)  # who may not raise it stays at 0
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))


def _ask(cluster: Cluster, sealed: Mapping[str, Any] | None, *arguments: str) -> str:
    options = [f"--context={cluster.context}"] if cluster.context else []
    options += [f"--kubeconfig={cluster.kubeconfig}"] if cluster.kubeconfig else []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEALED_SECRETS_")}
    return _run(cluster.context or "the cluster", [*arguments, *CONTROLLER, PATIENCE, *options], sealed, environment)


def _run(
    about: str, options: Sequence[str], given: Mapping[str, Any] | None, environment: Mapping[str, str], *files: int
) -> str:
    """Standard output of kubeseal, which inherits `files`; errors begin with `about`."""
    forbid_core_dumps()
    text = json.dumps(given) if given is not None else ""
    done = subprocess.run(
        [_program(), *options], input=text, env=environment, pass_fds=files, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = " ".join(done.stderr.split()).removeprefix("error: ") or "no reason given"
        raise GitopsError(f"{about}: kubeseal: {said[:600]}")
    return done.stdout


@cache
def _program() -> str:
    """The pinned one, never what the PATH happens to have: it sees every value."""
    return str(tools.build("kubeseal"))


def _object(text: str) -> Object:
    found: Object = json.loads(text)
    return found
