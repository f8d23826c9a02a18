"""What the kernel knows about this host's clock: adjtimex(2), asked without changing it."""

from __future__ import annotations

import ctypes
import sys

from ringfence.model.evidence import HostClock

_STA_UNSYNC = 0x0040
_STA_NANO = 0x2000
_ERROR = 5  # TIME_ERROR: the clock is not synchronised


class _Timex(ctypes.Structure):
    """`struct timex` of glibc and musl, as far as it is read; the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def read_host_clock() -> HostClock:
    """Whether the clock is held to the time, by how much it is off; unknown where none can say."""
    if not sys.platform.startswith("linux"):
        return HostClock()
    try:
        ask = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return HostClock()
    answer = _Timex()  # modes 0: nothing is set
    state = ask(ctypes.byref(answer))
    if state < 0:
        return HostClock()
    return host_clock(state, answer.status, answer.offset, answer.maxerror)


def host_clock(state: int, status: int, offset: int, max_error_us: int) -> HostClock:
    """The kernel's answer in words; an offset counts only where something disciplines the clock."""
    if state == _ERROR or status & _STA_UNSYNC:
        return HostClock(synchronised=False)
    unit = 1e-9 if status & _STA_NANO else 1e-6
    return HostClock(
        synchronised=True,
        offset_s=round(offset * unit, 9),
        max_error_s=round(max_error_us * 1e-6, 6),
    )
