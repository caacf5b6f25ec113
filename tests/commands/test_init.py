"""gitops init: the diff first, then whole files."""

from pathlib import Path

from support import Gitops

FACTS = "components/fleet-facts/kustomization.yaml"


def test_changes_fleet_facts_and_cluster_domains(gitops: Gitops, base: Path) -> None:
    answer = gitops(
        "init", "--url", "https://git.acme.example/fleet.git", "--domain", "acme.example", "--yes", folder=base
    )
    assert answer.code == 0, answer.err
    assert "+      - repository=https://git.acme.example/fleet.git" in answer.out
    assert "repository=https://git.acme.example/fleet.git" in (base / FACTS).read_text()
    facts = base / "clusters/bare-metal-production-fra1/facts/kustomization.yaml"
    assert "domain=fra1.acme.example" in facts.read_text()


def test_dry_run_writes_nothing(gitops: Gitops, base: Path) -> None:
    before = (base / FACTS).read_text()
    answer = gitops("init", "--domain", "acme.example", "--dry-run", folder=base)
    assert (answer.code, (base / FACTS).read_text()) == (0, before)
    assert "nothing written" in answer.out


def test_needs_yes_without_a_terminal(gitops: Gitops, base: Path) -> None:
    answer = gitops("init", "--domain", "acme.example", folder=base)
    assert answer.code == 2 and "--yes" in answer.err


def test_refuses_a_domain_that_is_none(gitops: Gitops, base: Path) -> None:
    answer = gitops("init", "--domain", "not a domain", "--yes", folder=base)
    assert answer.code == 2 and "--domain 'not a domain'" in answer.err
