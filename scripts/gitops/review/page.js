"use strict";
// Everything is made with textContent: no word of a manifest is read as HTML.
const review = JSON.parse(document.getElementById("review").textContent);
const PAGE = 100; // hunks that are added at a time
const ROWS = 12; // of a table, before the others are asked for
const SHORT = 14; // lines of a hunk that is open from the start
const state = { text: "", cluster: "", environment: "", kind: "", status: "", level: "", sides: false };

function make(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children.filter((child) => child !== "" && child !== null));
  return node;
}

const kindOf = (name) => name.split("/", 1)[0];
const number = new Map(review.places.map(([name], index) => [name, index]));
for (const set of review.sets) {
  set.held = new Set(set.places);
  set.environments = new Set(set.places.map((index) => review.places[index][1]));
}

// What is searched and filtered: every item of the page, with the words it is found by.
function item(node, data, objects, words) {
  return { node, set: review.sets[data.set], kinds: new Set(objects.map(kindOf)), status: data.status || "",
    level: data.level || "", words: words.join("\n").toLowerCase() };
}

const levels = new Map(); // object -> levels of its risks, to filter hunks by
for (const risk of review.risks) levels.set(risk.object, (levels.get(risk.object) || new Set()).add(risk.level));

function matches(found) {
  const cluster = number.get(state.cluster);
  return (!state.text || state.text.toLowerCase().split(/\s+/).every((word) => found.words.includes(word)))
    && (!state.cluster || (cluster === undefined
      ? found.set.places.some((index) => review.places[index][0].includes(state.cluster)) : found.set.held.has(cluster)))
    && (!state.environment || found.set.environments.has(state.environment))
    && (!state.kind || found.kinds.has(state.kind))
    && (!state.status || !found.status || found.status === state.status)
    && (!state.level || found.level === state.level || (found.levels && found.levels.has(state.level)));
}

function where(data) {
  const set = review.sets[data.set];
  const names = set.places.map((index) => review.places[index][0]).join(", ");
  const button = make("button", { className: "where", type: "button", textContent: set.label, title: `${set.places.length}: click for the names` });
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const open = button.classList.toggle("open");
    button.textContent = open ? names : set.label;
  });
  return button;
}

function middle(one, other) { // where two lines part, from the left and from the right
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < one.length - start && end < other.length - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1;
  return [start, end];
}

function marked(text, other) {
  if (other === undefined) return [text];
  const [start, end] = middle(text, other);
  const inner = text.slice(start, text.length - end);
  if (!inner || start + end < 2) return [text];
  return [text.slice(0, start), make("mark", { textContent: inner }), text.slice(text.length - end)];
}

// Lines as pairs [old, new]: what goes beside what comes in its place.
function paired(rows) {
  const pairs = [];
  for (let index = 0; index < rows.length;) {
    if (rows[index][0] !== "-" && rows[index][0] !== "+") {
      pairs.push([rows[index], rows[index]]);
      index += 1;
      continue;
    }
    const gone = [], come = [];
    while (index < rows.length && rows[index][0] === "-") gone.push(rows[index++]);
    while (index < rows.length && rows[index][0] === "+") come.push(rows[index++]);
    for (let at = 0; at < Math.max(gone.length, come.length); at += 1) pairs.push([gone[at], come[at]]);
  }
  return pairs;
}

const body = (line) => line.slice(2);

function unified(rows) {
  const others = new Map();
  for (const [old, now] of paired(rows)) if (old && now && old !== now) others.set(old, now).set(now, old);
  return rows.map((line) => make("div", { className: `row ${{ "-": "del", "+": "add" }[line[0]] || ""}` },
    make("i", { textContent: line[0] }), make("span", {}, ...marked(body(line), others.has(line) ? body(others.get(line)) : undefined))));
}

function sides(rows) {
  const cell = (line, other) => make("div", { className: `cell ${line ? { "-": "del", "+": "add" }[line[0]] || "" : ""}` },
    ...(line ? marked(body(line), other && other !== line ? body(other) : undefined) : []));
  return paired(rows).map(([old, now]) => make("div", { className: "row" }, cell(old, now), cell(now, old)));
}

function change([path, ...rows]) {
  return make("div", { className: "change" }, path ? make("div", { className: "path", textContent: path }) : "",
    make("div", { className: `rows${state.sides ? " sides" : ""}` }, ...(state.sides ? sides(rows) : unified(rows))));
}

const MARKS = { added: "+", deleted: "-", changed: "~" };

