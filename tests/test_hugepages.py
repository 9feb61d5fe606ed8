"""A forked process puts what it shares into huge pages, and nothing of it changes."""

import subprocess
import sys
from pathlib import Path

import pytest

from memory import has_huge_pages

LINUX = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="memory is told of so on Linux only")

# Forks a process with 40 MB to share, which says how many MB of huge pages it has, before and after.
FORKED = """
import hashlib, mmap, os, random, sys
from exoreview.sparql import hugepages
from memory import huge_mb

def digest():
    return hashlib.sha256(b"".join(data)).digest()

# A file whose name the system tells as it is.
with open(sys.argv[1], "w+b") as file:
    file.truncate(4096)
    mapped = mmap.mmap(file.fileno(), 4096)

data = [random.Random(n).randbytes(4000) for n in range(10_000)]
before = digest()
if not os.fork():
    none = huge_mb()
    lifeline, other = os.pipe()
    if sys.argv[2] == "ended":
        os.close(other)
    hugepages.collapse(lifeline).join()
    print(none, huge_mb(), digest() == before)
    sys.stdout.flush()
    os._exit(0)
os.wait()
assert digest() == before
"""


def told(program, *arguments):
    command = [sys.executable, "-c", program, *arguments]
    run = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout.split()


# What becomes of the supervisor meanwhile, and how many MB are in huge pages then: from, and to.
COPIED = {"it goes on": ("alive", 36, 60), "it ends": ("ended", 0, 4)}


@LINUX
@pytest.mark.skipif(not has_huge_pages(), reason="this system makes no huge pages when it is asked to")
@pytest.mark.parametrize(("supervisor", "least", "most"), COPIED.values(), ids=COPIED)
def test_what_is_shared_is_copied_into_huge_pages(supervisor, least, most, tmp_path):
    before, after, is_same = told(FORKED, tmp_path / "Å", supervisor)
    assert (before, is_same) == ("0", "True")
    assert least <= int(after) <= most


# A process that may open nothing cannot see where its memory is.
BLIND = """
import os, resource
from exoreview.sparql import hugepages
lifeline, other = os.pipe()
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
hugepages.collapse(lifeline).join()
print("on")
"""


@LINUX
def test_who_cannot_see_its_memory_goes_on_without():
    assert told(BLIND) == ["on"]
