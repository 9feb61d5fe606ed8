"""How much memory there is, as the system says it."""

import mmap
from pathlib import Path

import pytest

from exoreview.sparql import room

MACHINE = {"proc/meminfo": "MemTotal: 9000 kB\nMemAvailable:    8000 kB\n", "proc/self/cgroup": "0::/a/b\n"}
NEW, OLD = "sys/fs/cgroup/", "sys/fs/cgroup/memory/"

# What the system says besides, and how many kB are available then.
SYSTEMS = {
    "no limit": ({}, 8000),
    "no groups": ({"proc/self/cgroup": None}, 8000),
    "a group without a limit": (
        {f"{NEW}a/b/memory.max": "max\n", f"{NEW}a/b/memory.current": "1024\n"},
        8000,
    ),
    "a group with a limit": (
        {
            f"{NEW}a/b/memory.max": f"{3000 * 1024}\n",
            f"{NEW}a/b/memory.current": f"{1000 * 1024}\n",
        },
        2000,
    ),
    "a group around it with a limit": (
        {
            f"{NEW}a/memory.max": f"{2000 * 1024}\n",
            f"{NEW}a/memory.current": f"{1900 * 1024}\n",
            f"{NEW}a/memory.stat": "inactive_file 0\n",
        },
        100,
    ),
    "a group whose memory is kept of files": (
        {
            f"{NEW}a/b/memory.max": f"{3000 * 1024}\n",
            f"{NEW}a/b/memory.current": f"{3000 * 1024}\n",
            f"{NEW}a/b/memory.stat": f"anon 9\ninactive_file {700 * 1024}\n",
        },
        700,
    ),
    "a group that is over its limit": (
        {
            f"{NEW}a/b/memory.max": f"{3000 * 1024}\n",
            f"{NEW}a/b/memory.current": f"{3100 * 1024}\n",
            f"{NEW}a/b/memory.stat": "inactive_file 0\n",
        },
        0,
    ),
    "a group outside": (
        {
            "proc/self/cgroup": "0::/../..\n",
            f"{NEW}cgroup.procs": "",
            "sys/memory.max": "1\n",
            "sys/memory.current": "0\n",
        },
        8000,
    ),
    "a group of the first version": (
        {
            "proc/self/cgroup": "5:cpu,cpuacct:/\n4:memory:/x\n0::/\n",
            f"{OLD}x/memory.limit_in_bytes": f"{500 * 1024}\n",
            f"{OLD}x/memory.usage_in_bytes": f"{200 * 1024}\n",
            f"{OLD}x/memory.stat": f"inactive_file 0\ntotal_inactive_file {100 * 1024}\n",
        },
        400,
    ),
    "a limit above what there is": (
        {
            f"{NEW}a/memory.max": f"{10**12}\n",
            f"{NEW}a/memory.current": "0\n",
            f"{NEW}a/memory.stat": "inactive_file 0\n",
        },
        8000,
    ),
    "nothing is said": ({"proc/meminfo": None}, 0),
}


@pytest.mark.parametrize(("files", "available"), SYSTEMS.values(), ids=SYSTEMS)
def test_what_can_still_be_taken(files, available, tmp_path):
    for name, text in (MACHINE | files).items():
        if text is not None:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "ascii")
    assert room.available(tmp_path) == available * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the /proc of Linux")
@pytest.mark.parametrize("held", [room.resident, room.data], ids=["resident", "asked for"])
def test_what_this_process_holds(held, tmp_path):
    size, private = 50_000_000, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    before = held()
    with mmap.mmap(-1, size, flags=private) as more:
        for at in range(0, size, mmap.PAGESIZE):
            more[at] = 1
        assert size * 0.9 < held() - before < size * 1.5
    assert held(tmp_path) == 0
