"""The whole server: the gateway over the application, for a release or for other people's data."""

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.http import http_date
from werkzeug.middleware.proxy_fix import ProxyFix

from exoreview.web.app import create_app
from exoreview.web.http.gateway import Gateway


def of_release(release, engine, settings: Mapping[str, Any]) -> Gateway:
    """The review with its pages, its documents and its endpoint."""
    app = create_app(release, federates=_federates(settings))
    health = {
        "status": "ok",
        "release": release.version,
        "triples": len(release.default_graph),
        "engine": engine.name,
    }
    site = app.extensions["exoreview"]
    dated = site.dated and http_date(site.dated)
    behind = _behind(app, settings)
    return Gateway(behind, engine, settings, health=health, dated=dated, published=site.published)


def of_graphs(
    sizes: Mapping[str, int | None],
    engine,
    settings: Mapping[str, Any],
    *,
    names: Sequence[str] = (),
    constant: bool = True,
) -> Gateway:
    """An endpoint alone, over graphs of so many triples, which came from files or places of these names; what
    is not `constant` may change at any time."""
    app = create_app(sizes=sizes, names=names, federates=constant and _federates(settings))
    health = {"status": "ok", "release": None, "triples": sizes[""], "engine": engine.name}
    return Gateway(_behind(app, settings), engine, settings, health=health, constant=constant)


def _federates(settings: Mapping[str, Any]) -> bool:
    return bool(settings["SERVICE_ALLOW"])


def _behind(app, settings: Mapping[str, Any]):
    """The application behind as many proxies as are trusted."""
    count = settings["TRUST_PROXY"]
    if count:
        # The path is said by PATH_PREFIX alone: what a client may name would stand in every link.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_port=count)
    return app
