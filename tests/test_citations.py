"""Citations follow the manual of each style and the definition of each format, and are made from the graphs.

The expected texts were written from the rules of the manuals (named beside each), with the en dash in ranges
of pages, not copied from what the program prints.
"""

# ruff: noqa: RUF001

import json
import re

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from exoreview import citing, cli, files
from exoreview.citing.records import record
from exoreview.knowledge import graphs
from exoreview.problems import Refusal
from exoreview.release import Release
from exoreview.terms import BASE, term

FORMATS = ("bibtex", "bibtex-utf8", "biblatex", "ris", "csl")
STYLES = ("apa", "harvard", "vancouver", "mla", "chicago", "journal")

TITLE = "Role of exosomes in tumour growth, chemoresistance and immunity: state-of-the-art"
DOI = "10.1080/1061186X.2022.2114000"

# Nine authors, an accent, a range of pages, an issue and no volume.
REVIEW = {
    # Publication Manual, 7th edition: 9.8 up to 20 authors, 6.17 a capital after the colon, 9.25 the issue.
    "apa": (
        "Hosseinikhah, S. M., Gheybi, F., Moosavian, S. A., Shahbazi, M. A., Jaafari, M. R., Sillanpää, M., "
        "Kesharwani, P., Alavizadeh, S. H., & Sahebkar, A. (2023). Role of exosomes in tumour growth, "
        "chemoresistance and immunity: State-of-the-art. Journal of Drug Targeting, (1), 32–50. "
        f"https://doi.org/{DOI}"
    ),
    # Cite Them Right: the first of four or more authors, single quotation marks.
    "harvard": (
        "Hosseinikhah, S.M. et al. (2023) ‘Role of exosomes in tumour growth, chemoresistance and immunity: "
        "state-of-the-art’, Journal of Drug Targeting, (1), pp. 32–50. "
        f"Available at: https://doi.org/{DOI}."
    ),
    # Recommendations of the ICMJE: six authors, then et al.; initials without full stops; the short title of
    # the journal in Medline.
    "vancouver": (
        "Hosseinikhah SM, Gheybi F, Moosavian SA, Shahbazi MA, Jaafari MR, Sillanpää M, et al. "
        "Role of exosomes in tumour growth, chemoresistance and immunity: state-of-the-art. "
        f"J Drug Target. 2023;(1):32–50. doi:{DOI}"
    ),
    # MLA Handbook, 9th edition: the first of three or more authors in full, title case also after hyphens,
    # full stop before the closing quotation mark.
    "mla": (
        "Hosseinikhah, Seyedeh Maryam, et al. “Role of Exosomes in Tumour Growth, Chemoresistance and "
        "Immunity: State-of-the-Art.” Journal of Drug Targeting, no. 1, 2023, pp. 32–50, "
        f"https://doi.org/{DOI}."
    ),
    # Chicago Manual of Style, 17th edition: 14.76 up to ten authors, 14.172 an issue without a volume.
    "chicago": (
        "Hosseinikhah, Seyedeh Maryam, Fatemeh Gheybi, Seyedeh Alia Moosavian, Mohammad Ali Shahbazi, "
        "Mahmoud Reza Jaafari, Mika Sillanpää, Prashant Kesharwani, Seyedeh Hoda Alavizadeh, and "
        "Amirhossein Sahebkar. “Role of Exosomes in Tumour Growth, Chemoresistance and Immunity: "
        "State-of-the-Art.” Journal of Drug Targeting, no. 1 (2023): 32–50. "
        f"https://doi.org/{DOI}."
    ),
    # Taylor & Francis, reference style NLM: three authors, then et al.; no DOI where there are pages.
    "journal": (
        "Hosseinikhah SM, Gheybi F, Moosavian SA, et al. Role of exosomes in tumour growth, chemoresistance "
        "and immunity: state-of-the-art. J Drug Target. 2023;(1):32–50."
    ),
}

BIBTEX = r"""@article{hosseinikhah2023,
  author   = {Hosseinikhah, Seyedeh Maryam and Gheybi, Fatemeh and Moosavian, Seyedeh Alia and Shahbazi, Mohammad Ali and Jaafari, Mahmoud Reza and Sillanp{\"a}{\"a}, Mika and Kesharwani, Prashant and Alavizadeh, Seyedeh Hoda and Sahebkar, Amirhossein},
  title    = {Role of exosomes in tumour growth, chemoresistance and immunity: state-of-the-art},
  journal  = {Journal of Drug Targeting},
  year     = {2023},
  number   = {1},
  pages    = {32--50},
  issn     = {1061-186X},
  doi      = {10.1080/1061186X.2022.2114000},
  keywords = {chemoresistance, diagnosis, drug delivery, immunomodulation, Tumour-derived exosomes},
}
"""  # noqa: E501

