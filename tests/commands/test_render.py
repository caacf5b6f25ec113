"""gitops render: to standard output and to a folder."""

import json
from pathlib import Path

import yaml

from support import Gitops

CLUSTER = "bare-metal-production-fra1"


def test_prints_the_objects_of_one_part(gitops: Gitops, base: Path) -> None:
    answer = gitops("render", CLUSTER, "--part", "apps", folder=base)
    assert answer.code == 0
    assert [(d["kind"], d["metadata"]["name"]) for d in yaml.safe_load_all(answer.out)][-1:] == [
        ("Application", "root")
    ]


def test_yaml_and_json_hold_the_same_objects(gitops: Gitops, base: Path) -> None:
    as_yaml = list(yaml.safe_load_all(gitops("render", CLUSTER, folder=base).out))
    assert as_yaml == json.loads(gitops("render", CLUSTER, "--format", "json", folder=base).out)


def test_writes_one_file_per_object(gitops: Gitops, base: Path, tmp_path: Path) -> None:
    answer = gitops("render", "--output", str(tmp_path / "out"), folder=base)
    folder = tmp_path / "out" / CLUSTER
    assert answer.code == 0
    assert (folder / "workload" / "service-pybase-pybase-api.yaml").is_file()
    assert len(list(folder.rglob("*.yaml"))) == int(answer.out.split()[0])
