"""`make fuzz`: hostile files in, no traceback out. RUNS inputs from number START on, each made from its number."""

import multiprocessing
import os
import random
import shutil
from pathlib import Path

import fuzz_inputs
import fuzz_judge
from support import FIXTURES, ROOT

RUNS = int(os.environ.get("RUNS") or 10_000)
START = int(os.environ.get("START") or random.SystemRandom().randrange(10**9))
WHOLE = 0.1  # of the inputs go the whole way: sources, render and all rules; the others are read, and judged as sources
SCHEMAS = 0.005  # of the inputs go through kubeconform too, which is a process of its own each time
REAL = ("apps", "clusters", "components", "environments", "policies")
# A real file that the small fleet does not have is put there under this name, and listed.
GUEST = "components/workloads/api/guest.yaml"


def fleet_in(folder: Path) -> Path:
    tree = Path(shutil.copytree(FIXTURES / "base", folder))
    listed = tree / "components/workloads/api/kustomization.yaml"
    listed.write_text(listed.read_text().replace("resources:\n", "resources:\n  - guest.yaml\n"))
    account = (tree / "components/workloads/api/serviceaccount.yaml").read_text()
    (tree / GUEST).write_text(account.replace("api", "guest"))
    return tree


def share(start: int, step: int, tree: Path, found: "multiprocessing.Queue[list[tuple[int, str, str, str]]]") -> None:
    """Judge every `step`-th input from `start` on; puts (number, kind, path, what is wrong) of those that fail."""
    base = fuzz_inputs.read(tree, (path for path in tree.rglob("*") if path.is_file()))
    real = fuzz_inputs.read(ROOT, (path for top in REAL for path in (ROOT / top).rglob("*") if path.is_file()))
    every = [*base, *real]
    special = fuzz_inputs.special(every)
    known = dict(base)
    failed = []
    with fuzz_judge.little_memory(), fuzz_judge.one_renderer() as run:
        for number in range(start, START + RUNS, step):
            made = fuzz_inputs.make(number, base * (len(real) // len(base)) + real, special)
            chance = random.Random(f"way of {number}").random()
            path = made.path if made.path in known else GUEST
            (tree / path).write_bytes(made.body)
            wrong = (
                fuzz_judge.whole(tree, path, run, chance < SCHEMAS) if chance < WHOLE else fuzz_judge.alone(tree, path)
            )
            (tree / path).write_bytes(known[path])
            if wrong:
                failed.append((number, made.kind, made.path, wrong))
    found.put(failed)


def test_hostile_files(tmp_path: Path) -> None:
    print(f"fuzz: {RUNS} inputs from START={START} on")
    found: multiprocessing.Queue[list[tuple[int, str, str, str]]] = multiprocessing.Queue()
    shares = os.cpu_count() or 1
    memory = Path("/dev/shm") if Path("/dev/shm").is_dir() else tmp_path
    folder = memory / f"gitops-fuzz-{os.getpid()}"
    try:
        workers = [
            multiprocessing.Process(target=share, args=(START + n, shares, fleet_in(folder / str(n)), found))
            for n in range(shares)
        ]
        for worker in workers:
            worker.start()
        failed = sorted(one for _ in workers for one in found.get())
        for worker in workers:
            worker.join()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    said = [f"START={number} RUNS=1 ({kind} of {path}): {wrong}" for number, kind, path, wrong in failed]
    assert not failed, f"{len(failed)} of {RUNS}:\n" + "\n".join(said[:20])
