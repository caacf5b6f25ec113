"""The page of a review in a real browser: nothing of a manifest runs, and a reviewer's walk with mouse and keys."""

import re
from pathlib import Path

import pytest

import browser
from gitops.difference import CHANGED, DELETED
from gitops.fields import ABSENT, Change
from gitops.review.hunks import Hunk
from gitops.review.model import Review
from gitops.review.page import page
from gitops.risk import HIGH, LOW, Flag
from reviews import EVIL, evil, hunk, review

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


def shown(html: str, folder: Path, script: str = "") -> str:
    """The body as it is after the page's script, and `script`, a walk of its own for which the policy is taken away."""
    if script:
        html = POLICY.sub("", html).replace("</body>", f"<script>{script}</script></body>")
    (folder / "page.html").write_text(html)
    dom = browser.dom(folder / "page.html", "--virtual-time-budget=2000")
    return dom[dom.index("<body") :].partition('<script type="application/json"')[0]


def some() -> Review:
    gone = Hunk(DELETED, ("Service/n/old",), ("s1",), (Change((), {"kind": "Service"}, ABSENT),))
    image = Change(("spec", "image"), "app:1.0.0", "app:1.1.0")
    both = Hunk(CHANGED, ("Deployment/n/a", "Deployment/n/b"), ("p1", "p2"), (image,))
    risks = (
        (Flag(HIGH, "deletion", "Service/n/old", "goes"), ("s1",)),
        (Flag(LOW, "outage", "Deployment/n/a", "x"), ("p1",)),
    )
    return review(places=("p1", "p2", "s1"), hunks=(gone, both), risks=risks, faults=("add `Deletes: x`",))


def key(name: str) -> str:
    return f"document.body.dispatchEvent(new KeyboardEvent('keydown', {{key: '{name}', bubbles: true}}));"


def summaries(body: str) -> list[str]:
    texts = re.findall(r"<summary>(.*?)</summary>", body, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip() for text in texts]


def test_what_it_says(tmp_path: Path) -> None:
    body = shown(page(some()), tmp_path)
    assert summaries(body) == [
        "- deleted Service old n s1",
        "~ changed Deployment a n , Deployment b n all 2 of production",
    ]
    assert "3 clusters of production, staging" in body and "<li>add <code>Deletes: x</code></li>" in body
    assert "<span>app:1.<mark>0</mark>.0</span>" in body and "<span>app:1.<mark>1</mark>.0</span>" in body


def test_no_word_of_a_manifest_is_html_and_nothing_is_fetched(tmp_path: Path) -> None:
    html = page(evil())
    assert "<img" not in shown(html, tmp_path)
    own = html.replace("https://evil.example", "")
    assert re.search(r"https?:|\bsrc=[\"']|\bhref=|@import|url\(", own.replace("src=x", "")) is None
    closing = "</script><script>document.title='run'</script>" + EVIL
    assert "</script><script>document" not in page(review(hunks=(hunk(closing),)))


def test_only_the_page_s_own_script_runs(tmp_path: Path) -> None:
    foreign = "document.querySelector('main').append('foreign')"
    body = shown(page(some()).replace("</body>", f"<script>{foreign}</script></body>"), tmp_path)
    assert "3 clusters" in body and "foreign" not in body
    assert "foreign" in shown(page(some()), tmp_path, foreign)


@pytest.mark.parametrize(
    ("walk", "left"),
    [
        ("search.value = 'image app:1.1'; search.dispatchEvent(new Event('input'));", ["a"]),
        ("cluster.value = 's1'; cluster.dispatchEvent(new Event('input'));", ["old"]),
        ("choices[0].value = 'staging'; choices[0].dispatchEvent(new Event('change'));", ["old"]),
        ("choices[1].value = 'Deployment'; choices[1].dispatchEvent(new Event('change'));", ["a"]),
        ("choices[2].value = 'deleted'; choices[2].dispatchEvent(new Event('change'));", ["old"]),
        ("choices[3].value = 'low'; choices[3].dispatchEvent(new Event('change'));", ["a"]),
        ("state.text = 'nothing has this'; show();", []),
        (f"state.text = 'nothing has this'; show(); {key('Escape')}", ["old", "a"]),
    ],
)
def test_filters(walk: str, left: list[str], tmp_path: Path) -> None:
    body = shown(page(some()), tmp_path, walk)
    assert [re.findall(r"(?:Service|Deployment) (\w+)", text)[0] for text in summaries(body)] == left
    assert left or "Nothing matches the filters." in body


def test_keys(tmp_path: Path) -> None:
    assert 'class="card hunk current"' in shown(page(some()), tmp_path, key("j") + key("j"))
    assert shown(page(some()), tmp_path, key("e")).count('open=""') == 2
    assert shown(page(some()), tmp_path, key("c")).count('open=""') == 0
    assert '<div class="cell del">' in shown(page(some()), tmp_path, key("s"))
    assert '<dialog open="">' in shown(page(some()), tmp_path, key("?"))
    focused = "if (document.activeElement === search) document.querySelector('main').append('in the field');"
    assert "in the field" in shown(page(some()), tmp_path, key("/") + focused)


def test_a_thousand_clusters(tmp_path: Path) -> None:
    names = tuple(f"eks-production-region-{number}" for number in range(1000))
    hunks = tuple(hunk(f"host-{name}.example.org", name) for name in names)
    many = review(
        fleet={"production": names},
        places=names,
        hunks=(Hunk(CHANGED, ("Deployment/n/a",), names, hunks[0].changes), *hunks),
    )
    html = page(many)
    assert len(html) < 1_000_000
    body = shown(html, tmp_path, "state.cluster = 'eks-production-region-77'; show();")
    assert summaries(body) == [
        "~ changed Deployment a n all 1000 of production",
        "~ changed ConfigMap c n eks-production-region-77",
    ]
    assert len(summaries(shown(html, tmp_path))) == 100
