"""Older releases are taken as they were released or refused, and a release says which came before it."""

import hashlib
import shutil
import subprocess
import sys

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse
from rdflib import Graph

import older
import served
from conftest import free_port
from exoreview import cli, files
from exoreview.knowledge import graphs
from exoreview.problems import Refusal
from exoreview.release import CATALOG, CHECKSUMS, Release, archive, bundles, lineage, structure
from exoreview.terms import BASE, DATASET, term
from test_catalog import SHAPES, broken
from triples import iri

VERSION = files.version()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return older.archive(tmp_path_factory.mktemp("archive"))


@pytest.fixture
def folder(made, tmp_path):
    """A copy of the newest of them, to be spoiled."""
    shutil.copytree(made / "0.10.0", tmp_path / "archive" / "0.10.0")
    return tmp_path / "archive"


@pytest.fixture(scope="module")
def releases(made):
    return archive.read(made, VERSION)


@pytest.fixture(scope="module")
def release(releases):
    return Release.load(archive=releases)


def test_the_newest_is_first_by_number(releases):
    assert [each.version for each in releases] == ["0.10.0", "0.9.0"]


def test_every_file_is_as_it_was_released(made, releases):
    for each in releases:
        assert {*each.names()} == {path.name for path in (made / each.version).iterdir()}
        for name in each.names():
            assert each.bytes(name) == (made / each.version / name).read_bytes()


def test_it_holds_what_was_released(releases):
    then = older.release("0.10.0")
    assert set(releases[0].quads) == set(then.named_quads())
    assert {name: set(held) for name, held in releases[0].graphs.items()} == {
        name: set(held) for name, held in then.graphs.items()
    }


def test_an_archive_may_be_empty(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "README").write_text("Older releases.")
    assert archive.read(tmp_path, VERSION) == ()


# --- What is refused ----------------------------------------------------------------------------------------


def unknown_folder(folder):
    return folder / "none", "none: there is no such folder; name one that holds older releases."


def no_version(folder):
    (folder / "latest").mkdir()
    return folder, "latest: this name is no version; a folder of the archive is named as 0.9.0 is"


def not_older(folder):
    (folder / VERSION).mkdir()
    return folder, f"{VERSION}: this is not older than {VERSION}; an archive holds older releases alone."


def twice(folder):
    """The same release in a second folder."""
    shutil.copytree(folder / "0.10.0", folder / "0.8.0")
    return folder, f"0.8.0/{CHECKSUMS}:1: this is no checksum of a file of release 0.8.0."


def without_checksums(folder):
    (folder / "0.10.0" / CHECKSUMS).unlink()
    return folder, f"0.10.0/{CHECKSUMS}: it cannot be read; “exoreview build” writes one with each release."


def outside(folder):
    sums = folder / "0.10.0" / CHECKSUMS
    sums.write_text(f"{'0' * 64}  ../../secret\n")
    return folder, f"{CHECKSUMS}:1: this is no checksum of a file of release 0.10.0."


def few_checksums(folder):
    sums = folder / "0.10.0" / CHECKSUMS
    lines = sums.read_text().splitlines(keepends=True)
    sums.write_text("".join(line for line in lines if not line.endswith(".nq\n")))
    return folder, f"{CHECKSUMS}: there is no checksum of exoreview-0.10.0.nq."


def a_letter(folder):
    path = folder / "0.10.0" / "exoreview-0.10.0.nt.gz"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    return (
        folder,
        f"{path.name}: this is not what {CHECKSUMS} says; take it from a copy of that release.",
    )


def a_file_less(folder):
    (folder / "0.10.0" / CATALOG).unlink()
    return folder, f"{CATALOG}: it cannot be read: no such file or directory."


def without_a_date(folder):
    path = folder / "0.10.0" / CATALOG
    sums = folder / "0.10.0" / CHECKSUMS
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_text("<x:a> <x:b> <x:c> .\n")
    after = hashlib.sha256(path.read_bytes()).hexdigest()
    sums.write_text(sums.read_text().replace(before, after))
    return folder, f"{CATALOG}: it does not say when the dataset was issued."


SPOILED = [
    unknown_folder,
    no_version,
    not_older,
    twice,
    without_checksums,
    outside,
    few_checksums,
    a_letter,
    a_file_less,
    without_a_date,
]


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_bad_archive_is_refused_in_a_sentence(folder, spoil):
    given, sentence = spoil(folder)
    with pytest.raises(Refusal) as refusal:
        archive.read(given, VERSION)
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_what_changed_after_the_start_is_refused_too(folder):
    [release] = archive.read(folder, VERSION)
    path = folder / "0.10.0" / release.dump
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(Refusal):
        release.bytes(release.dump)
    with pytest.raises(KeyError):
        release.bytes("../../secret")


