"""The only caller of kubectl: a cluster by its kubeconfig, the local platform's or a real one's."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitops.errors import GitopsError

Object = dict[str, Any]
FIELD_MANAGER = "gitops"


@dataclass(frozen=True)
class Cluster:
    """`kubectl` is the program; `kubeconfig` "" means the person's own; `context` "" the current one."""

    kubectl: str = "kubectl"
    kubeconfig: str = ""
    context: str = ""

    def run(self, *arguments: str, text: str = "", accept: Sequence[int] = (0,)) -> str:
        """Standard output of kubectl given `text`; raises GitopsError with what it says."""
        options = [f"--context={self.context}"] if self.context else []
        environment = os.environ | ({"KUBECONFIG": self.kubeconfig} if self.kubeconfig else {})
        command = [self.kubectl, *options, *arguments]
        try:
            done = subprocess.run(command, input=text, env=environment, capture_output=True, text=True, check=False)
        except OSError as error:
            raise GitopsError(f"{self.kubectl}: {error.strerror}; install kubectl") from error
        if done.returncode not in accept:
            said = done.stderr.strip() or done.stdout.strip() or "no output"
            raise GitopsError(f"kubectl {arguments[0]}: {' '.join(said.split())[:600]}")
        return done.stdout

    def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        """One object, None when it is not there."""
        where = ["--namespace", namespace] if namespace else []
        text = self.run("get", kind, name, *where, "--output=json", "--ignore-not-found")
        found: Object | None = json.loads(text) if text.strip() else None
        return found

    def every(self, kinds: str, namespace: str = "") -> list[Object]:
        """All objects of these kinds (comma list), in one namespace or in all."""
        where = ["--namespace", namespace] if namespace else ["--all-namespaces"]
        items: list[Object] = json.loads(self.run("get", kinds, *where, "--output=json")).get("items", [])
        return items

    def apply(self, objects: Sequence[Object], *options: str) -> str:
        """Server-side apply; fields that others own are taken over."""
        body = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        flags = ["--server-side", "--force-conflicts", f"--field-manager={FIELD_MANAGER}", *options]
        return self.run("apply", *flags, "--filename=-", text=body) if objects else ""