BIBLATEX_DATASET = """@dataset{exoreview2026,
  author    = {{The exoreview developers}},
  title     = {exoreview: the claims of a review of exosomes in cancer},
  date      = {2026-11-23},
  version   = {1.0.0},
  publisher = {The exoreview developers},
  url       = {https://w3id.org/exoreview/dataset},
  langid    = {english},
"""

RIS = """TY  - JOUR
AU  - Hosseinikhah, Seyedeh Maryam
AU  - Gheybi, Fatemeh
AU  - Moosavian, Seyedeh Alia
AU  - Shahbazi, Mohammad Ali
AU  - Jaafari, Mahmoud Reza
AU  - Sillanpää, Mika
AU  - Kesharwani, Prashant
AU  - Alavizadeh, Seyedeh Hoda
AU  - Sahebkar, Amirhossein
TI  - Role of exosomes in tumour growth, chemoresistance and immunity: state-of-the-art
T2  - Journal of Drug Targeting
J2  - J Drug Target
IS  - 1
SP  - 32
EP  - 50
PY  - 2023
SN  - 1061-186X
DO  - 10.1080/1061186X.2022.2114000
UR  - https://doi.org/10.1080/1061186X.2022.2114000
LA  - en
KW  - chemoresistance
KW  - diagnosis
KW  - drug delivery
KW  - immunomodulation
KW  - Tumour-derived exosomes
ER  - 
"""


@pytest.fixture(scope="module")
def loaded():
    return graphs.load(names=citing.SOURCES)


@pytest.fixture(scope="module")
def cited(loaded):
    """A citation, made once."""
    made = {}

    def citation(what, form):
        if (what, form) not in made:
            made[what, form] = citing.cite(loaded, what, form)
        return made[what, form]

    return citation


def said(graph, subject, name, value):
    """The graphs with one statement more, about a thing of ours."""
    return lambda loaded: {
        **loaded,
        graph: [*loaded[graph], Triple(NamedNode(BASE + subject), term(name), Literal(value))],
    }


@pytest.mark.parametrize("style", REVIEW)
def test_the_review_in_the_style_of_the_manual(cited, style):
    assert cited("review", style) == REVIEW[style] + "\n"


@pytest.mark.parametrize("style", STYLES)
def test_the_dataset_is_cited_with_maker_year_title_and_address(cited, style):
    text = cited("dataset", style)
    for part in ("The exoreview developers", "2026", "xoreview: ", "https://w3id.org/exoreview/dataset"):
        assert part in text
    assert text.lower().count("the claims of a review of exosomes in cancer") == 1


def test_the_dataset_in_the_style_of_the_apa(cited):
    """10.9: the version and what it is, and no publisher that is the author."""
    assert cited("dataset", "apa") == (
        "The exoreview developers. (2026). exoreview: The claims of a review of exosomes in cancer "
        "(Version 1.0.0) [Data set]. https://w3id.org/exoreview/dataset\n"
    )


@pytest.mark.parametrize("form", [*FORMATS, *STYLES])
@pytest.mark.parametrize("what", ["review", "dataset"])
def test_nothing_stands_for_what_is_unknown(cited, what, form):
    text = cited(what, form)
    assert not re.search(r"vol\b|vol\.|volume|\bVL\b|None|undefined|n\.d\.|s\.n\.", text, re.IGNORECASE)
    assert not re.search(r"[,;] ?[,;]|\(\)|\{\}| $", text.replace("ER  - \r\n", ""), re.MULTILINE)


@pytest.mark.parametrize(
    ("form", "part"),
    [
        ("apa", "Journal of Drug Targeting, 99(1), 32–50."),
        ("harvard", "Journal of Drug Targeting, 99(1), pp. 32–50."),
        ("vancouver", "J Drug Target. 2023;99(1):32–50."),
        ("mla", "Journal of Drug Targeting, vol. 99, no. 1, 2023, pp. 32–50"),
        ("chicago", "Journal of Drug Targeting 99, no. 1 (2023): 32–50."),
        ("journal", "J Drug Target. 2023;99(1):32–50."),
        ("bibtex", "  volume   = {99},\n"),
        ("biblatex", "  volume       = {99},\n"),
        ("ris", "\r\nVL  - 99\r\n"),
        ("csl", '"volume": "99"'),
    ],
)
def test_a_volume_is_cited_once_the_data_has_it(loaded, form, part):
    assert part in citing.cite(said("review", "review/issue", "bibo:volume", "99")(loaded), "review", form)


