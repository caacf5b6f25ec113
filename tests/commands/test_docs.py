"""The pages are true: links, commands, quoted files, printed output, and the changes they show.

Code blocks by language: `sh` is what a person types; `console` is `$ command` and what it prints, run and compared (a
line `...` stands for any lines); `yaml` is the file that its first line names, or a part of it; `text` is free.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from gitops import cli, commands
from gitops.layout import MANIFEST_FOLDERS, POLICIES
from support import ROOT, Gitops

PAGES = ["README.md", *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))]
GENERATED = "docs/rules.md"
LONGEST = 200  # lines of a page that a person is meant to read
NEW = "clusters/eks-staging-eu-central-1"  # the cluster that docs/add-a-cluster.md adds
READS = ("explain", "list", "rules", "secrets", "status", "validate")  # what a console block may run


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(*languages: str, pages: list[str] = PAGES) -> list[Block]:
    fence = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    texts = {page: (ROOT / page).read_text() for page in pages if page != GENERATED}
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2])
        for page, text in texts.items()
        for found in fence.finditer(text)
        if found[1] in languages
    ]


def lines_of(block: Block) -> Iterator[str]:
    """The commands of a block: every line of `sh`, those after `$ ` of `console`, continued lines joined."""
    for line in block.text.replace("\\\n", " ").splitlines():
        if block.language == "sh" or line.startswith("$ "):
            yield line.removeprefix("$ ")


def every_command() -> Iterator[tuple[str, str]]:
    """(where, command) of each `./gitops ...` and `make ...` in the blocks and in the text between them."""
    word = re.compile(r"(?:^|(?<=[\s(]))((?:\./gitops|make)\b[^#|>;&)]*)")
    for block in blocks("sh", "console"):
        for line in lines_of(block):
            yield from ((str(block), found.strip()) for found in word.findall(line))
    for page in (page for page in PAGES if page != GENERATED):
        for found in re.findall(r"(?<!`)`((?:\./gitops|gitops|make) [^`\n]+)`(?!`)", (ROOT / page).read_text()):
            yield page, found


def same(printed: str, shown: str) -> bool:
    """Is the output the one shown? Counts and widths of columns may differ; `...` stands for any lines."""
    pattern = "".join("(?:.*\n)*" if line == "..." else re.escape(even(line)) + "\n" for line in shown.splitlines())
    return re.fullmatch(pattern, "".join(even(line) + "\n" for line in printed.splitlines())) is not None


def even(line: str) -> str:
    """A line of output without what changes with every file: the counts of `validate`, the widths of columns."""
    counted = re.sub(r"\d+(?= (?:builds|objects|files|rules|to do)\b)", "N", line)
    return re.sub(r"(?<=\S) {2,}", "  ", counted)


def test_a_page_is_not_a_book() -> None:
    lengths = {page: len((ROOT / page).read_text().splitlines()) for page in PAGES if page != GENERATED}
    assert {page: length for page, length in lengths.items() if length > LONGEST} == {}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(), flags=re.MULTILINE | re.DOTALL)
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (ROOT / page).parent / path if path else ROOT / page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            lost.append(target)
    assert lost == []


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_paths_in_the_text_exist() -> None:
    """`components/...` in backquotes, unless it has a <part> to fill in, is a file or a folder."""
    lost = []
    tops = "|".join((*MANIFEST_FOLDERS, POLICIES, "docs", "schemas", "scripts", "tests", "tools"))
    for page in PAGES:
        if page == GENERATED:
            continue
        text = re.sub(r"^```.*?^```$|\[[^]]*\]\(", "", (ROOT / page).read_text(), flags=re.MULTILINE | re.DOTALL)
        for path in re.findall(rf"`((?:{tops})/[\w./-]*)`", text):
            if not (ROOT / path).exists() and not path.startswith(NEW):
                lost.append(f"{page}: {path}")
    assert lost == []


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_shell_blocks_parse(block: Block) -> None:
    answer = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert answer.stderr == ""


def test_commands_are_written_as_the_parser_takes_them() -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wrong = []
    for where, command in every_command():
        program, *arguments = command.replace("CLUSTER", "eks-production-us-east-1").split()
        if program == "make":
            wrong += [f"{where}: {command}" for target in arguments if target not in targets]
        elif not parses(arguments):
            wrong.append(f"{where}: {command}")
    assert wrong == []


def parses(arguments: list[str]) -> bool:
    """Does the command line of `gitops` take these arguments? The name of a verb alone counts."""
    if len(arguments) == 1 and arguments[0] in (*commands.verbs(), "--help"):
        return True
    try:
        cli.parser().parse_args(arguments)
    except SystemExit as error:
        return not error.code
    return True


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_yaml_blocks_are_the_files_they_quote(block: Block) -> None:
    assert list(yaml.safe_load_all(block.text))
    first, _, rest = block.text.partition("\n")
    quoted = re.fullmatch(r"# ([\w./-]+\.yaml)(, in part)?", first)
    assert quoted, "the first line names the file"
    if not quoted[1].startswith(NEW):
        text = (ROOT / quoted[1]).read_text()
        assert rest in text if quoted[2] else rest == text


@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_console_blocks_print_what_they_show(block: Block, gitops: Gitops) -> None:
    for session in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = session.partition("\n")
        program, verb, *rest = command.split()
        assert (program, verb in (*READS, "--help")) == ("./gitops", True), command
        answer = gitops(verb, *rest)
        assert same(answer.out + answer.err, shown), f"{block}: `{command}` now prints\n{answer.out}{answer.err}"


def test_every_verb_is_documented() -> None:
    text = (ROOT / "docs" / "gitops.md").read_text()
    assert [verb for verb in commands.verbs() if f"\n## {verb}\n" not in text] == []


def test_the_rules_page_is_generated(gitops: Gitops) -> None:
    assert (ROOT / GENERATED).read_text() == gitops("rules", "--format", "markdown").out


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The manifests of this repository, to change freely."""
    for folder in (*MANIFEST_FOLDERS, POLICIES):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


