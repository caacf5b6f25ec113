"""Facts of a cluster or of the fleet: the literals of their ConfigMap generator. Read, never written."""

from gitops.source import Node, SourceFile


def read(source: SourceFile) -> dict[str, str]:
    """Every `key=value` literal of a facts file, e.g. {"name": ..., "domain": ...}; {} for a file of another shape."""
    return {key: value for key, value, _ in literals(source)}


def line_of(source: SourceFile, key: str) -> int:
    """The line of a fact, 1 when it is not there."""
    return next((line for name, _, line in literals(source) if name == key), 1)


def literals(source: SourceFile) -> list[tuple[str, str, int]]:
    """(key, value, line) of every literal of every generator in the file."""
    entries: list[Node] = [
        node
        for document in source.documents
        for generator in (document.get("configMapGenerator") or Node([], 1)).items()
        for node in (generator.get("literals") or Node([], 1)).items()
    ]
    return [(*_split(str(entry.value)), entry.line) for entry in entries]


def _split(literal: str) -> tuple[str, str]:
    key, _, value = literal.partition("=")
    return key, value
