"""Citations stand on a page, in files, and where a DOI's client looks for them: by Accept."""

import html
import json

import pytest

import served
from exoreview import citing
from exoreview.citing.styles import STYLES
from served import BROWSER, release

TYPES = {
    "BibTeX": ("application/x-bibtex", "application/x-bibtex", "bibtex"),
    "RIS": ("application/x-research-info-systems", "application/x-research-info-systems", "ris"),
    "CSL-JSON": (
        "application/vnd.citationstyles.csl+json",
        "application/vnd.citationstyles.csl+json",
        "csl",
    ),
    "a reference": ("text/x-bibliography", "text/x-bibliography", "apa"),
    "a style": ("text/x-bibliography; style=vancouver", "text/x-bibliography", "vancouver"),
    "a style with a locale": ("text/x-bibliography; style=apa; locale=en-US", "text/x-bibliography", "apa"),
    "a style by its name in CSL": (
        "text/x-bibliography; style=modern-language-association",
        "text/x-bibliography",
        "mla",
    ),
    "a style that the page does not show": (
        "text/x-bibliography; style=nature",
        "text/x-bibliography",
        "nature",
    ),
    "the best of several": ("text/turtle;q=0.5, application/x-bibtex", "application/x-bibtex", "bibtex"),
}


@pytest.fixture(scope="module")
def client():
    return served.client()


@pytest.mark.parametrize("what", citing.THINGS)
@pytest.mark.parametrize(("accept", "media_type", "form"), TYPES.values(), ids=TYPES)
def test_a_thing_answers_the_media_types_of_dois(client, what, accept, media_type, form):
    found = client.get(f"/{what}", headers={"Accept": accept})
    assert found.status_code == 303
    assert "Accept" in found.headers["Vary"]
    response = client.get(found.headers["Location"], headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert response.data.decode() == citing.cite(release().graphs, what, form)


def test_a_thing_answers_as_before_to_everybody_else(client):
    answers = {
        accept: client.get("/review", headers={"Accept": accept}).headers["Location"]
        for accept in ("*/*", "text/*", "text/turtle", BROWSER)
    }
    assert [answer.rpartition("/")[2] for answer in answers.values()] == [
        "review.ttl",
        "review.ttl",
        "review.ttl",
        "review.html",
    ]


def test_other_things_have_no_citation(client):
    response = client.get("/concept/Exosome", headers={"Accept": "application/x-bibtex"})
    assert response.status_code == 406


@pytest.mark.parametrize("what", citing.THINGS)
@pytest.mark.parametrize("form", citing.formats(), ids=lambda form: form.name)
def test_each_form_is_a_file(client, what, form):
    response = client.get(f"/cite/{what}{form.suffix}")
    assert response.status_code == 200
    assert response.mimetype == form.media_type.partition(";")[0]
    assert response.data.decode() == citing.cite(release().graphs, what, form.name)


@pytest.mark.parametrize("address", ["/cite/review.doc", "/cite/nobody.bib", "/cite/review?style=none"])
def test_what_there_is_not_is_said(client, address):
    response = client.get(address, headers={"Accept": "application/json"})
    assert response.status_code == 404
    assert json.loads(response.data)["detail"]


def test_the_page_shows_each_style_and_offers_each_record(client):
    page = client.get("/cite", headers={"Accept": BROWSER}).text
    for what in citing.THINGS:
        for name in STYLES:
            assert citing.cite(release().graphs, what, name, True).strip() in page
        for form in ("bibtex", "ris", "csl"):
            record = citing.cite(release().graphs, what, form).replace("\r\n", "\n")
            assert record in html.unescape(page).replace("\r\n", "\n")
            assert f'href="/cite/{what}' in page
