"""The editor of queries in a browser: it asks, completes, marks mistakes, shares, and lets the user out."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from browser import chromium
from exoreview.web import assets

pytestmark = pytest.mark.skipif(
    "yasgui.min.js" not in assets.names(), reason="npm could not be reached when this copy was built"
)

PREFIX = "PREFIX exr: <https://w3id.org/exoreview/ontology#>\n"
MODES = PREFIX + "SELECT ?mode (COUNT(?c) AS ?claims) { ?c exr:hasAssertionMode ?mode } GROUP BY ?mode"
CLAIM = PREFIX + "SELECT ?claim { ?claim a exr:Claim } ORDER BY ?claim LIMIT 1"
WRONG = "SELECT * {\n  ?s ?p }"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c > ?i) } ORDER BY ?a"
EDITOR = ".tabPanel.active .CodeMirror"
HINTS = ".CodeMirror-hint"


@pytest.fixture
def editor(visit):
    """Opens the page of queries as somebody who was never here."""

    def opened(path="/sparql", **options):
        page = visit(path, **options)
        page.evaluate("localStorage.clear()")
        page.reload()
        page.locator(EDITOR).wait_for()
        return page

    return opened


def write(page, text, keys=""):
    """Replace the query, and type some keys after it."""
    page.locator(EDITOR).evaluate(
        """(element, text) => {
            element.CodeMirror.setValue(text);
            element.CodeMirror.focus();
            element.CodeMirror.execCommand("goDocEnd");
        }""",
        text,
    )
    page.keyboard.type(keys)


def written(page):
    return page.locator(EDITOR).evaluate("element => element.CodeMirror.getValue()")


def headline(page):
    return page.locator("#answer h2").first


@pytest.mark.parametrize("width", chromium.WIDTHS.values(), ids=chromium.WIDTHS)
def test_a_query_is_asked_and_its_answer_has_labels_and_bars(editor, width):
    page = editor(width=width)
    write(page, MODES)
    page.get_by_role("button", name="Ask", exact=True).click()
    headline(page).get_by_text("4 rows").wait_for()
    expect(page.locator("#answer td a", has_text="presupposed")).to_have_count(1)
    expect(page.locator("#answer .bar")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_address_of_a_query_leads_to_its_answer_again(editor):
    page = editor()
    write(page, CLAIM)
    page.keyboard.press("Control+Enter")
    headline(page).get_by_text("1 row").wait_for()
    shared = page.url
    page.goto("about:blank")
    page.goto(shared)
    headline(page).get_by_text("1 row").wait_for()
    assert written(page) == CLAIM


def test_an_example_is_one_click_away(editor):
    page = editor()
    page.locator(".examples a", has_text="Authors of the review").click()
    page.locator("#answer td", has_text="Amirhossein Sahebkar").first.wait_for()
    expect(page.get_by_role("tab")).to_have_count(1)
    assert page.get_by_role("tab").inner_text().startswith("Authors")


def test_what_somebody_wrote_stays_in_a_tab_of_its_own(editor):
    page = editor()
    write(page, CLAIM)
    page.locator(".examples a", has_text="Authors of the review").click()
    page.locator("#answer td", has_text="Amirhossein Sahebkar").first.wait_for()
    page.get_by_role("tab").first.click()
    assert written(page) == CLAIM
    expect(page.locator("#answer")).to_have_count(0)
    page.reload()
    assert written(page) == CLAIM


COMPLETED = {
    "a property by its name": ("SELECT * {\n  ?c ", "hasSub", "exr:hasSubject"),
    "a property by its short IRI": ("SELECT * {\n  ?c ", "exr:hasSub", "exr:hasSubject"),
    "a class": ("SELECT * {\n  ?c a ", "Clai", "exr:Claim"),
    "a concept by a word of its label": (PREFIX + "SELECT * {\n  ?c exr:hasSubject ", "chemo", "exc:Chemo"),
    "after a semicolon": (PREFIX + "SELECT * {\n  ?c a exr:Claim ; ", "hasObj", "exr:hasObject"),
    "a prefix": ("PREFIX ", "ex", "exc: <https://w3id.org/exoreview/concept/>"),
}


@pytest.mark.parametrize(("text", "keys", "first"), COMPLETED.values(), ids=COMPLETED)
def test_terms_of_the_data_complete_what_is_typed(editor, text, keys, first):
    page = editor()
    write(page, text, keys)
    hint = page.locator(HINTS).first
    hint.wait_for()
    assert hint.inner_text().startswith(first)
    page.keyboard.press("Enter")
    page.locator(HINTS).first.wait_for(state="detached")
    assert re.search(rf"{re.escape(first)}\S*$", written(page))


def test_what_is_completed_is_declared_once(editor):
    page = editor()
    write(page, "SELECT * {\n  ?c ", "hasSub")
    page.locator(HINTS).first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_function("text => document.querySelector(text).CodeMirror.lineCount() > 2", arg=EDITOR)
    assert written(page) == PREFIX + "SELECT * {\n  ?c exr:hasSubject"


def test_a_completion_says_what_it_means(editor):
    page = editor()
    write(page, "SELECT * {\n  ?c a ", "exr:Clai")
    hint = page.locator(HINTS).first
    hint.wait_for()
    assert "A statement that a text makes about its subject." in hint.inner_text()


def test_a_mistake_is_marked_until_the_query_is_changed(editor):
    page = editor(f"/sparql?query={quote(WRONG)}", status=400)
    page.locator(f"{EDITOR} .wrong").wait_for()
    expect(page.locator(f"{EDITOR} .wrong")).to_have_text("}")
    line = page.locator(f"{EDITOR} .CodeMirror-code > div", has=page.locator(".wrong-line"))
    expect(line.locator(".CodeMirror-linenumber")).to_have_text("2")
    write(page, WRONG, " ")
    expect(page.locator(".wrong, .wrong-line")).to_have_count(0)


def test_a_query_can_be_stopped(editor):
    page = editor()
    write(page, ENDLESS)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Ask", exact=True).wait_for()
    expect(page.locator("#said")).to_have_text("Stopped")


@pytest.mark.parametrize(
    ("key", "place"),
    [("Tab", "form.query button[type=submit]"), ("Shift+Tab", "[role=tab][aria-selected=true]")],
    ids=["forward", "back"],
)
def test_the_keyboard_leaves_the_editor(editor, key, place):
    page = editor()
    write(page, CLAIM)
    page.keyboard.press(key)
    assert page.evaluate("place => document.activeElement.matches(place)", place)


def test_a_query_is_copied_for_a_program(editor):
    page = editor(f"/sparql?query={quote(CLAIM)}", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".elsewhere summary").click()
    page.get_by_role("button", name="Copy: Ask it in Python").click()
    assert CLAIM in page.evaluate("navigator.clipboard.readText()")


def test_another_format_is_the_browsers(editor):
    page = editor()
    write(page, CLAIM)
    page.locator("#format").select_option("csv")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Ask", exact=True).click()
    assert "query=PREFIX" in saved.value.url


def test_tabs_are_added_and_closed_by_keyboard(editor):
    page = editor()
    page.get_by_role("button", name="New tab").press("Enter")
    expect(page.get_by_role("tab")).to_have_count(2)
    for _ in range(2):
        page.locator("[role=tab][aria-selected=true]").press("Delete")
    page.wait_for_function("document.querySelectorAll('[role=tab]').length === 1")
    expect(page.locator(EDITOR)).to_have_count(1)


@pytest.mark.parametrize("theme", chromium.THEMES)
@pytest.mark.parametrize("state", ["answer", "completion"])
def test_axe_finds_nothing_while_it_is_used(editor, theme, state):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = editor(theme=theme)
    if state == "answer":
        write(page, MODES)
        page.keyboard.press("Control+Enter")
        headline(page).wait_for()
        page.locator(".elsewhere summary").click()
    else:
        write(page, "SELECT * {\n  ?c a ", "exr:Clai")
        page.locator(HINTS).first.wait_for()
    assert not [each["id"] for each in axe.run(page).response["violations"]]
