"""A pod is killed before its preStop hook or its longest task is over, or Redis hands a task out that still runs.

Why: a Celery worker that is told to stop ends its running task and takes no other; killed before, it loses that task.
The preStop hook comes first and uses up the same time. What each queue takes at most is `tasks` in
policies/workloads.yaml, less where the worker has a --time-limit. Without the field a pod has 30 seconds. A task is
handed out again after the broker's visibility_timeout.

Fails:

    terminationGracePeriodSeconds: 30
    containers: [{command: [celery, -A, workers.celery_search_worker, worker, -Q, search]}]

Passes:

    terminationGracePeriodSeconds: 300
    containers: [{command: [celery, -A, workers.celery_search_worker, worker, -Q, search]}]

Fix: set terminationGracePeriodSeconds to at least the stated task length.
Cannot see: hooks that do something other than sleep, and time limits in the application's code.
Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
"""

from collections.abc import Iterator

from gitops import programs, tasks
from gitops.fleet import Fleet
from gitops.manifests import Build, containers, mapping
from gitops.pod_security import in_spec, like
from gitops.problems import Problem
from gitops.selection import TASKS

ID = "termination-grace"
SEVERITY = "error"
CONTROLS = ("AV14",)
READS = ("render", "data")
FIELD = "terminationGracePeriodSeconds"
DEFAULT = 30


def check(fleet: Fleet) -> Iterator[Problem]:
    known = programs.known(fleet, "tasks")
    for build in fleet.builds:
        most = 0
        for manifest in build.with_pods():
            held = manifest.pod.get(FIELD)
            grace = held if isinstance(held, int) else DEFAULT
            if manifest.kind in TASKS or (held is None and like(FIELD, manifest.pod)):
                continue
            for container in containers(manifest):
                task, before = tasks.longest(container, known) or 0, tasks.before_stop(container)
                most = max(most, task)
                needed = before + task if task else before + 1  # that much for a process that stops at once
                if grace < needed and (task or before):
                    what = " and ".join(
                        text
                        for seconds, text in ((before, f"{before} s of preStop"), (task, f"a task of {task} s"))
                        if seconds
                    )
                    message = f"the pod is killed after {grace} s, and container {container.name} needs {what}"
                    yield fleet.at(ID, manifest, in_spec(manifest, FIELD), message, f"write {FIELD}: {needed} or more")
        yield from _handed_out_again(fleet, build, most)


def _handed_out_again(fleet: Fleet, build: Build, most: int) -> Iterator[Problem]:
    for config in build.of_kind("ConfigMap"):
        for key, text in mapping(config.get("data")).items():
            found = tasks.VISIBILITY.search(str(text))
            if found and int(found[1]) <= most:
                message = f"visibility_timeout {found[1]}: a task of {most} s is handed out again while it runs"
                yield fleet.at(ID, config, ("data", key), message, f"write more than {most}")
