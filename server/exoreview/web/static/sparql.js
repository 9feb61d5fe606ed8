// YASGUI over the plain form: tabs, completion from the terms of the data, mistakes marked at their place. What an
// answer looks like is the server's: its page is asked for, and the part that holds the answer is shown here.
"use strict";

(() => {
const form = document.querySelector("form.query");
const area = form.querySelector("textarea");
const button = form.querySelector("button[type=submit]");
const said = document.getElementById("said");
const examples = [...document.querySelectorAll(".examples a")];
const endpoint = form.action;
const queryOf = (link) => new URL(link.href).searchParams.get("query");

// What is offered while somebody types.
let terms = { prefixes: {}, classes: [], properties: [], concepts: [] };
const byText = new Map();
let isAsked = false;

const fits = (term, text) => {
  const wanted = text.toLowerCase();
  const name = term.short.slice(term.short.indexOf(":") + 1).toLowerCase();
  return [term.short.toLowerCase(), term.iri.toLowerCase(), name].some((each) => each.startsWith(wanted))
    || (wanted.length > 1 && (name.includes(wanted) || term.label.toLowerCase().includes(wanted)));
};

const found = (list, token) => {
  const text = (token.autocompletionString || "").trim();
  if (!isAsked && (!text || list.some((term) => term.short === token.string))) return [];
  return list.filter((term) => fits(term, text)).slice(0, 60).map((term) => term.short);
};

const drawn = (element, _self, hint) => {
  const term = byText.get(hint.text);
  const name = document.createElement("b");
  name.textContent = hint.text;
  element.append(name);
  for (const text of term ? [term.label, term.definition] : []) {
    const part = document.createElement("span");
    part.textContent = text || "";
    element.append(part);
  }
};

const completer = (of, name, list, isHere) => ({
  ...of,
  name,
  autoShow: true,
  isValidCompletionPosition: isHere,
  // Where nothing is written yet, what stands before stays.
  preProcessToken: (yasqe, token) => {
    const { ch } = yasqe.getDoc().getCursor();
    return token.string.trim() ? of.preProcessToken(yasqe, token) : { ...token, from: { ch }, to: { ch } };
  },
  get: (_yasqe, token) => found(list(), token),
  postProcessSuggestion: (_yasqe, _token, text) => text,
  postprocessHints: (_yasqe, hints) => hints.map((hint) => ({ ...hint, render: drawn })),
});

const { Yasqe, Yasr } = Yasgui;
const { property, class: kind, prefixes } = Yasqe.Autocompleters;
// What may stand at the cursor: YASQE knows it of the word that is being written; before a word is begun, what stands
// before tells.
const before = (yasqe) => yasqe.getDoc().getRange({ line: 0, ch: 0 }, yasqe.getDoc().getCursor());
const possible = (yasqe) => {
  const token = yasqe.getCompleteToken();
  if (/^[?$<"']/.test(token.string)) return [];
  return token.string.trim() ? token.state.possibleCurrent : token.state.possibleNext;
};
const isPredicate = (yasqe) => possible(yasqe).includes("a") || /;\s*$/.test(before(yasqe));
const isClass = (yasqe) => /\s(?:a|rdf:type|rdfs:(?:domain|range|subClassOf))\s+[^\s?$<"']*$/.test(before(yasqe));
const isObject = (yasqe) => (possible(yasqe).includes("IRI_REF") || (isAsked && /:\S+\s+$/.test(before(yasqe))))
  && !isPredicate(yasqe) && !isClass(yasqe) && !/PREFIX\s+\S*$/i.test(before(yasqe));

Yasqe.registerAutocompleter(completer(kind, "classes", () => terms.classes, isClass), true);
Yasqe.registerAutocompleter(completer(property, "properties", () => terms.properties, isPredicate), true);
Yasqe.registerAutocompleter(completer(kind, "concepts", () => terms.concepts, isObject), true);
Object.assign(prefixes, {
  bulk: false,
  get: (_yasqe, token) => Object.entries(terms.prefixes)
    .map(([name, space]) => `${name}: <${space}>`)
    .filter((line) => line.startsWith((token.autocompletionString || token.string).trim())),
});
Yasqe.defaults.autocompleters = ["variables", "prefixes", "classes", "properties", "concepts"];

// Tab leaves the editor; within it, nothing that others do by keys is changed.
Object.assign(Yasqe.defaults, {
  screenReaderLabel: "SPARQL query",
  editorHeight: "auto",
  viewportMargin: Infinity,
  resizeable: false,
  showQueryButton: false,
  createShareableLink: null,
  consumeShareLink: null,
  collapsePrefixesOnLoad: false,
});
Object.assign(Yasqe.defaults.extraKeys, {
  Tab: false,
  "Shift-Tab": false,
  "Ctrl-Space": (yasqe) => {
    isAsked = true;
    yasqe.autocomplete();
    isAsked = false;
  },
});

// An answer is the part of the server's page that holds it.
const partOf = (text) => new DOMParser().parseFromString(text, "text/html").getElementById("answer");

const told = (sentence) => {
  const part = document.createElement("div");
  part.innerHTML = '<section class="problem" role="alert"><h2>No answer</h2><p></p></section>';
  part.querySelector("p").textContent = sentence;
  return part;
};

// YASGUI's own views of an answer know no labels, so none is loaded; answers stand below the form's buttons, of
// each tab its own.
for (const name of Object.keys(Yasr.defaults.plugins)) delete Yasr.defaults.plugins[name];
Yasr.prototype.draw = () => {};
Yasr.prototype.setResponse = function (given) {
  if (given.name === "AbortError") return;
  const tab = tabs().find((each) => each.getYasr() === this);
  finished(tab);
  const part = partOf(given instanceof Error ? given.message : given.content);
  if (part) offered(part);
  show(tab, part || told("The server could not be reached; try again in a moment."));
};

const place = document.querySelector(".answers");
const answers = new Map();
// The address of each tab's answer, to share.
const addresses = new Map();

function show(tab, part) {
  part.id = "answer";
  answers.set(tab, part);
  mark(tab.getYasqe(), part.querySelector(".problem[data-line]"));
  said.textContent = part.querySelector("h2").textContent;
  arranged();
}

// A mistake is marked at its place until the query is changed.
function mark(yasqe, problem) {
  if (!problem) return;
  const line = Math.min(Number(problem.dataset.line), yasqe.lineCount()) - 1;
  // The server counts code points, a string in JavaScript counts halves of some of them.
  const text = [...yasqe.getLine(line)];
  const from = text.slice(0, Number(problem.dataset.column) - 1).join("").length;
  const word = /^(?:[\w:?$-]+|\S)/u.exec(yasqe.getLine(line).slice(from));
  const to = from + (word ? word[0].length : 1);
  yasqe.addLineClass(line, "background", "wrong-line");
  const marked = yasqe.getDoc().markText({ line, ch: from }, { line, ch: to }, { className: "wrong" });
  yasqe.scrollIntoView({ line, ch: from }, 40);
  const cleared = () => {
    marked.clear();
    yasqe.removeLineClass(line, "background", "wrong-line");
    yasqe.off("change", cleared);
  };
  yasqe.on("change", cleared);
}

const editor = form.querySelector(".editor");
// The tabs that wait for an answer.
const waiting = new Set();
const start = area.value;
const answer = document.getElementById("answer");
area.required = false;
editor.querySelector("label").hidden = area.hidden = true;
const yasgui = new Yasgui(editor, {
  autofocus: false,
  copyEndpointOnNewTab: false,
  populateFromUrl: false,
  persistenceId: `exoreview ${new URL(endpoint).pathname}`,
  requestConfig: { endpoint, method: "POST", acceptHeaderSelect: "text/html", acceptHeaderGraph: "text/html" },
  yasqe: { value: start },
});
document.getElementById("keys").classList.remove("unseen");

const tabs = () => Object.values(yasgui._tabs);

/** Shows the answer and the state of the tab that is open. */
function arranged() {
  const tab = yasgui.getTab();
  place.replaceChildren(...(answers.has(tab) ? [answers.get(tab)] : []));
  button.textContent = waiting.has(tab) ? "Stop" : "Ask";
  for (const name of editor.querySelectorAll(".tab input")) name.setAttribute("aria-label", "Name of the tab");
}

// YASGUI's button for a new tab stands among the tabs, where the roles of WAI-ARIA allow none.
const another = document.createElement("button");
another.type = "button";
another.className = "another";
another.textContent = "New tab";
another.addEventListener("click", () => {
  yasgui.addTab(true);
  arranged();
  yasgui.getTab().getYasqe().focus();
});
editor.prepend(another);

const isExample = (query) => query === start || examples.some((link) => queryOf(link) === query);

/** Shows a query in the tab that has it, in a tab that nobody has written in, or in a new one. */
function opened(query, name) {
  const same = tabs().find((tab) => tab.getPersistedJson().yasqe.value.trim() === query.trim());
  const current = yasgui.getTab();
  if (same) yasgui.selectTabId(same.getId());
  else if (current && isExample(current.getQuery())) current.setQuery(query).setName(name);
  else yasgui.addTab(true, { name, yasqe: { value: query } });
  arranged();
  return yasgui.getTab();
}

function asked(tab) {
  tab.query().catch(() => {});
}

form.addEventListener("submit", (event) => {
  const yasqe = yasgui.getTab().getYasqe();
  area.value = yasqe.getValue();
  if (form.elements.format.value !== "html") return;
  event.preventDefault();
  if (waiting.has(yasgui.getTab())) yasqe.abortQuery();
  else asked(yasgui.getTab());
});

function finished(tab) {
  waiting.delete(tab);
  arranged();
}

yasgui.on("query", (_yasgui, tab) => {
  waiting.add(tab);
  arranged();
  said.textContent = "Asking";
  const address = `${endpoint}?${new URLSearchParams({ query: tab.getQuery() })}`;
  addresses.set(tab, address.length < 8000 ? address : endpoint);
  history.replaceState(null, "", addresses.get(tab));
});
yasgui.on("queryAbort", (_yasgui, tab) => {
  finished(tab);
  said.textContent = "Stopped";
});
yasgui.on("tabClose", (_yasgui, tab) => {
  answers.delete(tab);
  setTimeout(() => {
    if (!tabs().length) yasgui.addTab(true);
    arranged();
  });
});
yasgui.on("autocompletionShown", (_yasgui, _tab, widget) => widget.hints.setAttribute("aria-label", "Completions"));
for (const name of ["tabSelect", "tabAdd"]) {
  yasgui.on(name, () => setTimeout(() => {
    history.replaceState(null, "", addresses.get(yasgui.getTab()) || endpoint);
    arranged();
  }));
}

for (const link of examples) {
  link.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    link.closest("details").open = false;
    asked(opened(queryOf(link), link.textContent));
    form.scrollIntoView({ block: "start" });
    button.focus({ preventScroll: true });
  });
}

if (answer) {
  const example = examples.find((link) => queryOf(link) === start);
  const tab = opened(start, example ? example.textContent : yasgui.createTabName());
  addresses.set(tab, location.href);
  show(tab, answer);
}
arranged();

fetch(form.dataset.terms)
  .then((reply) => reply.json())
  .then((given) => {
    terms = given;
    for (const term of [...terms.classes, ...terms.properties, ...terms.concepts]) byText.set(term.short, term);
  });
})();
