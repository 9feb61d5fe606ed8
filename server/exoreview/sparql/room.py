"""How much memory there is: of the machine, and of what a container or a service may have of it."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# A control group's limit and what is used of it, by the version of such groups and where they stand.
_GROUPS = {
    "": ("sys/fs/cgroup", "memory.max", "memory.current"),
    "memory": ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
}


def resident(root: Path = Path("/")) -> int:
    """Bytes of memory that this process holds; 0 where the system does not say."""
    with suppress(OSError, ValueError):
        return _line(root / "proc/self/status", "VmRSS:")
    return 0


def available(root: Path = Path("/")) -> int:
    """Bytes of memory that can still be taken; 0 where the system does not say.

    `root` is where /proc and /sys are."""
    with suppress(OSError, ValueError):
        return min([_line(root / "proc/meminfo", "MemAvailable:"), *_of_groups(root)])
    return 0


def _of_groups(root: Path) -> Iterator[int]:
    """What is left in each group that this process is in, and in those around it."""
    groups = root / "proc/self/cgroup"
    for line in groups.read_text("utf-8").splitlines() if groups.exists() else ():
        _, kinds, path = line.split(":", 2)
        for kind in _GROUPS.keys() & set(kinds.split(",")):
            top, limit, used = _GROUPS[kind]
            group = root / top / path.strip("/")
            while group.is_relative_to(root / top):
                # A group without a limit says “max”, or has none of these files.
                with suppress(OSError, ValueError):
                    yield int((group / limit).read_text("ascii")) - int((group / used).read_text("ascii"))
                group = group.parent


def _line(file: Path, name: str) -> int:
    """The value of a line in kB, in bytes."""
    for line in file.read_text("utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise ValueError(name)
