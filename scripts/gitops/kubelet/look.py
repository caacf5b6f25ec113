"""What `gitops local up --context` finds before it changes anything."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from gitops import distributions, facts, installed, recipes, sealing, target
from gitops.bootstrap import guard
from gitops.cluster import Cluster
from gitops.distributions import Distribution
from gitops.errors import GitopsError
from gitops.fleet import Fleet
from gitops.images import repository as image_repository
from gitops.installed import ARGOCD, HELM, Installed
from gitops.local.instance import state
from gitops.local.values import Values
from gitops.manifests import Build, Manifest, containers

UNUSED = "SealedSecret"  # plain Secrets take their place: what would be sealed was made a moment ago, on this machine


@dataclass(frozen=True)
class Seen:
    """`workload` is what is applied; `build` the same with its SealedSecrets. `there` are the values in use."""

    cluster: Cluster
    context: str
    address: str
    distribution: Distribution
    nodes: list[Manifest]
    build: Build
    found: Installed
    table: recipes.Table
    registry: str  # of PyBase's own images

    @property
    def workload(self) -> Build:
        objects = [item for item in self.build.objects if item.kind != UNUSED]
        return Build(self.build.folder, self.build.cluster, self.build.part, objects)

    @property
    def local(self) -> bool:
        """Is it surely a cluster of this machine?"""
        return self.distribution.alone or guard.local(self.context, self.address)

    @property
    def file(self) -> Path:
        """Where the credentials are kept: outside the tree, one file for each context."""
        return state() / f"context-{quote(self.context, safe='')}.json"

    @property
    def needed(self) -> dict[str, list[str]]:
        """ "namespace/Secret" -> its keys, as the pods of the render refer to them."""
        return {"/".join(name): keys for name, keys in sealing.needed(self.build, self.table).items()}

    @property
    def secrets(self) -> dict[str, Manifest]:
        """Those of the needed Secrets that the cluster has."""
        held = {f"{item.namespace}/{item.name}": item for item in self.found.objects if item.kind == "Secret"}
        return {name: held[name] for name in self.needed if name in held}

    @property
    def there(self) -> Values:
        return {name: _opened(secret) for name, secret in self.secrets.items()}

    @property
    def images(self) -> list[str]:
        """PyBase's own images, which no registry of the public has: a person builds and loads them."""
        used = {str(container.spec["image"]) for item in self.workload.objects for container in containers(item)}
        return sorted(image for image in used if image_repository(image).startswith(f"{self.registry}/"))


def look(seen: Fleet, client: Cluster) -> Seen:
    """GitopsError when the cluster does not answer, or somebody else keeps PyBase there."""
    builds = target.by_part(seen)
    context, address = guard.context(client)
    if not context:
        raise GitopsError("the kubeconfig has no current context; name one with --context")
    try:
        nodes = [Manifest(node) for node in target.answering(client).every("nodes")]
    except GitopsError as error:
        start = distributions.fill(distributions.detect(context).start, context)
        raise GitopsError(f"{error}: {start}" if start else str(error)) from error
    name = builds["workload"].cluster
    found = installed.look(client, name, builds["apps"], builds["workload"])
    if found.how in (ARGOCD, HELM):
        raise GitopsError(f"context {context}: {found.said()}, which would undo this; {_instead(found, name)}")
    source = seen.sources[seen.repository.fleet_facts_file()]
    return Seen(
        client, context, address, distributions.detect(context, nodes), nodes, builds["workload"], found,
        seen.table(recipes.POLICY), facts.read(source).get("registry", ""),
    )  # fmt: skip


def _instead(found: Installed, name: str) -> str:
    return f"`gitops bootstrap {name}` repairs it" if found.how == ARGOCD else "change it with `helm upgrade`"


def _opened(secret: Manifest) -> dict[str, str]:
    """Its values as text; bytes that are no text survive."""
    data = secret.get("data") or {}
    return {key: base64.b64decode(value or "").decode(errors="surrogateescape") for key, value in data.items()}


def missing(seen: Seen, keys: Iterable[str], secret: str) -> list[str]:
    """The keys that the Secret has no value for."""
    return [key for key in keys if not seen.there.get(secret, {}).get(key)]
