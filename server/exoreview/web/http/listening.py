"""The web process: it accepts connections until a signal ends it, and then gives the answers that it owes."""

import asyncio
import os
import signal
import socket
from collections.abc import Mapping
from functools import partial
from typing import Any

import uvloop

from exoreview.web.http.connection import Connection
from exoreview.web.http.gateway import Gateway

# How often somebody looks for connections that have come to a halt, in seconds.
_LOOK_S = 1.0


def stops() -> tuple[signal.Signals, ...]:
    """The signals that end the server; under nohup the end of the terminal changes nothing."""
    always = (signal.SIGINT, signal.SIGTERM)
    return always if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else (*always, signal.SIGHUP)


def answer(gateway: Gateway, listener: socket.socket, settings: Mapping[str, Any], most: int, lifeline: int):
    """Answer what comes to a listening socket, on `most` connections at a time; end at once where `lifeline`,
    a pipe from whoever has started this process, ends."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop().add_reader(lifeline, os._exit, 1)
        runner.run(_answer(gateway, listener, settings, most))


async def _answer(gateway: Gateway, listener: socket.socket, settings: Mapping[str, Any], most: int) -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in stops():
        loop.add_signal_handler(number, stopped.set)
    connections: set[Connection] = set()
    made = partial(Connection, gateway, connections, most, settings)
    server = await loop.create_server(made, sock=listener, backlog=min(most, 4096))
    looking = loop.create_task(_show_out(connections, settings["IDLE_WAIT_S"]))
    await stopped.wait()
    server.close()
    gateway.call_back()
    while connections:
        for connection in list(connections):
            connection.finish()
        await asyncio.sleep(0.02)
    looking.cancel()
    await gateway.close()


async def _show_out(connections: set[Connection], wait_s: float) -> None:
    """Look for connections without progress, again and again."""
    while True:
        await asyncio.sleep(min(_LOOK_S, wait_s / 4))
        now = asyncio.get_running_loop().time()
        for connection in list(connections):
            connection.show_out(now, wait_s)
