"""`python -m schemas derive FOLDER` writes the schemas; `python -m schemas lock` renews schemas/checksums.txt."""

import sys
import tempfile
from pathlib import Path

from schemas import checksums
from schemas.derive import derive
from schemas.modules import SourceError

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = REPOSITORY / "schemas" / "sources.yaml"
CHECKSUMS = REPOSITORY / "schemas" / "checksums.txt"


def main(arguments: list[str]) -> int:
    try:
        match arguments:
            case ["derive", folder]:
                derive(SOURCES, Path(folder))
                checksums.compare(Path(folder), CHECKSUMS.read_text())
            case ["lock"]:
                with tempfile.TemporaryDirectory() as folder:
                    derive(SOURCES, Path(folder))
                    CHECKSUMS.write_text(checksums.listing(Path(folder)))
            case _:
                sys.stderr.write(f"{__doc__}\n")
                return 2
    except SourceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


sys.exit(main(sys.argv[1:]))
