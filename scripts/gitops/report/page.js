"use strict";
// The lists of a cluster are made with textContent: no word of a manifest is read as HTML.
const fleet = JSON.parse(document.getElementById("fleet").textContent);
const every = (selector, within = document) => [...within.querySelectorAll(selector)];
const at = (id) => document.getElementById(id);

function make(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function problem(number) {
  const [path, line, object, rule, message, fix] = fleet.problems[number];
  return make("li", {}, make("code", { textContent: `${path}:${line}` }), ` ${object ? `${object}: ` : ""}${fleet.texts[message]}; `,
    make("b", { textContent: fleet.texts[fix] }), " ", make("code", { className: "dim", textContent: rule }));
}

function list(title, items) {
  return items.length ? [make("p", {}, make("b", { textContent: title })), make("ul", { className: "list" }, ...items)] : [];
}

for (const node of every(".cluster")) {
  const cluster = fleet.clusters[node.dataset.number];
  node.addEventListener("toggle", () => {
    if (!node.open || node.childElementCount > 1) return;
    const certificate = cluster.certificate ? [make("li", { textContent: cluster.certificate })] : [];
    const missing = [...cluster.missing.map(problem), ...certificate];
    node.append(...(cluster.error ? [make("p", { className: "faults", textContent: `does not build: ${cluster.error}` })] : []),
      make("p", { className: "dim", textContent: `Applications: ${cluster.applications.join(", ") || "none"}` }),
      ...list("Findings", cluster.findings.map(problem)), ...list("To do before it is live", missing),
      ...(missing.length + cluster.findings.length ? [] : [make("p", { textContent: "nothing to do" })]), make("p"));
  });
}

// What is searched, with the words it is found by. A cluster is also found by what it lists.
const items = [...every(".cluster"), ...every("section:not(.connections) tbody tr"), ...every(".connections")].map((node) => ({ node, words: node.textContent.toLowerCase() }));
for (const { node, words } of items) {
  if (!node.dataset.number) continue;
  const cluster = fleet.clusters[node.dataset.number];
  items.find((item) => item.node === node).words = [words, ...cluster.applications].join("\n").toLowerCase();
}

function show() {
  const words = at("search").value.trim().toLowerCase().split(/\s+/);
  const chosen = ["environment", "state", "has"].map((name) => [name, at(name).value]).filter(([, value]) => value);
  for (const item of items) {
    const { node } = item;
    const kept = !node.dataset.number || chosen.every(([name, value]) => node.dataset[name].split(",").includes(value));
    node.hidden = !(kept && words.every((word) => item.words.includes(word)));
  }
  const clusters = every(".cluster"), shown = clusters.filter((node) => !node.hidden).length;
  for (const section of every(".environment")) section.hidden = !section.querySelector(".cluster:not([hidden])") && (shown < clusters.length);
  for (const section of every("section:not(.environment):not(.connections)")) {
    const rows = every("tbody tr", section);
    section.hidden = rows.length > 0 && rows.every((row) => row.hidden);
  }
  at("shown").textContent = shown < clusters.length ? `${shown} of ${clusters.length} clusters` : "";
}

function clear() {
  for (const name of ["search", "environment", "state", "has"]) at(name).value = "";
  show();
}

function theme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
}

for (const name of ["search", "environment", "state", "has"]) at(name).addEventListener("input", show);
at("clear").addEventListener("click", clear);
at("theme").addEventListener("click", theme);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") clear();
  else if (/^(INPUT|SELECT)$/.test(event.target.tagName)) return;
  else if (event.key === "t") theme();
  else if (event.key === "/") {
    event.preventDefault();
    at("search").focus();
  }
});

// One box of a picture alone, with its lines and their other ends.
for (const graph of every(".graph")) {
  const edges = every(".edge", graph), nodes = every(".node", graph);
  const only = (name) => {
    const on = edges.filter((edge) => edge.dataset.from === name || edge.dataset.to === name);
    const ends = new Set([name, ...on.flatMap((edge) => [edge.dataset.from, edge.dataset.to])]);
    for (const edge of edges) edge.classList.toggle("on", on.includes(edge));
    for (const node of nodes) node.classList.toggle("on", ends.has(node.dataset.name));
    graph.classList.add("focus");
  };
  const all = () => graph.classList.remove("focus");
  for (const node of nodes) {
    for (const event of ["mouseenter", "focus"]) node.addEventListener(event, () => only(node.dataset.name));
    for (const event of ["mouseleave", "blur"]) node.addEventListener(event, all);
  }
}
