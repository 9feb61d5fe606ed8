"""The sources are in the one style that ruff checks, and formatted by it."""

import subprocess
import sys

import pytest

from exoreview import files


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=lambda command: command[0])
def test_ruff_finds_nothing(command):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "server", "tests"],
        cwd=files.ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
