"""What an instance is like now: asked of its processes, its mirror and its API server."""

import datetime
from pathlib import Path

from gitops.local import applications, mirror, parts, platform, report
from gitops.local.instance import Instance
from gitops.local.parts import Part

API_SERVER = "kube-apiserver"


def tree(instance: Instance, details: bool) -> tuple[str, bool]:
    """(the Applications as a tree and what is not well, is all well and at the mirror's newest commit?)."""
    ended = [part.name for part in parts.ALL if not instance.pid(part.name)]
    lines = [f"{name} is not running; `gitops local up` starts it again" for name in ended]
    if API_SERVER in ended:
        return "\n".join(lines), False
    found = applications.read(platform.kubectl(instance).every("applications.argoproj.io", "argocd"))
    commit = mirror.newest(instance)
    settled = bool(found) and not ended and all(app.settled(commit) for app in found)
    return "\n".join([applications.tree(found, details), *applications.unsettled(found, commit), *lines]), settled


def page(instance: Instance) -> str:
    """The instance as an HTML page; without what its API server knows when that does not answer."""
    kubectl = platform.kubectl(instance)
    states = {part.name: _state(instance, part) for part in parts.ALL}
    there = states[API_SERVER] == "well"  # else kubectl would try for a minute
    found = report.View(
        instance=instance.name,
        cluster=instance.path("cluster").read_text(),
        commit=mirror.newest(instance),
        when=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        applications=applications.read(kubectl.every("applications.argoproj.io", "argocd")) if there else [],
        parts=states,
        nodes=report.nodes(kubectl.every("nodes"), kubectl.every("pods")) if there else [],
        trouble="" if there else f"{API_SERVER}: {states[API_SERVER]}; `gitops local up` starts what is not running",
    )
    return report.page(found, Path(__file__).with_name("report.css").read_text())


def _state(instance: Instance, part: Part) -> str:
    if not instance.pid(part.name):
        return "not running"
    return "well" if platform.well(instance, part) else "does not answer"
