"""One module per verb: docstring = help with an example, arguments(parser), run(repository, options) -> exit code."""

import importlib
import pkgutil
from types import ModuleType


def verbs() -> dict[str, ModuleType]:
    """Verb -> module, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return {name.replace("_", "-"): importlib.import_module(f"{__name__}.{name}") for name in names}
