"""A recording: what is wanted, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field


class RecordingError(Exception):
    """Nothing was recorded: one line that says why and what to do."""


class NoRecorderError(RecordingError):
    """There is neither dumpcap nor tcpdump."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What to record, where, and how much of it at most."""

    interface: str
    seconds: float
    out: str  # with `ring`, names are made from it
    ports: tuple[int, ...] = ()  # beside those of SIP
    media: bool = False
    ring: int = 0  # files kept, the oldest is written over; 0 is one file
    max_octets: int = 100_000_000  # of each file
    force: bool = False


@dataclass(frozen=True, slots=True)
class HepRecording:
    """The same of what agents send to the HEP port."""

    where: str  # [ADDRESS:]PORT
    seconds: float
    out: str
    max_octets: int = 100_000_000
    force: bool = False
    senders: tuple[str, ...] = ()  # addresses and networks; empty: everybody
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The files that were written, in order of time, and what the recorder said of them."""

    files: tuple[str, ...]
    octets: int
    packets: int | None  # None when it did not say
    lost: int | None
    ended: str  # "time", "size", "you", "recorder"
    complaint: str = ""  # the recorder's own words, where it ended by itself