function hunk(data) {
  const lines = data.changes.reduce((sum, rows) => sum + rows.length, 0);
  const names = make("span", { className: "names" });
  data.objects.forEach((name, index) => {
    const [kind, space, ...rest] = name.split("/");
    names.append(index ? ", " : "", make("span", { className: "dim", textContent: `${kind} ` }), make("b", { textContent: rest.join("/") || space }),
      rest.length && space !== "-" ? make("span", { className: "dim", textContent: ` ${space}` }) : "");
  });
  const summary = make("summary", {}, make("span", { className: `badge ${data.status}`, textContent: `${MARKS[data.status]} ${data.status}` }), names, where(data),
    data.like ? make("span", { className: "dim", textContent: `as in ${data.like} but for` }) : "");
  const node = make("details", { className: "card hunk" }, summary);
  node.fill = () => node.replaceChildren(summary, ...data.changes.map(change));
  node.addEventListener("toggle", () => (node.open ? node.fill() : node.replaceChildren(summary)));
  node.open = data.status === "changed" && lines <= SHORT;
  return node;
}

const counted = (found, items) => (found.length === items.length ? items.length : `${found.length} of ${items.length}`);
// A sentence with its code, which is in backticks.
const sentence = (text) => text.split("`").map((part, index) => (index % 2 ? make("code", { textContent: part }) : part));

function table(title, header, rows, cells) {
  const lines = make("tbody");
  const count = make("span", { className: "count" });
  const head = make("thead", {}, make("tr", {}, ...header.map((name) => make("th", { textContent: name }))));
  const node = make("section", {}, make("h2", {}, title, count), make("div", { className: "card" }, make("table", {}, header.some(Boolean) ? head : "", lines)));
  const items = rows.map((row) => item(() => make("tr", {}, ...cells(row), make("td", { className: "at" }, where(row))), row,
    [...(row.users || []), row.object || (row.cells && row.cells[0]) || ""],
    [row.id, row.object, row.message, ...(row.cells || []), ...(row.users || []), review.sets[row.set].label].filter(Boolean)));
  const more = make("button", { className: "more", type: "button" });
  more.addEventListener("click", () => { all = true; show(); });
  node.querySelector(".card").append(more);
  let all = false;
  function show() {
    const found = items.filter(matches);
    const shown = all || found.length <= ROWS + 1 ? found : found.slice(0, ROWS);
    lines.replaceChildren(...shown.map((each) => each.node()));
    count.textContent = counted(found, items);
    more.hidden = shown.length === found.length;
    more.textContent = `show all ${found.length}`;
    node.hidden = !found.length;
  }
  return { node, show };
}

function riskCells(risk) {
  return [make("td", { className: "level" }, make("span", { className: `badge ${risk.level}`, textContent: risk.level })),
    make("td", { className: "id" }, make("code", { textContent: risk.id })),
    make("td", {}, make("b", { textContent: risk.object }), ": ", ...sentence(risk.message))];
}

const lineCells = (row) => row.cells.map((text, index) => make("td", { className: index ? "value" : "" }, index ? text : make("code", { textContent: text })));

function changes() {
  const list = make("div");
  const count = make("span", { className: "count" });
  const more = make("button", { className: "more", type: "button" });
  const node = make("section", {}, make("h2", {}, "Changes", count), list, more);
  const items = review.hunks.map((data) => {
    const made = item(null, data, data.objects, [...data.objects, review.sets[data.set].label, ...data.changes.flat()]);
    made.levels = new Set(data.objects.flatMap((name) => [...(levels.get(name) || [])]));
    return Object.assign(made, { data });
  });
  let found = [];
  const next = () => {
    const fresh = found.slice(list.childElementCount, list.childElementCount + PAGE);
    list.append(...fresh.map((each) => (each.made ||= hunk(each.data))));
    more.hidden = list.childElementCount >= found.length;
    more.textContent = `show ${Math.min(PAGE, found.length - list.childElementCount)} more of ${found.length}`;
  };
  more.addEventListener("click", next);
  return { node, list, show() {
    found = items.filter(matches);
    count.textContent = counted(found, items);
    list.replaceChildren();
    next();
    if (!found.length) list.append(make("div", { className: "card empty", textContent: items.length ? "Nothing matches the filters." : "No cluster changes." }));
  } };
}

const sections = [table("Risks", [], review.risks, riskCells),
  ...review.tables.map(({ title, header, rows }) => table(title, [...header, "where"], rows, lineCells)), changes()];
const last = sections[sections.length - 1];
const show = () => sections.forEach((section) => section.show());

function fact(what, value, className = "") {
  return make("div", { className }, make("dt", { textContent: what }), make("dd", { textContent: value }));
}

function choice(name, label, values) {
  const node = make("select", { title: label, ariaLabel: label }, make("option", { value: "", textContent: label }),
    ...values.map((value) => make("option", { value, textContent: value })));
  node.addEventListener("change", () => { state[name] = node.value; show(); });
  return node.length > 2 ? node : "";
}

