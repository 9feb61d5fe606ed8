"""Offer the review to software agents by the Model Context Protocol: search, claims, quotes and queries.

An agent starts the command and talks to it over standard input and output; with --http agents of this machine
reach it at an address. Queries run under the limits of the server, which are set in the same way.
"""

import argparse
import asyncio
import signal
import socket
from typing import Any

from exoreview.problems import Refusal

SUMMARY = "offer the review to software agents (MCP)"
EXAMPLE = "exoreview mcp"

# So long answers are still sent by HTTP, once a signal has come.
_LAST_ANSWERS_S = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    """The port, where it is to be reached by HTTP."""
    parser.add_argument(
        "--http", metavar="PORT", type=int, help="listen at http://127.0.0.1:PORT/mcp, not on standard input"
    )


def run(options: argparse.Namespace) -> int:
    """Serve until standard input ends or, by HTTP, until a signal."""
    from exoreview import settings

    try:
        import exoreview.agents.server  # noqa: F401 (loaded first, to say what is missing)
    except ImportError:
        raise Refusal(
            "agents need the Python package mcp; install it with pip install 'exoreview[mcp]'."
        ) from None
    read = settings.read()
    listener = None if options.http is None else _listener(options.http)
    # The processes that answer queries see the end of this one and clean up, so a signal may end it at once;
    # a thread that waits for standard input would keep it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    asyncio.run(_serve(read, listener))
    return 0


async def _serve(read: dict[str, Any], listener: socket.socket | None) -> None:
    from exoreview.agents.server import server
    from exoreview.release import Release
    from exoreview.sparql import service

    release = Release.load()
    async with service.running(read, quads=release.quads()) as pool:
        made = server(release, pool, read)
        if listener:
            await _listen(made, listener)
        else:
            await made.run_stdio_async()


async def _listen(made, listener: socket.socket) -> None:
    """Serve by HTTP; only requests that name this machine are answered, which a page of another cannot."""
    import uvicorn

    host, port = listener.getsockname()
    app = made.streamable_http_app(host=host, json_response=True, stateless_http=True)
    print(f"exoreview offers its tools to agents at http://{host}:{port}/mcp; end it with Ctrl-C", flush=True)
    how = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=_LAST_ANSWERS_S)
    await uvicorn.Server(how).serve(sockets=[listener])


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "a port is a number from 0 to 65535"
        raise Refusal(f"Port {port} cannot be used ({reason.lower()}); choose another with --http.") from None
