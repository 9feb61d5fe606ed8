"""The redirects for w3id.org, run by a real Apache, lead every IRI of ours to where the server answers it."""

import http.client
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

import served
from conftest import free_port
from exoreview import files

APACHE = shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MODULES = Path("/usr/lib/apache2/modules")
SERVER = "https://exoreview.example.org"

pytestmark = pytest.mark.skipif(not APACHE or not MODULES.is_dir(), reason="Apache is not installed")

CONFIGURATION = """
ServerRoot {root}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {root}/pid
ErrorLog {root}/log
DocumentRoot {root}/www
{modules}
{user}
<Directory {root}/www>
    Require all granted
    AllowOverride All
</Directory>
"""


@pytest.fixture(scope="module")
def apache():
    """The port of an Apache whose folder `exoreview` holds the rules, as that of w3id.org would."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="exoreview-apache-") as folder:
        root = Path(folder)
        place = root / "www" / "exoreview"
        place.mkdir(parents=True)
        shutil.copy(files.path("w3id/.htaccess"), place)
        # A server that root starts reads its files as somebody else.
        root.chmod(0o755)
        names = ("mpm_event", "authz_core", "dir", "headers", "rewrite")
        configuration = root / "httpd.conf"
        configuration.write_text(
            CONFIGURATION.format(
                root=root,
                port=port,
                modules="\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in names),
                user="User nobody" if os.geteuid() == 0 else "",
            )
        )
        process = subprocess.Popen([APACHE, "-f", configuration, "-DFOREGROUND"], stderr=subprocess.DEVNULL)
        try:
            _wait(port, process, root / "log")
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _wait(port, process, log):
    for _ in range(100):
        assert process.poll() is None, log.read_text() if log.exists() else "Apache ended"
        try:
            ask(port, "/")
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("Apache does not answer")


def ask(port, path):
    """Status, place and permission of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Accept": "text/turtle"})
        answer = connection.getresponse()
        answer.read()
        return (
            answer.status,
            answer.headers.get("Location"),
            answer.headers.get("Access-Control-Allow-Origin"),
        )
    finally:
        connection.close()


PATHS = (
    "",
    "ontology",
    "ontology/1.0.0",
    "concepts",
    "concept/TumourDerivedExosome",
    "claim/s04-c6",
    "claim/s04-c6.ttl",
    "quote/486-501",
    "dataset",
    "download/exoreview-1.0.0.nt",
    "static/logo.svg",
    "sparql?query=ASK%20%7B%7D",
    ".well-known/void",
)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path or "front")
def test_an_iri_leads_to_the_server(apache, path):
    status, location, allowed = ask(apache, f"/exoreview/{path}")
    assert (status, location, allowed) == (302, f"{SERVER}/{path}", "*")
    answer = served.client().get(location.removeprefix(SERVER), headers={"Accept": "*/*"})
    assert answer.status_code in (200, 303)


def test_a_nanopublication_keeps_its_hash(apache):
    iri = next(iter(served.release().nanopublications))
    path = iri.removeprefix("https://w3id.org")
    assert ask(apache, path)[1] == SERVER + path.removeprefix("/exoreview")


def test_nothing_else_is_sent_on(apache):
    status, location, _ = ask(apache, "/other/claim/s04-c6")
    assert (status, location) == (404, None)
