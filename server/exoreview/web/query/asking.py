"""A query as it is asked elsewhere: by its address, from a shell, from Python and from R."""

from urllib.parse import quote

from exoreview import media
from exoreview.sparql import querytext
from exoreview.web.link.snippets import Snippet

# Longer addresses are cut somewhere between a chat and a server.
_LONGEST = 8000


def snippets(query: str, endpoint: str) -> list[Snippet]:
    """The ways to ask this query of the endpoint at an address."""
    is_graph = querytext.FORMS.get(querytext.form(query)) == media.GRAPH
    format = media.TURTLE if is_graph else media.CSV
    address = f"{endpoint}?query={quote(query, safe='')}"
    made = [Snippet("Link to this query and its answer", "address", address + "\n")]
    made = [] if len(address) > _LONGEST else made
    return [
        *made,
        Snippet("Ask it in a shell", "curl", _curl(query, endpoint, format)),
        Snippet("Ask it in Python", "Python", _python(query, endpoint, format)),
        Snippet("Ask it in R", "R", _r(query, endpoint, format)),
    ]


def _curl(query: str, endpoint: str, format: media.Format) -> str:
    end = "QUERY"
    while end in query.split():
        end += "_"
    accept = f"-H 'Accept: {format.media_type}'"
    return f"curl -s {accept} --data-urlencode query@- '{endpoint}' << '{end}'\n{query}\n{end}\n"


def _python(query: str, endpoint: str, format: media.Format) -> str:
    plain = '"""' not in query and "\\" not in query and not query.endswith('"')
    text = f'"""\n{query}\n"""' if plain else repr(query)
    read = "answer.read().decode()" if format is media.TURTLE else "*csv.DictReader(text), sep='\\n'"
    lines = [
        *([] if format is media.TURTLE else ["import csv", "import io"]),
        "from urllib.parse import urlencode",
        "from urllib.request import Request, urlopen",
        "",
        f"query = {text}",
        'form = urlencode({"query": query}).encode()',
        f'request = Request("{endpoint}", form, {{"Accept": "{format.media_type}"}})',
        "with urlopen(request) as answer:",
        *([] if format is media.TURTLE else ['    text = io.TextIOWrapper(answer, "utf-8", newline="")']),
        f"    print({read})",
    ]
    return "\n".join(lines) + "\n"


def _r(query: str, endpoint: str, format: media.Format) -> str:
    dashes = "-"
    while f'){dashes}"' in query:
        dashes += "-"
    read = 'cat(readLines(file), sep = "\\n")' if format is media.TURTLE else "read.csv(file)"
    return (
        f'query <- r"{dashes}(\n{query}\n){dashes}"\n'
        f'address <- paste0("{endpoint}?query=", URLencode(query, reserved = TRUE))\n'
        "file <- tempfile()\n"
        f'download.file(address, file, quiet = TRUE, headers = c(Accept = "{format.media_type}"))\n'
        f"{read}\n"
    )
