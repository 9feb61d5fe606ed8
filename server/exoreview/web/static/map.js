// Makes the choices of /map answer without loading the page anew, shows what belongs together under the pointer,
// and lets the map be explored: moved, enlarged, asked. Without this script the links and the form do the same.
"use strict";

const { explore, leave, isExploring } = (() => {
  const page = () => document.getElementById("map");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const HEADS = {
    promotes: ["triangle", "filled"], hinders: ["tee", "filled"], touches: ["triangle", "hollow"],
    kind: ["triangle", "hollow"], includes: ["diamond", "filled"], quality: ["circle", "filled"],
    use: ["circle", "hollow"], other: ["vee", "filled"],
  };
  const DASHES = { presupposed: [6, 4], exemplified: [2, 3], reportedConsensus: [10, 3, 2, 3] };
  const COLOURS = { asserted: "asserted", presupposed: "presupposed", exemplified: "exemplified", reportedConsensus: "consensus" };
  let graph = null;

  // What the server drew is what is explored: its boxes, arrows and words, at their places.
  function elements() {
    const number = (element, name) => Number(element.getAttribute(name));
    const boxes = [...page().querySelectorAll(".broad .box")].map((box) => {
      const rect = box.querySelector("rect");
      const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => number(rect, name));
      const label = [...box.querySelectorAll("text")].map((line) => line.textContent.trim()).join("\n");
      return {
        data: { id: box.dataset.concept, label, href: box.getAttribute("href"), width, height },
        position: { x: x + width / 2, y: y + height / 2 },
        classes: [...box.classList].filter((name) => name !== "near").join(" "),
      };
    });
    const pairs = (arrow) => page().querySelectorAll(`.broad .arrow[data-start="${arrow.dataset.start}"][data-end="${arrow.dataset.end}"]`).length;
    const arrows = [...page().querySelectorAll(".broad .arrow")].map((arrow) => {
      const { claim, start, end, verb, head } = arrow.dataset;
      const mode = arrow.classList[1];
      const [shape, fill] = HEADS[head];
      return {
        data: { id: claim, source: start, target: end, verb, mode, shape, fill, label: arrow.getAttribute("aria-label"), href: arrow.getAttribute("href") },
        classes: [arrow.classList.contains("lit") && "lit", pairs(arrow) > 1 && "parallel"].filter(Boolean).join(" "),
      };
    });
    const words = [...page().querySelectorAll(".broad .verb")].map((verb, place) => ({
      data: { id: `verb-${place}`, label: verb.textContent, align: verb.getAttribute("text-anchor") === "end" ? "left" : "right" },
      position: { x: number(verb, "x"), y: number(verb, "y") - 4 },
      classes: "verb",
      selectable: false,
      events: "no",
    }));
    return [...boxes, ...arrows, ...words];
  }

  function style() {
    const sheet = getComputedStyle(document.documentElement);
    const colour = (name) => sheet.getPropertyValue(`--${name}`).trim();
    const font = sheet.getPropertyValue("--plain");
    const modes = Object.entries(COLOURS).flatMap(([mode, name]) => [{
      selector: `edge[mode = "${mode}"]`,
      style: {
        "line-color": colour(name), "target-arrow-color": colour(name),
        ...(DASHES[mode] ? { "line-style": "dashed", "line-dash-pattern": DASHES[mode] } : {}),
      },
    }]);
    return [
      { selector: "node.box", style: {
        shape: "round-rectangle", "corner-radius": 3, width: "data(width)", height: "data(height)",
        "background-color": colour("raised"), "border-width": 1, "border-color": colour("raised"),
        label: "data(label)", "text-wrap": "wrap", "text-valign": "center", "line-height": 1.2,
        "font-family": font, "font-size": 14, color: colour("ink"), "overlay-opacity": 0,
      } },
      { selector: "node.leads", style: { "border-color": colour("edge"), "font-weight": 600 } },
      { selector: "node.verb", style: {
        width: 1, height: 1, "background-opacity": 0, label: "data(label)", "text-halign": "data(align)", "text-valign": "center",
        "font-family": font, "font-size": 12, color: colour("soft"),
      } },
      { selector: "edge", style: {
        "curve-style": "taxi", "taxi-direction": "horizontal", "taxi-turn": 20, "taxi-turn-min-distance": 5, width: 1.6,
        "target-arrow-shape": "data(shape)", "target-arrow-fill": "data(fill)", "arrow-scale": 0.9, "overlay-opacity": 0,
      } },
      { selector: "edge.parallel", style: { "curve-style": "bezier", "control-point-step-size": 24 } },
      ...modes,
      { selector: ".dim", style: { opacity: 0.28 } },
      { selector: "node.chosen, node:selected", style: { "background-color": colour("mark"), "border-color": colour("ink"), color: colour("mark-ink") } },
      { selector: "edge.near, edge.lit", style: { width: 3 } },
      { selector: "node.near, node.lit", style: { "border-color": colour("ink") } },
      { selector: "edge:selected", style: { width: 5, label: "data(verb)", "font-family": font, "font-size": 12, color: colour("ink"), "text-background-color": colour("paper"), "text-background-opacity": 1, "text-background-padding": 2 } },
    ];
  }

  const load = (address) => window.cytoscape ? Promise.resolve() : new Promise((done, failed) => {
    const script = Object.assign(document.createElement("script"), { src: address, onload: done, onerror: failed });
    document.head.append(script);
  });

  async function explore({ focus = true } = {}) {
    const button = page().querySelector("[data-explore]");
    if (!button || graph) return;
    try {
      await load(button.dataset.explore);
    } catch {
      say("The explorer could not be loaded; the drawing stays.");
      return;
    }
    if (graph || !button.isConnected) return;
    page().querySelector(".sheet").hidden = button.hidden = true;
    page().querySelector(".sheet").after(document.getElementById("explorer").content.cloneNode(true));
    const canvas = page().querySelector(".canvas");
    graph = window.cytoscape({
      container: canvas, elements: elements(), style: style(), minZoom: 0.15, maxZoom: 4,
      layout: { name: "preset", padding: 12 },
      autoungrabify: true, boxSelectionEnabled: false, selectionType: "single",
    });
    // The whole of a large map would be too small to read: its first part is shown, the rest is a move away.
    const level = Math.min(1, Math.max(0.6, graph.width() / graph.elements().boundingBox().w));
    if (graph.zoom() < level) {
      graph.viewport({ zoom: level, pan: { x: graph.width() / 2 - graph.nodes(".box")[0].position("x") * level, y: 0 } });
    }
    graph.on("select unselect", () => tell());
    graph.on("tapstart", () => canvas.focus({ preventScroll: true }));
    graph.on("mouseover", "node.box, edge", (event) => near(event.target));
    graph.on("mouseout", "node.box, edge", () => near(null));
    fill();
    tell();
    if (focus) canvas.focus({ preventScroll: true });
    history.replaceState(null, "", "#explore");
  }

  function leave({ focus = true } = {}) {
    graph.destroy();
    graph = null;
    page().querySelector(".explorer").remove();
    const button = page().querySelector("[data-explore]");
    page().querySelector(".sheet").hidden = button.hidden = false;
    history.replaceState(null, "", location.pathname + location.search);
    if (focus) button.focus();
  }

  function near(one) {
    graph.elements(".near").removeClass("near");
    if (one) around(one).addClass("near");
  }

  const around = (one) => one.isNode() ? one.connectedEdges().union(one.neighborhood("node")).union(one) : one.union(one.connectedNodes());

  function fill() {
    const options = graph.nodes(".box").map((node) => [node.data("label").replaceAll("\n", " "), node.id()]).sort();
    page().querySelector("[data-pick]").append(...options.map(([label, id]) => new Option(label, id)));
  }

  // What is chosen, beside the map: a concept with its claims, or a claim.
  function tell() {
    const one = graph.$(":selected")[0];
    const beside = page().querySelector(".beside");
    const pick = page().querySelector("[data-pick]");
    pick.value = one?.isNode() ? one.id() : "";
    // Without a choice a chain that is followed stands out.
    const bright = one ? around(one) : graph.elements(".lit");
    graph.elements().removeClass("dim");
    if (bright.length) graph.elements().not(bright).not(".verb").addClass("dim");
    if (!one) {
      beside.replaceChildren(node("p", { className: "plainly", textContent: beside.dataset.nothing }));
      return;
    }
    const title = node("h2", {}, node("a", { href: one.data("href"), textContent: one.data("label").replaceAll("\n", " ") }));
    if (one.isEdge()) {
      const mode = node("p", { className: "plainly" }, `${modeOf(one.id())}.`);
      beside.replaceChildren(title, mode);
      return;
    }
    const list = node("ul", { className: "claims" }, ...one.connectedEdges().map((edge) => line(edge.id())));
    const form = document.querySelector("form.filters");
    const links = [["concept", "Only what is around it"], ["follow", "Follow what it causes"]]
      .filter(([name]) => [...form.elements[name].options].some((option) => option.value === one.id()))
      .map(([name, text]) => node("a", { className: "button", href: address({ [name]: one.id() }), textContent: text }));
    beside.replaceChildren(title, node("p", { className: "actions" }, ...links), list);
  }

  const row = (claim) => page().querySelector(`tr[data-claim="${CSS.escape(claim)}"]`);
  const modeOf = (claim) => row(claim).cells[4].textContent.trim().replace(/^./, (first) => first.toUpperCase());

  function line(claim) {
    const link = row(claim).querySelector("a");
    const sample = row(claim).querySelector(".sample").cloneNode();
    const says = node("span", { className: "says", textContent: link.textContent });
    return node("li", {}, node("a", { href: link.href }, sample, says));
  }

  function node(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function zoom(factor) {
    const level = { level: graph.zoom() * factor, renderedPosition: { x: graph.width() / 2, y: graph.height() / 2 } };
    if (calm.matches) graph.zoom(level);
    else graph.animate({ zoom: level, duration: 120 });
  }

  const ACTIONS = {
    in: () => zoom(1.3), out: () => zoom(1 / 1.3), fit: () => graph.fit(undefined, 12), leave: () => leave(),
  };
  const KEYS = {
    "+": ACTIONS.in, "=": ACTIONS.in, "-": ACTIONS.out, 0: ACTIONS.fit,
    ArrowLeft: () => graph.panBy({ x: 60, y: 0 }), ArrowRight: () => graph.panBy({ x: -60, y: 0 }),
    ArrowUp: () => graph.panBy({ x: 0, y: 60 }), ArrowDown: () => graph.panBy({ x: 0, y: -60 }),
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-explore]")) explore();
    const action = event.target.closest(".explorer [data-do]");
    if (action) ACTIONS[action.dataset.do]();
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-pick]")) return;
    const chosen = graph.getElementById(event.target.value);
    graph.elements().unselect();
    chosen.select();
    if (chosen.length) graph.animate({ center: { eles: chosen }, zoom: Math.max(graph.zoom(), 0.9), duration: calm.matches ? 0 : 250 });
  });
  document.addEventListener("keydown", (event) => {
    if (!graph || !event.target.closest(".explorer") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (graph.$(":selected").length) graph.elements().unselect();
      else leave();
    } else if (event.target.matches(".canvas") && KEYS[event.key]) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });
  dark.addEventListener("change", () => graph?.style(style()));
  addEventListener("beforeprint", () => graph && leave({ focus: false }));
  return { explore, leave, isExploring: () => Boolean(graph) };
})();

