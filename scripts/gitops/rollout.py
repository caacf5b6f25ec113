"""What restarts when a value of a Secret changes: an annotation of the pod template that changes with it. Pure.

Pods read a Secret when they start, and a SealedSecret's Secret keeps its name. So the time of its last new value, which
stands on the SealedSecret, is copied to the pods of all that use it, by patches of a Component of the cluster.
"""

from collections.abc import Iterator, Mapping

from gitops import source
from gitops.environment import secret_uses
from gitops.errors import GitopsError
from gitops.manifests import Build, Manifest
from gitops.sealing import Name, sealed

CHANGED = "pybase.dev/changed"  # of a SealedSecret: when a value of it was last a new one, in UTC
MARK = "checksum/"  # of a pod template, with the name of the Secret
KINDS = ("DaemonSet", "Deployment", "StatefulSet")  # what keeps pods; Jobs are run again
_HEAD = """# Written by `gitops secrets`: what uses a Secret restarts when one of its values is a new one.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
"""


def changed(build: Build) -> dict[Name, str]:
    """Secret -> when it had its last new value, for those of which that is known."""
    known = {name: held.manifest.annotations.get(CHANGED) for name, held in sealed(build).items()}
    return {name: str(when) for name, when in known.items() if when}


def users(build: Build, name: Name) -> list[Manifest]:
    """The workloads whose pods use that Secret."""
    found = {
        use.manifest.identity: use.manifest
        for use in secret_uses(build)
        if (use.manifest.namespace, use.name) == name and use.manifest.kind in KINDS
    }
    return [found[identity] for identity in sorted(found)]


def component(build: Build, changed: Mapping[Name, str]) -> str:
    """The text of the Component."""
    return _HEAD + "".join(_patches(build, changed))


def _patches(build: Build, changed: Mapping[Name, str]) -> Iterator[str]:
    for name, when in sorted(changed.items()):
        for kind in KINDS:
            names = [user.name for user in users(build, name) if user.kind == kind]
            if names:
                yield f"""  - target:
      kind: {kind}
      name: {"|".join(names)}
    patch: |-
      apiVersion: apps/v1
      kind: {kind}
      metadata: {{name: every-user-of-the-secret}}
      spec: {{template: {{metadata: {{annotations: {{{MARK}{name[1]}: "{when}"}}}}}}}}
"""


def listed(path: str, text: str, entry: str, wanted: bool) -> str:
    """The workload's kustomization with that Component in its list, before what has to be last; or without it."""
    documents = source.parse(text)
    items = documents[0].get("components") if len(documents) == 1 else None
    if items is None or not items.items():
        raise GitopsError(f"{path}: has no list components; correct it first, `gitops validate` says how")
    there = {item.line for item in items.items() if item.value == entry}
    if bool(there) == wanted:
        return text
    lines = text.splitlines(keepends=True)
    if there:
        return "".join(line for number, line in enumerate(lines, 1) if number not in there)
    last = items.items()[-1].line
    indent = lines[last - 1].partition("-")[0]
    return "".join([*lines[: last - 1], f"{indent}- {entry}\n", *lines[last - 1 :]])
