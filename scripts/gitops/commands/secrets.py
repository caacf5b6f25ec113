"""Sealed secrets of a cluster: which keys it needs, their values sealed, checked and renewed.

example: gitops secrets stub eks-production-us-east-1
         gitops secrets seal eks-production-us-east-1 --fetch-cert --context prod-us-east-1
         gitops secrets seal bare-metal-staging-fra1 --values-fd 3 3< <(pass show fleet/fra1)
         gitops secrets check
         gitops secrets rotate eks-production-us-east-1 --context prod-us-east-1
         gitops secrets rotate bare-metal-staging-fra1 --key pybase-redis-secret/redis-password

`stub` reads the cluster's render and writes, into clusters/CLUSTER/workload/sealed, a SealedSecret for every Secret
that its pods refer to, each missing key with the value STUB and what it is. What is there already stays as it is; what
nothing needs any more is named, not deleted.
`seal` gives the stubs values: made at random where that is possible, from the lines NAME=VALUE of an open file
(--values-fd, 0 is standard input), or asked for without echo. NAME is a part, as redis-password, or SECRET/KEY. They
are sealed by kubeseal with the cluster's certificate, all files in one step; no value is ever written, printed or
passed as an argument. Exit 1: a key has no value yet.
`check` applies the rules about secrets, offline, to all clusters or those that are named.
`rotate` takes the newest certificate of a reachable cluster and has its controller encrypt everything again with it.
With --offline it makes new values for what another certificate than the committed one sealed; with --key or --all, new
values for these keys. It says first what restarts and what is left for people.
"""

import argparse
import sys
from collections.abc import Iterable

from gitops import confirm, exchange, fleet, installed, kubeseal, output, sealing, target, validation
from gitops.cluster import Cluster
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.recipes import Recipe
from gitops.rules import rule
from gitops.secrets import choice, rotate, seal, stub, values
from gitops.secrets.seal import Key
from gitops.secrets.view import View, load, read

RULES = (  # of `gitops validate`: what check applies, and what says that a file or build could not be looked at
    "credential-in-config", "kustomize-builds", "placeholder-value", "plain-secret", "sealed-secret-scope",
    "sealing-certificate", "secret-key-sealed", "secret-rollout", "yaml-readable",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=sorted(ACTIONS), help="what to do")
    parser.add_argument("clusters", nargs="*", metavar="CLUSTER", help="the clusters (check: all); seal, rotate: one")
    parser.add_argument("--dry-run", action="store_true", help="print the change and write nothing")
    parser.add_argument("--key", action="append", default=[], metavar="SECRET/KEY", help="this one (repeatable)")
    parser.add_argument("--all", action="store_true", help="every key, the sealed ones too")
    parser.add_argument("--values-fd", type=int, metavar="N", help="read NAME=VALUE lines from this descriptor")
    parser.add_argument("--fetch-cert", action="store_true", help="seal: take the certificate from the cluster, too")
    parser.add_argument("--offline", action="store_true", help="rotate: new values for what another certificate sealed")
    parser.add_argument("--yes", action="store_true", help="also the sealed keys that share a new value; do not ask")
    target.connection(parser)


def run(repository: Repository, options: argparse.Namespace) -> int:
    if options.action == "check":
        return _check(repository, options)
    if not options.clusters:
        raise GitopsError(f"{options.action}: name the cluster; `gitops list` shows them all")
    if options.dry_run:
        return ACTIONS[options.action](repository, options)
    with exchange.alone(repository):
        return ACTIONS[options.action](repository, options)


def _stub(repository: Repository, options: argparse.Namespace) -> int:
    for view in load(repository, repository.choose(options.clusters)):
        changes = stub.changes(view)
        if options.dry_run:
            for path, text in changes.items():
                print(output.difference(path, read(repository, path) or "", text), end="")
        else:
            _written(seal.commit(view, changes))
        for path, what in sealing.unused(view.build):
            print(f"{path}: {what} is no longer used; delete it when nothing else needs it")
        if not changes and not options.quiet:
            print(f"{repository.sealed_folder(view.cluster.name)}: every key is there")
    return 0


def _seal(repository: Repository, options: argparse.Namespace) -> int:
    given, view = _given(options), _one(repository, options)
    whole = {name: value for name, value in given.items() if "/" in name}
    first = choice.chosen(view, options.key, whole, options.all)
    fetched = kubeseal.fetch_certificate(_reached(options)) if options.fetch_cert else None
    key, keys = seal.key(view, fetched), choice.together(view, first, values.parts(view, given))
    _all_used(given, keys)
    if not keys and not key.new:
        print(f"{repository.sealed_folder(view.cluster.name)}: every key is sealed")
        return 0
    if options.dry_run:
        print("\n".join(rotate.plan(view, keys)))
        return 0
    _agreed(view, options, [recipe for recipe in keys if recipe not in first and view.is_sealed(recipe)])
    return _new_values(view, options, key, keys, given)


