"""Which keys are sealed in one run. Pure.

What is made anew in one key has to be made anew in all: the password in a URL is the store's. A sealed value cannot be
read back, so a key that shares a part made at random goes with the one that was chosen, unless a person gives it.
"""

from collections.abc import Collection, Iterable

from gitops.recipes import Recipe, using
from gitops.secrets.view import View


def chosen(view: View, names: Iterable[str], given: Iterable[str] = (), everything: bool = False) -> list[Recipe]:
    """All keys that are there or needed; else those that are named, without a name those that have no value, and
    beside them the ones whose whole value is given."""
    first = [view.recipe(name) for name in names] or view.missing
    if everything:
        first = [*view.missing, *(recipe for recipe in view.recipes.values() if view.is_sealed(recipe))]
    return list({recipe.name: recipe for recipe in (*first, *map(view.recipe, given))}.values())


def together(view: View, first: Iterable[Recipe], given: Collection[str] | None) -> list[Recipe]:
    """The keys with every other that shares a part which is new in this run: the parts that are made, but for those
    `given`, which are in use already; None: every part, since what a person gives is new as well."""
    found = {recipe.name: recipe for recipe in first}
    there = {recipe.name for recipe in chosen(view, [], everything=True)}
    waiting = list(found.values())
    while waiting:
        for part in waiting.pop().parts:
            if given is not None and (not part.random or part.name in given):
                continue
            for other in using(view.recipes, part.name):
                if other.name in there and other.name not in found:
                    found[other.name] = other
                    waiting.append(other)
    return [recipe for recipe in view.recipes.values() if recipe.name in found]
