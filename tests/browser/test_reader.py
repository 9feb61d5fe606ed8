"""The reader at /read answers a mouse, a finger and a keyboard, and its address shares what was chosen."""

import re

import pytest
from playwright.sync_api import expect

# The words “chemoresistance” of the fourth sentence, and the one claim that is made with them.
WORDS, CLAIM = "#w486", "Tumour-derived exosomes play an essential role in chemoresistance."
START, END = 486, 501


def heading(page):
    return page.locator("#panel h2")


def expect_heading(page, text):
    page.wait_for_function(
        "(text) => document.querySelector('#panel h2').textContent.trim() === text", arg=text
    )


def lit(page):
    """The words that are marked as chosen."""
    return page.locator(".seg.on").all_inner_texts()


@pytest.fixture
def words(visit):
    """The offset of the word that these tests choose, on a page of the reader."""
    page = visit("/read")
    text = page.locator(".text").evaluate("(each) => each.textContent")
    assert text[START:END] == "chemoresistance"
    return page


def test_a_click_on_words_shows_their_claims(words):
    page = words
    page.locator(WORDS).click()
    expect_heading(page, "“chemoresistance”")
    assert page.locator("#panel .claims .says").all_inner_texts() == [CLAIM]
    assert lit(page) == ["chemoresistance"]
    page.wait_for_url("**/read?at=486#w486")


def test_a_claim_shows_its_words_and_the_way_back(words):
    page = words
    page.get_by_role("link", name=CLAIM).click()
    expect_heading(page, CLAIM)
    assert lit(page) == ["chemoresistance"]
    expect(page.locator(".around mark")).to_have_text("chemoresistance")
    assert page.locator(".slots dt").all_inner_texts()[:3] == ["subject", "relation", "object"]
    page.get_by_role("link", name="All claims of these words").click()
    expect_heading(page, "“chemoresistance”")
    page.go_back()
    expect_heading(page, CLAIM)
    page.go_back()
    expect_heading(page, "All that is stated")
    assert lit(page) == []


def test_the_pointer_shows_what_belongs_together(words):
    page = words
    page.locator(WORDS).hover()
    assert page.locator("#panel .near .says").all_inner_texts() == [CLAIM]
    page.get_by_role("link", name="Exosomes contain lipids.").hover()
    assert page.locator(".seg.near").all_inner_texts()[-1] == "lipids"


def test_words_can_be_drawn_over_by_the_mouse(words):
    page = words
    box = page.locator(WORDS).bounding_box()
    middle = box["y"] + box["height"] / 3
    page.mouse.move(box["x"] + 1, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, middle, steps=4)
    page.mouse.move(box["x"] + box["width"] - 1, middle, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile(r"at=486-500"))
    expect_heading(page, "“chemoresistance”")


def test_a_finger_chooses_words_and_a_claim(visit):
    page = visit("/read", width=390, has_touch=True, is_mobile=True)
    page.locator(WORDS).tap()
    expect_heading(page, "“chemoresistance”")
    page.get_by_role("link", name=CLAIM).tap()
    expect_heading(page, CLAIM)
    panel, chosen = page.locator("#panel").bounding_box(), page.locator(".seg.on").bounding_box()
    assert 0 <= chosen["y"] < chosen["y"] + chosen["height"] <= panel["y"] < 844, (
        "words and claim are seen together"
    )


def test_arrow_keys_enter_and_escape(words):
    page = words
    page.locator(WORDS).focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.textContent") == "immune escape"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect_heading(page, "“chemoresistance”")
    assert page.evaluate("document.activeElement.textContent") == "“chemoresistance”"
    for _ in range(9):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.claim"):
            break
    page.keyboard.press("Enter")
    expect_heading(page, CLAIM)
    page.keyboard.press("Escape")
    expect_heading(page, "All that is stated")
    assert page.evaluate("document.activeElement.id") == WORDS[1:], "from where one came"


def test_what_was_chosen_is_said_to_screen_readers(words):
    page = words
    page.locator(WORDS).click()
    expect_heading(page, "“chemoresistance”")
    expect(page.get_by_role("status")).to_have_text("“chemoresistance”")


FILTERS = {
    "concept": ("About", "Chemoresistance", {CLAIM}),
    "mode": ("Said how", "reportedConsensus", {"Exosomes are membrane-bound nanovesicles."}),
}


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
@pytest.mark.parametrize(("label", "value", "claims"), FILTERS.values(), ids=FILTERS)
def test_a_filter_leaves_what_it_names(visit, label, value, claims, scripts):
    page = visit("/read", scripts=scripts)
    page.get_by_text("Mark only some claims").click()
    page.get_by_label(label).select_option(value)
    page.get_by_role("button", name="Show").click()
    expect_heading(page, "1 statement")
    assert set(page.locator("#panel .claims .says").all_inner_texts()) == claims
    assert value in page.url


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_shared_address_shows_the_same(visit, scripts):
    page = visit("/read", scripts=scripts)
    page.locator(WORDS).click()
    page.get_by_role("link", name=CLAIM).click()
    expect_heading(page, CLAIM)
    other = visit("/read" + page.url.partition("/read")[2], scripts=scripts)
    assert (heading(other).inner_text(), lit(other)) == (CLAIM, ["chemoresistance"])
    chosen = other.locator(".seg.on").bounding_box()
    assert 0 <= chosen["y"] < 900, "the words are in sight"


def test_on_paper_the_chosen_claim_stands_below_the_text(visit):
    page = visit("/read?claim=s04-c6")
    page.emulate_media(media="print")
    text, panel = page.locator(".text").bounding_box(), page.locator("#panel").bounding_box()
    assert panel["y"] >= text["y"] + text["height"]
    shown = page.locator("#panel").evaluate("(each) => each.scrollHeight <= each.clientHeight + 1")
    assert shown, "all of the claim is printed"
    expect(page.get_by_role("navigation")).to_be_hidden()
