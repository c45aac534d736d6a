"""Makes forks of the prepared process cheap: it forks a dozen times for every submission.

A fork copies the table of all pages, and afterwards each page that either side writes to. Large pages make
the table five hundred times shorter. What the garbage collector is told to leave alone it does not write to.
"""

import ctypes
import gc

LARGE = 1 << 21  # bytes of a large page, on x86-64 and on most of aarch64
_COLLAPSE = 25  # MADV_COLLAPSE, Linux 6.1; older kernels refuse, and forks are slower there


def settle() -> None:
    """Put what this process holds now into large pages and out of the garbage collector's sight."""
    gc.collect()
    gc.freeze()
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    with open("/proc/self/maps") as file:
        regions = [line.split() for line in file]
    for place, rights, _, _, inode, *_ in regions:
        if inode == "0" and rights == "rw-p":
            begin, end = (int(number, 16) for number in place.split("-"))
            for page in range(-(-begin // LARGE) * LARGE, end // LARGE * LARGE, LARGE):
                advise(page, LARGE, _COLLAPSE)
