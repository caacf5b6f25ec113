"""The steps of a deployment without Argo CD: namespace, Secrets, then what the cluster's folder renders."""

import base64
from collections.abc import Mapping
from typing import Any

from gitops import argocd
from gitops.errors import GitopsError
from gitops.kubelet.look import Seen, missing
from gitops.local import values
from gitops.manifests import Manifest
from gitops.smoke.objects import MADE_HERE
from gitops.smoke.workloads import CONTROLLERS
from gitops.step import Step


def steps(seen: Seen, renew: bool) -> list[Step]:
    """`renew`: every Secret gets new values, those that are in use too."""
    secrets = to_write(seen, renew)
    kept = [name for name in seen.secrets if name not in secrets]
    names = [item.name for item in seen.workload.of_kind("Namespace")]
    jobs = [item for item in seen.workload.of_kind("Job") if item.identity in {o.identity for o in seen.found.objects}]
    rest = [item for item in seen.workload.objects if item.kind != "Namespace"]
    found = [Step(f"make the Namespace {', '.join(names)}", lambda: _namespaces(seen))]
    if secrets:
        listed = ", ".join(f"{_bare(name)} ({', '.join(seen.needed[name])})" for name in secrets)
        text = f"make the Secrets {listed}; their values are kept in {seen.file} (mode 0600)"
        found.append(Step(text, lambda: _secrets(seen, secrets, renew)))
    if kept:
        found.append(Step(f"keep the Secrets {', '.join(map(_bare, kept))} as they are", lambda: _keep(seen)))
    if jobs:  # as Argo CD does it: a Job cannot be changed
        text = f"delete the Jobs of the last time: {', '.join(job.name for job in jobs)}"
        found.append(Step(text, lambda: _delete(seen, jobs)))
    text = f"apply the {len(rest)} other objects of {seen.build.folder}, without its SealedSecrets"
    found.append(Step(text, lambda: _apply(seen, rest)))
    if any(name in seen.secrets for name in secrets):
        found.append(Step("restart what runs: Secrets are read at the start only", lambda: _restart(seen)))
    return found


def to_write(seen: Seen, renew: bool) -> list[str]:
    """The Secrets that lack a key, all of them with `renew`; GitopsError for one that a controller keeps."""
    found = [name for name, keys in seen.needed.items() if renew or missing(seen, keys, name)]
    for name in found:
        owners = seen.secrets[name].get("metadata", "ownerReferences") if name in seen.secrets else None
        if owners:
            raise GitopsError(f"Secret {name} is kept by {owners[0]['kind']} {owners[0]['name']}; delete that first")
    return found


def _bare(name: str) -> str:
    return name.partition("/")[2]


def _namespaces(seen: Seen) -> None:
    seen.cluster.apply([item.data for item in seen.workload.of_kind("Namespace")])


def _secrets(seen: Seen, names: list[str], renew: bool) -> None:
    if renew:
        seen.file.unlink(missing_ok=True)
    made = values.ensure(seen.file, seen.build, seen.table, {} if renew else seen.there)
    seen.cluster.apply([secret(seen, name, made[name]) for name in names])


def _keep(seen: Seen) -> None:
    """What is in use is in the file as well, whoever made it."""
    values.ensure(seen.file, seen.build, seen.table, seen.there)


def secret(seen: Seen, name: str, held: Mapping[str, str]) -> dict[str, Any]:
    """The Secret that the SealedSecret of that name would become."""
    namespace, _, bare = name.partition("/")
    stub = seen.build.find("SealedSecret", namespace, bare)
    template = (stub.get("spec", "template") if stub else None) or {}
    labels = {**(template.get("metadata", {}).get("labels") or {}), **dict([MADE_HERE.split("=")])}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": bare, "namespace": namespace, "labels": labels},
        "type": template.get("type", "Opaque"),
        "data": {key: base64.b64encode(value.encode(errors="surrogateescape")).decode() for key, value in held.items()},
    }


def _delete(seen: Seen, jobs: list[Manifest]) -> None:
    for job in jobs:
        seen.cluster.run("delete", "jobs.batch", job.name, f"--namespace={job.namespace}", "--ignore-not-found")


def _restart(seen: Seen) -> None:
    for item in seen.workload.of_kind(*CONTROLLERS):
        where = (f"{item.kind.lower()}/{item.name}", f"--namespace={item.namespace}")
        seen.cluster.run("rollout", "restart", *where)


def _apply(seen: Seen, objects: list[Manifest]) -> None:
    """In the order of the waves, which the annotation gives."""
    ordered = sorted(objects, key=argocd.wave)
    seen.cluster.apply([item.data for item in ordered])
