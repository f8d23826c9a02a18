"""Whose drill it is: a file of the guard's run folder, for the words of alarms and cases.

The guard blocks a drill like any attack and never asks this file what to do. It only says in
the alarm and in the case that whoever knew the code drilled from that address; of somebody
who got in it never says so. No secret is in the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from ringfence.flow.moment import utc

NAME = "drill.json"
_MAX_OCTETS = 16_384
MAX_SOURCES = 8
# Clocks of messages are those of packets; the case comes when its minute is over.
_EARLY = timedelta(seconds=5)
_CASE_LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Source:
    """An address from which whoever knows the code drills."""

    address: str
    since: str  # ISO 8601, as `until`
    until: str
    drill: str  # the mark of its packets


class _File(msgspec.Struct, frozen=True):
    sources: list[Source] = []


def write_record(folder: Path, sources: Iterable[Source]) -> None:
    """Replace the file, whole. Raises OSError."""
    part = folder / f".{NAME}.{os.getpid()}"
    part.unlink(missing_ok=True)
    # Root writes into a folder of the guard's user: nothing that lies there is followed.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(part, flags, 0o644), "wb") as stream:
        stream.write(msgspec.json.encode(_File(list(sources)[-MAX_SOURCES:])))
        os.fchmod(stream.fileno(), 0o644)  # the guard is another user, with any umask
    part.replace(folder / NAME)


def read_record(folder: Path) -> list[Source]:
    """Drills that the machine knows of; none where there is no file, or a strange one."""
    with suppress(OSError, msgspec.MsgspecError):
        with (folder / NAME).open("rb") as stream:
            octets = stream.read(_MAX_OCTETS)
        return msgspec.json.decode(octets, type=_File).sources[:MAX_SOURCES]
    return []


def said_of(sources: list[Source], addresses: Iterable[str], began: str) -> str:
    """What an alarm says of an attack that began then: one of these drills, or ""."""
    return _said(sources, addresses, began, timedelta())


def said_of_case(folder: Path, addresses: Iterable[str], now: datetime | None = None) -> str:
    """The same of a case that is filed now, by the record of the folder."""
    return _said(read_record(folder), addresses, utc(now or datetime.now(UTC)), _CASE_LATE)


def _said(sources: list[Source], addresses: Iterable[str], at: str, late: timedelta) -> str:
    asked = set(addresses)
    known = {one.address: one for one in sources if _is_within(one, at, late)}
    if not asked or not asked <= known.keys():
        return ""
    one = known[min(asked)]
    return (
        f"This looks like a drill of yours: who knew the code of `ringfence drill token` began "
        f"one from {one.address} at {one.since}. If none of you did, it is an attack."
    )


def _is_within(one: Source, at: str, late: timedelta) -> bool:
    try:
        when, since, until = map(datetime.fromisoformat, (at, one.since, one.until))
        return since - _EARLY <= when <= until + late
    except (ValueError, TypeError):  # no time, or one without its zone
        return False