def _rotate(repository: Repository, options: argparse.Namespace) -> int:
    given, view = _given(options), _one(repository, options)
    if not (options.key or options.all or options.offline or given):
        there = _reached(options)
        key = seal.key(view, kubeseal.fetch_certificate(there))
        texts = rotate.re_encrypted(view, key, lambda sealed: kubeseal.re_encrypt(there, sealed))
        if not texts:
            print(f"{view.cluster.name}: everything is sealed with the newest certificate of the cluster")
        _written(list(texts) if options.dry_run else seal.commit(view, texts), options.dry_run)
        return 0
    key = seal.key(view, None)
    whole = {name: value for name, value in given.items() if "/" in name}
    behind = view.behind(key.certificate.fingerprint) if options.offline else []
    names = [*options.key, *(f"{held.manifest.name}/{name}" for held in behind for name in sorted(held.values))]
    if not (names or whole or options.all):
        _all_used(given, [])
        print(f"{view.cluster.name}: everything is sealed with {key.path}")
        return 0
    keys = choice.together(view, choice.chosen(view, names, whole, options.all), None)
    _all_used(given, keys)
    print("\n".join(rotate.plan(view, keys)))
    if options.dry_run or not confirm.typed(view.cluster.name, "these keys get new values", options.yes):
        print("nothing was changed")
        return 0 if options.dry_run else 1
    return _new_values(view, options, key, keys, given)


def _check(repository: Repository, options: argparse.Namespace) -> int:
    seen = fleet.load(repository, repository.choose(options.clusters), schemas=False)
    found = validation.validate(seen, [rule(name) for name in RULES])
    mine = [p for p in found if p.rule != "placeholder-value" or p.object.startswith("SealedSecret/")]
    wrong = [problem for problem in mine if not problem.pending]
    if wrong:
        print(output.text(wrong))
    for build in () if options.quiet else seen.workloads():
        cluster = next(cluster for cluster in seen.clusters if cluster.name == build.cluster)
        secrets = sealing.sealed(build).values()
        total, done = sum(len(held.data) for held in secrets), sum(len(held.values) for held in secrets)
        print(f"{cluster.name}: {cluster.state}, {done} of {total} keys in {len(secrets)} Secrets are sealed")
    return 1 if wrong else 0


ACTIONS = {"check": _check, "rotate": _rotate, "seal": _seal, "stub": _stub}


def _given(options: argparse.Namespace) -> dict[str, str]:
    kubeseal.forbid_core_dumps()
    return values.read(options.values_fd) if options.values_fd is not None else {}


def _new_values(view: View, options: argparse.Namespace, key: Key, keys: list[Recipe], given: dict[str, str]) -> int:
    """Make, take or ask for the values of these keys, and seal them."""
    parts, whole = values.parts(view, given), {name: value for name, value in given.items() if "/" in name}
    lacking = values.lacking(keys, parts, whole)
    if lacking and not (sys.stdin.isatty() and options.values_fd != 0):
        names = ", ".join(part.name for part in lacking)
        raise GitopsError(f"no terminal to ask on; give {names} as NAME=VALUE lines by --values-fd")
    if lacking:
        print("what you type is not shown; with nothing typed the key is left as it is", file=sys.stderr)
    parts = values.complete(keys, parts, whole)
    made = {recipe.name: (recipe, values.value(view, recipe, parts, whole)) for recipe in keys}
    ready = {name: (recipe, value) for name, (recipe, value) in made.items() if value is not None}
    _written(seal.write(view, key, ready))
    left = sorted(made.keys() - ready.keys())
    for name in left:
        print(f"{name}: no value, so it stays as it is", file=sys.stderr)
    return 1 if left else 0


def _reached(options: argparse.Namespace) -> Cluster:
    """The cluster whose controller is asked. The current context is not taken for it: what is sealed for the wrong
    cluster can be opened there."""
    if not (options.context or options.kubeconfig or options.local):
        raise GitopsError(f"say how {options.cluster} is reached: --context, --kubeconfig or --local")
    cluster = target.reached(options)
    installed.refuse_another(cluster, options.cluster)
    return cluster


def _one(repository: Repository, options: argparse.Namespace) -> View:
    clusters = repository.choose(options.clusters)
    if len(clusters) != 1:
        raise GitopsError(f"{options.action} takes one cluster; each has a certificate and values of its own")
    options.cluster = clusters[0].name
    return next(load(repository, clusters))


def _agreed(view: View, options: argparse.Namespace, others: list[Recipe]) -> None:
    """Sealed keys that get a new value because they share it with a chosen one: only with a yes."""
    if not others or options.yes:
        return
    names = ", ".join(recipe.name for recipe in others)
    why = f"made of a value that is made anew, and cannot be read back: {names}"
    if options.values_fd == 0 or not sys.stdin.isatty():
        raise GitopsError(f"{why}; add --yes to seal them too, or give the present value by --values-fd")
    if not confirm.typed(view.cluster.name, f"{why}; they are sealed too", given=False):
        raise GitopsError("nothing was changed")


def _all_used(given: Iterable[str], keys: list[Recipe]) -> None:
    """What a person gives and nothing takes would be lost without a word."""
    taken = {name for recipe in keys for name in (recipe.name, *(part.name for part in recipe.parts))}
    for name in given:
        if name not in taken:
            raise GitopsError(f"{name}: no key that is sealed now is made of it; name one with --key, or add --all")


def _written(paths: Iterable[str], only_said: bool = False) -> None:
    for path in paths:
        print(f"{path}: would be written" if only_said else f"{path}: written")
