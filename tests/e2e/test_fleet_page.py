"""The page of the fleet in a real browser: found, opened, and a picture in which nothing is on top of anything."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import browser
from gitops import validation
from gitops.fleet import Fleet
from gitops.report import data, graph
from gitops.report.page import page

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
ABOUT = {"commit": "1234567", "date": "2026-01-01", "subject": "a change", "changes": ""}
MEASURE = """{
const found = [], every = (svg, what) => [...svg.querySelectorAll(what)];
const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const holds = (a, b) => b.left >= a.left && b.right <= a.right && b.top >= a.top && b.bottom <= a.bottom;
for (const svg of document.querySelectorAll('svg.graph')) {
  const sized = (node) => Object.assign(node.getBoundingClientRect(), { text: node.textContent });
  const boxes = every(svg, 'rect').map(sized), texts = every(svg, 'text').map(sized);
  for (const all of [boxes, texts])
    all.forEach((a, i) => all.slice(i + 1).forEach((b) => { if (meet(a, b)) found.push(`${a.text} on ${b.text}`); }));
  for (const text of texts) if (!boxes.some((box) => holds(box, text))) found.push(`${text.text} leaves its box`);
  for (const line of every(svg, '.edge')) {
    const matrix = line.getScreenCTM(), length = line.getTotalLength();
    for (let at = 3; at < length - 3; at += 3) {
      const { x, y } = line.getPointAtLength(at).matrixTransform(matrix);
      if (boxes.some((box) => meet(box, { left: x, right: x, top: y, bottom: y }))) found.push(line.textContent);
    }
  }
}
answer([document.querySelectorAll('svg.graph').length, found]);
}"""
# The page's policy makes way for the walk, and for what notes errors.
ERRORS = "<script>window.errors = []; window.onerror = (text) => errors.push(text);</script>"
ANSWER = """
const answer = (value) => document.body.append(
  Object.assign(document.createElement('pre'), { id: 'answer', textContent: JSON.stringify(value) }));
"""


@pytest.fixture(scope="session")
def html(the_fleet: Fleet) -> str:
    problems, graphs = validation.validate(the_fleet), graph.graphs(the_fleet)
    return page(data.data(the_fleet, problems, graphs, [], ABOUT, []), graphs)


def walked(html: str, folder: Path, script: str, *options: str) -> Any:
    """What the walk gives to `answer`."""
    own = POLICY.sub(lambda _: ERRORS, html).replace("</body>", f"<script>{ANSWER}{script}</script></body>")
    (folder / "page.html").write_text(own)
    dom = browser.dom(folder / "page.html", "--virtual-time-budget=3000", "--window-size=1300,900", *options)
    found = re.search(r'<pre id="answer">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom[-500:]
    return json.loads(unescape(found[1]))


def said(html: str, folder: Path, value: str) -> Any:
    """The value of an expression once the page has settled; no error was logged."""
    errors, found = walked(html, folder, f"setTimeout(() => answer([errors, {value}]), 50)")
    assert errors == []
    return found


@pytest.mark.parametrize("options", [(), ("--window-size=400,800",)])
def test_nothing_in_the_pictures_overlaps(html: str, tmp_path: Path, options: tuple[str, ...]) -> None:
    pictures, faults = walked(html, tmp_path, MEASURE, *options)
    assert pictures >= 2 and faults == []


def test_search_and_filters(html: str, tmp_path: Path) -> None:
    shown = "[...document.querySelectorAll('.cluster:not([hidden]) b')].map((node) => node.textContent)"
    found = said(html, tmp_path, f"(at('search').value = 'eks us-east', show(), {shown})")
    assert found == ["eks-staging-us-east-1", "eks-production-us-east-1"]
    found = said(html, tmp_path, f"(at('environment').value = 'development', show(), {shown})")
    assert found == ["bare-metal-development-local"]
    escape = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}))"
    found = said(html, tmp_path, f"(at('search').value = 'no such thing', show(), {escape}, {shown}.length)")
    assert found == html.count('<details class="card cluster"')


def test_a_cluster_opens_with_its_list(html: str, tmp_path: Path) -> None:
    opened = html.replace('<details class="card cluster"', '<details open class="card cluster"', 1)
    texts = said(
        opened, tmp_path, "[...document.querySelectorAll('.cluster[open] li')].map((node) => node.textContent)"
    )
    assert any(re.match(r"clusters/\S+\.yaml:\d+ ", text) for text in texts)


def test_one_box_alone_and_dark(html: str, tmp_path: Path) -> None:
    focus = "document.querySelector('.node[data-name=frontend]').dispatchEvent(new Event('focus'))"
    lines = "[...document.querySelectorAll('.graph.focus .edge.on title')].map((node) => node.textContent)"
    assert said(html, tmp_path, f"({focus}, {lines})") == ["edge -> frontend: 8080", "frontend -> api: 8000"]
    ink = "getComputedStyle(document.querySelector('.graph text')).fill"
    light, dark = said(html, tmp_path, f"[{ink}, (theme(), {ink})]")
    assert light != dark


def test_only_the_page_s_own_script_runs(html: str, tmp_path: Path) -> None:
    foreign = "<script>document.querySelector('main').append('foreign')</script>"
    (tmp_path / "page.html").write_text(html.replace("</body>", f"{foreign}</body>"))
    dom = browser.dom(tmp_path / "page.html", "--virtual-time-budget=1000")
    assert "foreign" not in dom.replace(foreign, "")