function field(name, properties) {
  const node = make("input", { autocomplete: "off", spellcheck: false, ...properties });
  let timer = 0;
  node.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { state[name] = node.value.trim(); show(); }, 80);
  });
  return node;
}

function toggleSides() {
  state.sides = !state.sides;
  beside.ariaPressed = String(state.sides);
  for (const node of last.list.children) if (node.open) node.fill();
}

function theme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
}

const openAll = (open) => { for (const node of last.list.children) node.open = open; };
let current = -1;

function step(by) {
  const nodes = [...last.list.querySelectorAll(".hunk")];
  if (!nodes.length) return;
  nodes.forEach((node) => node.classList.remove("current"));
  current = Math.max(0, Math.min(nodes.length - 1, current + by));
  nodes[current].classList.add("current");
  nodes[current].querySelector("summary").focus({ preventScroll: true });
  nodes[current].scrollIntoView({ block: "nearest" });
}

const KEYS = { "/": ["search", () => search.focus()], j: ["next change", () => step(1)], k: ["change before", () => step(-1)],
  e: ["open all", () => openAll(true)], c: ["close all", () => openAll(false)], s: ["side by side", toggleSides],
  t: ["light or dark", theme], "?": ["these keys", () => help.showModal()] };

const unique = (values) => [...new Set(values)].sort();
const search = field("text", { type: "search", placeholder: "search objects, fields, values  ( / )", ariaLabel: "search" });
const clusters = make("datalist", { id: "clusters" }, ...review.places.map(([name]) => make("option", { value: name })));
const cluster = field("cluster", { placeholder: "cluster", ariaLabel: "cluster" });
cluster.setAttribute("list", "clusters");
const button = (text, title, run) => {
  const node = make("button", { type: "button", textContent: text, title });
  node.addEventListener("click", run);
  return node;
};
const beside = button("side by side", "s", toggleSides);
const choices = [choice("environment", "environment", unique(review.places.map(([, name]) => name).filter(Boolean))),
  choice("kind", "kind", unique(review.hunks.flatMap((data) => data.objects.map(kindOf)))),
  choice("status", "change", unique(review.hunks.map((data) => data.status))),
  choice("level", "risk", unique(review.risks.map((risk) => risk.level)))];
const reset = button("clear", "Esc", () => {
  for (const name of Object.keys(state)) if (name !== "sides") state[name] = "";
  for (const node of [search, cluster, ...choices]) if (node) node.value = "";
  show();
});
const help = make("dialog", {}, make("dl", {}, ...Object.entries(KEYS).flatMap(([key, [text]]) => [make("dt", {}, make("kbd", { textContent: key })), make("dd", { textContent: text })]),
  make("dt", {}, make("kbd", { textContent: "Esc" })), make("dd", { textContent: "clear the filters" })));
help.addEventListener("click", () => help.close());

document.addEventListener("keydown", (event) => {
  if (help.open || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    reset.click();
    document.activeElement.blur();
  } else if (!/^(INPUT|SELECT)$/.test(event.target.tagName) && KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key][1]();
  }
});

const places = `${review.changed} ${review.environments.length ? "cluster" : "build"}${review.changed === 1 ? "" : "s"}`;
const heading = review.changed ? `${places}${review.environments.length ? ` of ${review.environments.join(", ")}` : ""}` : review.headline;
const environments = review.environments.length ? fact("environments", review.environments.length) : "";
document.querySelector("main").append(
  make("header", {}, make("h1", { textContent: heading }),
    make("div", { className: "dim" }, make("code", { textContent: review.base }), " → ", make("code", { textContent: review.head }), `, ${review.files}`),
    make("dl", { className: "facts" }, fact("passes", review.faults.length ? "no" : "yes", review.faults.length ? "bad" : "good"), fact("risk", review.risk, review.risk),
      environments, fact(review.environments.length ? "clusters" : "builds", review.changed),
      ...Object.entries(review.counts).map(([status, count]) => fact(`objects ${status}`, count))),
    review.faults.length ? make("div", { className: "faults" }, make("b", { textContent: "Does not pass" }),
      make("ul", {}, ...review.faults.map((text) => make("li", {}, ...sentence(text))))) : ""),
  make("div", { className: "bar" }, search, cluster, clusters, ...choices, reset, beside, button("open all", "e", () => openAll(true)),
    button("close all", "c", () => openAll(false)), button("◐", "light or dark (t)", theme), button("?", "keys", () => help.showModal())),
  ...sections.map((section) => section.node),
  review.unread.length ? make("section", {}, make("h2", {}, "No build reads"), make("div", { className: "card unread", textContent: review.unread.join(", ") })) : "",
  review.notes.length ? make("section", {}, make("h2", {}, "Not compared"), ...review.notes.map((text) => make("p", { textContent: text }))) : "", help);
show();