// The address of the page after some changes; what is empty is left out.
function address(changes) {
  const form = document.querySelector("form.filters");
  const said = Object.fromEntries([...new FormData(form), ...Object.entries(changes)]);
  if (!said.concept) delete said.steps;
  if (!said.follow) delete said.to;
  const kept = Object.entries(said).filter(([name, value]) => value && !(name === "steps" && value === "1"));
  return form.action + (kept.length ? `?${new URLSearchParams(kept)}` : "");
}

function say(sentence) {
  document.getElementById("said").textContent = sentence;
}

let asked = 0;

async function show(where, { push = true } = {}) {
  const mine = ++asked;
  let page;
  try {
    const answer = await fetch(where, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    location.assign(where);
    return;
  }
  if (mine !== asked) return;
  const here = document.activeElement?.closest("#map") ? null : document.activeElement;
  const exploring = isExploring();
  if (exploring) leave({ focus: false });
  if (push) history.pushState(null, "", where);
  document.title = page.title;
  document.getElementById("map").replaceWith(document.adoptNode(page.getElementById("map")));
  const fresh = page.querySelector("form.filters");
  for (const control of document.querySelector("form.filters").elements) {
    const other = control.name && fresh.elements[control.name];
    if (other && control !== here) control.replaceWith(document.adoptNode(other));
  }
  const counted = document.querySelectorAll("tr[data-claim]").length;
  say(counted === 1 ? "1 claim" : `${counted || "No"} claims`);
  if (exploring) await explore({ focus: !here });
  else if (!here) document.querySelector("#what, #table")?.focus({ preventScroll: true });
}

const isMap = (link) => link.origin === location.origin && link.pathname === location.pathname && !link.hash;

document.addEventListener("click", (event) => {
  const link = event.target.closest("#map a[href]");
  if (!link || typeof link.href !== "string" || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (!isMap(link)) return;
  event.preventDefault();
  show(link.href);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.filters")) return;
  event.preventDefault();
  show(address({}));
});
document.addEventListener("change", (event) => {
  if (event.target.matches("form.filters select, form.filters input")) show(address({}));
});
addEventListener("popstate", () => show(location.href, { push: false }));

// What belongs together: a concept with its arrows and what is at their other ends, an arrow with its two concepts.
function near(target) {
  for (const each of document.querySelectorAll("#map .near")) each.classList.remove("near");
  const shown = "#map .box, #map .arrow[data-claim], #map tr[data-claim]";
  // Where the pointer rests on nothing, what has the focus is shown.
  const one = target.closest?.(shown) ?? document.activeElement?.closest(shown);
  if (!one) return;
  const { concept, claim } = one.dataset;
  for (const arrow of document.querySelectorAll(".arrow[data-claim]")) {
    const { start, end } = arrow.dataset;
    if (claim ? arrow.dataset.claim !== claim : start !== concept && end !== concept) continue;
    arrow.classList.add("near");
    for (const box of document.querySelectorAll(".box")) {
      if ([start, end].includes(box.dataset.concept)) box.classList.add("near");
    }
  }
}

document.addEventListener("pointerover", (event) => near(event.target));
document.addEventListener("focusin", (event) => near(event.target));

if (location.hash === "#explore") explore();
