"""The notebook in Python and the script in R run against a real server and say what the data says.

What the notebook was committed with is what a fresh run gives. The expected numbers are those of the answers
that were worked out by hand, or come from the data in another way than the notebook's.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from examples import cells
from exoreview import files
from notebooks import NOTEBOOK, REPAIR
from served import release
from triples import iri

SCRIPT = files.path("notebooks/claims.R")
ABSTRACT = files.path("data/source/abstract.txt").read_text("utf-8")


def outputs(notebook, kind):
    """What the cells give of a media type, by the name of the cell."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if kind in output.get("data", {}):
                found[cell.id] = output["data"][kind]
    return found


@pytest.fixture(scope="module")
def committed():
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def fresh(server, tmp_path_factory):
    """The notebook after a run; its writing is compared too."""
    out = tmp_path_factory.mktemp("notebook") / "claims.ipynb"
    program = Path(__file__).with_name("notebooks.py")
    run([sys.executable, str(program), str(out)], server)
    return nbformat.read(out, as_version=4)


def run(command, server, folder=None):
    """What a command prints that is told the address of the server; complaints of it fail the test."""
    done = subprocess.run(
        command,
        env={**os.environ, "EXOREVIEW_URL": server},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


# --- The notebook -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_the_committed_outputs_are_those_of_a_fresh_run(committed, fresh, kind):
    assert outputs(committed, kind) == outputs(fresh, kind), f"run {REPAIR}"


def test_every_cell_was_run_in_order_and_only_shows(committed):
    code = [cell for cell in committed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert kinds == {"execute_result", "display_data"}, "a warning or an error was printed"


def test_the_file_holds_nothing_of_when_and_where_it_was_run(committed):
    text = NOTEBOOK.read_text("utf-8")
    assert not re.search(r"20\d\d-\d\d-\d\dT|/home/|/tmp/|/work/", text)
    assert all(not cell.metadata for cell in committed.cells)
    assert set(committed.metadata) == {"kernelspec", "language_info"}
    assert len({cell.id for cell in committed.cells}) == len(committed.cells)
    assert nbformat.writes(committed) + "\n" == text


def test_it_stays_small():
    assert NOTEBOOK.stat().st_size < 150_000


def rows(text):
    """The rows of a table that pandas prints, by the label at their start."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()[1:]]
    return {label: values for label, *values in lines}


def data(html):
    """The cells of each row of a table in HTML."""
    found = (re.findall(r"<td>(.*?)</td>", row) for row in html.split("</tr>"))
    return [cells for cells in found if cells]


def test_it_counts_the_claims_by_relation_and_mode(fresh):
    table = rows(outputs(fresh, "text/plain")["by-relation"])
    assert {relation: int(values[-1]) for relation, values in table.items()} == by_relation()
    asserted, presupposed, exemplified, consensus, _ = zip(*table.values(), strict=True)
    said = [sum(map(int, column)) for column in (asserted, presupposed, exemplified, consensus)]
    assert said == [
        by_mode()[mode] for mode in ("asserted", "presupposed", "exemplified", "reportedConsensus")
    ]


def of_claims(property):
    """A property of each claim, in its own words."""
    graph = release().graph("claims")
    claims = {triple.subject for triple in graph if triple.object == iri("exr:Claim")}
    return [
        triple.object for triple in graph if triple.subject in claims and triple.predicate == iri(property)
    ]


def by_mode():
    return Counter(mode.value.rpartition("#")[2] for mode in of_claims("exr:hasAssertionMode"))


def by_relation():
    """`isKindOf` is “is kind of”."""
    names = (re.sub(r".*[/#]", "", relation.value) for relation in of_claims("exr:hasRelation"))
    return Counter(re.sub(r"(?=[A-Z])", " ", name).lower() for name in names)


def fingerprint():
    """The published answer: label, claims, weight."""
    columns = (cells("fingerprint", name) for name in ("conceptLabel", "claims", "weight"))
    return [
        (label.partition("@")[0].strip('"'), int(n), int(weight))
        for label, n, weight in zip(*columns, strict=True)
    ]


def test_its_fingerprint_is_the_published_one(fresh):
    table = data(outputs(fresh, "text/html")["fingerprint-table"])
    assert [(label, int(n), int(weight)) for label, _, n, weight in table] == fingerprint()


def test_its_words_are_those_of_the_text(fresh):
    table = data(outputs(fresh, "text/html")["words"])
    assert len(table) == 6
    for start, end, _, words in table:
        assert ABSTRACT[int(start) : int(end)] == words


DRAWN = {
    "by-relation-plot": [
        "54 claims by relation, and how the text says them",
        "asserted (31)",
        "contributes to",
    ],
    "fingerprint-plot": ["The fingerprint of the review", "26 claims", "tumour-exosome-based nanoparticle"],
    "words-plot": ["The words of each claim, sentence by sentence", "reported consensus", "11"],
}


@pytest.mark.parametrize(("name", "said"), DRAWN.items(), ids=DRAWN)
@pytest.mark.parametrize("which", ["committed", "fresh"])
def test_each_plot_is_drawn_with_its_words_as_text(request, which, name, said):
    drawn = outputs(request.getfixturevalue(which), "image/svg+xml")[name]
    texts = [
        "".join(text.itertext()).strip()
        for text in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert set(said) <= set(texts)


# --- The script in R ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(server, tmp_path_factory):
    """What the script prints, and the folder with its drawings."""
    if not shutil.which("Rscript"):
        pytest.skip("R is not installed")
    folder = tmp_path_factory.mktemp("drawn")
    return run(["Rscript", str(SCRIPT), str(folder)], server, folder), folder


def test_r_counts_the_claims_by_relation_and_mode(drawn):
    head, *lines = drawn[0].partition(" concept ")[0].strip().splitlines()
    assert head.split() == ["asserted", "presupposed", "exemplified", "reported", "consensus", "claims"]
    table = {line[:14].strip(): list(map(int, line[14:].split())) for line in lines}
    assert {relation: values[-1] for relation, values in table.items()} == by_relation()
    assert [sum(column) for column in zip(*table.values(), strict=True)][:-1] == sorted(
        by_mode().values(), reverse=True
    )


def test_r_finds_the_published_fingerprint(drawn):
    _, _, lines = drawn[0].partition(" concept ")
    found = [re.fullmatch(r"(.+?)\s+(\d+)\s+(\d+)", line.strip()) for line in lines.splitlines()[1:]]
    assert [(each[1], int(each[2]), int(each[3])) for each in found] == fingerprint()


# The hues of the drawings, and how many bars they fill; a mode has a patch in the key too.
BARS = {"claims.svg": (4, 15 + 4), "fingerprint.svg": (1, 9)}


@pytest.mark.parametrize(
    ("name", "hues", "bars"), [(name, *counts) for name, counts in BARS.items()], ids=BARS
)
def test_r_draws_a_bar_for_each_number(drawn, name, hues, bars):
    text = (drawn[1] / name).read_text("utf-8")
    ElementTree.fromstring(text)
    filled = [
        found for found in re.findall(r'fill[:=]"?rgb\(([^)]*)\)', text) if len(set(found.split(","))) > 1
    ]
    assert len(set(filled)) == hues
    assert len(filled) >= bars
