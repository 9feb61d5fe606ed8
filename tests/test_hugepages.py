"""A forked process puts what it shares into huge pages, and nothing of it changes."""

import subprocess
import sys
from pathlib import Path

import pytest

from memory import has_huge_pages

LINUX = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="memory is told of so on Linux only")

# Forks a process with 40 MB to share, which says how many MB of huge pages it has, before and after.
FORKED = """
import hashlib, mmap, os, random, sys, time
from exoreview.sparql import hugepages
from memory import huge_mb

def digest():
    return hashlib.sha256(b"".join(data)).digest()

# A file whose name the system tells as it is.
with open(sys.argv[2], "w+b") as file:
    file.truncate(4096)
    mapped = mmap.mmap(file.fileno(), 4096)

data = [random.Random(n).randbytes(4000) for n in range(10_000)]
before = digest()
if not os.fork():
    told = [huge_mb()]
    getattr(hugepages, sys.argv[1])(os.pipe()[0])
    until = time.monotonic() + 30
    while (now := huge_mb()) < 36 and time.monotonic() < until and sys.argv[1] == "collapse_aside":
        time.sleep(0.05)
    print(told[0], now, digest() == before)
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


@LINUX
@pytest.mark.parametrize("way", ["collapse", "collapse_aside"])
def test_what_is_shared_is_copied_into_huge_pages(way, tmp_path):
    if not has_huge_pages():
        pytest.skip("this system makes no huge pages when it is asked to")
    before, after, is_same = told(FORKED, way, tmp_path / "Å")
    assert (before, is_same) == ("0", "True")
    assert int(after) >= 36


# A process that may open nothing cannot see where its memory is.
BLIND = """
import resource
from exoreview.sparql import hugepages
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
hugepages.collapse(0)
hugepages.collapse_aside(0)
print("on")
"""


@LINUX
def test_who_cannot_see_its_memory_goes_on_without():
    assert told(BLIND) == ["on"]
