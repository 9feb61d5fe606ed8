"""Connections that keep to one clock, whatever the peer does.

httpcore bounds each single operation; a peer that sends a byte a second outlives that. Here every operation
gets what is left of one clock, from the look-up of the name to the last byte.
"""

import ssl
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from functools import partial
from threading import Thread

import httpcore

# How long a wait may last before the clock, and whether anybody still waits, is looked at again.
_SLICE_S = 0.25
_WRITE_BYTES = 1 << 16


class Clock:
    """The time that an exchange has, and whether it made a connection of its own.

    `tick` is called while it waits, and may raise to end it.
    """

    def __init__(
        self, seconds: float, over: Callable[[], Exception], tick: Callable[[], object] = lambda: None
    ):
        """`over` makes what is raised once the seconds have passed."""
        self.end, self.over, self.tick = time.monotonic() + seconds, over, tick
        self.connected = False

    def slice(self) -> float:
        """Seconds for the next wait."""
        self.tick()
        left = self.end - time.monotonic()
        if left <= 0:
            raise self.over()
        return min(left, _SLICE_S)

    @property
    def left(self) -> float:
        """Seconds until the end, more than none."""
        self.slice()
        return max(self.end - time.monotonic(), 0.001)


class _Stream(httpcore.NetworkStream):
    """A connection; what httpcore passes through as time-outs are clocks."""

    def __init__(self, stream: httpcore.NetworkStream):
        self.stream = stream

    def read(self, max_bytes: int, timeout: Clock) -> bytes:
        while True:
            with suppress(httpcore.ReadTimeout):
                return self.stream.read(max_bytes, timeout.slice())

    def write(self, buffer: bytes, timeout: Clock) -> None:
        for start in range(0, len(buffer), _WRITE_BYTES):
            self.stream.write(buffer[start : start + _WRITE_BYTES], timeout.left)

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None, timeout: Clock
    ) -> "_Stream":
        return _Stream(self.stream.start_tls(ssl_context, server_hostname, timeout.left))

    def get_extra_info(self, info: str):
        return self.stream.get_extra_info(info)


class Network(httpcore.NetworkBackend):
    """Connects in a thread of its own, since a look-up of a name cannot be interrupted."""

    def connect_tcp(self, host, port, timeout: Clock, local_address=None, socket_options=None) -> _Stream:
        timeout.connected = True
        made: Future[httpcore.NetworkStream] = Future()
        work = partial(_connect, made, host, port, timeout.left)
        Thread(target=work, daemon=True).start()
        try:
            while True:
                with suppress(NotYet):
                    return _Stream(made.result(timeout.slice()))
        except BaseException:
            made.add_done_callback(lambda late: late.exception() or late.result().close())
            raise


def _connect(made: Future, host: str, port: int, seconds: float) -> None:
    try:
        made.set_result(httpcore.SyncBackend().connect_tcp(host, port, seconds))
    except BaseException as error:
        made.set_exception(error)
