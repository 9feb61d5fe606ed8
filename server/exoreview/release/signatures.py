"""Signatures of nanopublications: whose key stands for the content, by RSA with SHA-256 (PKCS #1 v1.5).

Signed is the text that the trusty IRI is the hash of, as it is without the signature itself; the address then
covers the signature too. That is what the programs of the nanopublication network do and verify.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Mapping, Sequence

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pyoxigraph import Literal, NamedNode, Quad

from exoreview.problems import Refusal
from exoreview.release import bundles, structure, trusty
from exoreview.terms import term

_ALGORITHM = "RSA"
_PARTS = ("npx:hasSignature", "npx:hasPublicKey", "npx:hasAlgorithm")
_MARKS = {term(name) for name in (*_PARTS, "npx:hasSignatureTarget", "npx:hasSignatureElement")}
_CODE_LENGTH = 45

_HOW_TO_MAKE = "make one with: openssl genrsa -out key.pem 2048"


def is_signed(quads: Iterable[Quad]) -> bool:
    """Whether anything in a nanopublication speaks of a signature."""
    return any(quad.predicate in _MARKS for quad in quads)


def signers(quads: Iterable[Quad]) -> list[str]:
    """Who is said to have signed."""
    return sorted({node.value for node in structure.objects(quads, "npx:signedBy")})


def faults(quads: Iterable[Quad]) -> list[str]:
    """What is wrong with the signature of a well-formed nanopublication; nothing if it has none."""
    quads = list(quads)
    if not is_signed(quads):
        return []
    whole = structure.address(quads)
    signed = {
        (quad.subject, quad.graph_name)
        for quad in quads
        if quad.predicate == term("npx:hasSignatureTarget") and quad.object == whole
    }
    [info] = structure.objects([quad for quad in quads if quad.subject == whole], "np:hasPublicationInfo")
    if len(signed) != 1 or signed != {(element, info) for element, _ in signed}:
        return ["One signature must have the nanopublication as its target, in the publication info."]
    [(element, _)] = signed
    said = {name: _texts(quads, element, info, name) for name in _PARTS}
    if any(len(texts) != 1 for texts in said.values()):
        return ["The signature must have one value, one public key and one algorithm, each as a text."]
    signature, key, algorithm = (texts[0] for texts in said.values())
    if algorithm != _ALGORITHM:
        return [f"The signature is by “{algorithm}”, which cannot be verified here; known is {_ALGORITHM}."]
    covered = [quad for quad in quads if not _is(quad, element, info, "npx:hasSignature")]
    return _verified(trusty.published_text(covered, whole.value), signature, key)


def private_key(content: bytes) -> rsa.RSAPrivateKey:
    """The key in a file: PEM, or the bare Base64 in which programs of the network keep it."""
    try:
        if b"-----BEGIN" in content:
            key = serialization.load_pem_private_key(content, password=None)
        else:
            key = serialization.load_der_private_key(b64decode(content), password=None)
    except TypeError:
        raise Refusal("the key is protected by a password; give one without.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise Refusal(f"this is no private key in PEM; {_HOW_TO_MAKE}") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Refusal(f"the key must be one of RSA; {_HOW_TO_MAKE}")
    return key


def sign(
    bundle: Mapping[str, Sequence[Quad]], key: rsa.RSAPrivateKey, signer: str = ""
) -> dict[str, list[Quad]]:
    """Nanopublications, valid and unsigned and by their addresses, with a signature and so at new addresses.

    Where one mentions another of them, as an index does, it mentions it by its new address.
    """
    renamed: dict[str, str] = {}
    signed = {}
    for iri in bundles.ordered(bundle):
        _refuse_open_name(bundle[iri], iri)
        code, base = iri[-_CODE_LENGTH:], iri[:-_CODE_LENGTH]
        draft = [_with_iris(quad, lambda name, code=code: name.replace(code, "")) for quad in bundle[iri]]
        for old in {bundles.whole_of(part) for quad in draft for part in quad} & renamed.keys():
            draft = [
                _with_iris(quad, lambda name, old=old: name.replace(old, renamed[old])) for quad in draft
            ]
        made = trusty.make(_signed(draft, base, key, signer), base)
        renamed[iri] = structure.address(made).value
        signed[renamed[iri]] = made
    return signed


def _signed(draft: list[Quad], base: str, key: rsa.RSAPrivateKey, signer: str) -> list[Quad]:
    """A nanopublication without an artifact code, with its signature."""
    [info] = structure.objects(draft, "np:hasPublicationInfo")
    # Parts are set off from the whole by # or by /, and the signature as they are.
    separator = info.value.removeprefix(base)[0]
    element = NamedNode(f"{base}{separator}sig")
    said: list[tuple[str, NamedNode | Literal]] = [
        ("npx:hasSignatureTarget", NamedNode(base)),
        ("npx:hasPublicKey", Literal(_public(key))),
        ("npx:hasAlgorithm", Literal(_ALGORITHM)),
    ]
    if signer:
        said.append(("npx:signedBy", NamedNode(signer)))
    covered = [*draft, *(Quad(element, term(name), value, info) for name, value in said)]
    signature = key.sign(trusty.draft_text(covered, base).encode(), padding.PKCS1v15(), hashes.SHA256())
    return [*covered, Quad(element, term("npx:hasSignature"), Literal(b64encode(signature).decode()), info)]


def _public(key: rsa.RSAPrivateKey) -> str:
    """The public key that belongs to a private one, as a signature states it."""
    written = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return b64encode(written).decode()


def _verified(text: str, signature: str, key: str) -> list[str]:
    """Whether the signature is that of the text by the key."""
    try:
        public = serialization.load_der_public_key(b64decode(key, validate=True))
        value = b64decode(signature, validate=True)
    except (NotBase64, ValueError, UnsupportedAlgorithm):
        return ["The signature or its public key cannot be read: both must be in Base64, the key in DER."]
    if not isinstance(public, rsa.RSAPublicKey):
        return [f"The public key of the signature is none of {_ALGORITHM}."]
    try:
        public.verify(value, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return ["The signature is not that of this content by this key."]
    return []


def _texts(quads: Iterable[Quad], element: object, info: NamedNode, name: str) -> list[str]:
    """What is said of the signature, as far as it is a text."""
    found = [quad.object for quad in quads if _is(quad, element, info, name)]
    return [value.value for value in found if isinstance(value, Literal)]


def _is(quad: Quad, element: object, info: NamedNode, name: str) -> bool:
    return quad.subject == element and quad.graph_name == info and quad.predicate == term(name)


def _refuse_open_name(quads: Iterable[Quad], iri: str) -> None:
    """Refuse what would be read as the nanopublication itself as soon as that has no address for a moment."""
    base = iri[:-_CODE_LENGTH]
    for quad in quads:
        for part in quad:
            if isinstance(part, NamedNode) and trusty.is_part(part.value, base):
                raise Refusal(
                    f"{iri} mentions {part}, which would change with the address; it stays unsigned."
                )


def _with_iris(quad: Quad, changed: Callable[[str], str]) -> Quad:
    """A quad with other IRIs."""
    return Quad(*(NamedNode(changed(part.value)) if isinstance(part, NamedNode) else part for part in quad))
