// Makes the links of /read answer without loading the page anew, shows what words and claims belong together
// under the pointer, and moves by arrow keys. Without this script the same links do the same, page by page.
"use strict";

const reading = () => document.getElementById("reading");
const isReading = (link) => link.origin === location.origin && link.pathname === location.pathname;
let asked = 0;

async function show(address, { push = true, focus = null } = {}) {
  const mine = ++asked;
  let page;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    location.assign(address);
    return;
  }
  if (mine !== asked) return;
  if (push) history.pushState(null, "", address);
  document.title = page.title;
  reading().replaceWith(document.adoptNode(page.getElementById("reading")));
  const form = page.querySelector("form.filters");
  document.querySelector("form.filters").replaceWith(document.adoptNode(form));
  const place = focus && document.getElementById(focus);
  if (place) place.focus({ preventScroll: true });
  else if (push) document.querySelector("#panel h2").focus({ preventScroll: true });
  document.getElementById("said").textContent = document.querySelector("#panel h2").textContent;
  const chosen = document.querySelector(".seg.on");
  if (chosen && push) keepInSight(chosen);
}

function keepInSight(words) {
  const panel = document.getElementById("panel").getBoundingClientRect();
  const beside = panel.left > words.parentElement.getBoundingClientRect().right;
  const foot = beside ? innerHeight : Math.min(panel.top, innerHeight);
  const box = words.getBoundingClientRect();
  if (box.top < 0 || box.bottom > foot) scrollBy(0, box.top - Math.max(40, foot / 3));
}

function near(names) {
  for (const each of document.querySelectorAll(".seg")) {
    each.classList.toggle("near", each.dataset.claims.split(" ").some((name) => names.includes(name)));
  }
  for (const each of document.querySelectorAll("#panel [data-claim]")) {
    each.classList.toggle("near", names.includes(each.dataset.claim));
  }
}

const namesOf = (target) => {
  const marked = target.closest?.(".seg, #panel [data-claim]");
  return marked ? (marked.dataset.claims ?? marked.dataset.claim).split(" ") : [];
};

document.addEventListener("pointerover", (event) => near(namesOf(event.target)));
document.addEventListener("focusin", (event) => near(namesOf(event.target)));

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (!isReading(link) || !link.closest("#reading")) return;
  event.preventDefault();
  // Keys go on to what the words claim, which is far behind all other words; a pointer stays at the words.
  const byKeys = event.detail === 0;
  if (getSelection().isCollapsed || !link.matches(".seg")) show(link.href, { focus: byKeys ? null : link.id || null });
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.filters")) return;
  event.preventDefault();
  const said = [...new FormData(event.target)].filter(([, value]) => value);
  show(`${event.target.action}?${new URLSearchParams(said)}`, { focus: event.submitter?.id });
});

// Words can be selected although they are links, which a mouse would drag: from where it was pressed to where it is.
let grip = null;

function caret(event) {
  if (document.caretPositionFromPoint) {
    const found = document.caretPositionFromPoint(event.clientX, event.clientY);
    return found && [found.offsetNode, found.offset];
  }
  const range = document.caretRangeFromPoint(event.clientX, event.clientY);
  return range && [range.startContainer, range.startOffset];
}

document.addEventListener("dragstart", (event) => {
  if (grip) event.preventDefault();
});

document.addEventListener("pointerdown", (event) => {
  const inText = event.pointerType === "mouse" && event.button === 0 && event.target.closest(".text");
  grip = inText ? caret(event) : null;
  if (inText) getSelection().removeAllRanges();
});

document.addEventListener("pointermove", (event) => {
  const here = grip && event.buttons === 1 && event.target.closest(".text") && caret(event);
  if (here) getSelection().setBaseAndExtent(...grip, ...here);
});

document.addEventListener("pointerup", () => {
  grip = null;
  const selection = getSelection();
  const text = document.querySelector(".text");
  if (selection.isCollapsed || !text.contains(selection.anchorNode) || !text.contains(selection.focusNode)) return;
  const range = selection.getRangeAt(0);
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  // The server counts code points, a string in JavaScript counts halves of some of them.
  const start = [...before.toString()].length;
  const last = start + [...range.toString()].length - 1;
  const address = new URL(document.querySelector("form.filters").action);
  address.search = new URLSearchParams({ at: last > start ? `${start}-${last}` : start });
  show(address.href);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const here = document.activeElement;
  const list = here.matches("a.seg") ? "a.seg" : here.matches("#panel [data-claim]") ? "#panel [data-claim]" : null;
  if (event.key === "Escape") {
    const clear = document.querySelector("[data-clear]");
    if (clear) show(clear.href, { focus: here.id || document.querySelector(".seg.on")?.id });
    return;
  }
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!list || !step) return;
  const all = [...document.querySelectorAll(list)];
  const next = all[all.indexOf(here) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

addEventListener("popstate", () => show(location.href, { push: false }));
