"""What several test files need: the real server, started once as a user starts it."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(*arguments, stderr=None, **environment):
    """`exoreview serve` on a free port until the block ends: its address, once it says that it serves."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "exoreview.cli", "serve", "--port", str(port), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        line = process.stdout.readline()
        assert " serves " in line, line
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def within(seconds, condition):
    """Whether a condition comes true in time."""
    until = time.monotonic() + seconds
    while not (done := condition()) and time.monotonic() < until:
        time.sleep(0.02)
    return done


@pytest.fixture(scope="session")
def server():
    """The address of a running server of the project's own data."""
    with serving() as address:
        yield address
