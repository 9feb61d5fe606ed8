"""The application over the project's own release, in this process, made once for all test files."""

from functools import cache

from pyoxigraph import Store

from exoreview import settings
from exoreview.release import Release
from exoreview.sparql.engine import Embedded
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
    """The whole application."""
    return create_app(settings.read({}), Embedded(store()), release())
