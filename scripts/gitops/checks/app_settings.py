"""A pod's environment is not what PyBase's settings class accepts.

Why: PyBase parses every variable of its settings class when it starts. A comma list for CORS_ORIGINS, an empty port or
a lower-case LOG_LEVEL stops the process; a misspelt name is ignored in silence; in production a missing or sample value
stops it too. Read are all pods with a container `pybase`: the values of ConfigMaps and env, as policies/settings.yaml
describes them. A Job needs DATABASE_URL only (alembic). Outside development ENVIRONMENT is exactly `production`.
APP_VERSION is the tag of the image. A setting that is a secret never has its value in a ConfigMap or in env, and
the pod does without the variables that Kubernetes makes of Services.

Fails:

    configMapGenerator:
      - name: pybase-config
        literals: ["CORS_ORIGINS=https://a.example.org,https://b.example.org"]

Passes:

        literals: ['CORS_ORIGINS=["https://a.example.org", "https://b.example.org"]']

Fix: write the value in the named form, use the nearest known name, or add the setting to `pybase-config`.
Cannot see: sealed values. That a Secret supplies the key is secret-key-sealed's business.
Source: https://docs.pydantic.dev/latest/concepts/pydantic_settings/
"""

from collections.abc import Iterator

from gitops import references, settings
from gitops.connections import application
from gitops.environment import Variable, variables, whole
from gitops.fleet import Fleet
from gitops.manifests import Build, Container, Manifest
from gitops.problems import Problem

ID = "app-settings"
SEVERITY = "error"
CONTROLS = ("XR15",)
READS = ("render", "data")
_FEW = 3  # required settings that may be forgotten one by one


def check(fleet: Fleet) -> Iterator[Problem]:
    known = settings.table(fleet.table(settings.POLICY))
    for build in fleet.workloads() if known else ():
        lost = references.holders_of_lost(build)  # env-resolves
        for manifest in build.with_pods():
            required = set() if manifest.identity in lost else _required(fleet, build, manifest, known)
            for container in application(manifest):
                yield from _container(fleet, build, manifest, container, known, required)
                yield from _service_links(fleet, manifest)


def _container(
    fleet: Fleet,
    build: Build,
    manifest: Manifest,
    container: Container,
    known: dict[str, settings.Setting],
    required: set[str],
) -> Iterator[Problem]:
    environment = variables(build, manifest, container)
    production = fleet.environment(build) != "development"
    shown = {name: None if _exposed(variable, known) else variable.value for name, variable in environment.items()}
    wrongs = list(settings.wrong(known, shown, production=production, required=required))
    lost = [wrong.name for wrong in wrongs if wrong.name in required - environment.keys()]
    if len(lost) > _FEW:  # one mistake
        message = f"{len(lost)} settings of PyBase do not reach it, {lost[0]} to {lost[-1]}"
        fix = "list components/settings after it; in a cluster's list, components/settings/environment"
        yield fleet.at(ID, manifest, (*container.path, "env"), message, fix)
    for wrong in wrongs:
        if len(lost) > _FEW and wrong.name in lost:
            continue
        variable = environment.get(wrong.name)
        where, path = (variable.owner, variable.path) if variable else (manifest, (*container.path, "env"))
        yield fleet.at(ID, where, path, wrong.message, wrong.fix)
    for variable in [*environment.values(), *whole(build, manifest, container)]:
        if _exposed(variable, known):
            message = f"{variable.name} is a secret and its value is written here"
            fix = "delete it, replace the secret wherever it is in use, and seal the new one"
            yield fleet.at(ID, variable.owner, variable.path, message, fix)
        if variable.optional and variable.name in required:
            message = f"{variable.name} is required and its source is optional"
            yield fleet.at(ID, variable.owner, variable.path, message, "delete `optional: true`")
    if production:
        yield from _mode(fleet, environment, known)
    yield from _version(fleet, container, environment)


def _required(fleet: Fleet, build: Build, manifest: Manifest, known: dict[str, settings.Setting]) -> set[str]:
    """The names that must be there."""
    if manifest.kind in ("Job", "CronJob"):
        return {"DATABASE_URL"} & known.keys()
    return {name for name, setting in known.items() if setting.required and fleet.environment(build) != "development"}


def _exposed(variable: Variable, known: dict[str, settings.Setting]) -> bool:
    """Is it the value of a secret, in plain text?"""
    setting = known.get(variable.name.upper())
    return setting is not None and setting.secret and bool(variable.value)


def _service_links(fleet: Fleet, manifest: Manifest) -> Iterator[Problem]:
    """A Service named smtp sets SMTP_PORT=tcp://10.0.0.1:25, which is no number."""
    if manifest.pod.get("enableServiceLinks") is not False:
        path = (*(manifest.pod_path or ()), "spec", "enableServiceLinks")
        message = "the names of Services become variables that PyBase parses (SMTP_PORT, PROMETHEUS_PORT)"
        yield fleet.at(ID, manifest, path, message, "write enableServiceLinks: false")


def _mode(fleet: Fleet, environment: dict[str, Variable], known: dict[str, settings.Setting]) -> Iterator[Problem]:
    """Any other value turns PyBase's own production checks off and shows error details to clients."""
    variable, setting = environment.get("ENVIRONMENT"), known.get("ENVIRONMENT")
    if variable and variable.value not in (None, settings.PRODUCTION) and setting:
        if setting.values and variable.value not in setting.values:
            return  # said already
        message = f'ENVIRONMENT: "{variable.value}" turns the production checks of PyBase off'
        yield fleet.at(ID, variable.owner, variable.path, message, f"write {settings.PRODUCTION}")


def _version(fleet: Fleet, container: Container, environment: dict[str, Variable]) -> Iterator[Problem]:
    variable = environment.get("APP_VERSION")
    tag = str(container.spec.get("image", "")).partition("@")[0].rpartition("/")[2].partition(":")[2]
    if variable and variable.value and tag and variable.value != tag:
        message = f'APP_VERSION: "{variable.value}" is not the tag of the image, {tag}'
        yield fleet.at(ID, variable.owner, variable.path, message, "delete it: the wiring sets it from the image")
