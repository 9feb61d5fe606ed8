"""How much memory there is, as the system says it."""

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
        {f"{NEW}a/b/memory.max": f"{3000 * 1024}\n", f"{NEW}a/b/memory.current": f"{1000 * 1024}\n"},
        2000,
    ),
    "a group around it with a limit": (
        {f"{NEW}a/memory.max": f"{2000 * 1024}\n", f"{NEW}a/memory.current": f"{1900 * 1024}\n"},
        100,
    ),
    "a group of the first version": (
        {
            "proc/self/cgroup": "5:cpu,cpuacct:/\n4:memory:/x\n0::/\n",
            f"{OLD}x/memory.limit_in_bytes": f"{500 * 1024}\n",
            f"{OLD}x/memory.usage_in_bytes": f"{100 * 1024}\n",
        },
        400,
    ),
    "a limit above what there is": (
        {f"{NEW}a/memory.max": f"{10**12}\n", f"{NEW}a/memory.current": "0\n"},
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


def test_what_this_process_holds(tmp_path):
    assert room.resident(tmp_path) == 0
    assert 10**6 < room.resident() < 10**11
