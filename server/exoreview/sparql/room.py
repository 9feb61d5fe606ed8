"""How much memory this process has, and how much the machine, or its container, has left."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# Where control groups stand by the version that they are of, the files that hold a group's limit and what is
# used of it, and what of that is only kept of files, and given up when something else needs it.
_GROUPS = {
    "": ("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
    "memory": (
        "sys/fs/cgroup/memory",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_inactive_file",
    ),
}
_ROOT = Path("/")


def resident(root: Path = _ROOT) -> int:
    """Bytes of memory that this process holds; 0 where the system does not say.

    `root` is where /proc and /sys are, here and below."""
    return _of_process("VmRSS:", root)


def data(root: Path = _ROOT) -> int:
    """Bytes that this process has asked for, of which RLIMIT_DATA is the limit; 0 where it is not said."""
    return _of_process("VmData:", root)


def available(root: Path = _ROOT) -> int:
    """Bytes of memory that can still be taken; 0 where the system does not say."""
    with suppress(OSError, ValueError):
        return max(0, min([_line(root / "proc/meminfo", "MemAvailable:") * 1024, *_of_groups(root)]))
    return 0


def _of_process(name: str, root: Path) -> int:
    with suppress(OSError, ValueError):
        return _line(root / "proc/self/status", name) * 1024
    return 0


def _of_groups(root: Path) -> Iterator[int]:
    """What is left in each group that this process is in, and in those around it."""
    groups = root / "proc/self/cgroup"
    for line in groups.read_text("utf-8").splitlines() if groups.exists() else ():
        _, kinds, path = line.split(":", 2)
        for kind in _GROUPS.keys() & set(kinds.split(",")):
            top, limit, used, spare = _GROUPS[kind]
            group = root / top / path.strip("/")
            # A group outside of what can be seen here has dots in its path.
            while group.is_relative_to(root / top) and ".." not in group.parts:
                # A group without a limit says “max”, or has none of these files.
                with suppress(OSError, ValueError):
                    most, now = (int((group / name).read_text("ascii")) for name in (limit, used))
                    yield most - now + _spare(group / "memory.stat", spare)
                group = group.parent


def _spare(file: Path, name: str) -> int:
    with suppress(OSError, ValueError):
        return _line(file, name)
    return 0


def _line(file: Path, name: str) -> int:
    """The number in the line of a file that begins with a name."""
    for line in file.read_text("utf-8").splitlines():
        if line.startswith(f"{name} ") or line.startswith(f"{name}\t"):
            return int(line.split()[1])
    raise ValueError(name)
