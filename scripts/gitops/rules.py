"""The catalogue: one module of `checks/` is one rule. Nothing is registered by hand."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from gitops import checks
from gitops.errors import GitopsError
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.problems import Problem


@dataclass(frozen=True)
class Rule:
    """`manual` is the module's docstring: what, why, an example that fails and one that passes, the fix, the limits."""

    id: str
    severity: str
    controls: tuple[str, ...]
    reads: tuple[str, ...]
    manual: str
    check: Callable[[Fleet], Iterable[Problem]]

    @property
    def title(self) -> str:
        return self.manual.strip().splitlines()[0]


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by id."""
    names = (module.name for module in pkgutil.iter_modules(checks.__path__) if not module.name.startswith("_"))
    return tuple(sorted((_rule(importlib.import_module(f"gitops.checks.{name}")) for name in names), key=_id))


def rule(name: str) -> Rule:
    """The rule of that id; raises GitopsError with the nearest one."""
    known = {rule.id: rule for rule in all_rules()}
    if name not in known:
        raise GitopsError(f"{name}: no such rule{nearest(name, known)}; `gitops rules` lists them")
    return known[name]


def _id(rule: Rule) -> str:
    return rule.id


def _rule(module: ModuleType) -> Rule:
    return Rule(module.ID, module.SEVERITY, module.CONTROLS, module.READS, module.__doc__ or "", module.check)
