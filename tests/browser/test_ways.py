"""Three people find what they came for, from the first page, by the words of the links that they see."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.chromium import WIDTHS

widths = pytest.mark.parametrize("width", [WIDTHS["phone"], WIDTHS["desktop"]], ids=["phone", "desktop"])
scripted = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])


def follow(page, words):
    """Clicks the one link of the page's own part that is called so and can be seen."""
    link = page.get_by_role("main").get_by_role("link", name=words, exact=True)
    expect(link, words).to_have_count(1)
    expect(link).to_be_visible()
    link.click()


@widths
@scripted
def test_what_is_claimed_about_chemoresistance(visit, width, scripts):
    """A keyword of the article leads to its claims, and a claim to its words."""
    page = visit("/", width=width, scripts=scripts)
    follow(page, "chemoresistance")
    page.wait_for_url("**/read?**")
    claim = "Tumour-derived exosomes play an essential role in chemoresistance."
    expect(page.locator("#panel .says").first).to_have_text(claim)
    page.get_by_role("link", name=claim).click()
    page.wait_for_url("**claim=s04-c6**")
    page.locator("#panel h2", has_text=claim).wait_for()
    expect(page.locator(".seg.on")).to_have_text("chemoresistance")


@widths
@scripted
def test_say_that_a_class_is_our_tumour_derived_exosome(visit, width, scripts):
    """The lines to copy stand one click from the first page, and another term two clicks."""
    page = visit("/", width=width, scripts=scripts)
    follow(page, "Link your ontology to ours")
    page.get_by_role("heading", level=1, name="How to link to “tumour-derived exosome”").wait_for()
    lines = page.get_by_role("region", name="Yours is the same, in Turtle")
    expect(lines).to_be_visible()
    assert "owl:equivalentClass exc:TumourDerivedExosome" in lines.inner_text()


def test_the_concept_itself_leads_to_the_lines_too(visit):
    page = visit("/")
    follow(page, "concept")
    page.get_by_role("link", name="tumour-derived exosome", exact=True).first.click()
    page.get_by_role("heading", level=1, name="tumour-derived exosome").wait_for()
    follow(page, "Lines to copy")
    page.get_by_role("heading", level=1, name="How to link to “tumour-derived exosome”").wait_for()


@widths
@scripted
@pytest.mark.parametrize(
    "links",
    [["the claims as a table (CSV)"], ["everything", "All claims as CSV"]],
    ids=["at once", "by /download"],
)
def test_the_claims_as_csv(visit, width, scripts, links):
    page = visit("/", width=width, scripts=scripts)
    for words in links[:-1]:
        follow(page, words)
    with page.expect_download() as saving:
        follow(page, links[-1])
    assert saving.value.suggested_filename == "exoreview-claims.csv"
    with Path(saving.value.path()).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 54
    assert rows[0]["claimLabel"] == "Cancer is one of the most lethal diseases."


@widths
def test_search_is_on_every_page_and_finds(visit, width):
    page = visit("/", width=width)
    if width == WIDTHS["phone"]:
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("navigation").get_by_role("link", name="Search").click()
    page.get_by_label("Words, a name or an identifier").fill("tumour exosome")
    page.keyboard.press("Enter")
    follow(page, "Go to tumour-derived exosome")
    expect(page.get_by_role("heading", level=1)).to_have_text("tumour-derived exosome")
