"""The map is legible and can be worked with: drawn without JavaScript, explored with it by mouse and keys."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from browser.chromium import THEMES, WIDTHS
from exoreview.web import assets

pytestmark = pytest.mark.skipif(
    "cytoscape.min.js" not in assets.names(), reason="npm could not be reached when the package was built"
)

# The words of each box and what is beside them, in the units of the drawing.
_TOO_LONG = """() => [...document.querySelectorAll(".graph")]
  .filter((graph) => graph.checkVisibility())
  .flatMap((graph) => [...graph.querySelectorAll(".box")])
  .filter((box) => {
    const frame = box.querySelector("rect").getBBox();
    return [...box.querySelectorAll("text")].some((line) => {
      const words = line.getBBox();
      return words.x < frame.x || words.x + words.width > frame.x + frame.width;
    });
  }).map((box) => box.textContent)"""
_VISIBLE = """(selector) =>
  [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility()).length"""
_CENTRE = """(box) => {
  const [x, y, width, height] = [box.x, box.y, box.width, box.height].map((each) => each.baseVal.value);
  return [x + width / 2, y + height / 2];
}"""
_LOADED = """() => performance.getEntriesByType("resource").map((each) => each.name)
  .filter((name) => name.includes("cytoscape"))"""
_GRAPH = "document.querySelector('.canvas')._cyreg.cy"


def explore(visit, path="/map", **options):
    page = visit(path, **options)
    page.get_by_role("button", name="Explore it").click()
    explored(page)
    return page


def explored(page):
    """Waits until the explorer says what can be done in it."""
    page.locator(".beside > *").first.wait_for()


def rows(page):
    return page.locator("table.arrows tbody tr")


def chooses(page, name):
    """The control of the form with this name."""
    return page.get_by_role("combobox", name=name, exact=True)


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_one_drawing_is_seen_whole(visit, width, scripts):
    visit("/map", width=width, scripts=scripts)
    # Our face is used once it is in the cache; where it comes too late, a wider one may be.
    page = visit("/map", width=width, scripts=scripts)
    assert page.evaluate(_VISIBLE, ".graph .arrow[data-claim]") == rows(page).count() == 54
    assert not page.evaluate(_TOO_LONG)


def test_on_paper_the_wide_drawing_is_seen(visit):
    page = visit("/map", width=390)
    page.emulate_media(media="print")
    assert page.evaluate(_VISIBLE, ".broad .arrow") == 54
    assert page.evaluate(_VISIBLE, ".narrow .arrow") == 0
    assert not page.evaluate(_TOO_LONG)


@pytest.mark.parametrize("width", [390, 1440])
def test_the_form_works_without_a_script(visit, width):
    page = visit("/map", width=width, scripts=False)
    page.get_by_text("Find, filter, or follow a chain of causes").click()
    chooses(page, "Relation").select_option("increases")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**/map?*relation=increases*")
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_role("button", name="Explore it")).to_be_hidden()


def test_a_choice_answers_at_once_and_can_be_shared_and_undone(visit):
    page = visit("/map")
    page.get_by_text("Find, filter, or follow a chain of causes").click()
    chooses(page, "Concept").select_option("TumourDerivedExosome")
    page.wait_for_url("**/map?concept=TumourDerivedExosome")
    expect(rows(page)).to_have_count(15)
    assert page.get_by_role("status").text_content() == "15 claims"
    assert visit("/map?concept=TumourDerivedExosome").title() == page.title()
    page.go_back()
    expect(rows(page)).to_have_count(54)
    assert chooses(page, "Concept").input_value() == ""


def test_the_legend_filters(visit):
    page = visit("/map")
    page.get_by_role("link", name="reported consensus 1").click()
    page.wait_for_url("**/map?mode=reportedConsensus")
    expect(rows(page)).to_have_count(1)


def test_what_belongs_together_is_seen_under_the_pointer_and_the_focus(visit):
    page = visit("/map")
    page.locator(".broad .box[data-concept=Cancer]").hover()
    expect(page.locator(".broad .arrow.near")).to_have_count(2)
    expect(page.locator(".broad .box.near")).to_have_count(3)
    page.locator(".broad .arrow[data-claim=s04-c6]").focus()
    near = page.locator(".broad .box.near").evaluate_all(
        "all => all.map((each) => each.dataset.concept).sort()"
    )
    assert near == ["Chemoresistance", "TumourDerivedExosome"]


def test_a_concept_and_a_claim_are_reached_by_keyboard(visit):
    page = visit("/map")
    page.locator(".broad .box[data-concept=Chemoresistance]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/concept/Chemoresistance.html")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_in_the_explorer(visit, width, theme):
    page = explore(visit, width=width, theme=theme, bypass_csp=True)
    page.get_by_label("Go to").select_option("Exosome")
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [each["id"] for each in found] == []


def test_what_is_explored_is_what_is_drawn(visit):
    page = explore(visit)
    assert page.evaluate(f"{_GRAPH}.edges().length") == 54
    assert page.evaluate(f"{_GRAPH}.nodes('.box').length") == page.locator(".broad .box").count()
    drawn = page.locator(".broad .box[data-concept=Exosome] rect").evaluate(_CENTRE)
    place = page.evaluate(f"{_GRAPH}.getElementById('Exosome').position()")
    assert [place["x"], place["y"]] == pytest.approx(drawn, abs=0.1)


def test_a_chosen_concept_has_its_claims_beside(visit):
    page = explore(visit)
    page.get_by_role("button", name="Whole map").click()
    where = page.evaluate(f"{_GRAPH}.getElementById('Cancer').renderedPosition()")
    page.locator(".canvas").click(position=where)
    beside = page.locator(".beside")
    expect(beside.get_by_role("heading", name="cancer")).to_be_visible()
    expect(beside.locator("li")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(beside.get_by_role("heading")).to_have_count(0)
    expect(page.locator(".explorer")).to_be_visible()


def test_a_concept_is_chosen_and_focused_by_keyboard(visit):
    page = explore(visit, reduced=True)
    page.get_by_label("Go to").select_option("TumourDerivedExosome")
    page.get_by_role("link", name="Only what is around it").press("Enter")
    page.wait_for_url("**/map?concept=TumourDerivedExosome#explore")
    expect(rows(page)).to_have_count(15)
    explored(page)
    expect(rows(page)).to_have_count(15)
    assert page.evaluate("document.activeElement.matches('.canvas')")
    page.keyboard.press("Escape")
    expect(page.locator(".sheet")).to_be_visible()
    page.wait_for_url("**/map?concept=TumourDerivedExosome")
    assert page.evaluate("document.activeElement.matches('[data-explore]')")


def test_a_chain_is_followed_in_the_explorer(visit):
    page = explore(visit)
    page.get_by_label("Go to").select_option("Cell")
    page.get_by_role("link", name="Follow what it causes").click()
    page.wait_for_url("**/map?follow=Cell#explore")
    expect(page.locator(".chains > ol > li")).to_have_count(9)
    explored(page)
    assert page.evaluate(f"{_GRAPH}.edges('.lit').length") == 11
    assert page.evaluate(f"{_GRAPH}.edges('.dim').length") == 54 - 11


def test_the_map_is_moved_and_enlarged_by_keys_and_buttons(visit):
    page = explore(visit, reduced=True)
    size = page.evaluate(f"{_GRAPH}.zoom()")
    page.keyboard.press("+")
    assert page.evaluate(f"{_GRAPH}.zoom()") > size
    page.get_by_role("button", name="Reduce").click()
    assert page.evaluate(f"{_GRAPH}.zoom()") == pytest.approx(size)
    before = page.evaluate(f"{_GRAPH}.pan().x")
    page.locator(".canvas").press("ArrowRight")
    assert page.evaluate(f"{_GRAPH}.pan().x") == before - 60
    page.get_by_role("button", name="Whole map").click()
    assert page.evaluate(f"{_GRAPH}.pan().x") != before - 60


def test_the_colours_follow_the_theme(visit):
    page = explore(visit)
    colour = f"{_GRAPH}.getElementById('s04-c6').style('line-color')"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate(colour) != light


@pytest.mark.parametrize("width", [390, 1440])
def test_the_explorer_begins_with_words_that_can_be_read(visit, width):
    page = explore(visit, width=width)
    assert page.evaluate(f"{_GRAPH}.zoom()") * 14 > 8
    middle = page.evaluate(f"{_GRAPH}.getElementById('Exosome').renderedPosition()")
    assert 0 < middle["x"] < page.evaluate(f"{_GRAPH}.width()")
    assert 0 < middle["y"] < page.evaluate(f"{_GRAPH}.height()")


def test_claims_with_the_same_ends_are_two_arrows_in_the_explorer(visit):
    page = explore(visit)
    one, other = page.evaluate(
        f"['s03-c1', 's03-c2'].map((name) => {_GRAPH}.getElementById(name).midpoint())"
    )
    assert abs(one["y"] - other["y"]) > 5


def test_an_address_can_lead_into_the_explorer(visit):
    page = visit("/map?concept=Cancer#explore")
    explored(page)
    page.get_by_role("button", name="Back to the drawing").click()
    expect(page.locator(".explorer")).to_have_count(0)


def test_cytoscape_is_loaded_only_to_explore(visit):
    page = visit("/map")
    assert page.evaluate(_LOADED) == []
    page.get_by_role("button", name="Explore it").click()
    explored(page)
    assert len(page.evaluate(_LOADED)) == 1
