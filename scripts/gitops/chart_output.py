"""What `helm template` prints, read strictly. Pure."""

import re
from dataclasses import replace

import yaml

from gitops.composer import Composer
from gitops.errors import GitopsError
from gitops.manifests import CLUSTER_SCOPED, Manifest, mapping
from gitops.nodes import Fault, Refused

_SEPARATOR = re.compile(r"^---[^\S\n]*\n", re.MULTILINE)
_SOURCE = re.compile(r"^# Source: [^/\n]+/(\S+)$", re.MULTILINE)


def objects(text: str, namespace: str) -> list[Manifest]:
    """Every object, in the namespace where helm puts one that names none; the origin is its template.

    Raises GitopsError for what readers of YAML 1.1 and 1.2 take differently, a key that is there twice, and no YAML.
    """
    found: list[Manifest] = []
    for document in _SEPARATOR.split(text):
        source = _SOURCE.search(document)
        origin = source[1] if source else ""
        found += (Manifest(data, origin) for data in _documents(document, origin) if data)
    return [_placed(manifest, namespace) for manifest in found]


def _documents(text: str, origin: str) -> list[dict[str, object]]:
    faults: list[Fault] = []
    try:
        nodes = list(Composer(text, faults).documents())
    except Refused as refused:
        faults.append(refused.fault)
    except yaml.YAMLError as error:
        faults.append(Fault(1, f"not YAML: {' '.join(str(error).split())}", ""))
    if faults:
        raise GitopsError(f"{origin}: line {faults[0].line} of what it renders: {faults[0].message}")
    return [mapping(node.plain()) for node in nodes]


def _placed(manifest: Manifest, namespace: str) -> Manifest:
    if manifest.kind in CLUSTER_SCOPED or manifest.namespace:
        return manifest
    metadata = {**mapping(manifest.get("metadata")), "namespace": namespace}
    return replace(manifest, data={**manifest.data, "metadata": metadata})
