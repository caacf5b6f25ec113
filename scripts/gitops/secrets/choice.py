"""Which keys are sealed in one run. Pure.

What is made anew in one key has to be made anew in all: the password in a URL is the store's. A sealed value cannot be
read back, so a key that shares a part made at random goes with the one that was chosen, unless a person gives it.
"""

from collections.abc import Collection, Iterable

from gitops.recipes import Recipe, using
from gitops.secrets.view import View


def chosen(view: View, names: Iterable[str], everything: bool) -> list[Recipe]:
    """The keys that are named; all that are there or needed; or, with neither, those without a value."""
    if everything:
        stubs = {recipe.name for recipe in view.missing}
        return [recipe for recipe in view.recipes.values() if recipe.name in stubs or view.is_sealed(recipe)]
    return [view.recipe(name) for name in dict.fromkeys(names)] or view.missing


def together(view: View, first: Iterable[Recipe], given: Collection[str]) -> list[Recipe]:
    """The keys with every other that shares a part which is made in this run; `given`: parts that a person gives."""
    found = {recipe.name: recipe for recipe in first}
    there = {recipe.name for recipe in chosen(view, (), everything=True)}
    waiting = list(found.values())
    while waiting:
        for part in waiting.pop().parts:
            if not part.random or part.name in given:
                continue
            for other in using(view.recipes, part.name):
                if other.name in there and other.name not in found:
                    found[other.name] = other
                    waiting.append(other)
    return [recipe for recipe in view.recipes.values() if recipe.name in found]
