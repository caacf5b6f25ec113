"""Everything that the page of the fleet says, as data. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from gitops import checklist, facts, listing, output
from gitops.fleet import Fleet
from gitops.problems import Problem
from gitops.report.graph import Graph, unlike
from gitops.source import SourceFile

ORDER = ("development", "staging", "production")  # as versions are promoted; others after them by name


def environments(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def neighbours(names: Iterable[str]) -> list[tuple[str, str]]:
    known = environments(names)
    return list(pairwise(known))


def data(
    seen: Fleet,
    problems: Sequence[Problem],
    graphs: Sequence[Graph],
    drift: Iterable[Mapping[str, Any]],
    about: Mapping[str, str],
    notes: Iterable[str],
) -> dict[str, Any]:
    """What `gitops report --format json` prints. `about`: {"commit", "date", "subject", "changes"}; problems are
    named by their index."""
    builds = listing.by_part(seen.builds)
    number = {problem: index for index, problem in enumerate(problems)}
    clusters = []
    for cluster, found in checklist.reaching(seen, seen.clusters, problems):
        source = seen.sources.get(seen.repository.facts_file(cluster.name), SourceFile(""))
        row = listing.cluster(cluster, builds, facts.read(source))
        lists = {
            "location": cluster.location,
            "missing": [number[problem] for problem in found if problem.pending],
            "certificate": next(iter(checklist.certificate(seen, cluster)), ""),
            "findings": [number[problem] for problem in found if not problem.pending],
        }
        clusters.append(row | lists)
    images = listing.references(seen.repository, builds)
    names = environments(images)
    made = {
        **about,
        "environments": names,
        "clusters": clusters,
        "images": {name: images[name] for name in names},
        "drift": list(drift),
        "problems": [output.fields(problem) for problem in problems],
        "graphs": [_graph(graph, graphs[0]) for graph in graphs],
        "notes": list(notes),
    }
    return {key: _printable(value) for key, value in made.items()}


def _graph(graph: Graph, usual: Graph) -> dict[str, Any]:
    more, less = unlike(graph, usual)
    edges = [[*pair, ports] for pair, ports in sorted(graph.edges.items())]
    return {"clusters": graph.clusters, "edges": edges, "common": graph.common, "more": more, "less": less}


def _printable(value: Any) -> Any:
    """Names of files may hold what is no text."""
    if isinstance(value, str):
        return output.printable(value)
    if isinstance(value, dict):
        return {_printable(key): _printable(held) for key, held in value.items()}
    return [_printable(held) for held in value] if isinstance(value, list | tuple) else value
