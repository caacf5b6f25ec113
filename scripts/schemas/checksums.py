"""The committed list of what derivation must yield, in the format of sha256sum."""

import hashlib
from pathlib import Path

from schemas.modules import SourceError


def listing(folder: Path) -> str:
    """One line `<sha256>  <path>` per schema below `folder`."""
    files = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.json"))
    return "".join(f"{hashlib.sha256((folder / file).read_bytes()).hexdigest()}  {file}\n" for file in files)


def compare(folder: Path, expected: str) -> None:
    """Raises SourceError naming a schema that is not as `expected`, a listing, says."""
    wrong = sorted(set(listing(folder).splitlines()) ^ set(expected.splitlines()))
    if wrong:
        files = sorted({line.split("  ")[-1] for line in wrong})
        raise SourceError(
            f"{len(files)} schemas differ from schemas/checksums.txt, {files[0]} first; "
            "if schemas/sources.yaml was changed on purpose, run `make schemas` and review the list"
        )
