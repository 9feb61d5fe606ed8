"""Huge pages: what a process shares with the one that it was forked from, copied into pages of 2 MB.

A forked process copies each page of 4 KB that it reads data from, as reading counts references there, and
then has so many of them that finding them takes up to a third of the time of a query.
"""

import ctypes
import select
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread, stack_size

_PAGE_BYTES = 2 << 20
# What makes a huge page at once, in the kernel's headers; Linux 6.1 is the first that can.
_MADV_COLLAPSE = 25
_STACK_BYTES = 256 * 1024
# To copy one page holds up who needs memory; for so many times as long nobody is held up then, but for no
# more than these seconds, because a process that stood still has not copied all that time.
_REST, _REST_S = 5, 0.5


def collapse(lifeline: int) -> Thread:
    """Copy all memory of this process into huge pages, little by little in a thread, until there is something
    to be read from the descriptor; nothing is done where the system cannot do that."""
    before = stack_size(_STACK_BYTES)
    copying = Thread(target=_collapse, args=(_ranges(), lifeline), daemon=True)
    copying.start()
    stack_size(before)
    return copying


def _collapse(ranges: list[range], lifeline: int) -> None:
    with suppress(AttributeError, OSError):
        madvise = ctypes.CDLL(None).madvise
        madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        for addresses in ranges:
            for address in addresses:
                begun = time.monotonic()
                madvise(address, _PAGE_BYTES, _MADV_COLLAPSE)
                rest_s = min((time.monotonic() - begun) * _REST, _REST_S)
                if select.select([lifeline], (), (), rest_s)[0]:
                    return


def _ranges() -> list[range]:
    """The addresses of huge pages in memory that is of no file; none where the system does not tell."""
    found = []
    with suppress(OSError):
        for line in Path("/proc/self/maps").read_bytes().strip().split(b"\n"):
            addresses, rights, _, _, inode, *name = line.split()
            if rights == b"rw-p" and inode == b"0" and name in ([], [b"[heap]"]):
                begin, end = (int(address, 16) for address in addresses.split(b"-"))
                begin, last = -(-begin // _PAGE_BYTES) * _PAGE_BYTES, end - _PAGE_BYTES
                found.append(range(begin, last + 1, _PAGE_BYTES))
    return found
