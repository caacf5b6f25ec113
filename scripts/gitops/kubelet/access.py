"""How a person reaches what was deployed: text from the render."""

import shlex
from collections.abc import Iterator

from gitops import output
from gitops.cluster import Cluster
from gitops.kubelet.look import Seen
from gitops.manifests import Build, mapping, sequence

# label, Service, its port, the port on this machine, path of a first look
FORWARDS = (
    ("frontend", "pybase-frontend", "http", 8080, ""),
    ("API", "pybase-api", "http", 8000, "/api/v1/health"),
    ("MinIO console", "pybase-minio", "console", 9001, ""),
)


def lines(seen: Seen) -> Iterator[str]:
    """Port-forward commands with their URLs, addresses inside the cluster, and what to type next."""
    build, options = seen.workload, _options(seen.cluster)
    rows = [
        (label, f"http://localhost:{local}{path}", f"kubectl {options}port-forward {where} {local}:{port}")
        for label, service, name, local, path in FORWARDS
        for where, port in _port(build, service, name)
    ]
    yield ""
    yield output.table(("OPEN", "URL", "WHILE THIS RUNS"), rows)
    for where, port in _port(build, "pybase-minio", "s3"):
        host = where.rpartition("/")[2]
        yield f"\ninside the cluster S3 is http://{host}:{port}; its keys and all other values are in {seen.file}"
    yield f"check:     gitops smoke {build.cluster} {options}".rstrip()
    yield f"logs:      kubectl {options}logs --namespace pybase deployment/pybase-api --follow"
    yield f"again:     gitops local up {options}".rstrip() + "   (keeps the Secrets)"
    yield f"take away: gitops teardown {build.cluster} {options}--delete-all"


def _port(build: Build, service: str, name: str) -> Iterator[tuple[str, int]]:
    """(how kubectl names the Service, its port), nothing for one that the cluster does not render."""
    found = build.find("Service", "pybase", service)
    for port in map(mapping, sequence(found.get("spec", "ports")) if found else ()):
        if port.get("name") == name:
            yield f"--namespace pybase service/{service}", int(port["port"])


def _options(cluster: Cluster) -> str:
    given = (("--context", cluster.context), ("--kubeconfig", cluster.kubeconfig))
    return "".join(f"{name} {shlex.quote(value)} " for name, value in given if value)
