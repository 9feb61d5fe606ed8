// Filters the tree of concepts while somebody types: the same rule as the server's, by the same stems.
"use strict";

const box = document.getElementById("q");
const said = document.getElementById("said");
const kinds = [...document.querySelectorAll(".kind")];
const nodes = [...document.querySelectorAll(".kinds-of .tree li")];
const before = { said: said.innerHTML, open: new Map() };

const stem = (word) => {
  let bare = word.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  if (bare.length > 3 && bare.endsWith("s") && !/(ss|is|us)$/.test(bare)) bare = bare.slice(0, -1);
  if (bare.length > 4) bare = bare.replaceAll("our", "or").replaceAll("isation", "ization").replaceAll("ise", "ize");
  return bare;
};

const stems = (text) => (text.normalize("NFC").match(/[\p{L}\p{N}_]+/gu) ?? []).map(stem);

const has = (node, wanted) => {
  const words = node.dataset.words.split(" ");
  return wanted.every((one) => words.some((word) => word.includes(one)));
};

function filter() {
  const wanted = stems(box.value);
  const found = new Set();
  for (const node of nodes) {
    const hit = wanted.length > 0 && has(node, wanted);
    const link = node.querySelector("a");
    link.classList.toggle("found", hit);
    if (hit) found.add(link.href);
  }
  // From the leaves up: what leads to a hit is shown and opened.
  for (const node of nodes.toReversed()) {
    const below = node.querySelector("details");
    const leads = node.querySelector(":scope li a.found") !== null;
    if (below) {
      below.open = wanted.length ? leads : before.open.get(below);
      below.hidden = wanted.length > 0 && !leads;
    }
    node.hidden = wanted.length > 0 && !leads && !node.querySelector("a").classList.contains("found");
  }
  for (const kind of kinds) kind.hidden = !kind.querySelector("li:not([hidden])");
  const all = new Set(nodes.map((node) => node.querySelector("a").href)).size;
  const many = `${found.size || "None"} of ${all} concepts ${found.size === 1 ? "is" : "are"} called “${box.value.trim()}”.`;
  if (wanted.length) said.textContent = many;
  else said.innerHTML = before.said;
}

// A page that shows the answer to a search has not all concepts; there the form asks the server.
if (box && !box.value) {
  before.open = new Map(nodes.flatMap((node) => [...node.querySelectorAll("details")]).map((each) => [each, each.open]));
  box.addEventListener("input", filter);
  box.form.addEventListener("submit", (event) => {
    if (!box.value.trim()) event.preventDefault();
  });
}