@pytest.mark.parametrize(
    "command", [("serve", "--port", str(free_port())), ("build", "--out", "release")], ids=["serve", "build"]
)
def test_the_commands_refuse_it_before_they_begin(folder, tmp_path, command):
    a_letter(folder)
    done = subprocess.run(
        [sys.executable, "-m", "exoreview.cli", *command, "--archive", folder],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"exoreview {command[0]}: {folder}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "release").exists()


def test_other_data_has_no_older_releases(made, tmp_path, capsys):
    arguments = ["--archive", made, "--data", tmp_path / "x.ttl", "--port", free_port()]
    assert cli.main(["serve", *map(str, arguments)]) == 1
    assert "--archive holds older releases of the review" in capsys.readouterr().err


# --- What a release says of those before it -----------------------------------------------------------------


def test_each_claim_supersedes_what_it_said(releases, release):
    before, after = (bundles.by_claim(quads) for quads in (releases[0].quads, release.named_quads()))
    for claim, quads in after.items():
        [old] = structure.objects(quads, "npx:supersedes") or [None]
        assert old == (structure.address(before[claim]) if claim in before else None), claim
    assert older.CLAIM in after.keys() - before.keys()
    assert bundles.INDEX in before


def catalog(release):
    return set(release.graphs["catalog"])


def test_the_catalog_says_which_came_before(releases, release):
    said = catalog(release)
    dataset, newer, oldest = (NamedNode(DATASET + part) for part in ("", "/0.10.0", "/0.9.0"))
    for property in ("dcat:previousVersion", "prov:wasRevisionOf"):
        found = {(each.subject, each.object) for each in said if each.predicate == term(property)}
        assert found == {(dataset, newer), (newer, oldest)}
    assert Triple(dataset, term("dcat:hasVersion"), oldest) in said
    issued = {
        each.object.value
        for each in said
        if (each.subject, each.predicate) == (oldest, term("dcterms:issued"))
    }
    assert issued == {"2026-09-01"}
    part, url = term("dcat:distribution"), term("dcat:downloadURL")
    held = {each.object for each in said if (each.subject, each.predicate) == (oldest, part)}
    dumps = {each.object.value for each in said if each.subject in held and each.predicate == url}
    assert dumps == {f"{BASE}download/{name}" for name in releases[1].sums if name != CATALOG}
    sums = {each.object.value for each in said if each.predicate == term("spdx:checksumValue")}
    assert {digest for name, digest in releases[1].sums.items() if name != CATALOG} <= sums


def test_the_catalog_fits_the_shapes_of_dcat_and_void(release):
    catalog = Graph().parse(data=release.bytes(CATALOG), format="turtle")
    assert broken(catalog, Graph().parse(SHAPES, format="turtle")) == set()


@pytest.mark.parametrize("ontology", ["ontology", "concepts", "shapes"])
def test_each_ontology_has_its_version_before(release, ontology):
    prior = Triple(
        NamedNode(BASE + ontology), term("owl:priorVersion"), NamedNode(f"{BASE}{ontology}/0.10.0")
    )
    assert prior in catalog(release)
    # Curators have not said so, so what is asserted does not.
    assert prior not in release.default_graph
    assert prior not in release.graphs[ontology]


def test_what_the_file_says_already_is_not_said_twice(releases):
    loaded = graphs.load()
    own = Triple(
        iri("<https://w3id.org/exoreview/ontology>"), term("owl:priorVersion"), NamedNode("https://x.org/1")
    )
    said = list(lineage.triples({**loaded, "ontology": [*loaded["ontology"], own]}, releases))
    priors = {each.subject.value.removeprefix(BASE) for each in said if each.predicate == own.predicate}
    assert priors == {"concepts", "shapes"}


def test_without_an_archive_nothing_is_said():
    assert list(lineage.triples(graphs.load(), ())) == []
    assert not any(each.predicate == term("owl:priorVersion") for each in catalog(served.release()))


def test_asserted_graphs_and_their_dumps_stay_as_they_are(release):
    alone = served.release()
    assert release.default_graph == alone.default_graph
    for suffix in ("ttl", "nt", "rdf"):
        name = f"exoreview-{VERSION}.{suffix}"
        assert release.bytes(name) == alone.bytes(name)


def test_a_build_writes_what_is_served(made, release, tmp_path, capsys):
    assert cli.main(["build", "--out", str(tmp_path / "out"), "--archive", str(made)]) == 0
    for name in release.names():
        assert (tmp_path / "out" / name).read_bytes() == release.bytes(name)
    quads = list(parse(release.bytes(f"exoreview-{VERSION}.nq"), format=RdfFormat.N_QUADS))
    assert any(isinstance(quad, Quad) and quad.predicate == term("npx:supersedes") for quad in quads)
