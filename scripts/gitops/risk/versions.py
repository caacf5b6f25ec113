"""Images and add-ons: backwards, from elsewhere, past an environment, or without the migration they need."""

import re
from collections.abc import Iterator

from gitops import images, kustomizations
from gitops.fleet import Fleet
from gitops.manifests import Manifest, containers, sequence
from gitops.risk.case import HIGH, LOW, MEDIUM, Case, Flag

BEFORE = {"production": "staging"}  # environment -> where its images run first
_PRE = re.compile(r"[-.]?(?:alpha|beta|pre|rc)", re.IGNORECASE)
# Stores whose files belong to a version of so many numbers: PostgreSQL's major, Meilisearch's minor.
_FORMATS = {"postgres": 1, "postgresql": 1, "mysql": 2, "meilisearch": 2}


def image_downgrade(case: Case) -> Iterator[Flag]:
    for identity, name, old, new in _moved(case):
        was, now = version(images.tag(old)), version(images.tag(new))
        if images.repository(old) == images.repository(new) and was and now and now < was:
            text = f"container {name} goes back from {images.tag(old)} to {images.tag(new)}"
            yield Flag(HIGH, "image-downgrade", identity, f"{text}: what the newer one wrote, the older may not read")


def image_moved(case: Case) -> Iterator[Flag]:
    """Another repository, or other content under the tag that there was."""
    for identity, name, old, new in _moved(case):
        if images.repository(old) != images.repository(new):
            text = f"container {name} comes from {images.repository(new)}, not {images.repository(old)}"
            yield Flag(MEDIUM, "image-moved", identity, text)
        elif images.tag(old) == images.tag(new) and images.digest(old) and images.digest(old) != images.digest(new):
            what = "another content" if images.digest(new) else "no digest, so any content,"
            yield Flag(MEDIUM, "image-moved", identity, f"container {name} has {what} under the tag {images.tag(new)}")


def environment_skipped(case: Case) -> Iterator[Flag]:
    """An image that the environment before does not run. Only of versions that this change sets."""
    environment = case.pair.environment
    if environment not in BEFORE or case.pair.part == "apps":
        return
    was, now = (_versions(side, environment) for side in (case.comparison.old, case.comparison.new))
    first = _versions(case.comparison.new, BEFORE[environment])
    for name, wanted in now.items():
        if was.get(name) != wanted and first.get(name) != wanted and name in first:
            text = f"{wanted} is not what {BEFORE[environment]} runs ({first[name]})"
            yield Flag(HIGH, "environment-skipped", f"image {name}", f"{text}; promote it there first")


def without_migration(case: Case) -> Iterator[Flag]:
    """The image of a workload changes, and the Job that has the same one at the base does not follow."""
    jobs = {images.repository(image): job for job in case.old.of_kind("Job") for image in _images(job)}
    for identity, name, old, new in _moved(case, "Deployment", "StatefulSet", "DaemonSet", "CronJob"):
        job = jobs.get(images.repository(old))
        if job is None or images.tag(old) == images.tag(new):
            continue
        follows = case.new.find("Job", job.namespace, job.name)
        if follows is None:
            text = f"container {name} runs {images.tag(new)}, and Job {job.name}, which migrates the database, is gone"
            yield Flag(HIGH, "without-migration", identity, text)
        elif new not in _images(follows):
            still = ", ".join(map(images.tag, _images(follows)))
            text = f"container {name} runs {images.tag(new)}, Job {job.name} still {still}"
            yield Flag(HIGH, "without-migration", identity, f"{text}: the database is not migrated for it")


def store_upgrade(case: Case) -> Iterator[Flag]:
    """A version that does not read the files of the one before."""
    for identity, name, old, new in _moved(case):
        store = images.repository(new).rpartition("/")[2]
        was, now = version(images.tag(old)), version(images.tag(new))
        length = _FORMATS.get(store, 0)
        if length and was and now and was[0][:length] != now[0][:length]:
            text = f"container {name} goes from {store} {images.tag(old)} to {images.tag(new)}, which cannot open its"
            yield Flag(HIGH, "store-upgrade", identity, f"{text} files; dump the data first and import it afterwards")


def add_on_version(case: Case) -> Iterator[Flag]:
    """An Application whose chart is not in this repository: what changes inside is not to be seen here."""
    for found, old, new in case.changed("Application"):
        before, after = _charts(old), _charts(new)
        for chart in before.keys() & after.keys():
            was, now = before[chart], after[chart]
            if was == now:
                continue
            then, next_ = version(was) or ((), 0), version(now) or ((), 0)
            back = next_ < then
            text = f"chart {chart} goes {'back ' if back else ''}from {was} to {now}; its objects are not rendered here"
            level = HIGH if back else MEDIUM if then[0][:1] != next_[0][:1] else LOW
            yield Flag(level, "add-on-version", found.identity, f"{text}, read its release notes")


def version(tag: str) -> tuple[tuple[int, ...], int] | None:
    """A tag that can be compared: its leading numbers, and whether it is a release; a date counts whole. None without
    a number."""
    dated = re.search(r"\d{4}-\d\d-\d\dT?[\d-]*", tag)
    found = dated or re.search(r"\d+(?:\.\d+)*", tag)
    if found is None:
        return None
    return tuple(map(int, re.findall(r"\d+", found.group()))), 0 if _PRE.match(tag[found.end() :]) else 1


def _moved(case: Case, *kinds: str) -> Iterator[tuple[str, str, str, str]]:
    """(object, container, image before, image after) of every container that stays with another image."""
    for found, old, new in case.changed(*kinds):
        before = {container.name: str(container.spec["image"]) for container in containers(old)}
        for container in containers(new):
            was, now = before.get(container.name), str(container.spec["image"])
            if was and was != now:
                yield found.identity, container.name, was, now


def _images(manifest: Manifest) -> list[str]:
    return [str(container.spec["image"]) for container in containers(manifest)]


def _charts(application: Manifest) -> dict[str, str]:
    sources = [application.get("spec", "source"), *sequence(application.get("spec", "sources"))]
    return {
        str(s["chart"]): str(s.get("targetRevision", "")) for s in sources if isinstance(s, dict) and s.get("chart")
    }


def _versions(side: Fleet, environment: str) -> dict[str, str]:
    """image -> tag and digest, as the environment's versions file lists them."""
    file = side.sources.get(side.repository.versions_file(environment))
    entries = kustomizations.listed(file.documents[0], "images") if file and file.documents else []
    return {e.text("name"): "@".join(filter(None, (e.text("newTag"), e.text("digest")[:19]))) for e in entries}
