"""Serve the review: its pages, its data and its SPARQL endpoint; or the endpoint alone over any RDF.

With --data the default graph is what the files put there; the format is known by the suffix. With --store
the data is kept in a folder instead of memory: built there once, opened in a second from then on. With
--engine queries are answered by an endpoint that stands elsewhere, under the limits, errors and formats here.
With --archive older releases are served too: a folder with one folder for each, named by its version, as
exoreview build --out writes it.
"""

import argparse
import errno
import gc
import multiprocessing
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from http.client import HTTPConnection, HTTPException
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from exoreview import files
from exoreview.problems import Refusal
from exoreview.settings import SETTINGS
from exoreview.terms import BASE

SUMMARY = "serve the review and its SPARQL endpoint"
EXAMPLE = "exoreview serve --port 8000"

# So long the web process may go on sending what it has, once no query can run any more.
_LAST_ANSWERS_S = 3
# So many files may be open where the system allows it, and so many of them are no connections of clients.
_MOST_FILES, _OTHER_FILES = 16_384, 1024


def arguments(parser: argparse.ArgumentParser) -> None:
    """Files to serve instead, and every setting."""
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--data", metavar="FILE", nargs="+", type=Path, default=[], help="serve these files")
    instead.add_argument("--engine", metavar="URL", help="serve the SPARQL endpoint at this address")
    parser.add_argument(
        "--store",
        metavar="FOLDER",
        type=_folder,
        help="keep the data on disk here, not in memory; built once, refused when the data has changed",
    )
    parser.add_argument(
        "--archive", metavar="DIR", type=_folder, help="serve these older releases too: DIR/0.9.0/…"
    )
    for setting in SETTINGS:
        parser.add_argument(
            setting.option,
            metavar="TEXT" if isinstance(setting.default, str) else "NUMBER",
            help=f"{setting.help} (default: {setting.default}; or {setting.variable})",
            default=argparse.SUPPRESS,
        )


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT, SIGTERM or SIGHUP."""
    from exoreview import settings

    texts = {setting: getattr(options, setting.name.lower(), None) for setting in SETTINGS}
    read = settings.read(
        **{
            setting.name.lower(): setting.read(text, setting.option)
            for setting, text in texts.items()
            if text is not None
        }
    )
    _require_free(read["HOST"], read["PORT"])
    # Collecting garbage while everything is loaded finds none and takes a quarter of the time.
    gc.disable()
    if options.engine and options.store:
        raise Refusal("--store keeps data that is served from here; --engine serves it from elsewhere.")
    if options.archive and (options.engine or options.data):
        raise Refusal(
            "--archive holds older releases of the review; --data and --engine serve something else."
        )
    if options.engine:
        return _serve_remote(options.engine, read)
    return _serve_here(options.data, options.store, options.archive, read)


def _serve_here(data: list[Path], store: Path | None, archived: Path | None, read: dict[str, Any]) -> int:
    """Serve files or, without any, the release, by processes of this machine, from memory or a folder."""
    from exoreview.sparql.pool import Pool
    from exoreview.sparql.service import Service
    from exoreview.web import server

    release, quads = None, ()
    if not data:
        from exoreview.release import Release, archive

        older = archive.read(archived, files.version()) if archived else ()
        release = Release.load(archive=older)
        quads = release.quads()
    if store:
        _require_store(store, data, quads)
    base = BASE if release else f"http://{read['HOST']}:{read['PORT']}/sparql"
    service = Service(data, read, () if store else quads, store=store, base=base)
    try:
        pool, names = Pool(service.address, read, on_disk=bool(store)), [path.name for path in data]
        sizes = service.ready()
        if release:
            gateway = server.of_release(release, pool, read)
        else:
            gateway = server.of_graphs(sizes, pool, read, names=names)
        return _run(gateway, read, names, service)
    finally:
        service.stop()


def _require_store(folder: Path, data: list[Path], quads: Sequence) -> None:
    """Build the store that is not there yet; refuse one that is of other data."""
    from exoreview.sparql import disk

    held = "the release" if quads else ""
    if disk.holds(folder):
        disk.check(folder, data, quads=quads, name=held)
    else:
        note = f"The store in {folder} is built, once; a million triples take about a quarter of a minute."
        print(note, file=sys.stderr)
        disk.build(folder, data, quads=quads, name=held)


def _serve_remote(url: str, read: dict[str, Any]) -> int:
    """Serve an endpoint that stands elsewhere."""
    from exoreview import media
    from exoreview.remote import Remote
    from exoreview.sparql.engine import Question
    from exoreview.sparql.outcomes import QueryError, Stopped
    from exoreview.sparql.threads import Threads
    from exoreview.web import server

    remote = Remote(url, read)
    with closing(remote), TemporaryDirectory(prefix="exoreview-") as folder:
        try:
            remote.write(Question("ASK {}", media.RESULTS_JSON), BytesIO())
        except (QueryError, Stopped) as error:
            print(f"{error} It is served all the same.", file=sys.stderr)
        # A connection must not be used by two processes.
        remote.close()
        engine = Threads(remote, read, Path(folder))
        # How much an endpoint of others holds may change at any time.
        gateway = server.of_graphs({"": None}, engine, read, names=[url], constant=False)
        return _run(gateway, read, [url])


def _require_free(host: str, port: int) -> None:
    """Refuse an address that is in use; the web server lets processes share one and would not see it."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise Refusal(f"{host} is no address of this machine.") from None
    except PermissionError:
        raise Refusal(f"Port {port} needs more rights; choose one above 1023 with --port.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refusal(f"Port {port} is in use; choose another with --port.") from None
        raise Refusal(f"{host} is no address of this machine.") from None


def _run(gateway, read: dict[str, Any], names: list[str], service=None) -> int:
    """Run the web server until a signal ends it; the service that answers queries is watched by it."""
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.server import Server

    connections = _connections()
    hangup = signal.getsignal(signal.SIGHUP)

    class WebServer(Server):
        """The web server, which forks its process before the first thread is started."""

        def startup(self, *given):
            super().startup(*given)
            if service:
                service.watch()

        def shutdown(self, *given):
            # The web process gives the answers that it owes; the service ends after it.
            try:
                super().shutdown(*given)
            except SystemExit:
                # Ctrl-C reaches the web process too, whose end then looks like a failure.
                if not self.interrupt_signal:
                    raise

        def signal_handler_reload(self, *_):
            # There is nothing to load again; under nohup the end of the terminal changes nothing.
            if hangup != signal.SIG_IGN:
                self.signal_handler_interrupt()

    gc.freeze()
    gc.enable()
    # The web process inherits the application as it is; nothing is loaded twice.
    multiprocessing.set_start_method("fork", force=True)
    web = WebServer(
        "exoreview",
        address=read["HOST"],
        port=read["PORT"],
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        workers=1,
        log_enabled=False,
        respawn_failed_workers=True,
        # By default 1,024 idle connections would keep everybody else out.
        backpressure=connections,
        backlog=min(connections, 4096),
        workers_kill_timeout=int(read["QUEUE_WAIT_S"] + read["QUERY_TIMEOUT_S"]) + _LAST_ANSWERS_S,
    )
    web.serve(target_loader=partial(_application, gateway, read, names), wrap_loader=False)
    return 0


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("name a folder")
    return Path(text)


def _connections() -> int:
    """How many connections there may be: as many as files may be open, but for those that answers need.
    Beyond that new ones wait; without the bound the web server would try, and fail, without a pause."""
    most, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if highest == resource.RLIM_INFINITY else min(highest, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, highest))
    return max(most // 2, most - _OTHER_FILES)


def _application(gateway, read: dict[str, Any], names: list[str]):
    """The application, in the web process."""
    Thread(target=_end_with_parent, daemon=True).start()
    Thread(target=_announce, args=(read, names), daemon=True).start()
    return gateway


def _end_with_parent() -> None:
    """A web process whose parent was killed has nobody who could end it."""
    from multiprocessing import connection, parent_process

    if parent := parent_process():
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)


def _announce(read: dict[str, Any], names: list[str]) -> None:
    """Say that the server answers, once it does."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(read["HOST"], read["HOST"])
    prefix = read["PATH_PREFIX"].rstrip("/")
    for _ in range(600):
        try:
            asked = HTTPConnection(host, read["PORT"], timeout=5)
            asked.request("GET", f"{prefix}/health")
            if asked.getresponse().status == 200:
                break
        except (OSError, HTTPException):
            # It is not there yet.
            pass
        finally:
            asked.close()
        time.sleep(0.05)
    what = f" ({', '.join(names)})" if names else ""
    version = files.version()
    print(
        f"exoreview {version} serves http://{read['HOST']}:{read['PORT']}{prefix}/{what}; end it with Ctrl-C",
        flush=True,
    )
