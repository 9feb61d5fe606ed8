"""Pages are used by keyboard with the focus in sight, copy what they offer, and keep still when asked to."""

import re

import pytest
from playwright.sync_api import expect

from browser.chromium import WIDTHS
from browser.pages import ALL

# The pages whose parts differ; on the others the same parts stand.
_TABBED = [
    "front",
    "read-claim",
    "read-filter",
    "search-hits",
    "link-claim",
    "cite",
    "download",
    "about",
    "concept",
]
_MOST = 60

# What has the focus, and whether a reader sees that it has.
_LOOKS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const style = getComputedStyle(at);
  return {
    name: `${at.tagName} ${(at.getAttribute("aria-label") || at.textContent).trim().slice(0, 40)}`,
    seen: inside && box.width > 0 && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  };
}"""


@pytest.mark.parametrize("name", _TABBED)
def test_the_focus_is_seen_wherever_it_goes(visit, name):
    page = visit(ALL[name][0], reduced=True)
    page.keyboard.press("Tab")
    first = page.evaluate(_LOOKS)
    assert first["name"] == "A Skip to the text"
    hidden = []
    for _ in range(_MOST):
        at = page.evaluate(_LOOKS)
        if at is None:
            break
        if not at["seen"]:
            hidden.append(at["name"])
        page.keyboard.press("Tab")
    assert not hidden


def test_the_first_link_leads_past_the_navigation(visit):
    page = visit("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/#main")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_the_menu_of_a_phone_opens_by_keyboard_and_closes_by_escape(visit, scripts):
    page = visit("/about", width=WIDTHS["phone"], scripts=scripts)
    link = page.get_by_role("link", name="Downloads")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()


_MOVING = """() => [...document.querySelectorAll("*")].filter((each) => {
  const style = getComputedStyle(each);
  const times = `${style.transitionDuration},${style.animationDuration}`.split(",");
  return times.some((time) => parseFloat(time) > 0) || style.scrollBehavior === "smooth";
}).map((each) => each.outerHTML.slice(0, 80))"""

COPIES = {
    "lines": ("/link", "Copy: Its short IRI (CURIE)", "exc:TumourDerivedExosome"),
    "reference": ("/cite", "Copy: Vancouver (NLM, Citing Medicine)", "Hosseinikhah SM, Gheybi F,"),
    "program": ("/download", "Copy: Program: rdflib", "from rdflib import Graph"),
}


@pytest.mark.parametrize(("path", "button", "begins"), COPIES.values(), ids=COPIES)
def test_a_button_copies(visit, path, button, begins):
    page = visit(path, permissions=["clipboard-read", "clipboard-write"])
    found = page.get_by_role("button", name=button).first
    found.click()
    page.wait_for_function("(button) => button.textContent === 'Copied'", arg=found.element_handle())
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(begins)
    assert "Copy" not in copied


def test_the_first_page_is_small(browser, server):
    """Of all that it loads, fonts too, as it comes over the wire."""
    context = browser.new_context(base_url=server)
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    received = []
    wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto("/", wait_until="networkidle")
    context.close()
    assert len(received) > 4
    assert sum(received) < 100_000


@pytest.mark.parametrize("name", ["front", "read-claim", "map", "concepts", "sparql-result", "link"])
def test_nothing_moves_for_those_who_asked_for_it(visit, name):
    page = visit(ALL[name][0], reduced=True)
    assert page.evaluate(_MOVING) == []


@pytest.mark.parametrize("name", ["front", "cite", "about", "concept"])
def test_a_page_on_paper_is_its_text(visit, name):
    page = visit(ALL[name][0], theme="dark")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_be_hidden()
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    ink = [int(part) for part in re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).color"))]
    assert ink == [0, 0, 0]
    assert page.pdf()[:5] == b"%PDF-"