@pytest.mark.parametrize(
    ("form", "part"),
    [
        ("vancouver", "state-of-the-art. Journal of Drug Targeting. 2023"),
        ("journal", "state-of-the-art. Journal of Drug Targeting. 2023"),
        ("biblatex", "journaltitle = {Journal of Drug Targeting},\n  date "),
        ("ris", "\r\nT2  - Journal of Drug Targeting\r\nIS  - 1\r\n"),
    ],
)
def test_a_journal_without_a_short_title_is_cited_by_its_title(loaded, form, part):
    fewer = [each for each in loaded["enrichment"] if each.predicate != term("bibo:shortTitle")]
    assert part in citing.cite({**loaded, "enrichment": fewer}, "review", form)


def test_html_has_the_italics_and_no_other_markup(loaded):
    text = citing.cite(loaded, "review", "mla", html=True)
    assert "<i>Journal of Drug Targeting</i>" in text
    assert re.sub("</?i>", "", text) == REVIEW["mla"] + "\n"
    marked = {**loaded, "review": _titled(loaded["review"], "Cells < vesicles & more: a review")}
    assert "Cells &lt; Vesicles &amp; More" in citing.cite(marked, "review", "mla", html=True)
    assert "Cells < Vesicles & More" in citing.cite(marked, "review", "mla")


def _titled(triples, title):
    """The graph with another title of the review."""
    return [
        Triple(triple.subject, triple.predicate, Literal(title, language="en"))
        if triple.subject.value == BASE + "review" and triple.predicate == term("dcterms:title")
        else triple
        for triple in triples
    ]


def test_every_style_of_the_csl_project_can_be_named(loaded):
    assert citing.cite(loaded, "review", "nature").startswith("Hosseinikhah, S. M. et al. Role of exosomes ")
    # A dependent style is that of another journal.
    assert "Hosseinikhah" in citing.cite(loaded, "review", "journal-of-neurochemistry")


@pytest.mark.parametrize("form", ["", "no-such-style", "../styles/apa", "apa.csl", "APA", "dependent/cell"])
def test_an_unknown_form_is_refused_with_those_there_are(loaded, form):
    with pytest.raises(Refusal, match=f"There is no format “{re.escape(form)}”; there are bibtex, .*, apa, "):
        citing.cite(loaded, "review", form)


@pytest.mark.parametrize(
    ("what", "style"),
    [("review", "aib-studi"), ("dataset", "kommunikation-und-recht"), ("review", "french4")],
    ids=["notes alone", "no datasets", "beyond the processor"],
)
def test_a_style_that_makes_no_reference_is_refused(loaded, what, style):
    with pytest.raises(Refusal, match=f"The style “{style}” makes no entry of a reference list of this."):
        citing.cite(loaded, what, style)


# --- Formats for programs ---


def test_bibtex_is_ascii_with_a_stable_key(cited):
    assert cited("review", "bibtex") == BIBTEX
    assert cited("both", "bibtex").isascii()


def test_bibtex_in_utf8_differs_in_its_accents_alone(cited):
    assert cited("review", "bibtex-utf8") == BIBTEX.replace(r"{\"a}", "ä")


def test_a_dataset_is_no_article_to_bibtex(cited):
    text = cited("dataset", "bibtex")
    assert text.startswith("@misc{exoreview2026,\n  author       = {{The exoreview developers}},\n")
    assert (
        "  howpublished = {\\url{https://w3id.org/exoreview/dataset}},\n  note         = {Version 1.0.0},\n"
        in text
    )


def test_biblatex_knows_datasets_dates_and_languages(cited):
    assert cited("dataset", "biblatex").startswith(BIBLATEX_DATASET)
    review = cited("review", "biblatex")
    assert "Sillanpää" in review
    titles = "  journaltitle = {Journal of Drug Targeting},\n  shortjournal = {J Drug Target},\n"
    assert titles + "  date         = {2023},\n" in review


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Role of siRNA and TDEs in growth", r"Role of {siRNA} and {TDEs} in growth"),
        ("The role of Hodgkin cells", r"The role of {Hodgkin} cells"),
        ("DNA in vesicles: State of the art", r"{DNA} in vesicles: State of the art"),
        ("Cells: RNA and more", r"Cells: {RNA} and more"),
        ("50 % of A&B_c #1 for $5 {x}", r"50 \% of {A}\&{B}\_c \#1 for \$5 \{x\}"),
        ("a ~ b ^ c \\ d", r"a \textasciitilde{} b \textasciicircum{} c \textbackslash{} d"),
        ("Rôle of ß-cells – a “naïve” view", r"R{\^o}le of {\ss}-cells {\textendash} a "),
    ],
    ids=["acronyms", "name", "first", "subtitle", "signs", "commands", "accents"],
)
def test_a_title_is_safe_in_bibtex(loaded, title, written):
    changed = {**loaded, "review": _titled(loaded["review"], title)}
    assert f"title    = {{{written}" in citing.cite(changed, "review", "bibtex")


