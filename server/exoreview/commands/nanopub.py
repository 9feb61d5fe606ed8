"""Check nanopublications of any origin, or sign some with a key of your own to publish them on the network.

A check needs no network: the address of a nanopublication ends in the hash of its content, and a signature
comes with its public key. To sign changes the address, which covers the signature too.
"""

import argparse
import re
import sys
from pathlib import Path

from exoreview.problems import Refusal

SUMMARY = "check or sign nanopublications"
EXAMPLE = "exoreview nanopub check release/exoreview-1.0.0.nq"

_ORCID = re.compile(r"(?:https?://orcid\.org/)?((?:\d{4}-){3}\d{3}[\dX])")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The two actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser(
        "check",
        help="say whether structure, content and signature are right",
        description="Check structure, the hash in the address, and the signature if there is one. "
        "The exit status is 0 if all is right and 1 if not.",
        epilog=f"Example: {EXAMPLE}",
    )
    check.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="TriG, N-Quads or JSON-LD, also .gz"
    )
    sign = actions.add_parser(
        "sign",
        help="sign with a key of your own",
        description="Sign all nanopublications of a file with an RSA key; an index lists the signed ones.",
        epilog="Example: exoreview nanopub sign claim.trig --key key.pem --out signed.trig",
    )
    sign.add_argument("file", metavar="FILE", type=Path, help="TriG, N-Quads or JSON-LD, also .gz")
    sign.add_argument("--key", metavar="PEM", type=Path, required=True, help="file of the private RSA key")
    sign.add_argument("--orcid", metavar="IRI", type=_orcid, help="your ORCID, as the signer")
    sign.add_argument("--out", metavar="FILE", type=Path, required=True, help="where the signed ones go")


def run(options: argparse.Namespace) -> int:
    """Check or sign."""
    return _check(options.files) if options.action == "check" else _sign(options)


def _check(paths: list[Path]) -> int:
    from exoreview.release import bundles, reading

    status = 0
    for path in paths:
        bundle, rest = bundles.separate(reading.read(path))
        problems = _problems(bundle)
        for problem in problems or ([] if bundle else ["There is no nanopublication in it."]):
            print(f"{path}: {problem}", file=sys.stderr)
        if problems or not bundle:
            status = 1
        else:
            print(f"{path}: {_praise(bundle, {quad.graph_name for quad in rest})}")
    return status


def _problems(bundle) -> list[str]:
    """What is wrong, each with the address of the nanopublication."""
    from exoreview.release import signatures, structure

    problems = []
    for iri, quads in bundle.items():
        found = structure.faults(quads) or signatures.faults(quads)
        problems += [f"{iri}: {sentence}" for sentence in found]
    return problems


def _praise(bundle, others) -> str:
    from exoreview.release import signatures

    signed = [iri for iri, quads in bundle.items() if signatures.is_signed(quads)]
    if len(bundle) == 1:
        signers = ", ".join(signer for quads in bundle.values() for signer in signatures.signers(quads))
        by = f" (it names {signers} as signer)" if signers else ""
        [iri] = bundle
        return f"{iri} is right and {'signed' + by if signed else 'not signed'}."
    rest = f" {len(others)} other graphs were not looked at." if others else ""
    return f"{len(bundle)} nanopublications are right, {len(signed) or 'none'} of them signed.{rest}"


def _sign(options: argparse.Namespace) -> int:
    from exoreview import files
    from exoreview.release import bundles, reading, signatures

    format = _format(options.out)
    bundle, _ = bundles.separate(reading.read(options.file))
    if not bundle:
        raise Refusal(f"{options.file}: There is no nanopublication in it.")
    if problems := _problems(bundle):
        raise Refusal(f"{options.file}: {problems[0]}")
    for iri, quads in bundle.items():
        if signatures.is_signed(quads):
            raise Refusal(f"{options.file}: {iri} is signed already.")
    try:
        key = signatures.private_key(options.key.read_bytes())
    except OSError as error:
        raise Refusal(f"{options.key}: {(error.strerror or 'it cannot be read').lower()}.") from None
    except Refusal as refusal:
        raise Refusal(f"{options.key}: {refusal}") from None
    signed = signatures.sign(bundle, key, options.orcid or "")
    files.replace(options.out, _written(signed, format))
    for old, new in zip(bundles.ordered(bundle), signed, strict=True):
        print(f"{old} is signed as {new}")
    return 0


def _format(out: Path):
    """The format to write, which can hold graphs and is not compressed."""
    from exoreview import media
    from exoreview.release import reading

    format = reading.format_of(out)
    if media.DATASET not in format.carries or out.suffix == reading.COMPRESSED:
        raise Refusal(f"{out}: a nanopublication is four graphs; name a file .trig, .nq or .jsonld.")
    return format


def _written(signed, format) -> str:
    from exoreview.release import dumps

    graphs: dict[str, list] = {}
    for quads in signed.values():
        # By name the head stands first, then assertion, provenance and publication info.
        for quad in sorted(quads, key=lambda quad: (quad.graph_name.value, str(quad))):
            graphs.setdefault(quad.graph_name.value, []).append(quad.triple)
    return dumps.Dump([], [], graphs).bytes(format).decode()


def _orcid(text: str) -> str:
    """The IRI of an ORCID whose check digit is right (ISO 7064, MOD 11-2)."""
    found = _ORCID.fullmatch(text)
    digits = found[1].replace("-", "") if found else ""
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    if not found or digits[-1] != "0123456789X"[(12 - total % 11) % 11]:
        raise argparse.ArgumentTypeError(
            f"“{text}” is no ORCID; one is https://orcid.org/0000-0002-1825-0097"
        )
    return f"https://orcid.org/{found[1]}"
