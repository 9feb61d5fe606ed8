"""The application over the project's own release, in this process, made once for all test files."""

import atexit
import tempfile
from functools import cache, partial
from pathlib import Path

from pyoxigraph import Store

from exoreview import settings
from exoreview.release import Release
from exoreview.sparql.engine import Embedded
from exoreview.sparql.threads import Threads
from exoreview.web import inprocess, server
from exoreview.web.app import create_app

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@cache
def release():
    """The release of the project's files."""
    return Release.load()


@cache
def store():
    """What the endpoint holds."""
    made = Store()
    made.extend(release().quads())
    return made


@cache
def application():
    """The pages."""
    return create_app(release())


@cache
def client():
    """A client of the whole server, but for its processes."""
    return client_of(server.of_release, release(), Embedded(store()))


def other_client(engine, *, sizes=None, names=(), **given):
    """A client of an engine over other people's data."""
    of_graphs = partial(server.of_graphs, names=names)
    return client_of(of_graphs, sizes or {"": 0}, engine, **given)


def client_of(make, over, engine, **given):
    """A client of what `make` makes over data, with an engine in threads, under settings."""
    read = settings.read({}, **{"log": "off"} | given)
    folder = tempfile.TemporaryDirectory(prefix="exoreview-test-")
    made = inprocess.client(make(over, Threads(engine, read, Path(folder.name)), read))
    atexit.register(folder.cleanup)
    atexit.register(made.application.close)
    return made
