"""The command line: parse, dispatch, turn errors into one line and an exit code."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gitops import commands
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.output import printable


def parser() -> argparse.ArgumentParser:
    """One sub-parser per module of `commands/`."""
    main = argparse.ArgumentParser(
        prog="gitops",
        description="Render, validate and promote the PyBase fleet.",
        epilog="exit codes: 0 done, 1 problems found, 2 wrong use or unusable environment",
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--repository", metavar="DIR", default=".", help="a folder of the checkout (default: here)")
    common.add_argument("--quiet", action="store_true", help="print problems and results only")
    common.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    verbs = main.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, module in commands.verbs().items():
        doc = (module.__doc__ or "").strip()
        sub = verbs.add_parser(
            verb,
            help=doc.splitlines()[0],
            description=doc,
            parents=[common],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.arguments(sub)
        sub.set_defaults(run=module.run, find=getattr(module, "find", _fleet))
    return main


def _fleet(options: argparse.Namespace) -> Repository:
    return Repository.find(Path(options.repository))


def main(arguments: Sequence[str]) -> int:
    """Run one verb; returns the exit code."""
    sys.stdout, sys.stderr = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()  # closed, as with `>&-`
    options = parser().parse_args(arguments)
    try:
        code = options.run(options.find(options), options)
        sys.stdout.flush()
        return int(code)
    except GitopsError as error:
        print(f"gitops {options.verb}: {printable(str(error))}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if options.debug:
            raise
        print(f"gitops {options.verb}: {error.filename or 'output'}: {error.strerror or error}", file=sys.stderr)
        sys.stdout = io.StringIO()  # what is left of it is not tried again
    except Exception as error:
        if options.debug:
            raise
        name = f"{type(error).__name__}: {error}".splitlines()[0]
        print(f"gitops {options.verb}: internal error: {name}; run again with --debug and report it", file=sys.stderr)
    return 2