def test_ris_is_written_line_by_line_with_its_own_line_ends(cited):
    assert cited("review", "ris") == RIS.replace("\n", "\r\n")
    both = cited("both", "ris")
    assert both.count("TY  - ") == both.count("ER  - \r\n") == 2
    assert re.fullmatch(r"(?:[A-Z][A-Z0-9]  - [^\r\n]*\r\n)+", both)
    for line in ("TY  - DATA", "ET  - 1.0.0", "DA  - 2026/11/23/", "AU  - The exoreview developers"):
        assert f"{line}\r\n" in both


# Of the schema csl-data.json: the types in use, what a variable holds, and what a name may have.
CSL_TYPES = {"article-journal", "dataset"}
CSL_TEXTS = {
    *(
        "id",
        "type",
        "title",
        "version",
        "DOI",
        "issue",
        "container-title",
        "container-title-short",
        "ISSN",
        "page",
        "publisher",
    ),
    *("language", "keyword", "URL"),
}


def test_csl_json_is_what_its_schema_allows(cited):
    records = json.loads(cited("both", "csl"))
    assert [item["id"] for item in records] == ["hosseinikhah2023", "exoreview2026"]
    for item in records:
        assert item["type"] in CSL_TYPES
        assert {name for name, value in item.items() if isinstance(value, str)} <= CSL_TEXTS
        assert item.keys() - CSL_TEXTS == {"author", "issued"}
        assert all(name.keys() in ({"family", "given"}, {"literal"}) for name in item["author"])
        assert all(isinstance(part, int) for part in item["issued"]["date-parts"][0])
    assert records[0]["author"][5] == {"family": "Sillanpää", "given": "Mika"}
    assert records[0]["page"] == "32-50"
    assert records[1]["issued"] == {"date-parts": [[2026, 11, 23]]}


def test_the_order_of_triples_is_indifferent(loaded, cited):
    reversed_graphs = {name: triples[::-1] for name, triples in loaded.items()}
    for form in FORMATS:
        assert citing.cite(reversed_graphs, "both", form) == cited("both", form)


def test_a_release_is_cited_as_its_files_are(cited):
    """What the release adds, such as counts and downloads, is none of a citation."""
    assert citing.cite(Release.load().graphs, "both", "csl") == cited("both", "csl")


def test_each_form_says_its_media_type(loaded):
    types = {form.name: form.media_type for form in citing.formats()}
    assert types == {
        "bibtex": "application/x-bibtex",
        "bibtex-utf8": "application/x-bibtex",
        "biblatex": "application/x-bibtex",
        "ris": "application/x-research-info-systems",
        "csl": "application/vnd.citationstyles.csl+json",
        "apa": "text/x-bibliography; style=apa",
        "harvard": "text/x-bibliography; style=harvard-cite-them-right",
        "vancouver": "text/x-bibliography; style=nlm-citation-sequence",
        "mla": "text/x-bibliography; style=modern-language-association",
        "chicago": "text/x-bibliography; style=chicago-notes-bibliography-17th-edition",
        "journal": "text/x-bibliography; style=taylor-and-francis-national-library-of-medicine",
    }
    assert len({form.suffix for form in citing.formats()}) == len(types)


def test_the_data_names_the_dataset_as_it_is_cited_here(loaded):
    """The catalog has a citation as a text, and the same facts as data."""
    [text] = [
        triple.object.value
        for triple in loaded["catalog"]
        if triple.predicate == term("dcterms:bibliographicCitation")
    ]
    facts = record(loaded, "dataset")
    assert text == (
        f"{facts['author'][0]['literal']} ({facts['issued']['date-parts'][0][0]}). {facts['title']}, "
        f"version {facts['version']}. {facts['URL']}"
    )


def test_the_readme_cites_the_dataset_as_the_data_does(loaded):
    [text] = [
        triple.object.value
        for triple in loaded["catalog"]
        if triple.predicate == term("dcterms:bibliographicCitation")
    ]
    readme = files.path("README.md").read_text("utf-8")
    assert text in re.sub(r"\s+", " ", readme.replace("*", ""))


# --- exoreview cite ---


@pytest.fixture
def printed(capsysbinary):
    """What the command writes."""

    def run(*arguments):
        assert cli.main(["cite", *arguments]) == 0
        return capsysbinary.readouterr().out.decode()

    return run


def test_the_command_cites_both_for_people(printed, cited):
    assert printed() == cited("review", "apa") + "\n" + cited("dataset", "apa")


@pytest.mark.parametrize("form", ["ris", "bibtex", "mla"])
def test_the_command_writes_the_form_that_is_asked_for(printed, cited, form):
    assert printed("review", "--format", form) == cited("review", form)


def test_the_command_refuses_an_unknown_form(capsys):
    assert cli.main(["cite", "--format", "acm"]) == 1
    assert capsys.readouterr().err.startswith("exoreview cite: There is no format “acm”; there are bibtex")
