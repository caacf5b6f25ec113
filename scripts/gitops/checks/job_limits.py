"""A Job has no end, or a CronJob no valid schedule or no word on runs that are late or overlap.

Why: without backoffLimit a Job tries six times, without activeDeadlineSeconds it hangs for ever, and without
ttlSecondsAfterFinished its pods stay (a CronJob keeps a few by itself). A Job restarts pods never or on failure. A
schedule that cannot be read is refused by the API server, one that never comes is not. concurrencyPolicy says what a
run does whose predecessor is still going, startingDeadlineSeconds how late it may start: below 10 it is never in time,
and without it a hundred missed runs stop the CronJob.

Fails:

    kind: CronJob
    spec: {schedule: "0 25 * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Always}}}}}

Passes:

    kind: CronJob
    spec:
      schedule: "0 2 * * *"
      concurrencyPolicy: Forbid
      startingDeadlineSeconds: 600
      jobTemplate:
        spec: {backoffLimit: 2, activeDeadlineSeconds: 600, template: {spec: {restartPolicy: Never}}}

Fix: add the named field.
Cannot see: how long a run takes.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#writing-a-cronjob-spec
"""

from collections.abc import Iterator

from gitops import cron
from gitops.fleet import Fleet
from gitops.manifests import Manifest
from gitops.pod_security import Fault, like
from gitops.problems import Problem

ID = "job-limits"
SEVERITY = "error"
CONTROLS = ("AV15", "AV16")
READS = ("render",)
_LIMITS = {
    "backoffLimit": "tries six times",
    "activeDeadlineSeconds": "may hang for ever",
    "ttlSecondsAfterFinished": "stays when it is done",
}


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        for manifest in build.of_kind("Job", "CronJob"):
            for fault in (*_limits(manifest), *_restart(manifest), *_schedule(manifest)):
                yield fleet.at(ID, manifest, *fault)


def _limits(manifest: Manifest) -> Iterator[Fault]:
    path = (*(manifest.pod_path or ())[:-1],)
    for field, consequence in _LIMITS.items():
        held = manifest.get(*path)
        kept = field == "ttlSecondsAfterFinished" and manifest.kind == "CronJob"
        if isinstance(held, dict) and held.get(field) is None and not kept and not like(field, held):
            yield Fault((*path, field), f"no {field}: a Job {consequence}", f"add {field}")


def _restart(manifest: Manifest) -> Iterator[Fault]:
    policy, path = manifest.pod.get("restartPolicy"), (*(manifest.pod_path or ()), "spec", "restartPolicy")
    if policy in (None, "Always") and not (policy is None and like("restartPolicy", manifest.pod)):
        message = "restartPolicy Always" if policy else "no restartPolicy, which means Always,"
        yield Fault(path, f"{message} is refused of a Job", "write restartPolicy: Never or OnFailure")
    elif policy == "OnFailure" and manifest.get(*(manifest.pod_path or ())[:-1], "podFailurePolicy"):
        yield Fault(path, "a podFailurePolicy goes with Never only", "write restartPolicy: Never")


def _schedule(manifest: Manifest) -> Iterator[Fault]:
    spec = manifest.get("spec")
    if manifest.kind != "CronJob" or not isinstance(spec, dict):
        return
    schedule, zone, late = spec.get("schedule"), spec.get("timeZone"), spec.get("startingDeadlineSeconds")
    if isinstance(schedule, str) and (wrong := cron.refusal(schedule)):
        fix = 'write minute, hour, day, month and day of the week, as "0 2 * * *"'
        yield Fault(("spec", "schedule"), f'the schedule "{schedule}" {wrong}', fix)
    if isinstance(zone, str) and not cron.is_time_zone(zone):
        yield Fault(("spec", "timeZone"), f"there is no time zone {zone}", "write one as Europe/Berlin or Etc/UTC")
    for field in ("concurrencyPolicy", "startingDeadlineSeconds"):
        if spec.get(field) is None and not like(field, spec):
            yield Fault(("spec", field), f"no {field}", f"add {field}")
    if isinstance(late, int) and late < 10:
        message = f"startingDeadlineSeconds {late}: the controller looks every 10 seconds and starts nothing"
        yield Fault(("spec", "startingDeadlineSeconds"), message, "write 10 or more")
