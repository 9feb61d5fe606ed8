"""A release is the same bytes everywhere, says what the endpoint says, and is written whole or not at all."""

import gzip
import hashlib
import io
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys

import pytest
import rdflib
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse

import served
from exoreview import cli, files, media
from exoreview.commands import build
from exoreview.knowledge import graphs
from exoreview.release import CATALOG, CHECKSUMS, EXAMPLES, dumps

VERSION = files.version()
SUFFIXES = ("ttl", "nt", "rdf", "nq", "trig", "jsonld")
WHOLE = {"nq", "trig", "jsonld"}
ENGINE = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "jsonld": RdfFormat.JSON_LD,
}
RAPPER = {"ttl": "turtle", "nt": "ntriples", "rdf": "rdfxml", "nq": "nquads"}


@pytest.fixture(scope="module")
def release():
    return served.release()


@pytest.fixture(scope="module")
def store():
    return served.store()


@pytest.fixture(scope="module")
def held(store):
    """What the endpoint holds in canonical form, graph by graph, without the catalog and second copies."""
    apart = {NamedNode(graphs.iri("catalog")), NamedNode(EXAMPLES)}
    without = (quad for quad in store if quad.graph_name not in apart)
    return canonical(without), canonical(quad for quad in store if quad.graph_name == DefaultGraph())


@pytest.fixture(scope="module")
def builds(tmp_path_factory):
    """Two releases, built by processes that hash text differently."""
    folders = [tmp_path_factory.mktemp("releases") / seed for seed in ("1", "2")]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "exoreview.cli", "build", "--out", folder],
            env={**os.environ, "PYTHONHASHSEED": folder.name},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for folder in folders
    ]
    outputs = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0], outputs
    return folders, outputs


def dump(suffix):
    return f"exoreview-{VERSION}.{suffix}"


def canonical(quads):
    """Graphs by IRI ("" is the default graph) in canonical form."""
    by_graph = {}
    for quad in quads:
        by_graph.setdefault(getattr(quad.graph_name, "value", ""), []).append(quad.triple)
    return dumps.canonical(by_graph)


def test_every_format_is_there_twice_and_then_the_lists(release):
    expected = [dump(suffix) + packed for suffix in SUFFIXES for packed in ("", ".gz")]
    assert list(release.names()) == [*expected, "catalog.ttl", "SHA256SUMS"]


def test_two_processes_build_the_same_bytes(builds, release):
    for folder in builds[0]:
        assert sorted(path.name for path in folder.iterdir()) == sorted(release.names())
        for name in release.names():
            assert (folder / name).read_bytes() == release.bytes(name), name


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_dump_says_what_the_endpoint_says(release, held, suffix):
    quads = list(parse(release.bytes(dump(suffix)), format=ENGINE[suffix]))
    assert len(quads) == release.triples(dump(suffix))
    # The engine keeps numbers by value, so the dump goes through it too.
    store = Store()
    store.bulk_extend(quads)
    named, default = held
    if suffix in WHOLE:
        # The default graph repeats blank nodes of the named ones; without it, labels are those of the dump.
        assert canonical(store) == canonical(
            Quad(*triple, NamedNode(iri)) for iri in named if iri for triple in named[iri]
        )
    else:
        assert canonical(store) == default


def test_default_graph_is_the_union_of_the_asserted_graphs(release, store):
    union = {triple for name in graphs.ASSERTED for triple in release.graphs[name]}
    assert set(release.default_graph) == union
    assert {quad.triple for quad in store.quads_for_pattern(None, None, None, DefaultGraph())} == {
        quad.triple
        for name in graphs.ASSERTED
        for quad in store.quads_for_pattern(None, None, None, NamedNode(graphs.iri(name)))
    }


def test_graphs_are_those_of_the_table(release):
    assert list(release.graphs) == [graph.name for graph in graphs.GRAPHS]
    assert all(release.graphs.values())


@pytest.mark.parametrize("suffix", ["nt", "nq"])
def test_line_formats_are_the_canonical_form(release, suffix):
    """RDFC-1.0: canonical labels, one statement a line, lines sorted by code point, none twice."""
    lines = release.bytes(dump(suffix)).decode().splitlines()
    assert lines == sorted(set(lines))
    again = canonical(parse(release.bytes(dump(suffix)), format=ENGINE[suffix]))
    made = {f"{triple} <{iri}> ." if iri else f"{triple} ." for iri in again for triple in again[iri]}
    assert made == set(lines)