# page -> the edit that it describes: file, old text, new text
EDITS = {
    "README.md": ("components/stores/redis/deployment.yaml", "readOnlyRootFilesystem", "readOnlyRootFileSystem"),
    "docs/gitops.md": ("components/settings/pybase.env", "CORS_ORIGINS=[]", "CORS_ORIGINS=https://app.example.com"),
    "docs/network.md": (
        "components/workloads/search-worker/deployment.yaml",
        '        pybase.dev/redis-client: "true"\n',
        "",
    ),
}


@pytest.mark.parametrize("page", EDITS)
def test_a_finding_is_shown_as_it_is_printed(page: str, copy: Path, gitops: Gitops) -> None:
    path, old, new = EDITS[page]
    text = (copy / path).read_text()
    assert old in text
    (copy / path).write_text(text.replace(old, new))
    answer = gitops("validate", "--quiet", folder=copy)
    finding = next(line for line in answer.out.splitlines() if line.startswith(f"{path}:"))
    assert answer.code == 1
    assert finding in (ROOT / page).read_text().splitlines(), answer.out


def test_the_new_cluster_builds_as_described(copy: Path, gitops: Gitops) -> None:
    """The steps of docs/add-a-cluster.md: its command, then its facts; then nothing but the to-do list."""
    page = ["docs/add-a-cluster.md"]
    shell = [line for block in blocks("sh", pages=page) for line in lines_of(block)]
    added = next(line for line in shell if " cluster add " in line).split()[1:]
    assert gitops(*added, "--yes", folder=copy).code == 0
    for block in blocks("yaml", pages=page):
        first, _, rest = block.text.partition("\n")
        if first.startswith(f"# {NEW}"):
            (copy / first.removeprefix("# ")).write_text(rest)
    name = NEW.removeprefix("clusters/")
    answer = gitops("validate", name, folder=copy)
    assert (answer.code, answer.out.startswith("no problems: ")) == (0, True), answer.out
    status = gitops("status", name, folder=copy).out
    text = "".join(block.text for block in blocks("text", pages=page))
    missing = [line for line in status.splitlines() if line not in text and "is not sealed yet" not in line]
    assert missing == []
