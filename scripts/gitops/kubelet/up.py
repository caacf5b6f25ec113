"""`gitops local up --context`: look, ask, do the steps, wait, say where it is."""

import argparse
import sys

from gitops import confirm, progress, step, target
from gitops.errors import GitopsError
from gitops.kubelet import access, plan, prerequisites, rollout
from gitops.kubelet.look import Seen, look
from gitops.layout import Repository
from gitops.progress import Say
from gitops.smoke import report
from gitops.smoke.model import FAILED, Result

ENVIRONMENT = "development"


def up(repository: Repository, cluster: str, options: argparse.Namespace) -> int:
    (chosen,) = repository.choose([cluster])
    if chosen.environment != ENVIRONMENT:
        raise GitopsError(f"{chosen.name} is not of {ENVIRONMENT}; `gitops bootstrap {chosen.name}` brings it up")
    with progress.shown(options.quiet) as say:
        say("rendering")
        read = target.loaded(repository, chosen.name)
        say("looking what is there")
        seen = look(read, target.real(options))
        results = prerequisites.check(seen)
    print("\n".join([*_said(results, options.quiet), f"context {seen.context}: {seen.found.said()}"]))
    steps = plan.steps(seen, options.new_secrets)
    failed = any(result.outcome == FAILED for result in results)
    if options.dry_run:
        return _shown(seen, [each.text for each in steps], options, failed)
    if failed:
        print("gitops local: nothing was changed; mend what FAILED first", file=sys.stderr)
        return 1
    if not _confirmed(seen, options):
        print("nothing was changed")
        return 1
    try:
        with progress.shown(options.quiet) as say:
            late = _done(seen, steps, options, say)
    except GitopsError as error:
        print(f"gitops local: {error}; mend it and run this again", file=sys.stderr)
        return 1
    if late:
        print("\n".join(report.lines(late)))
        print("gitops local: what FAILED above is not ready; mend it and run this again", file=sys.stderr)
        return 1
    if not options.quiet:
        print("\n".join(access.lines(seen)))
    return 0


def _said(results: list[Result], quiet: bool) -> list[str]:
    failed = [result for result in results if result.outcome == FAILED]
    return report.lines(failed) if quiet else [report.text("", results)]


def _shown(seen: Seen, texts: list[str], options: argparse.Namespace, failed: bool) -> int:
    """A dry run: questions, steps, and how it would be reached."""
    asked = [f"asks first: {question}" for _, question in _questions(seen, options)]
    steps = step.lines([*texts, *_waiting(seen, options)])
    print("\n".join([*asked, *steps, *access.lines(seen), "nothing was changed (--dry-run)"]))
    return 1 if failed else 0


def _done(seen: Seen, steps: list[step.Step], options: argparse.Namespace, say: Say) -> list[Result]:
    texts = step.lines([*(each.text for each in steps), *_waiting(seen, options)])
    for text, each in zip(texts, steps, strict=False):
        step.announce(text, say)
        each.do()
    if options.no_wait:
        return []
    step.announce(texts[-1], say)
    return rollout.wait(seen.workload, seen.cluster, options.timeout, say)


def _waiting(seen: Seen, options: argparse.Namespace) -> list[str]:
    names = rollout.names(seen.workload)
    text = f"wait for {', '.join(names)}; at most {options.timeout} s from one to the next"
    return [] if options.no_wait else [text]


def _confirmed(seen: Seen, options: argparse.Namespace) -> bool:
    return all(confirm.typed(word, question, options.yes) for word, question in _questions(seen, options))


def _questions(seen: Seen, options: argparse.Namespace) -> list[tuple[str, str]]:
    """(what has to be typed, the question)."""
    found = []
    if not seen.local:
        where = f"context {seen.context} ({seen.address or 'no address'})"
        found.append((seen.context, f"{where} does not look like a cluster of this machine"))
    if options.new_secrets and seen.secrets:
        text = "PostgreSQL keeps its first password, so delete its claim before, with the data"
        found.append(("overwrite", f"new values for {len(seen.secrets)} Secrets in use; {text}"))
    return found
