"""The steps in order, the waiting and the checks after them; after a failure the undoing, when that was asked for."""

import time
from dataclasses import dataclass

from gitops.bootstrap import settle, undo
from gitops.bootstrap.steps import steps
from gitops.cluster import Cluster
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.local import mirror
from gitops.local.instance import Instance
from gitops.manifests import Build
from gitops.progress import Say
from gitops.smoke import report
from gitops.smoke import run as smoke
from gitops.smoke.model import FAILED
from gitops.step import Step, announce

LEAST = 60  # seconds that the smoke checks get, however long Argo CD took


@dataclass(frozen=True)
class Work:
    """What is brought up where: `wanted` are the Applications to wait for, `seconds` all that the run may take; `kept`:
    Argo CD is there and keeps itself."""

    repository: Repository
    cluster: Cluster
    instance: Instance | None
    builds: dict[str, Build]
    wanted: list[str]
    seconds: int
    wait: bool
    kept: bool

    @property
    def name(self) -> str:
        return self.builds["apps"].cluster

    @property
    def changes(self) -> list[Step]:
        return steps(
            self.repository, self.cluster, self.instance, self.builds["apps"], self.seconds, self.kept,
        )  # fmt: skip


def texts(work: Work) -> list[str]:
    """Every step, as a dry run prints it and the real run prints it before it does it."""
    return [*(step.text for step in work.changes), *(_later(work) if work.wait else ())]


def _later(work: Work) -> tuple[str, str]:
    names = ", ".join(work.wanted)
    return f"wait until {names} are Synced and Healthy, at most {work.seconds} s", "check as `gitops smoke` does"


def run(work: Work, atomic: bool, say: Say) -> list[str]:
    """Do it; a line for everything that is wrong at the end. `atomic`: then nothing that this run created is left."""
    chart = work.instance is None
    known = undo.before(work.cluster, work.builds, chart) if atomic else None
    try:
        wrong = _steps(work, say)
    except GitopsError as error:
        wrong = [str(error)]
    if not wrong or known is None:
        return wrong
    left = undo.undo(work.cluster, work.builds, known, chart, say)
    return [*wrong, *(f"left: {line}" for line in left), *([] if left else ["undone: what this run created"])]


def _steps(work: Work, say: Say) -> list[str]:
    end = time.monotonic() + work.seconds
    for number, step in enumerate(work.changes, 1):
        announce(f"step {number}: {step.text}", say)
        step.do()
    if not work.wait:
        return []
    number = len(work.changes)
    waiting, checking = _later(work)
    announce(f"step {number + 1}: {waiting}", say)
    commit = mirror.newest(work.instance) if work.instance else ""
    if late := settle.wait(work.cluster, work.wanted, commit, end - time.monotonic(), say):
        return [*late, f"not Synced and Healthy after {work.seconds} s"]
    announce(f"step {number + 2}: {checking}", say)
    results = smoke.until_passed(work.builds["workload"], work.cluster, max(LEAST, end - time.monotonic()), say)
    announce(report.counts(results), say)
    return report.lines([result for result in results if result.outcome == FAILED])
