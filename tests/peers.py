"""Real SPARQL servers of others on loopback, each with data of ours, started and ended by the tests."""

import io
import re
import shutil
import subprocess
import sysconfig
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from conftest import free_port
from exoreview import media, settings
from exoreview.remote import Remote
from exoreview.sparql.engine import Question

# Virtuoso knows no default graph but the union of all; what ours holds is in this one.
DEFAULT_GRAPH = "urn:x-exoreview:default"

_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
DirsAllowed = .
NumberOfBuffers = 4000
MaxDirtyBuffers = 3000
CheckpointInterval = 0
ThreadsPerQuery = 1
AsyncQueueMaxThreads = 1
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 5
[SPARQL]
ResultSetMaxRows = {most_rows}
"""


def _program(name, installed_by):
    """A program's path; where it is missing the test is skipped and says how to have it."""
    found = shutil.which(name) or shutil.which(name, path=sysconfig.get_path("scripts"))
    if not found:
        pytest.skip(f"{name} is missing; install it by: {installed_by}")
    return found


@contextmanager
def oxigraph(folder, data):
    """An Oxigraph server over a file of N-Quads, its store in a folder: the address of its endpoint."""
    program = _program("oxigraph", "pip install oxigraph")
    store = ["--location", folder / "store"]
    subprocess.run([program, "load", *store, "--file", data], check=True, capture_output=True)
    port = free_port()
    command = [program, "serve-read-only", *store, "--bind", f"127.0.0.1:{port}"]
    with _running(command, folder, f"http://127.0.0.1:{port}/") as process:
        yield f"http://127.0.0.1:{port}/query"
        process.terminate()


@contextmanager
def virtuoso(folder, data, most_rows):
    """A Virtuoso over a file of N-Quads, its database in a folder: the address of its endpoint."""
    program = _program("virtuoso-t", "apt-get install virtuoso-opensource")
    client = _program("isql-vt", "apt-get install virtuoso-opensource")
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(_INI.format(sql=sql, http=http, most_rows=most_rows))
    shutil.copy(data, folder / "data.nq")
    command = [program, "+foreground", "+configfile", "virtuoso.ini"]

    def tell(statement):
        ran = subprocess.run(
            [client, str(sql), "dba", "dba", "VERBOSE=OFF", f"EXEC={statement}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Error" not in ran.stderr, ran.stderr

    with _running(command, folder, f"http://127.0.0.1:{http}/sparql?query=ASK%7B%7D"):
        # 512: the file is N-Quads.
        tell(f"DB.DBA.TTLP (file_to_string_output ('data.nq'), '', '{DEFAULT_GRAPH}', 512)")
        yield f"http://127.0.0.1:{http}/sparql"
        tell("shutdown")


@contextmanager
def _running(command, folder, address):
    """A server process until it ends, which the block brings about; ready once an address is there."""
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(list(map(str, command)), cwd=folder, stdout=output, stderr=output)
    try:
        _await(address, process, folder)
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(address, process, folder):
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(address):
                return
        except URLError:
            time.sleep(0.1)
    raise AssertionError(
        f"{Path(process.args[0]).name} did not start: {_last((folder / 'output').read_text())}"
    )


def _last(text):
    return re.sub(r"\s+", " ", text)[-500:]


def limits(**given):
    """Settings for a machine that is busy with tests."""
    return settings.read({}, **{"query_timeout_s": 20.0, **given})


@contextmanager
def asking(url, **given):
    """A remote engine, closed in the end."""
    engine = Remote(url, limits(**given))
    try:
        yield engine
    finally:
        engine.close()


def written(engine, text, format=media.RESULTS_JSON, **graphs):
    """What an engine writes."""
    out = io.BytesIO()
    engine.write(Question(text, format, **graphs), out)
    return out.getvalue()
