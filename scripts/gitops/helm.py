"""The only caller of helm: Argo CD's chart on a real cluster with the person's own helm, and this repository's chart
with both pinned ones (tools/helm, tools/helm3). Values go through standard input."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gitops import chart_output, tools
from gitops.cluster import Cluster, Object
from gitops.errors import GitopsError
from gitops.manifests import Manifest

OWN = "helm"  # on the PATH
PINNED = {3: "helm3", 4: "helm"}  # major version -> program of tools/
NAME = "pybase"  # release and namespace of a render: those of the fleet


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


def template(
    chart: Path, values: Object, *, files: Sequence[Path] = (), version: int = 4, kube_version: str = ""
) -> list[Manifest]:
    """The objects of the chart as `helm install` creates them, without its tests; `values` win over those of `files`.

    An object's origin is the template it comes from, below the chart's folder. Raises GitopsError with what helm says.
    """
    options = ["--skip-tests", *([f"--kube-version={kube_version}"] if kube_version else [])]
    return chart_output.objects(text(chart, values, *options, files=files, version=version), NAME)


def text(chart: Path, values: Object, *options: str, files: Sequence[Path] = (), version: int = 4) -> str:
    """What `helm template` prints."""
    given = [f"--namespace={NAME}", *(f"--values={file}" for file in files), "--values=-"]
    return _run("template", NAME, str(chart), *given, *options, text=json.dumps(values), program=pinned(version))


def lint(chart: Path, values: Object, *, files: Sequence[Path] = (), version: int = 4) -> None:
    """Raises GitopsError with what `helm lint --strict` finds."""
    options = ["--strict", "--quiet", *(f"--values={file}" for file in files), "--values=-"]
    done = _start("lint", str(chart), *options, text=json.dumps(values), program=pinned(version))
    if done.returncode:
        found = done.stdout.split("\n", 1)[-1] if done.stdout.startswith("==>") else done.stdout
        raise GitopsError(f"helm lint: {_line(found or done.stderr)}")


@cache
def pinned(version: int) -> str:
    """The path of the pinned helm 3 or 4, built when it is not there yet."""
    return str(tools.build(PINNED[version]))


def _run(*arguments: str, text: str = "", program: str = OWN) -> str:
    done = _start(*arguments, text=text, program=program)
    if done.returncode:
        raise GitopsError(f"helm {arguments[0]}: {_line(done.stderr.strip() or done.stdout.strip() or 'no output')}")
    return done.stdout


def _start(*arguments: str, text: str, program: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run([program, *arguments], input=text, capture_output=True, text=True, check=False)
    except OSError as error:
        raise GitopsError("helm: not on the PATH; Argo CD comes from its chart: install helm 3.14 or newer") from error


def _line(said: str) -> str:
    return " ".join(said.split()).removesuffix(" Use --debug flag to render out invalid YAML")[:600]
