"""Show where the Helm chart and the components render different objects.

example: gitops parity
         gitops parity eks --helm 3

Each example of the chart has to render what a kustomization renders: eks, gke, aks and bare-metal a production
cluster of that platform, the others a build of tests/parity/scenarios. The images are production's in both.
An object that differs is printed with the difference of its YAML: `-` is Kustomize's, `+` the chart's.
Exit 0: equal, 1: different.
"""

import argparse

from gitops import chart, output, parity, render
from gitops.errors import GitopsError
from gitops.layout import Repository, nearest


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="the examples to compare (default: all)")
    parser.add_argument("--helm", type=int, choices=(3, 4), default=4, help="the major version of Helm (default: 4)")


def run(repository: Repository, options: argparse.Namespace) -> int:
    chosen = list(dict.fromkeys(options.scenarios)) or repository.scenarios
    for name in chosen:
        if name not in repository.scenarios:
            raise GitopsError(
                f"{name}: no such scenario{nearest(name, repository.scenarios)}; see tests/parity/scenarios"
            )
    different = 0
    for scenario in chosen:
        found = differences(repository, scenario, options.helm)
        different += len(found)
        for difference in found:
            print(f"{scenario}: {output.printable(difference.object)}\n{difference.diff}\n")
        if not options.quiet:
            print(f"{scenario}: {len(found) or 'no'} object{'' if len(found) == 1 else 's'} different")
    return 1 if different else 0


def differences(repository: Repository, scenario: str, version: int) -> list[parity.Difference]:
    """The objects that differ between a scenario's kustomization and the chart's example."""
    [build] = render.render(repository, [repository.scenario_folder(scenario)])
    if build.error:
        raise GitopsError(f"{build.folder}: does not build: {build.error}")
    return parity.differences(build.objects, chart.example(repository, scenario, version))
