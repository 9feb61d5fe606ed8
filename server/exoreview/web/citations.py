"""/cite: the review and the dataset as people and programs cite them, and by Accept where they stand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from flask import Blueprint, Response, render_template, request, url_for
from markupsafe import Markup
from pyoxigraph import Triple
from werkzeug.http import parse_options_header

from exoreview import citing, media
from exoreview.citing.styles import STYLES
from exoreview.problems import Refusal
from exoreview.web import responses
from exoreview.web.responses import fault

FORMS = {form.name: form for form in citing.formats()}
_STYLED = "text/x-bibliography"
_DEFAULT_STYLE = "apa"


def _format(name: str) -> media.Format:
    form = FORMS[name]
    return media.Format(form.name, form.suffix, form.media_type, frozenset(), form.title)


# What the addresses of DOIs answer too, by the same media types.
FORMATS = (
    _format("bibtex"),
    _format("ris"),
    _format("csl"),
    media.Format(_DEFAULT_STYLE, f".{_DEFAULT_STYLE}.txt", _STYLED, frozenset(), "a formatted reference"),
)
_TITLES = {"review": "The review", "dataset": "The dataset"}
_REASONS = {
    "review": "Cite it for what it claims.",
    "dataset": "Cite it too if you use the claims as data: the reading, the concepts or the links.",
}


class Citations:
    """The citations of a release, each made when it is first asked for."""

    def __init__(self, graphs: Mapping[str, Sequence[Triple]]):
        self._graphs = {name: graphs[name] for name in citing.SOURCES}
        self.text = cache(self._text)

    def _text(self, what: str, form: str, html: bool = False) -> str:
        return citing.cite(self._graphs, what, form, html)

    def page(self) -> list[dict]:
        """What the page shows of each thing that can be cited."""
        return [
            {
                "what": what,
                "title": _TITLES[what],
                "reason": _REASONS[what],
                "styles": [
                    # The processor escapes what the record says and marks the italics.
                    (name, style.title, Markup(self.text(what, name, True)))
                    for name, style in STYLES.items()
                ],
                "records": [
                    (form, self.text(what, form.name)) for form in FORMS.values() if form.name not in STYLES
                ],
            }
            for what in citing.THINGS
        ]


def formats(path: str) -> tuple[media.Format, ...]:
    """The forms of citation that the address of a thing answers by Accept."""
    return FORMATS if path in citing.THINGS else ()


def address(path: str, format: media.Format) -> str:
    """The address of the citation of a thing that an Accept header has asked for, in the style it names."""
    style = format.name
    if format.media_type == _STYLED:
        style = next((named for named in _styles() if named), style)
    for name, known in STYLES.items():
        if style == known.csl:
            style = name
    if style in FORMS:
        return url_for("citations.file", name=path + FORMS[style].suffix)
    return url_for("citations.styled", what=path, style=style)


def _styles():
    for part in request.headers.get("Accept", "").split(","):
        kind, options = parse_options_header(part)
        if kind.strip().lower() == _STYLED:
            yield options.get("style", "")


def blueprint(citations: Citations, dated: datetime | None) -> Blueprint:
    """The page and the files."""
    files = {what + form.suffix: (what, form) for what in citing.THINGS for form in FORMS.values()}

    def cite() -> Response:
        responses.chosen((media.HTML,), media.HTML)
        page = render_template("cite.html", cited=citations.page(), alternates=files)
        return responses.reply(page, media.HTML.content_type, dated=dated)

    def file(name: str) -> Response:
        if name not in files:
            raise fault(404, f"There is no citation “{name}”; there are {', '.join(files)}.")
        what, form = files[name]
        kind = form.media_type if form.name not in STYLES else f"{_STYLED}; charset=utf-8"
        attached = {"Content-Disposition": f'inline; filename="exoreview-{name}"'}
        return responses.reply(citations.text(what, form.name), kind, dated=dated, headers=attached)

    def styled(what: str) -> Response:
        style = request.args.get("style", _DEFAULT_STYLE)
        try:
            text = citations.text(what, style)
        except Refusal as refusal:
            raise fault(404, str(refusal)) from None
        return responses.reply(text, f"{_STYLED}; charset=utf-8", dated=dated)

    routes = Blueprint("citations", __name__)
    routes.add_url_rule("/cite", "cite", cite)
    routes.add_url_rule("/cite/<any(review, dataset):what>", "styled", styled)
    routes.add_url_rule("/cite/<name>", "file", file)
    return routes
