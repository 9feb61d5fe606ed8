"""The pictures of the pages are made by the one command that the README of the tests names."""

import struct
import subprocess
import sys

import pytest

from browser.chromium import THEMES, WIDTHS
from exoreview import files

COMMAND = files.path("tests/browser/screenshots.py")


def run(*arguments):
    return subprocess.run([sys.executable, COMMAND, *arguments], capture_output=True, text=True, timeout=300)


@pytest.mark.usefixtures("browser")
def test_a_page_is_pictured_at_each_width_in_each_theme(tmp_path):
    done = run(tmp_path / "made", "about")
    assert done.returncode == 0, done.stderr
    widths = {
        path.name: struct.unpack(">I", path.read_bytes()[16:20])[0] for path in (tmp_path / "made").iterdir()
    }
    assert widths == {
        f"about-{name}-{theme}.png": width for name, width in WIDTHS.items() for theme in THEMES
    }


def test_an_unknown_page_is_refused_with_those_that_there_are(tmp_path):
    done = run(tmp_path / "made", "abuot")
    assert done.returncode == 2
    assert "there is no page abuot; there are front, read," in done.stderr
    assert not (tmp_path / "made").exists()


def test_the_readme_and_git_know_of_it():
    assert "python tests/browser/screenshots.py screenshots" in files.path("README.md").read_text("utf-8")
    assert "/screenshots/" in files.path(".gitignore").read_text("utf-8").splitlines()
