"""What the system says of the memory of a process."""

import re
from pathlib import Path


def has_huge_pages():
    """Whether the system makes huge pages when it is asked to, and only then: Linux 6.1 and later."""
    release, enabled = Path("/proc/sys/kernel/osrelease"), Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if not enabled.exists() or "[always]" in enabled.read_text("ascii"):
        return False
    found = re.match(r"(\d+)\.(\d+)", release.read_text("ascii"))
    return (int(found[1]), int(found[2])) >= (6, 1)


def huge_mb(pid="self"):
    """MB of a process that are in huge pages."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    return int(re.search(r"AnonHugePages: +(\d+)", told)[1]) // 1024
