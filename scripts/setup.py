"""Sets up what this repository needs, pinned and checksummed, and runs a program in it.

setup.py gitops VERB ...        the gitops command
setup.py bench SIZE ...         the command beside the loop it replaces (scripts/bench.py)
setup.py scale SIZE             many clusters as Applications of one Argo CD (scripts/scale.py)
setup.py mutants [RULE ...]     faults put into a copy of the tree (scripts/mutants)
setup.py exec PROGRAM ARG ...   a program of the environment: pytest, ruff, mypy, yamllint, python
setup.py tools NAME ...         builds programs of tools/ and prints where they are
"""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.stderr.write("set-up: this needs Python 3.11, 3.12 or 3.13; run ./gitops, which looks for one\n")
    sys.exit(2)

from bootstrap.main import main

sys.exit(main(sys.argv[1:], __doc__ or ""))
