"""What a thing is, in a sentence that stands first on its page."""

from collections.abc import Callable

from pyoxigraph import NamedNode

from exoreview.terms import term
from exoreview.web.read.statements import Statements
from exoreview.web.things.describe import Library

_WRITTEN = ("skos:definition", "dcterms:description")


class Leads:
    """Makes the sentence for each kind of thing."""

    def __init__(self, library: Library, statements: Statements):
        self.library, self.statements = library, statements

    def lead(self, iri: str) -> str:
        """What a thing is: as it was written, or by its kind and its place among the others."""
        library = self.library
        if iri in library.published:
            return self._nanopublication(iri)
        kinds = {node.value for node in library.values(iri, "rdf:type")}
        if term("prov:Entity").value in kinds:
            return f"{library.label(iri)}, from which facts about the review were read."
        if written := library.text(iri, *_WRITTEN):
            return _sentence(written)
        for kind, tell in self._by_kind().items():
            if term(kind).value in kinds:
                return _sentence(tell(iri))
        return _sentence(library.text(iri, "rdfs:comment", "skos:scopeNote") or library.label(iri))

    def _by_kind(self) -> dict[str, Callable[[str], str]]:
        return {
            "exr:Claim": self._claim,
            "exr:ScopeStatement": self._scope,
            "exr:Quote": self._quote,
            "exr:Connective": self._connective,
            "exr:Authorship": self._authorship,
            "doco:Sentence": self._sentence,
            "doco:Abstract": self._abstract,
            "fabio:JournalArticle": self._article,
            "fabio:ReviewPaper": lambda _: (
                "The work apart from any publication of it: what the review realises."
            ),
            "fabio:MetadataDocument": self._record,
            "fabio:Journal": lambda _: "The journal in which the review was published.",
            "fabio:JournalIssue": lambda _: "The issue of the journal in which the review stands.",
            "schema:PropertyValue": self._printed,
            "schema:Person": self._person,
            "sssom:Mapping": self._mapping,
            "sh:SPARQLExecutable": lambda iri: self.library.text(iri, "rdfs:comment"),
            "c4o:GlobalCitationCount": self._citations,
            "c4o:BibliographicInformationSource": lambda iri: (
                f"{self.library.label(iri)} counts how often publications are cited."
            ),
            "rdf:Statement": self._fact,
            "fabio:SubjectTerm": self._subject,
            "fabio:TermDictionary": lambda _: "The list from which the subject area of the review is taken.",
            "spdx:Checksum": lambda iri: (
                f"The {self.library.label(iri)}, by which one can tell whether a copy is the same."
            ),
            "dcat:Distribution": self._distribution,
            "dcat:DataService": lambda _: "Where the data can be asked in SPARQL 1.1.",
            "dcterms:RightsStatement": lambda iri: (
                f"Who may use the data: it is {_small(self.library.label(iri))}."
            ),
            "void:Linkset": self._linkset,
            "foaf:Organization": self._organization,
            "void:Dataset": self._part,
        }

    def _named(self, iri: str, property: str) -> str:
        """The label of what a property leads to."""
        return next((self.library.label(node.value) for node in self.library.values(iri, property)), "")

    def _place(self, iri: str) -> str:
        """The sentence that a statement is in."""
        quote = next(iter(self.library.values(iri, "exr:hasQuote")))
        return _small(self._named(quote.value, "exr:inSentence"))

    def _claim(self, iri: str) -> str:
        mode = next(iter(self.library.values(iri, "exr:hasAssertionMode")))
        how = self.library.text(mode.value, "skos:definition")
        return f"A claim of the review, in {self._place(iri)}. {how}"

    def _scope(self, iri: str) -> str:
        return f"What the review says of itself, in {self._place(iri)}"

    def _quote(self, iri: str) -> str:
        stated = [each.label for each in self.statements.all if self._quotes(each.iri, iri)]
        claims = " ".join(f"“{label}”" for label in stated)
        return f"Words in {_small(self._named(iri, 'exr:inSentence'))}, with which it states: {claims}"

    def _quotes(self, statement: str, quote: str) -> bool:
        return NamedNode(quote) in self.library.values(statement, "exr:hasQuote")

    def _connective(self, iri: str) -> str:
        where = _small(self._named(iri, "exr:inSentence"))
        place = f"of {where}" if where else "between two sentences of the abstract"
        return f"Characters {place} that only join what stands before and after them, and state nothing"

    def _authorship(self, iri: str) -> str:
        place, count = int(self.library.text(iri, "exr:position")), self._count("exr:Authorship")
        return (
            f"{self._named(iri, 'exr:heldBy')} is the {_ordinal(place)} of the {count} authors of the review"
        )

    def _person(self, iri: str) -> str:
        held = next(iter(self.library.subjects("exr:heldBy", iri)), None)
        if held is None:
            return f"{self.library.label(iri)}, a person"
        place, count = int(self.library.text(held, "exr:position")), self._count("exr:Authorship")
        return f"The {_ordinal(place)} of the {count} authors of the review, in printed order"

    def _sentence(self, iri: str) -> str:
        place, count = int(self.library.text(iri, "exr:position")), self._count("doco:Sentence")
        made = sum(self._is_in(each.iri, iri) for each in self.statements.all)
        stated = f"{made} statement" + ("" if made == 1 else "s")
        return f"The {_ordinal(place)} of the {count} sentences of the abstract, which makes {stated}"

    def _is_in(self, statement: str, sentence: str) -> bool:
        quotes = self.library.values(statement, "exr:hasQuote")
        return any(
            NamedNode(sentence) in self.library.values(quote.value, "exr:inSentence") for quote in quotes
        )

    def _abstract(self, iri: str) -> str:
        sentences, claims = self._count("doco:Sentence"), len(self.statements.claims)
        return (
            f"The text from which every claim here was read: {sentences} sentences that make {claims} claims"
        )

    def _article(self, iri: str) -> str:
        kind = self._named(iri, "dcterms:type") or "article"
        year = self.library.text(iri, "fabio:hasPublicationYear")
        issue = next((node.value for node in self.library.values(iri, "frbr:partOf")), "")
        journal = self._named(issue, "frbr:partOf") if issue else ""
        where = f" in the {journal}" if journal else ""
        authors = f"{self._count('exr:Authorship')} authors"
        return f"A {kind} by {authors}{where}, {year}, whose claims are here as data"

    def _record(self, iri: str) -> str:
        return "The portal's page about the review, line by line: what this project starts from"

    def _printed(self, iri: str) -> str:
        return f"A line of the portal's record: {self.library.text(iri, 'schema:value')}"

    def _mapping(self, iri: str) -> str:
        library = self.library
        subject, target = (self._named(iri, f"owl:annotated{end}") for end in ("Source", "Target"))
        link, vocabulary = self._named(iri, "owl:annotatedProperty"), self._named(iri, "sssom:object_source")
        of = f", a term of {vocabulary}" if vocabulary else ""
        if library.values(iri, "sssom:predicate_modifier"):
            return f"A warning: “{subject}” is no {link} of “{target}”{of}, although the names are alike"
        article = "an" if link[:1] in "aeiou" else "a"
        return f"The concept “{subject}” has “{target}”{of}, as {article} {link}"

    def _citations(self, iri: str) -> str:
        source = self._named(iri, "c4o:hasGlobalCountSource")
        return f"How often the review was cited when the page was read, as {source} counts"

    def _fact(self, iri: str) -> str:
        source = self._named(iri, "prov:hadPrimarySource")
        where = f": {source}" if source else ""
        return f"A fact about the review that is not on its portal's page, with where it was read{where}"

    def _subject(self, iri: str) -> str:
        return f"The subject area of the review, one of the {self._named(iri, 'skos:inScheme')}"

    def _distribution(self, iri: str) -> str:
        what = self.library.text(iri, "dcterms:title") or self.library.label(iri)
        return f"A file to download: {_small(what) if what.startswith('All') else what}"

    def _linkset(self, iri: str) -> str:
        count = self.library.text(iri, "void:triples")
        target = self.library.label(iri).removeprefix("Links to ").partition(" by ")[0]
        link = self._named(iri, "void:linkPredicate")
        return f"The links by which concepts here have terms of {target} as {link}; there are {count}"

    def _organization(self, iri: str) -> str:
        made = self.library.subjects("dcterms:creator", iri)
        if made:
            return "Who made this dataset and its vocabularies, and answers for the reading of the review"
        return f"{self.library.label(iri)}, whose portal keeps the record of the review"

    def _part(self, iri: str) -> str:
        """A part of the dataset that is counted: what has a class, what has a property, or both."""
        triples, entities = (self.library.text(iri, name) for name in ("void:triples", "void:entities"))
        if kind := self.library.values(iri, "void:class"):
            label = self.library.label(kind[0].value)
            return f"How many things here are of the class “{label}”: {entities}"
        if property := self.library.values(iri, "void:property"):
            used = f"the property “{self.library.label(property[0].value)}”"
            return f"How often {self._whose(iri)} uses {used}: {triples}"
        space = self.library.text(iri, "void:uriSpace")
        return f"A vocabulary of others to which concepts here are linked, whose addresses begin with {space}"

    def _whose(self, iri: str) -> str:
        for whole in self.library.subjects("void:propertyPartition", iri):
            for kind in self.library.values(whole, "void:class"):
                return f"what is of the class “{self.library.label(kind.value)}”"
        return "the dataset"

    def _nanopublication(self, iri: str) -> str:
        claim = next((claim for claim, made in self.library.introduced.items() if made == iri), None)
        if claim is None:
            return (
                "The list of all nanopublications of the claims, at an address that is the hash of the list."
            )
        return (
            f"The claim “{self.library.label(claim)}” as a nanopublication: what is claimed, by whom, and "
            "who published it, under an address that ends in the hash of it all."
        )

    def _count(self, kind: str) -> int:
        return len(self.library.subjects("rdf:type", term(kind).value))


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _sentence(text: str) -> str:
    """A text as a sentence: with a capital and one full stop."""
    text = text.strip()
    ended = text if text.endswith((".", "?", "!", ".”")) else text + "."
    return ended[:1].upper() + ended[1:]
