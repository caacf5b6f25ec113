"""`gitops local up --context` on the command line: steps, Secrets and messages. What a real API server makes of it is
in tests/e2e; which clusters it takes is in test_local_kubelet_clusters.py."""

import json
import stat
from pathlib import Path

import pytest

import fake_cluster
from fake_cluster import Fake
from gitops.cluster import Cluster
from gitops.fleet import Fleet
from gitops.kubelet import rollout
from gitops.manifests import Build
from gitops.progress import silent
from kubelets import CLUSTER, Run, changes, minikube, secrets, workload
from support import Answer, Gitops


@pytest.fixture
def build(the_fleet: Fleet) -> Build:
    return workload(the_fleet)


@pytest.fixture
def fake(tmp_path: Path, the_fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Fake:
    return minikube(tmp_path, the_fleet, monkeypatch)


@pytest.fixture
def up(gitops: Gitops, fake: Fake) -> Run:
    return lambda *options: gitops("local", "up", "--context", "dev", "--no-wait", *options)


def steps(answer: Answer) -> list[str]:
    return [line for line in answer.out.splitlines() if line.startswith("step ")]


def test_a_dry_run_prints_the_steps_of_the_real_run_and_changes_nothing(up: Run, fake: Fake, tmp_path: Path) -> None:
    dry = up("--dry-run")
    assert (dry.code, changes(fake), (tmp_path / "pybase-gitops").exists()) == (0, [], False), dry.out + dry.err
    assert dry.out.endswith("nothing was changed (--dry-run)\n")
    real = up()
    assert (real.code, steps(real)) == (0, steps(dry)), real.err
    assert len(steps(real)) == 3


def test_what_is_applied_is_the_render_with_plain_secrets(up: Run, fake: Fake, build: Build) -> None:
    before = [fake_cluster.identity(item) for item in fake.objects]
    assert up().code == 0
    made = {fake_cluster.identity(item) for item in fake.objects} - set(before)
    wanted = {(item.kind.removeprefix("Sealed"), item.namespace, item.name) for item in build.objects}
    assert made == wanted
    keys = {item.name: set(item.get("spec", "encryptedData")) for item in build.of_kind("SealedSecret")}
    assert {name: set(held) for name, held in secrets(fake).items()} == keys


def test_values_agree_and_are_strong_and_stay_out_of_sight(up: Run, fake: Fake, tmp_path: Path) -> None:
    answer = up()
    held = secrets(fake)
    api, password = held["pybase-api-secret"], held["pybase-postgresql-secret"]["password"]
    assert api["database-url"] == f"postgresql://pybase:{password}@pybase-postgresql:5432/pybase"
    assert api["celery-broker-url"] == f"redis://:{held['pybase-redis-secret']['redis-password']}@pybase-redis:6379/1"
    assert len(bytes.fromhex(api["secret-key"])) == 32 and min(map(len, api.values())) >= 16
    (file,) = (tmp_path / "pybase-gitops").iterdir()
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == ("context-dev.json", 0o600)
    assert json.loads(file.read_text()) == {f"pybase/{name}": values for name, values in held.items()}
    seen = answer.out + answer.err + "\n".join(fake.calls())
    assert not [value for values in held.values() for value in values.values() if value in seen]


def test_secrets_in_use_stay_and_the_rest_fits_them(up: Run, fake: Fake, tmp_path: Path) -> None:
    up()
    before = secrets(fake)
    again = up()
    assert secrets(fake) == before and "step 2: keep the Secrets pybase-api-secret, " in again.out
    fake.holds([item for item in fake.objects if item["metadata"]["name"] != "pybase-api-secret"])
    (tmp_path / "pybase-gitops" / "context-dev.json").unlink()
    assert "step 2: make the Secrets pybase-api-secret (secret-key, " in up().out
    after = secrets(fake)
    assert after["pybase-api-secret"]["database-url"] == before["pybase-api-secret"]["database-url"]
    assert after["pybase-api-secret"]["secret-key"] != before["pybase-api-secret"]["secret-key"]


def test_lost_secrets_come_back_from_the_file(up: Run, fake: Fake) -> None:
    up()
    before = secrets(fake)
    fake.holds([item for item in fake.objects if item["kind"] != "Secret"])
    assert up().code == 0 and secrets(fake) == before


def test_overwriting_asks(up: Run, fake: Fake) -> None:
    up()
    before, calls = secrets(fake), len(changes(fake))
    answer = up("--new-secrets")
    assert (answer.code, secrets(fake), len(changes(fake))) == (2, before, calls) and "add --yes" in answer.err
    shown = up("--new-secrets", "--dry-run").out
    assert "asks first: new values for 5 Secrets in use; PostgreSQL keeps its first password" in shown
    assert up("--new-secrets", "--yes").code == 0
    assert not [name for name, held in secrets(fake).items() if held.items() & before[name].items()]
    assert [call for call in fake.calls() if call.endswith("rollout restart deployment/pybase-api --namespace=pybase")]


def test_a_secret_of_a_controller_is_left_to_it(up: Run, fake: Fake) -> None:
    up()
    for item in (found := fake.objects):
        if item["metadata"]["name"] == "pybase-redis-secret":
            item["metadata"]["ownerReferences"] = [{"kind": "SealedSecret", "name": "pybase-redis-secret"}]
    fake.holds(found)
    assert up().code == 0
    answer = up("--new-secrets", "--yes")
    assert answer.code == 2 and "Secret pybase/pybase-redis-secret is kept by SealedSecret" in answer.err


def test_jobs_are_made_anew(up: Run, fake: Fake) -> None:
    up()
    assert "step 3: delete the Jobs of the last time: pybase-migrate, pybase-minio-bucket" in steps(up())
    assert len([call for call in fake.calls() if " delete jobs.batch " in call]) == 2


def test_how_to_reach_it(up: Run) -> None:
    answer = up()
    forward = "kubectl --context dev port-forward --namespace pybase service/"
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert f"frontend http://localhost:8080 {forward}pybase-frontend 8080:8080" in lines
    assert f"API http://localhost:8000/api/v1/health {forward}pybase-api 8000:8000" in lines
    assert f"MinIO console http://localhost:9001 {forward}pybase-minio 9001:9001" in lines
    assert f"take away: gitops teardown {CLUSTER} --context dev --delete-all" in lines
    assert "inside the cluster S3 is http://pybase-minio:9000; " in answer.out


def test_a_time_out_fails_with_what_is_not_ready(gitops: Gitops, fake: Fake) -> None:
    answer = gitops("local", "up", "--context", "dev", "--timeout", "1s")
    assert answer.code == 1 and "Deployment pybase-api: 0 of " in answer.out
    assert "gitops local: what FAILED above is not ready" in answer.err and "localhost:8080" not in answer.out


def test_a_failed_job_is_not_waited_for(fake: Fake, build: Build) -> None:
    failed = {"conditions": [{"type": "Failed", "status": "True", "message": "deadline exceeded"}]}
    objects = fake_cluster.running(build.objects)
    fake.holds([{**item, "status": failed} if item["kind"] == "Job" else item for item in objects])
    late = rollout.wait(build, Cluster(), 3600, silent)
    assert "Job pybase-migrate has failed: deadline exceeded" in [result.message for result in late]


def test_all_that_is_ready_ends_the_waiting(fake: Fake, build: Build) -> None:
    fake.holds(fake_cluster.running(build.objects))
    assert rollout.wait(build, Cluster(), 3600, silent) == []


def test_argo_cd_is_not_worked_against(up: Run, fake: Fake, the_fleet: Fleet) -> None:
    apps = next(build for build in the_fleet.builds if build.folder == f"clusters/{CLUSTER}/apps")
    fake.holds([*fake.objects, *(app.data for app in apps.of_kind("Application"))])
    answer = up("--yes")
    assert (answer.code, changes(fake)) == (2, [])
    assert f"`gitops bootstrap {CLUSTER}` repairs it\n" in answer.err


def test_a_spoilt_file_is_named(up: Run, tmp_path: Path) -> None:
    file = tmp_path / "pybase-gitops" / "context-dev.json"
    file.parent.mkdir()
    file.write_text("{half")
    answer = up()
    assert answer.code == 1 and f"{file}: not JSON" in answer.err


@pytest.mark.parametrize(
    "words, said",
    [
        (["down", "--context", "dev"], "`gitops teardown` takes it away"),
        (["status", "--kubeconfig", "file"], "looks at it"),
        (["up", "--dry-run"], "name it with --context"),
        (["up", "--yes"], "name it with --context"),
        (["up", "--context", "dev", "--name", "two"], "--revision and --name are for the embedded platform"),
        (["up", "--kubeconfig", "no/such/file"], "no/such/file: no such kubeconfig"),
        (["up", "--context", "dev", "--cluster", "eks-production-us-east-1"], "is not of development"),
        (["up", "--context", "dev", "--timeout", "soon"], "'soon' is no duration"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_one_line(words: list[str], said: str, gitops: Gitops, fake: Fake) -> None:
    answer = gitops("local", *words)
    assert (answer.code, answer.out, changes(fake)) == (2, "", [])
    assert said in answer.err.splitlines()[-1]
