"""Nanopublications of any origin are checked, signed with a key of one's own, and superseded by newer ones.

Two programs judge each other's work: what is signed here is right to `nanopub_sign`, and what it signs is
right here. Every word that is changed afterwards is noticed.
"""

from base64 import b64decode, b64encode, urlsafe_b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from exoreview import cli
from exoreview.knowledge import graphs
from exoreview.release import Release, bundles, reading, signatures, structure, trusty
from exoreview.terms import BASE, DATASET, PREFIXES, term

ORCID = "https://orcid.org/0000-0002-1825-0097"
CLAIM = BASE + "claim/s04-c6"

# Parts set off by # and by /, which is what programs of today write.
EXAMPLE = """
@prefix this: <BASE> .
@prefix sub:  <BASESEPARATOR> .
@prefix ex:   <https://example.org/> .
@prefix np:   <http://www.nanopub.org/nschema#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
sub:Head {
    this: a np:Nanopublication ; np:hasAssertion sub:assertion ; np:hasProvenance sub:provenance ;
        np:hasPublicationInfo sub:pubinfo .
}
sub:assertion { ex:exosome ex:carries "cargo\\nof “many” kinds"@en ; ex:counts 3 ; ex:is true . }
sub:provenance { sub:assertion ex:from ex:review . }
sub:pubinfo { this: ex:by ex:somebody ; dcterms:creator ex:somebody ;
    dcterms:created "2026-11-23T00:00:00Z"^^xsd:dateTime . }
"""


def example(separator="#", base="https://example.org/np/"):
    text = EXAMPLE.replace("SEPARATOR", separator).replace("BASE", base)
    return trusty.make(parse(text, format=RdfFormat.TRIG), base)


def written(quads, path):
    """A file of quads, in the format of its suffix."""
    formats = {".trig": RdfFormat.TRIG, ".nq": RdfFormat.N_QUADS, ".jsonld": RdfFormat.JSON_LD}
    path.write_bytes(serialize(quads, format=formats[path.suffix]))
    return path


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def pem(key, tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "key.pem"
    path.write_bytes(private_bytes(key))
    return path


def private_bytes(key, form=serialization.PrivateFormat.PKCS8, password=None):
    protection = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, protection)


@pytest.fixture(scope="module")
def signed(key):
    """An example, signed."""
    quads = example()
    [made] = signatures.sign({structure.address(quads).value: quads}, key, ORCID).values()
    return made


@pytest.fixture(scope="module")
def release():
    return Release.load()


@pytest.fixture(scope="module")
def dump(release):
    """The quads of the project's nanopublications."""
    return published(release)