# rdflib warns of attributes that it uses itself.
@pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph):DeprecationWarning")
@pytest.mark.parametrize("suffix", ["ttl", "rdf", "jsonld", "trig"])
def test_rdflib_reads_the_same(release, suffix):
    """rdflib parses the dump; its own N-Quads, brought into canonical form, are ours."""
    read, lines = (rdflib.Dataset(), "nq") if suffix in WHOLE else (rdflib.Graph(), "nt")
    read.parse(data=release.bytes(dump(suffix)), format=media.BY_NAME[suffix].media_type)
    again = parse(read.serialize(format={"nq": "nquads", "nt": "nt"}[lines]), format=ENGINE[lines])
    assert canonical(again) == canonical(parse(release.bytes(dump(lines)), format=ENGINE[lines]))


@pytest.mark.skipif(shutil.which("rapper") is None, reason="raptor2-utils is not installed")
@pytest.mark.parametrize("suffix", RAPPER)
def test_rapper_counts_the_same(release, tmp_path, suffix):
    path = tmp_path / "dump"
    path.write_bytes(release.bytes(dump(suffix)))
    done = subprocess.run(
        ["rapper", "-c", "-i", RAPPER[suffix], path], capture_output=True, text=True, check=True
    )
    assert f"returned {release.triples(dump(suffix))} triples" in done.stderr
    assert "warning" not in done.stderr.lower()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_gzip_holds_the_dump_and_nothing_of_the_machine(release, suffix):
    packed = release.bytes(dump(suffix) + ".gz")
    assert gzip.decompress(packed) == release.bytes(dump(suffix))
    magic, method, flags, mtime, _, system = struct.unpack("<2sBBIBB", packed[:10])
    assert (magic, method, flags, mtime, system) == (b"\x1f\x8b", 8, 0, 0, 255)


def test_compression_is_that_of_every_other_machine():
    """These bytes come from libdeflate 1.14 to 1.25 alike. If they change, so do the published checksums."""
    sample = "".join(f'<x:{n * n % 977}> <x:{n % 13}> "{n**3 % 7919}" .\n' for n in range(20_000))
    packed = hashlib.sha256(dumps.compress(sample.encode()))
    assert packed.hexdigest() == "9905304e900de6a169f4452da111df5e2a8b2ce08c2d72f8e38bdae208b1dc7d"


def test_checksums_are_those_of_the_files(builds):
    folder = builds[0][0]
    lines = (folder / CHECKSUMS).read_text().splitlines()
    listed = dict(reversed(line.split("  ")) for line in lines)
    assert listed.keys() == {path.name for path in folder.iterdir()} - {CHECKSUMS}
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        (dump("ttl"), "text/turtle"),
        (dump("nt"), "application/n-triples"),
        (dump("rdf"), "application/rdf+xml"),
        (dump("nq"), "application/n-quads"),
        (dump("trig"), "application/trig"),
        (dump("jsonld"), "application/ld+json"),
        (dump("nq.gz"), "application/gzip"),
        (CATALOG, "text/turtle"),
        (CHECKSUMS, "text/plain"),
    ],
)
def test_media_type(release, name, media_type):
    assert release.media_type(name) == media_type
    assert release.title(name)


@pytest.mark.parametrize("name", ["", "exoreview-0.9.0.ttl", "../pyproject.toml", dump("gz")])
def test_a_file_that_is_not_released_is_unknown(release, name):
    with pytest.raises(KeyError):
        release.bytes(name)


def test_no_date_comes_from_the_clock(release):
    """Every date in what is generated stands in a file of the project."""
    date = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
    sources = [path for folder in ("data", "ontology", "shapes") for path in files.path(folder).rglob("*.t*")]
    committed = set(date.findall("\n".join(path.read_text("utf-8") for path in sources)))
    for name in (dump("nq"), CATALOG):
        assert set(date.findall(release.bytes(name).decode())) <= committed


# --- exoreview build ---


def test_build_lists_what_it_made(builds, release):
    out, progress = builds[1][0]
    for name in release.names():
        assert f"writing {name}" in progress
        row = next(line.split() for line in out.splitlines() if line.startswith(f"{name} "))
        count = release.triples(name)
        assert row == [name, f"{len(release.bytes(name)):,}", *([f"{count:,}"] if count else [])]


def an_older_release(folder):
    """A file that a build made, with the list that says so."""
    (folder / CATALOG).write_text("old")
    (folder / CHECKSUMS).write_text(f"0  {CATALOG}\n")


def test_build_replaces_its_files_and_no_others(tmp_path, release, capsys):
    an_older_release(tmp_path)
    (tmp_path / "mine.txt").write_text("mine")
    assert cli.main(["build", "--out", str(tmp_path)]) == 0
    assert (tmp_path / CATALOG).read_bytes() == release.bytes(CATALOG)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {*release.names(), "mine.txt"}


def a_file_in_the_way(folder):
    (folder / "out").write_text("mine")
    return folder / "out"


