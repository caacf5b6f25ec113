"""docs/secrets.md lists every Secret, key and part that the fleet has, as the recipes make them."""

from gitops import recipes
from gitops.environment import secret_uses
from gitops.fleet import Fleet
from gitops.manifests import Build, mapping
from gitops.output import markdown_table
from gitops.recipes import Recipe, Table
from support import ROOT

PAGE = (ROOT / "docs" / "secrets.md").read_text()
INSIDE, MANAGED = "bare-metal-production-fra1", "eks-production-us-east-1"


def keys(table: Table, *builds: Build) -> str:
    """A row a key: what it is where the stores run in the cluster, and where they are managed."""
    rows = []
    for secret, entry in mapping(table["secrets"]).items():
        for key in mapping(entry["keys"]):
            found = [recipes.recipe(build, table, "pybase", secret, key) for build in builds]
            uses = [use for build in builds for use in secret_uses(build) if (use.name, use.key) == (secret, key)]
            optional = " (optional)" if all(use.optional for use in uses) else ""
            variable = next(filter(None, (recipe.variable for recipe in found)))
            shown = [value(recipe) if recipe.variable else "" for recipe in found]
            rows.append((f"`{secret}/{key}`{optional}", f"`{variable}`", *shown))
    return markdown_table(("Key", "First variable", "Store in the cluster", "Managed store, here on EKS"), rows)


def value(recipe: Recipe) -> str:
    what = f"`{recipe.template}`" if recipe.composed else recipe.parts[0].text
    return f"{what}; {'generated' if recipe.random else 'from you'}"


def parts(table: Table, inside: Build, managed: Build) -> str:
    rows = []
    for name in mapping(table["parts"]):
        part = recipes.part(inside, table, name)
        made = f"generated: {recipes.SHAPES[part.random]}" if part.random else "from you"
        where = f", with `{table['parts'][name]['where']}`" if "where" in table["parts"][name] else ""
        about = part.about if part.random else recipes.part(managed, table, name).about
        rows.append((f"`{name}`", about, f"{made}{where}", part.then))
    return markdown_table(("Part", "What it is", "Made", "What a new one needs"), rows)


def test_the_page_lists_every_key_and_part(the_fleet: Fleet) -> None:
    table = the_fleet.table(recipes.POLICY)
    inside, managed = (next(b for b in the_fleet.workloads() if b.cluster == name) for name in (INSIDE, MANAGED))
    for made in (keys(table, inside, managed), parts(table, inside, managed)):
        assert made in PAGE, f"docs/secrets.md: write this table\n{made}"


def test_the_table_knows_every_key_that_a_pod_can_use(the_fleet: Fleet) -> None:
    table = the_fleet.table(recipes.POLICY)
    known = {(secret, key) for secret in table["secrets"] for key in recipes.keys(table, secret)}
    used_somewhere = {name for build in the_fleet.workloads() for name in recipes.variables(build)}
    assert used_somewhere <= known