@pytest.fixture
def nanopub(capsys):
    """The command: its status, output and errors."""

    def run(*arguments):
        status = cli.main(["nanopub", *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


# --- Check ---


@pytest.mark.parametrize("separator", ["#", "/"])
@pytest.mark.parametrize("suffix", [".trig", ".nq", ".jsonld"])
def test_a_right_one_is_right_in_every_format(nanopub, tmp_path, separator, suffix):
    path = written(quads := example(separator), tmp_path / f"one{suffix}")
    iri = structure.address(quads).value
    assert nanopub("check", path) == (0, f"{path}: {iri} is right and not signed.\n", "")


@pytest.mark.parametrize("separator", ["#", "/"])
def test_a_signed_one_is_right_and_names_its_signer(nanopub, tmp_path, key, separator):
    quads = example(separator)
    [(iri, made)] = signatures.sign({structure.address(quads).value: quads}, key, ORCID).items()
    path = written(made, tmp_path / "one.trig")
    assert nanopub("check", path) == (
        0,
        f"{path}: {iri} is right and signed (it names {ORCID} as signer).\n",
        "",
    )


def test_all_of_the_project_are_right_in_its_compressed_dump(nanopub, tmp_path, release):
    path = tmp_path / f"exoreview-{release.version}.nq.gz"
    path.write_bytes(release.bytes(path.name))
    count = len(release.nanopublications)
    status, out, err = nanopub("check", path)
    assert (status, err) == (0, "")
    assert out == (
        f"{path}: {count} nanopublications are right, none of them signed. "
        f"{len(graphs.GRAPHS) - 1} other graphs were not looked at.\n"
    )


def test_a_quad_that_stands_twice_counts_once(nanopub, tmp_path, key):
    """As where files are put together by line: a graph is a set."""
    quads = example("#")
    [(iri, made)] = signatures.sign({structure.address(quads).value: quads}, key, ORCID).items()
    path = written(made, tmp_path / "one.nq")
    path.write_bytes(2 * path.read_bytes())
    assert nanopub("check", path) == (
        0,
        f"{path}: {iri} is right and signed (it names {ORCID} as signer).\n",
        "",
    )


SIGNATURE, KEY = "npx:hasSignature", "npx:hasPublicKey"
NO_TARGET = "One signature must have the nanopublication as its target, in the publication info."
NO_PARTS = "The signature must have one value, one public key and one algorithm, each as a text."
NOT_THIS = "The signature is not that of this content by this key."
UNREADABLE = "The signature or its public key cannot be read: both must be in Base64, the key in DER."


def replaced(name, value):
    """Quads in which a property has another value."""
    return lambda quads: [
        Quad(quad.subject, quad.predicate, value(quad.object), quad.graph_name)
        if quad.predicate == term(name)
        else quad
        for quad in quads
    ]


def without(name):
    return lambda quads: [quad for quad in quads if quad.predicate != term(name)]


def once_more(name, value):
    def added(quads):
        quad = next(quad for quad in quads if quad.predicate == term(name))
        return [*quads, Quad(quad.subject, quad.predicate, value, quad.graph_name)]

    return added


def moved_to_the_assertion(quads):
    assertion = next(quad.object for quad in quads if quad.predicate == term("np:hasAssertion"))
    return [
        Quad(*quad.triple, assertion) if quad.predicate == term("npx:hasSignatureTarget") else quad
        for quad in quads
    ]


def flipped(value):
    """A signature with one bit changed."""
    content = bytearray(b64decode(value.value))
    content[-1] ^= 1
    return Literal(b64encode(bytes(content)).decode())


def public(key):
    return Literal(
        b64encode(
            key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        ).decode()
    )


OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

# What somebody does who also makes the address anew, so that only the signature can tell.
FORGED = {
    "a-word": (replaced("dcterms:creator", lambda _: NamedNode("https://example.org/me")), NOT_THIS),
    "a-number": (replaced("ex:counts", lambda _: Literal(4)), NOT_THIS),
    "a-signer": (replaced("npx:signedBy", lambda _: NamedNode("https://example.org/me")), NOT_THIS),
    "no-signer": (without("npx:signedBy"), NOT_THIS),
    "one-bit": (replaced(SIGNATURE, flipped), NOT_THIS),
    "no-bits": (replaced(SIGNATURE, lambda _: Literal("")), NOT_THIS),
    "key-of-another": (replaced(KEY, lambda _: public(OTHER_KEY)), NOT_THIS),
    "key-of-another-kind": (
        replaced(KEY, lambda _: public(ed25519.Ed25519PrivateKey.generate())),
        "The public key of the signature is none of RSA.",
    ),
    "no-base64": (replaced(SIGNATURE, lambda _: Literal("no base64!")), UNREADABLE),
    "no-key": (replaced(KEY, lambda _: Literal("AAAA")), UNREADABLE),
    "another-algorithm": (
        replaced("npx:hasAlgorithm", lambda _: Literal("DSA")),
        "The signature is by “DSA”, which cannot be verified here; known is RSA.",
    ),
    "no-algorithm": (without("npx:hasAlgorithm"), NO_PARTS),
    "no-value": (without(SIGNATURE), NO_PARTS),
    "two-values": (once_more(SIGNATURE, Literal("AAAA")), NO_PARTS),
    "two-keys": (once_more(KEY, public(OTHER_KEY)), NO_PARTS),
    "key-that-is-a-thing": (replaced(KEY, lambda _: NamedNode("https://example.org/key")), NO_PARTS),
    "no-target": (without("npx:hasSignatureTarget"), NO_TARGET),
    "another-target": (
        replaced("npx:hasSignatureTarget", lambda _: NamedNode("https://example.org/other")),
        NO_TARGET,
    ),
    "target-in-the-assertion": (moved_to_the_assertion, NO_TARGET),
}


def readdressed(quads):
    """The quads at the address that fits what they say now."""
    whole = structure.address(quads).value
    code = whole[-45:]

    def open_ended(node):
        return NamedNode(node.value.replace(code, "")) if isinstance(node, NamedNode) else node

    return trusty.make([Quad(*map(open_ended, quad)) for quad in quads], whole.removesuffix(code))


@pytest.fixture(autouse=True)
def example_prefix(monkeypatch):
    """The tests speak of ex: too."""
    monkeypatch.setattr("exoreview.terms.PREFIXES", {**PREFIXES, "ex": "https://example.org/"})


@pytest.mark.parametrize(("forge", "sentence"), FORGED.values(), ids=FORGED)
def test_a_forged_one_is_told_by_its_signature(nanopub, tmp_path, signed, forge, sentence):
    forged = readdressed(forge(signed))
    assert set(forged) != set(signed)
    path = written(forged, tmp_path / "forged.trig")
    iri = structure.address(forged).value
    assert nanopub("check", path) == (1, "", f"{path}: {iri}: {sentence}\n")


def test_a_changed_one_is_told_by_its_address(nanopub, tmp_path, signed):
    path = written(
        replaced("ex:by", lambda _: NamedNode("https://example.org/me"))(signed), tmp_path / "one.nq"
    )
    status, out, err = nanopub("check", path)
    assert (status, out) == (1, "")
    assert err.endswith("The content is not the one that the address names: something was changed.\n")


def test_one_changed_word_in_a_dump_is_found(nanopub, tmp_path, release, dump):
    text = serialize(dump, format=RdfFormat.N_QUADS).decode()
    path = tmp_path / "dump.nq"
    path.write_text(
        text.replace("essential role in chemoresistance", "minor role in chemoresistance", 1), "utf-8"
    )
    status, out, err = nanopub("check", path)
    assert (status, out, err.count("\n")) == (1, "", 1)


def lost_head(dump):
    return [quad for quad in dump if quad.graph_name.value != f"{first(dump)}#Head"]


def graph_more(dump):
    name = NamedNode(f"{first(dump)}#more")
    return [*dump, Quad(name, term("rdfs:label"), Literal("more"), name)]


def first(dump):
    return min(quad.subject.value for quad in dump if quad.object == term("np:Nanopublication"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lost_head, "There must be exactly one head, a named graph that says what is a nanopublication."),
        (graph_more, "Every triple must stand in one of the four graphs."),
    ],
    ids=["lost head", "graph more"],
)
def test_in_a_dump_no_part_is_overlooked(nanopub, tmp_path, dump, change, sentence):
    status, _, err = nanopub("check", written(change(dump), tmp_path / "dump.nq"))
    assert status == 1
    assert f"dump.nq: {first(dump)}: {sentence}\n" in err


def test_one_without_a_hash_in_its_address_is_not_called_changed(nanopub, tmp_path):
    text = EXAMPLE.replace("SEPARATOR", "#").replace("BASE", "https://example.org/np1")
    path = tmp_path / "plain.trig"
    path.write_text(text, "utf-8")
    status, _, err = nanopub("check", path)
    assert status == 1
    sentence = "The address must end in the hash of the content, as a trusty IRI."
    assert err == f"{path}: https://example.org/np1: {sentence}\n"


def test_a_head_may_say_of_what_kind_its_parts_are(nanopub, tmp_path):
    text = EXAMPLE.replace("SEPARATOR", "#").replace("BASE", "https://example.org/np/")
    text = text.replace("sub:pubinfo .\n}", "sub:pubinfo . sub:assertion a np:Assertion .\n}")
    path = written(
        trusty.make(parse(text, format=RdfFormat.TRIG), "https://example.org/np/"), tmp_path / "a.nq"
    )
    assert nanopub("check", path)[0] == 0


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("none.ttl", b"<x:a> <x:b> <x:c> .", "There is no nanopublication in it."),
        ("none.nq", b"", "There is no nanopublication in it."),
        ("broken.trig", b"\n<x:a> <x:b>", "broken.trig:2: this is no TriG."),
        ("broken.nq.gz", b"\x1f\x8b\x08", "this is no whole file of gzip."),
        ("plain.nq.gz", b"<x:a> <x:b> <x:c> .\n", "this is no whole file of gzip."),
        ("file.docx", b"", "this suffix names no RDF format; known are .ttl"),
    ],
)
def test_what_is_no_nanopublication_is_said(nanopub, tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    status, out, err = nanopub("check", tmp_path / name)
    assert (status, out) == (1, "")
    assert sentence in err


def test_a_missing_file_and_a_folder_are_said(nanopub, tmp_path):
    assert "no such file or directory." in nanopub("check", tmp_path / "missing.nq")[2]
    (tmp_path / "folder.nq").mkdir()
    assert "this is a folder; name a file in it." in nanopub("check", tmp_path / "folder.nq")[2]


def test_each_of_several_files_is_judged(nanopub, tmp_path, signed):
    right = written(signed, tmp_path / "right.trig")
    wrong = written(without("npx:signedBy")(signed), tmp_path / "wrong.trig")
    status, out, err = nanopub("check", wrong, right)
    assert (status, out.count("is right"), err.count("something was changed")) == (1, 1, 1)


# --- Sign ---


def test_signing_changes_the_address_and_nothing_that_is_said(nanopub, tmp_path, dump, pem):
    quads = bundles.by_claim(dump)[CLAIM]
    source, out = written(quads, tmp_path / "claim.trig"), tmp_path / "signed.trig"
    old = structure.address(quads).value
    status, told, err = nanopub("sign", source, "--key", pem, "--orcid", "0000-0002-1825-0097", "--out", out)
    made = list(parse(out.read_bytes(), format=RdfFormat.TRIG))
    new = structure.address(made).value
    assert (status, told, err) == (0, f"{old} is signed as {new}\n", "")
    assert old != new
    kept = {str(quad).replace(new, old) for quad in made if quad.subject.value != f"{new}#sig"}
    assert kept == {str(quad) for quad in quads}
    assert nanopub("check", out) == (
        0,
        f"{out}: {new} is right and signed (it names {ORCID} as signer).\n",
        "",
    )


def test_what_is_signed_is_what_the_specification_says(signed, key):
    """By hand: the lines of all quads but the signature, with a blank for the code, by RSA and SHA-256."""
    iri = structure.address(signed).value
    covered = [quad for quad in signed if quad.predicate != term(SIGNATURE)]
    [value] = [quad.object.value for quad in signed if quad.predicate == term(SIGNATURE)]

    def lines(quad):
        nodes = [part.value for part in (quad.graph_name, quad.subject, quad.predicate)]
        value = quad.object.value
        if isinstance(quad.object, Literal):
            mark = f"@{quad.object.language}" if quad.object.language else f"^{quad.object.datatype.value}"
            value = f"{mark} {value}".replace("\n", "\\n")
        return [*(node.replace(iri[-45:], " ") for node in nodes), value.replace(iri[-45:], " ")]

    def order(entry):
        graph, subject, predicate, value = entry
        is_literal = value[0] in "^@"
        mark, _, text = value.partition(" ") if is_literal else ("", "", value)
        return (graph, subject, predicate, is_literal, text.replace("\\n", "\n"), mark)

    text = "".join("\n".join(entry) + "\n" for entry in sorted(map(lines, covered), key=order))
    key.public_key().verify(b64decode(value), text.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_an_index_lists_the_signed_ones(nanopub, tmp_path, release, dump, pem):
    out = tmp_path / "signed.nq"
    assert nanopub("sign", written(dump, tmp_path / "all.nq"), "--key", pem, "--out", out)[0] == 0
    bundle, rest = bundles.separate(parse(out.read_bytes(), format=RdfFormat.N_QUADS))
    assert not rest
    [index] = [iri for iri, quads in bundle.items() if structure.objects(quads, "npx:includesElement")]
    listed = {node.value for node in structure.objects(bundle[index], "npx:includesElement")}
    assert listed == bundle.keys() - {index}
    assert not bundle.keys() & release.nanopublications.keys()
    count = len(release.nanopublications)
    assert nanopub("check", out)[1] == f"{out}: {count} nanopublications are right, {count} of them signed.\n"


@pytest.mark.parametrize(
    ("form", "suffix"),
    [
        (serialization.PrivateFormat.PKCS8, ".trig"),
        (serialization.PrivateFormat.TraditionalOpenSSL, ".nq"),
        ("bare", ".jsonld"),
    ],
    ids=["pkcs8-trig", "pkcs1-nq", "bare-jsonld"],
)
def test_every_form_of_a_key_and_every_format(nanopub, tmp_path, key, form, suffix):
    path, out = tmp_path / "key", tmp_path / f"signed{suffix}"
    if form == "bare":
        path.write_bytes(b"".join(private_bytes(key).splitlines()[1:-1]))
    else:
        path.write_bytes(private_bytes(key, form))
    assert nanopub("sign", written(example(), tmp_path / "one.nq"), "--key", path, "--out", out)[0] == 0
    assert nanopub("check", out)[0] == 0


BAD_KEYS = {
    "text": (b"hello", "this is no private key in PEM; make one with: openssl genrsa -out key.pem 2048"),
    "public": (
        OTHER_KEY.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        "this is no private key in PEM; make one with: openssl genrsa -out key.pem 2048",
    ),
    "protected": (
        private_bytes(OTHER_KEY, password=b"secret"),
        "the key is protected by a password; give one without.",
    ),
    "another-kind": (
        private_bytes(ed25519.Ed25519PrivateKey.generate()),
        "the key must be one of RSA; make one with: openssl genrsa -out key.pem 2048",
    ),
}


@pytest.mark.parametrize(("content", "sentence"), BAD_KEYS.values(), ids=BAD_KEYS)
def test_another_key_is_refused(nanopub, tmp_path, content, sentence):
    path, out = tmp_path / "key.pem", tmp_path / "signed.trig"
    path.write_bytes(content)
    refused = nanopub("sign", written(example(), tmp_path / "one.nq"), "--key", path, "--out", out)
    assert refused == (1, "", f"exoreview nanopub: {path}: {sentence}\n")
    assert not out.exists()


def plain_signed(signed):
    return signed


def changed(signed):
    return without("npx:signedBy")(signed)


def nothing(signed):
    return []


def open_name(signed):
    """One that mentions the namespace that the addresses are made in."""
    quads = parse(
        EXAMPLE.replace("SEPARATOR", "#")
        .replace("BASE", "https://example.org/np/")
        .replace("ex:review", "ex:X"),
        format=RdfFormat.TRIG,
    )
    made = trusty.make(quads, "https://example.org/np/")
    moved = [str(quad).replace("https://example.org/X", "https://example.org/np/#X") for quad in made]
    code = structure.address(made).value[-45:]
    again = list(parse("".join(f"{line} .\n" for line in moved), format=RdfFormat.N_QUADS))
    hashed = sha256(trusty.published_text(again, f"https://example.org/np/{code}").encode()).digest()
    fitting = "RA" + urlsafe_b64encode(hashed).decode().rstrip("=")
    text = serialize(again, format=RdfFormat.N_QUADS).decode().replace(code, fitting)
    return list(parse(text, format=RdfFormat.N_QUADS))


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (plain_signed, "is signed already."),
        (changed, "something was changed."),
        (nothing, "There is no nanopublication in it."),
        (
            open_name,
            "mentions <https://example.org/np/#X>, which would change with the address; it stays unsigned.",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_cannot_be_signed_is_said(nanopub, tmp_path, signed, pem, made, sentence):
    source, out = written(made(signed), tmp_path / "one.nq"), tmp_path / "out.trig"
    status, told, err = nanopub("sign", source, "--key", pem, "--out", out)
    assert (status, told) == (1, "")
    assert sentence in err
    assert not out.exists()


@pytest.mark.parametrize("name", ["signed.ttl", "signed.nq.gz", "signed.doc", "signed"])
def test_a_file_that_can_hold_no_graphs_is_refused(nanopub, tmp_path, pem, name):
    source = written(example(), tmp_path / "one.nq")
    status, _, err = nanopub("sign", source, "--key", pem, "--out", tmp_path / name)
    assert status == 1
    assert "name a file .trig, .nq or .jsonld." in err or "this suffix names no RDF format" in err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    "orcid", ["0000-0002-1825-0098", "me", "https://example.org/0000-0002-1825-0097", "0000"]
)
def test_a_mistyped_orcid_is_refused(capsys, orcid):
    with pytest.raises(SystemExit):
        cli.main(["nanopub", "sign", "one.trig", "--key", "k", "--out", "o.trig", "--orcid", orcid])
    assert f"“{orcid}” is no ORCID" in capsys.readouterr().err


def test_an_orcid_may_end_in_x(nanopub, tmp_path, pem):
    out = tmp_path / "signed.trig"
    source = written(example(), tmp_path / "one.nq")
    nanopub("sign", source, "--key", pem, "--out", out, "--orcid", "https://orcid.org/0000-0002-9079-593X")
    assert "it names https://orcid.org/0000-0002-9079-593X as signer" in nanopub("check", out)[1]


# --- An independent program ---


@pytest.fixture(scope="module")
def independent():
    return pytest.importorskip("nanopub_sign", reason="is published for Python up to 3.12")


@pytest.mark.parametrize("separator", ["#", "/"])
def test_a_program_of_others_verifies_what_is_signed_here(independent, key, separator):
    quads = example(separator)
    [made] = signatures.sign({structure.address(quads).value: quads}, key, ORCID).values()
    independent.Nanopub(serialize(made, format=RdfFormat.TRIG).decode()).check()
    forged = readdressed(replaced(SIGNATURE, flipped)(made))
    with pytest.raises(Exception, match=r"(?i)verification"):
        independent.Nanopub(serialize(forged, format=RdfFormat.TRIG).decode()).check()


def test_what_a_program_of_others_signs_is_right_here(independent, nanopub, tmp_path, key):
    bare = b"".join(private_bytes(key).splitlines()[1:-1]).decode()
    profile = independent.NpProfile(private_key=bare, orcid_id=ORCID, name="", introduction_nanopub_uri="")
    text = EXAMPLE.replace("SEPARATOR", "").replace("BASE", "http://purl.org/nanopub/temp/example/")
    path = tmp_path / "theirs.trig"
    path.write_text(independent.Nanopub(text).sign(profile).rdf(), "utf-8")
    status, out, err = nanopub("check", path)
    assert (status, err) == (0, "")
    assert " is right and signed" in out
    path.write_text(path.read_text("utf-8").replace("“many”", "“few”"), "utf-8")
    assert nanopub("check", path)[0] == 1


# --- Supersede ---


@pytest.fixture(scope="module")
def loaded():
    return graphs.load()


def relabelled(loaded, claim, sentence, version):
    """The data of a later version, in which a claim says something else."""

    def renewed(triple):
        if triple.subject.value == claim and triple.predicate == term("rdfs:label"):
            return Triple(triple.subject, triple.predicate, Literal(sentence, language="en"))
        if triple.subject.value == DATASET and triple.predicate == term("dcat:version"):
            return Triple(triple.subject, triple.predicate, Literal(version))
        return triple

    def renewed_all(triples):
        return [renewed(triple) if isinstance(triple.subject, NamedNode) else triple for triple in triples]

    changed = {name: renewed_all(loaded[name]) for name in ("claims", "catalog")}
    return {**loaded, **changed}


def published(release):
    """The quads of all its nanopublications."""
    return [quad for quads in release.nanopublications.values() for quad in quads]


def superseded(release):
    """What each nanopublication of a release supersedes, by claim."""
    found = bundles.by_claim(published(release))
    return {
        claim: [node.value for node in structure.objects(quads, "npx:supersedes")]
        for claim, quads in found.items()
        if structure.objects(quads, "npx:supersedes")
    }


def address(release, claim):
    return structure.address(bundles.by_claim(published(release))[claim]).value


def test_a_changed_claim_supersedes_what_it_said(tmp_path, nanopub, release, loaded):
    """Three releases, each made from the dump of the one before: a claim changes, then only the version."""
    first = tmp_path / "exoreview-1.0.0.nq.gz"
    first.write_bytes(release.bytes(first.name))
    changed = relabelled(loaded, CLAIM, "Tumour-derived exosomes have a role in chemoresistance.", "1.1.0")
    second = Release(changed, "1.1.0", reading.read(first))
    assert superseded(second) == {
        CLAIM: [address(release, CLAIM)],
        bundles.INDEX: [address(release, bundles.INDEX)],
    }
    kept = second.nanopublications.keys() & release.nanopublications.keys()
    assert len(kept) == len(release.nanopublications) - 2

    path = tmp_path / "exoreview-1.1.0.trig"
    path.write_bytes(second.bytes(path.name))
    assert nanopub("check", path)[0] == 0
    sentence = "Tumour-derived exosomes have a role in chemoresistance."
    third = Release(relabelled(loaded, CLAIM, sentence, "1.2.0"), "1.2.0", reading.read(path))
    assert address(third, CLAIM) == address(second, CLAIM)
    assert superseded(third)[bundles.INDEX] == [address(second, bundles.INDEX)]


def test_without_an_older_release_nothing_is_superseded(release):
    assert superseded(release) == {}


def test_the_newer_of_two_is_found_where_both_are_kept(release, loaded, dump):
    changed = relabelled(loaded, CLAIM, "Tumour-derived exosomes have a role in chemoresistance.", "1.1.0")
    second = Release(changed, "1.1.0", dump)
    both = [*dump, *published(second)]
    newest = {claim: structure.address(quads).value for claim, quads in bundles.by_claim(both).items()}
    assert newest[CLAIM] == address(second, CLAIM)
    assert newest[bundles.INDEX] == address(second, bundles.INDEX)
