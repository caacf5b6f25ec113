"""Sources in, one schema file per kind and version out."""

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from schemas import custom_resources, kubernetes, modules

Schema = dict[str, Any]


def derive(sources_file: Path, folder: Path) -> None:
    """Write k8s/v<version>/<kind>-<group>-<version>.json and crds/<group>/<kind>_<version>.json below `folder`, and the
    definitions that the latter come from, whole, as definitions/<plural>.<group>.yaml."""
    sources = yaml.safe_load(sources_file.read_text())
    versions = sources["kubernetes"]["versions"]
    for version in versions:
        _write(folder / "k8s" / f"v{version}", kubernetes.schemas(version, sources["kubernetes"]["kinds"]))
    metadata = kubernetes.object_metadata(versions[-1])
    pinned = [modules.Module(**entry) for entry in sources["customResources"]]
    with tempfile.TemporaryDirectory() as cache:  # 0.5 GB of source code, of which 2 MB are needed
        for crd_folder in modules.download(pinned, Path(cache)):
            _write(folder / "crds", custom_resources.schemas(crd_folder, metadata))
            _write(folder / "definitions", custom_resources.definitions(crd_folder))


def _write(folder: Path, schemas: Iterable[tuple[str, Schema]]) -> None:
    for name, schema in schemas:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema, separators=(",", ":"), sort_keys=True) + "\n")
