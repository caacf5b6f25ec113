"""What an instance is like now: asked of its processes, its mirror and its API server."""

import datetime
from pathlib import Path

from gitops.local import applications, mirror, parts, platform, report
from gitops.local.instance import Instance
from gitops.local.parts import Part


def tree(instance: Instance, details: bool) -> tuple[str, bool]:
    """(the Applications as a tree and what is not well, is all well and at the mirror's newest commit?)."""
    ended = [part.name for part in parts.ALL if not instance.pid(part.name)]
    lines = [f"{name} is not running; `gitops local up` starts it again" for name in ended]
    if "kube-apiserver" in ended:
        return "\n".join(lines), False
    found = applications.read(platform.kubectl(instance).every("applications.argoproj.io", "argocd"))
    commit = mirror.newest(instance)
    settled = bool(found) and not ended and all(app.settled(commit) for app in found)
    return "\n".join([applications.tree(found, details), *applications.unsettled(found, commit), *lines]), settled


def page(instance: Instance) -> str:
    """The instance as an HTML page."""
    kubectl = platform.kubectl(instance)
    found = report.View(
        instance=instance.name,
        cluster=instance.path("cluster").read_text(),
        commit=mirror.newest(instance),
        when=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        applications=applications.read(kubectl.every("applications.argoproj.io", "argocd")),
        parts={part.name: _state(instance, part) for part in parts.ALL},
        nodes=report.nodes(kubectl.every("nodes"), kubectl.every("pods")),
    )
    return report.page(found, Path(__file__).with_name("report.css").read_text())


def _state(instance: Instance, part: Part) -> str:
    if not instance.pid(part.name):
        return "not running"
    return "well" if platform.well(instance, part) else "does not answer"
