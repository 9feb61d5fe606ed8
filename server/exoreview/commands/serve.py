"""Serve the review: its pages, its data and its SPARQL endpoint; or the endpoint alone over any RDF.

With --data the default graph is what the files put there; the format is known by the suffix. With --store
the data is kept in a folder: built there once, opened in a second from then on, and answered from there
rather than from memory, where it is more than --store-memory-max says. With
--engine queries are answered by an endpoint that stands elsewhere, under the limits, errors and formats here.
With --archive older releases are served too: a folder with one folder for each, named by its version, as
exoreview build --out writes it.
"""

import argparse
import errno
import gc
import resource
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
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
# From so many triples on, about 400 MB, it is worth a warning that they are in memory.
_MUCH = 1_000_000
# So many new objects are worth a look for garbage; the default, 700, are those of a few requests.
_GARBAGE = 20_000
# So many clients may knock before they are let in.
_BACKLOG = 4096


def arguments(parser: argparse.ArgumentParser) -> None:
    """Files to serve instead, and every setting."""
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--data", metavar="FILE", nargs="+", type=Path, default=[], help="serve these files")
    instead.add_argument("--engine", metavar="URL", help="serve the SPARQL endpoint at this address")
    parser.add_argument(
        "--store",
        metavar="FOLDER",
        type=_folder,
        help="keep the data on disk here; built once, refused when the data has changed",
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
    # Collecting garbage while everything is loaded finds none and takes a quarter of the time.
    gc.disable()
    if options.engine and options.store:
        raise Refusal("--store keeps data that is served from here; --engine serves it from elsewhere.")
    if options.archive and (options.engine or options.data):
        raise Refusal(
            "--archive holds older releases of the review; --data and --engine serve something else."
        )
    with _bound(read["HOST"], read["PORT"]) as listener:
        if options.engine:
            return _serve_remote(listener, options.engine, read)
        return _serve_here(listener, options.data, options.store, options.archive, read)


def _serve_here(
    listener: socket.socket,
    data: list[Path],
    store: Path | None,
    archived: Path | None,
    read: dict[str, Any],
) -> int:
    """Serve files or, without any, the release, by processes of this machine, from memory or a folder."""
    from exoreview.sparql.pool import Pool
    from exoreview.sparql.service import Service
    from exoreview.sparql.supervisor import processes
    from exoreview.web import server
    from exoreview.web.http.lending import Lending

    release, quads = None, ()
    if not data:
        from exoreview.release import Release, archive

        older = archive.read(archived, files.version()) if archived else ()
        release = Release.load(archive=older)
        quads = release.quads()
    if store:
        _require_store(store, data, quads)
    base = BASE if release else f"http://{read['HOST']}:{read['PORT']}/sparql"
    service = Service(
        data, read, () if store else quads, store=store, base=base, module="exoreview.web.http.attending"
    )
    try:
        sizes, names = service.ready(), [path.name for path in data]
        pool = Pool(service.address, read, on_disk=service.on_disk, copies=service.copies)
        if not service.on_disk and sum(sizes.values()) > _MUCH:
            copies, instead = processes(read, lends=service.lends), "a lower --store-memory-max"
            _warn(sum(sizes.values()), copies, instead if store else "--store")
        if release:
            gateway = server.of_release(release, pool, read)
        else:
            gateway = server.of_graphs(sizes, pool, read, names=names)
        if service.lends:
            gateway.lend_by(Lending(service.lent_address, service.reports[0], read))
        return _run(listener, gateway, read, names, service)
    finally:
        service.stop()


def _warn(triples: int, copies: int, instead: str) -> None:
    """Say what much data in memory may come to: even reading writes to it, so what processes share parts."""
    print(
        f"{triples:,} triples are kept in memory, and each of the {copies} query processes "
        f"comes to hold a copy of them; {instead} keeps them on disk, or take fewer --workers.",
        file=sys.stderr,
    )


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


def _serve_remote(listener: socket.socket, url: str, read: dict[str, Any]) -> int:
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
        return _run(listener, gateway, read, [url])


def _bound(host: str, port: int) -> socket.socket:
    """A socket at an address, to listen on later; a Refusal where there is none to be had."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with ExitStack() as unused:
            listener = unused.enter_context(socket.socket(family, kind))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            unused.pop_all()
            return listener
    except socket.gaierror:
        raise Refusal(f"{host} is no address of this machine.") from None
    except PermissionError:
        raise Refusal(f"Port {port} needs more rights; choose one above 1023 with --port.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refusal(f"Port {port} is in use; choose another with --port.") from None
        raise Refusal(f"{host} is no address of this machine.") from None


def _run(listener: socket.socket, gateway, read: dict[str, Any], names: list[str], service=None) -> int:
    """Answer in a process of its own until a signal ends it; the service that answers queries is watched."""
    from exoreview.web.http import forking, listening

    gc.freeze()
    gc.enable()
    gc.set_threshold(_GARBAGE)
    most = _connections()
    # From here on clients may come; they are answered as soon as the process is there.
    listener.listen(_BACKLOG)

    def started() -> None:
        _announce(read, names)
        if service:
            service.watch()

    forking.keep(
        lambda lifeline: listening.answer(gateway, listener, read, most, lifeline),
        started=started,
        stopping=listener.close,
        patience_s=read["QUEUE_WAIT_S"] + read["QUERY_TIMEOUT_S"] + _LAST_ANSWERS_S,
        signals=listening.stops(),
    )
    return 0


def _announce(read: dict[str, Any], names: list[str]) -> None:
    prefix = read["PATH_PREFIX"].rstrip("/")
    what = f" ({', '.join(names)})" if names else ""
    version = files.version()
    print(
        f"exoreview {version} serves http://{read['HOST']}:{read['PORT']}{prefix}/{what}; end it with Ctrl-C",
        flush=True,
    )


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("name a folder")
    return Path(text)


def _connections() -> int:
    """How many connections there may be: as many as files may be open, but for those that answers need."""
    most, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if highest == resource.RLIM_INFINITY else min(highest, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, highest))
    return max(most // 2, most - _OTHER_FILES)