def no_parent(folder):
    return folder / "missing" / "out"


def a_folder_in_the_way(folder):
    (folder / "out" / CATALOG).mkdir(parents=True)
    return folder / "out"


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (a_file_in_the_way, "{out} is a file; the release needs a folder, and nothing was written."),
        (no_parent, "There is no folder {out.parent} to make out in."),
        (
            a_folder_in_the_way,
            "The release could not be written to {out}: a folder is in the way ({out}/catalog.ttl). "
            "What was there is unchanged.",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_build_that_cannot_be_says_so_and_changes_nothing(tmp_path, capsys, prepare, sentence):
    out = prepare(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert cli.main(["build", "--out", str(out)]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "exoreview build: " + sentence.format(out=out)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("existing", [True, False], ids=["over an older release", "into a new folder"])
def test_build_on_a_full_disk_changes_nothing(tmp_path, existing):
    """A limit on the size of a file stands for the full disk: the write fails in the middle."""
    out = tmp_path / "out"
    if existing:
        out.mkdir()
        an_older_release(out)
    before = sorted(tmp_path.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-m", "exoreview.cli", "build", "--out", out],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"exoreview build: The release could not be written to {out}: File too large. "
        "What was there is unchanged."
    )
    assert sorted(tmp_path.rglob("*")) == before
    assert not existing or (out / CATALOG).read_text() == "old"


def test_table_of_files_is_aligned():
    assert build.table([("a.ttl", 1234567, 1000), ("SUMS", 5, None)]).splitlines() == [
        "file       bytes  triples",
        "a.ttl  1,234,567    1,000",
        "SUMS           5",
    ]


# --- exoreview dump ---


@pytest.fixture
def dumped(capsysbinary):
    """What a dump writes to standard output."""

    def run(*arguments):
        assert cli.main(["dump", *arguments]) == 0
        return capsysbinary.readouterr().out

    return run


@pytest.mark.parametrize("suffix", ["ttl", "nq"])
def test_dump_writes_the_file_of_the_release(release, dumped, suffix):
    assert dumped("--format", suffix) == release.bytes(dump(suffix))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_dump_of_one_graph(release, dumped, suffix):
    parsed = canonical(
        parse(io.BytesIO(dumped("--format", suffix, "--graph", "claims")), format=ENGINE[suffix])
    )
    iri = graphs.iri("claims") if suffix in WHOLE else ""
    assert parsed == dumps.canonical({iri: release.graphs["claims"]})


@pytest.mark.parametrize("name", ["ontology", "shapes", "catalog", "annotations"])
def test_dump_of_a_graph_with_blank_nodes_or_generated(release, dumped, name):
    parsed = canonical(parse(dumped("--graph", name), format=RdfFormat.TURTLE))
    assert parsed == dumps.canonical({"": release.graphs[name]})


def test_dump_of_an_unknown_graph(capsys):
    assert cli.main(["dump", "--graph", "clams"]) == 1
    assert capsys.readouterr().err == (
        "exoreview dump: There is no graph “clams”; there are ontology, concepts, review, enrichment, "
        "claims, mappings, annotations, aida, biolink, direct, schemaorg, inferred, shapes, queries, "
        "catalog.\n"
    )


def test_canonical_form_does_not_depend_on_labels_or_order():
    def graph(first, second):
        lines = f"<x:s> <x:p> _:{first} . _:{first} <x:q> _:{second} . _:{second} <x:q> 'a' ."
        return [Triple(*quad.triple) for quad in parse(lines, format=RdfFormat.TURTLE)]

    assert dumps.canonical({"": graph("a", "b")}) == dumps.canonical({"": reversed(graph("z", "a"))})


@pytest.mark.parametrize(
    ("name", "content"),
    [(CATALOG, b"# written by hand"), (CHECKSUMS, b"00  other.iso\n"), (CHECKSUMS, b"\xff")],
    ids=["a catalog", "sums of others", "no sums at all"],
)
def test_a_build_replaces_only_what_a_build_made(tmp_path, capsys, name, content):
    theirs = tmp_path / name
    theirs.write_bytes(content)
    assert cli.main(["build", "--out", str(tmp_path)]) == 1
    assert f"{name} was not made by a build" in capsys.readouterr().err
    assert theirs.read_bytes() == content
    assert list(tmp_path.iterdir()) == [theirs]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_build_that_is_ended_leaves_nothing(tmp_path, number):
    command = [sys.executable, "-m", "exoreview.cli", "build", "--out", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr.readline().startswith("writing ")
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (128 + number, "")
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_a_build_needs_a_named_folder(capsys):
    with pytest.raises(SystemExit):
        cli.main(["build", "--out", ""])
    assert "name a folder" in capsys.readouterr().err
