"""Make a fork yours: repository URL, branch, domain, image registry and certificate e-mail, shown as a diff first.

example: gitops init
         gitops init --url https://git.acme.example/platform/fleet.git --domain pybase.acme.example --yes

Changes components/fleet-facts and, for a new domain, the domain of every cluster that ends in the old one.
Asks for what is not given; without a terminal it needs --yes.
"""

import argparse
import sys

from gitops import facts, files, output, source
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.source import SourceFile

QUESTIONS = {  # option -> (fact, what it is)
    "url": ("repository", "Git repository that Argo CD reads"),
    "revision": ("revision", "branch or tag that Argo CD follows"),
    "domain": ("base-domain", "domain of the fleet"),
    "registry": ("registry", "registry of the PyBase images"),
    "email": ("acme-email", "e-mail of the certificate account"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    for option, (_, what) in QUESTIONS.items():
        parser.add_argument(f"--{option}", metavar=option.upper(), help=what)
    parser.add_argument("--yes", action="store_true", help="write without asking")
    parser.add_argument("--dry-run", action="store_true", help="print the diff only")


def run(repository: Repository, options: argparse.Namespace) -> int:
    fleet_file = _read(repository, repository.fleet_facts_file())
    known = facts.read(fleet_file)
    wanted = {fact: _answer(option, known.get(fact, ""), options) for option, (fact, _) in QUESTIONS.items()}
    changed = {fleet_file.path: facts.rewritten(fleet_file, wanted)}
    for cluster in repository.clusters:
        file = _read(repository, repository.facts_file(cluster.name))
        domain = facts.read(file).get("domain", "")
        if domain.endswith(known.get("base-domain", " ")):
            domain = domain.removesuffix(known["base-domain"]) + wanted["base-domain"]
            changed[file.path] = facts.rewritten(file, {"domain": domain})
    edits = {path: text for path, text in changed.items() if text != _read(repository, path).text}
    if not edits:
        print("nothing to change")
        return 0
    for path, text in edits.items():
        before = _read(repository, path).text
        print(output.difference(path, before, text), end="")
    if options.dry_run or not _confirmed(len(edits), options):
        print("nothing written")
        return 0
    for path, text in edits.items():
        files.write(repository.root / path, text)
    print(f"{len(edits)} files written; commit them")
    return 0


def _read(repository: Repository, path: str) -> SourceFile:
    file = source.read(repository.root / path, path, repository.root)
    if not file.readable:
        raise GitopsError(f"{path}:{file.faults[-1].line}: {file.faults[-1].message}; {file.faults[-1].fix}")
    return file


def _answer(option: str, now: str, options: argparse.Namespace) -> str:
    fact, what = QUESTIONS[option]
    given: str | None = getattr(options, option)
    if given is None and sys.stdin.isatty() and not options.yes:
        given = input(f"{what} [{now}]: ").strip() or None
    value = now if given is None else given
    if wrong := facts.refusal(fact, value):
        raise GitopsError(f"--{option} {value!r} is no {what}: {wrong[0]}; write {wrong[1]}")
    return value


def _confirmed(count: int, options: argparse.Namespace) -> bool:
    if options.yes:
        return True
    if not sys.stdin.isatty():
        raise GitopsError("no terminal to ask on; add --yes to write, or --dry-run to see the diff only")
    return input(f"write {count} files? [y/N] ").strip().lower() in ("y", "yes")
