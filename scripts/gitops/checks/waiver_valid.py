"""A waiver is badly written, names no rule, has expired, or waives nothing.

Why: a waiver is a decision with an end. One without a reason cannot be reviewed, an expired one hides a fault that
somebody promised to mend, and an unused one hides the next fault on its line. A waiver covers one rule on its own line
or the one below. yaml-readable, kustomize-builds, plain-secret and waiver-valid cannot be waived.

Fails:

    pod-security.kubernetes.io/enforce: baseline # gitops: allow namespace-pod-security

Passes:

    # gitops: allow namespace-pod-security until 2027-05-31: the proxy's chart sets no seccomp profile yet
    pod-security.kubernetes.io/enforce: baseline

Fix: remove it, or renew it with a reason.
Cannot see: an unused one when only some clusters or rules are looked at.
"""

from collections.abc import Iterator

from gitops import waivers
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.problems import Problem

ID = "waiver-valid"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("source",)


def check(fleet: Fleet) -> Iterator[Problem]:
    from gitops.rules import all_rules  # the catalogue imports this module

    known = {rule.id for rule in all_rules()}
    for waiver in waivers.read(fleet.sources):
        if waiver.fault:
            yield Problem(waiver.path, waiver.line, ID, "", f"waiver: {waiver.fault}", f"write {waivers.SHAPE}")
        elif waiver.rule not in known:
            message = f"waiver: no rule {waiver.rule}{nearest(waiver.rule, known)}"
            yield Problem(waiver.path, waiver.line, ID, "", message, "correct the rule's name")
        elif waiver.until < fleet.today:
            message = f"waiver of {waiver.rule} expired on {waiver.until}"
            yield Problem(waiver.path, waiver.line, ID, "", message, "mend the fault, or renew it with a reason")
