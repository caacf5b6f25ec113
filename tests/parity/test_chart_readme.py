"""The chart's README is true: its links, its shell blocks, and the values it shows."""

import re
import subprocess

import pytest
import yaml

from chart_cases import CHART
from gitops import helm

PAGE = (CHART / "README.md").read_text()
SHELL, VALUES = (re.findall(rf"^```{name}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) for name in ("sh", "yaml"))


def test_links_lead_somewhere() -> None:
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", PAGE) if not target.startswith("https:")]
    assert [target for target in targets if not (CHART / target).exists()] == []
    assert {f"examples/{file.name}" for file in (CHART / "examples").iterdir()} <= set(targets)


@pytest.mark.parametrize("block", SHELL)
def test_shell_blocks_parse(block: str) -> None:
    assert subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False).stderr == ""


@pytest.mark.parametrize("block", VALUES)
def test_values_render(block: str) -> None:
    assert helm.template(CHART, yaml.safe_load(block))


def test_secrets_of_the_quick_start_are_those_that_pods_read() -> None:
    [block] = [block for block in SHELL if "kind: Secret" in block]
    listed = yaml.safe_load(block.partition("<<EOF\n")[2].partition("EOF\n")[0])["items"]
    made = {(secret["metadata"]["name"], key) for secret in listed for key in secret["stringData"]}
    read = set()
    for manifest in helm.template(CHART, {}):
        for reference in re.findall(r"'secretKeyRef': (\{[^}]*\})", str(manifest.data)):
            found = yaml.safe_load(reference)
            if not found.get("optional"):
                read.add((found["name"], found["key"]))
    assert made == read
