"""What there is, listed for crawlers and for language models: robots.txt, sitemap.xml and llms.txt.

`root` is the address of the server as the client sees it, without a last slash.
"""

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from pyoxigraph import NamedNode

from exoreview import files, media
from exoreview.knowledge import graphs
from exoreview.terms import BASE, DATASET, local_path
from exoreview.web.front import REVIEW
from exoreview.web.machines.heads import PAGES
from exoreview.web.query.examples import Example
from exoreview.web.things.describe import DESCRIBING, Library
from exoreview.web.vocabularies import vocabulary

_NANOPUBLICATIONS = DATASET + "/nanopublications"


def robots(root: str) -> str:
    """Everything may be read; a crawler that follows queries never comes to an end."""
    return f"User-agent: *\nDisallow: /sparql?query=\nAllow: /\n\nSitemap: {root}/sitemap.xml\n"


def sitemap(library: Library, root: str) -> str:
    """Every page, with the day when what it says was last changed."""
    entries = "".join(
        f"<url><loc>{escape(f'{root}/{path}')}</loc><lastmod>{day}</lastmod></url>\n"
        for path, day in sorted(_pages(library))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )


def _pages(library: Library) -> Iterator[tuple[str, str]]:
    whole = _day(library, DATASET)
    for path in PAGES:
        yield path, whole
    for book in vocabulary.VOCABULARIES.values():
        yield book.path, _day(library, graphs.iri(book.graph)) or whole
    days = _days(library)
    for iri in library.things:
        path = local_path(iri)
        if not vocabulary.at(path):
            yield path + media.HTML.suffix, days.get(iri) or whole


def _days(library: Library) -> dict[str, str]:
    """When the graph that describes a thing was last changed, by thing."""
    days = dict.fromkeys(library.published, _day(library, _NANOPUBLICATIONS))
    for name in (*DESCRIBING, *graphs.ASSERTED):
        day = _day(library, graphs.iri(name))
        subjects = {triple.subject for triple in library.graphs[name]}
        days |= {node.value.partition("#")[0]: day for node in subjects if isinstance(node, NamedNode)}
    return days


def _day(library: Library, iri: str) -> str:
    return library.text(iri, "dcterms:modified", "dcterms:issued")


def for_models(library: Library, examples: Mapping[str, Example], names: Sequence[str], root: str) -> str:
    """The form of llmstxt.org: what this is and where it is, in Markdown; `names` are the downloads."""
    suffixes = ", ".join(format.suffix for format in media.RDF)
    review, data = library.label(REVIEW), library.label(library.text(DATASET, "dcterms:rights"))
    sections = {
        "Pages": [
            _item(f"{root}/", review, "the review, its claims by topic, and how to cite it"),
            _item(f"{root}/read", "Read", "the abstract with the words of every claim marked"),
            _item(f"{root}/map", "Map", "the claims as arrows between concepts, drawn and as a table"),
            *(_book(library, book, root) for book in vocabulary.VOCABULARIES.values()),
        ],
        "Data": [
            _item(f"{root}/sparql", "SPARQL 1.1 endpoint", "read-only; the description is its Turtle"),
            _item(f"{root}/openapi.json", "OpenAPI", "every address with what it takes and answers"),
            _item(
                f"{root}/mappings.sssom.tsv", "SSSOM", "the links to other vocabularies, each with its reason"
            ),
            _item(f"{root}/dataset.ttl", "Catalog", "VoID and DCAT"),
            _item(f"{root}/download/exoreview-{files.version()}.nq", "Dump", "all graphs in N-Quads"),
        ],
        "Example queries": [
            _item(f"{root}/{local_path(iri)}.ttl", each.label, library.text(iri, "rdfs:comment"))
            for iri, each in examples.items()
        ],
        "Optional": [_item(f"{root}/download/{name}", name) for name in names],
    }
    listed = "\n".join(f"## {title}\n\n{''.join(items)}" for title, items in sections.items())
    return (
        f"# {library.label(DATASET)}\n\n> {library.text(DATASET, 'dcterms:description')}\n\n"
        f"Each thing has an IRI under {BASE}; on this server the same path answers it, as a page or, with "
        f"one of the suffixes {suffixes}, as RDF. A claim is the review's, neither a fact nor ours. "
        f"Licence: {library.text(DATASET, 'dcterms:license')}. {data}\n\n{listed}"
    )


def _book(library: Library, book: vocabulary.Vocabulary, root: str) -> str:
    iri = BASE + book.path
    return _item(f"{root}/{book.path}", library.label(iri), library.text(iri, "dcterms:description"))


def _item(address: str, title: str, sentence: str = "") -> str:
    return f"- [{title}]({address})" + (f": {sentence}" if sentence else "") + "\n"
