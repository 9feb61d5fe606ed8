"""Files become a store, or one sentence says why they cannot."""

import pytest
from pyoxigraph import DefaultGraph

from exoreview.problems import Refusal
from exoreview.sparql.stores import store_of_files

FILES = {
    "a.ttl": "@prefix e: <http://example.org/> . e:s e:p e:o .",
    "a.nt": "<http://example.org/s> <http://example.org/p> <http://example.org/o> .\n",
    "a.nq": "<http://example.org/s> <http://example.org/p> <http://example.org/o> <http://example.org/g> .\n",
    "a.trig": "@prefix e: <http://example.org/> . e:g { e:s e:p e:o }",
    "a.jsonld": '{"@id": "http://example.org/s", "http://example.org/p": {"@id": "http://example.org/o"}}',
    "a.rdf": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://example.org/">'
    '<rdf:Description rdf:about="http://example.org/s"><e:p rdf:resource="http://example.org/o"/>'
    "</rdf:Description></rdf:RDF>",
}


@pytest.mark.parametrize(("name", "text"), FILES.items(), ids=FILES)
def test_a_file_is_read_by_its_suffix(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    [quad] = store_of_files([path])
    assert quad.triple.subject.value == "http://example.org/s"
    assert isinstance(quad.graph_name, DefaultGraph) == (name not in ("a.nq", "a.trig"))


def test_blank_nodes_of_two_files_stay_apart(tmp_path):
    paths = [tmp_path / "a.nt", tmp_path / "b.nt"]
    for path in paths:
        path.write_text("_:x <http://example.org/p> _:y .\n", "utf-8")
    assert len(store_of_files(paths)) == 2


REFUSED = {
    "missing": ("missing.ttl", None, "missing.ttl: there is no such file."),
    "no RDF": ("a.ttl", b"foo bar", "a.ttl:1: this is no Turtle: Foo is not a valid subject"),
    "binary": ("a.nt", b"\x00\xff\xfe", "a.nt:1: this is no N-Triples: "),
    "suffix": ("a.docx", b"", "a.docx: this suffix names no RDF format; known are .ttl "),
    "no JSON": ("a.jsonld", b"{", "a.jsonld"),
    "no XML": ("a.rdf", b"\nhello", "a.rdf:2: this is no RDF/XML: Syntax error."),
    "empty": ("a.rdf", b"", "a.rdf:1: this is no RDF/XML: No element found."),
    "broken off": (
        "a.rdf",
        b'<e:a xmlns:e="http://e.org/">\n\n',
        "a.rdf:3: this is no RDF/XML: No element found.",
    ),
    "page": (
        "a.rdf",
        b"<!-- \n--><html/>",
        "a.rdf:2: this is no RDF/XML: The element html has no namespace.",
    ),
    "device": ("/dev/null", None, "/dev/null: this suffix names no RDF format"),
}


@pytest.mark.parametrize(("name", "content", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, name, content, sentence):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Refusal) as caught:
        store_of_files([tmp_path / name])
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
