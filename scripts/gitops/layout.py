"""Where everything is. No other module joins repository paths."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gitops.errors import GitopsError

MANIFEST_FOLDERS = ("apps", "clusters", "components", "environments")
POLICIES = "policies"  # reviewed data that rules compare with
SCENARIOS = "tests/parity/scenarios"
_LOCATION = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
PARTS = ("apps", "workload")  # the two builds of a cluster


@dataclass(frozen=True)
class Cluster:
    """A folder of `clusters/`, read from its name `<provider>-<environment>-<location>`."""

    name: str
    provider: str
    environment: str
    location: str
    live: bool  # its own sealing certificate is committed (facts/sealed-secrets.pem)

    @property
    def state(self) -> str:
        return "live" if self.live else "planned"


@dataclass(frozen=True)
class Repository:
    """A checkout. `root` is absolute; every other path of this class is relative to it, with forward slashes."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> "Repository":
        """The repository around `start`; raises GitopsError when there is none."""
        for folder in (start.resolve(), *start.resolve().parents):
            if all((folder / name).is_dir() for name in MANIFEST_FOLDERS):
                return cls(folder)
        raise GitopsError(
            f"{start}: not inside a fleet repository (a folder with {', '.join(MANIFEST_FOLDERS)}); "
            "change to the checkout or pass --repository"
        )

    @cached_property
    def providers(self) -> list[str]:
        return self._folders("components/providers")

    @cached_property
    def environments(self) -> list[str]:
        return self._folders("environments")

    @cached_property
    def clusters(self) -> list[Cluster]:
        """Every folder of `clusters/`, by name. Raises GitopsError for a name that cannot be parsed."""
        return [self._parse(name) for name in self._folders("clusters")]

    def choose(self, names: Iterable[str]) -> list[Cluster]:
        """The named clusters, all of them when none is named; an unknown name gets the nearest one."""
        known = {cluster.name: cluster for cluster in self.clusters}
        for name in names:
            if name.rstrip("/").removeprefix("clusters/") not in known:
                raise GitopsError(f"{name}: no such cluster{nearest(name, known)}; `gitops list` shows them all")
        chosen = dict.fromkeys(name.rstrip("/").removeprefix("clusters/") for name in names)
        return [known[name] for name in chosen] or self.clusters

    def name(self, provider: str, environment: str, location: str) -> Cluster:
        """The cluster of that name, there or not. Raises GitopsError for a name that it cannot have."""
        for what, given, known in (
            ("provider", provider, self.providers),
            ("environment", environment, self.environments),
        ):
            if given not in known:
                raise GitopsError(f"{given}: no such {what}{nearest(given, known)}; there are {', '.join(known)}")
        if not _LOCATION.fullmatch(location):
            raise GitopsError(f"{location}: no location; write lower-case letters and digits, - between, as us-east-1")
        return self._parse(f"{provider}-{environment}-{location}")

    def folder(self, cluster: str) -> str:
        return f"clusters/{cluster}"

    def build_folder(self, cluster: str, part: str) -> str:
        return f"clusters/{cluster}/{part}"

    def facts_file(self, cluster: str) -> str:
        return f"clusters/{cluster}/facts/kustomization.yaml"

    def fleet_facts_file(self) -> str:
        return "components/fleet-facts/kustomization.yaml"

    def certificate_file(self, cluster: str) -> str:
        return f"clusters/{cluster}/facts/sealed-secrets.pem"

    def sealed_folder(self, cluster: str) -> str:
        return f"clusters/{cluster}/workload/sealed"

    def rollout_file(self, cluster: str) -> str:
        return f"{self.sealed_folder(cluster)}/rollout/kustomization.yaml"

    def workload_file(self, cluster: str) -> str:
        return f"{self.build_folder(cluster, 'workload')}/kustomization.yaml"

    def environment_file(self, environment: str) -> str:
        return f"environments/{environment}/kustomization.yaml"

    def versions_file(self, environment: str) -> str:
        return f"environments/{environment}/versions/kustomization.yaml"

    def policy_file(self, name: str) -> str:
        return f"{POLICIES}/{name}"

    def chart_folder(self) -> str:
        return "charts/pybase"

    def example_file(self, scenario: str) -> str:
        return f"{self.chart_folder()}/examples/{scenario}.yaml"

    @cached_property
    def examples(self) -> list[str]:
        """The values files of the chart's examples, [] without a chart."""
        return sorted(f"{path.relative_to(self.root)}" for path in self.root.glob(self.example_file("*")))

    @cached_property
    def scenarios(self) -> list[str]:
        """What an example of the chart has to be equal to: one kustomization folder each."""
        return self._folders(SCENARIOS)

    def scenario_folder(self, scenario: str) -> str:
        return f"{SCENARIOS}/{scenario}"

    def relative(self, path: Path) -> str | None:
        """`path` below the root, or None when it is outside."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return None

    def _folders(self, parent: str) -> list[str]:
        try:
            return sorted(path.name for path in (self.root / parent).iterdir() if path.is_dir())
        except OSError as error:
            raise GitopsError(f"{parent}: {error.strerror}; restore the folder from Git") from error

    def _parse(self, name: str) -> Cluster:
        for provider in sorted(self.providers, key=len, reverse=True):
            environment, _, location = name.removeprefix(f"{provider}-").partition("-")
            if name.startswith(f"{provider}-") and environment in self.environments and _LOCATION.fullmatch(location):
                live = (self.root / self.certificate_file(name)).is_file()
                return Cluster(name, provider, environment, location, live)
        raise GitopsError(
            f"clusters/{name}: not named <provider>-<environment>-<location>; "
            f"providers: {', '.join(self.providers)}; environments: {', '.join(self.environments)}"
        )


def nearest(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """ ", did you mean X?" for the known name most like `name`, or nothing; `cutoff` 1 is the same name."""
    match = closest(name, known, cutoff)
    return f", did you mean {match}?" if match else ""


def closest(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """The known name most like `name`, "" when none is."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)), "")
