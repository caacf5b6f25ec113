"""Folders of pinned Go modules, which is how the projects publish their CustomResourceDefinitions."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class SourceError(Exception):
    """A source that is not to be had, or is not what was pinned."""


@dataclass(frozen=True)
class Module:
    """An entry of schemas/sources.yaml."""

    module: str
    version: str
    folder: str  # the folder inside the module that holds the definitions
    sum: str  # the hash that Go's checksum database and go.sum files have for it

    def __str__(self) -> str:
        return f"{self.module}@{self.version}"


def download(modules: Sequence[Module], cache: Path) -> list[Path]:
    """The folder of definitions of each module, unpacked below `cache`; raises SourceError for an unexpected hash."""
    env = os.environ | {"GOMODCACHE": str(cache), "GOFLAGS": "-modcacherw"}
    command = [os.environ.get("GO", "go"), "mod", "download", "-json", *map(str, modules)]
    done = subprocess.run(command, env=env, cwd=cache, capture_output=True, text=True, check=False)
    found = {f"{entry.get('Path')}@{entry.get('Version')}": entry for entry in _objects(done.stdout)}
    return [_folder(module, found.get(str(module), {"Error": done.stderr.strip()})) for module in modules]


def _folder(module: Module, entry: dict[str, str]) -> Path:
    if "Dir" not in entry:
        raise SourceError(f"{module}: cannot be downloaded: {entry.get('Error', 'no reason given')}")
    if entry["Sum"] != module.sum:
        raise SourceError(f"{module}: its hash is {entry['Sum']}, not {module.sum} as schemas/sources.yaml says")
    folder = Path(entry["Dir"], module.folder)
    if not folder.is_dir():
        raise SourceError(f"{module}: has no folder {module.folder}; correct it in schemas/sources.yaml")
    return folder


def _objects(text: str) -> list[dict[str, str]]:
    """The JSON objects that stand one after the other in `text`."""
    decoder, objects, text = json.JSONDecoder(), [], text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        objects.append(value)
        text = text[end:].lstrip()
    return objects
