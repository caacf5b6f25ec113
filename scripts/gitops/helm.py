"""The only caller of helm: Argo CD's chart on a real cluster. Values go through standard input."""

import json
import subprocess
from dataclasses import dataclass

from gitops.cluster import Cluster, Object
from gitops.errors import GitopsError


@dataclass(frozen=True)
class Chart:
    """A chart of an Application: where it is, its version and its values."""

    repository: str
    name: str
    version: str
    values: Object

    @classmethod
    def of(cls, application: Object) -> "Chart":
        source = application["spec"]["source"]
        values = source.get("helm", {}).get("valuesObject", {})
        return cls(source["repoURL"], source["chart"], source["targetRevision"], values)


def version() -> str:
    return _run("version", "--template={{.Version}}").strip()


def releases(cluster: Cluster, namespace: str) -> list[str]:
    """The names of the releases in a namespace."""
    found = json.loads(_run("list", f"--namespace={namespace}", "--all", "--output=json", *_where(cluster)) or "[]")
    return [str(entry["name"]) for entry in found]


def install(cluster: Cluster, release: str, namespace: str, chart: Chart, seconds: int) -> None:
    """Install or upgrade, until its pods are ready."""
    what = [release, chart.name, f"--repo={chart.repository}", f"--version={chart.version}"]
    wait = ["--wait", f"--timeout={seconds}s"]
    where = [f"--namespace={namespace}", "--values=-", *wait, *_where(cluster)]
    _run("upgrade", "--install", *what, *where, text=json.dumps(chart.values))


def uninstall(cluster: Cluster, release: str, namespace: str) -> None:
    _run("uninstall", release, f"--namespace={namespace}", "--wait", *_where(cluster))


def _where(cluster: Cluster) -> list[str]:
    named = {"--kube-context": cluster.context, "--kubeconfig": cluster.kubeconfig}
    return [f"{option}={value}" for option, value in named.items() if value]


def _run(*arguments: str, text: str = "") -> str:
    try:
        done = subprocess.run(["helm", *arguments], input=text, capture_output=True, text=True, check=False)
    except OSError as error:
        raise GitopsError("helm: not on the PATH; Argo CD comes from its chart: install helm 3.14 or newer") from error
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip() or "no output"
        raise GitopsError(f"helm {arguments[0]}: {' '.join(said.split())[:600]}")
    return done.stdout
