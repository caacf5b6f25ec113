"""Entry point of `python -m gitops`; the `gitops` wrapper at the root calls it in the pinned environment."""

import sys

from gitops.cli import main

sys.exit(main(sys.argv[1:]))
