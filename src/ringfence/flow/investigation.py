"""Captures in, incident out: decode, count, weigh, link, write.

This page is the heart of the flow; what is made of an incident stands beside it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from pkgutil import get_data  # importlib.resources costs 10 ms of start-up

from ringfence.detect.assess import assess
from ringfence.detect.deeds import Address
from ringfence.detect.dialled import read_dialled
from ringfence.detect.incident import file_incident
from ringfence.detect.rates import Rates
from ringfence.detect.toll import Tariff
from ringfence.detect.verdict import Verdict
from ringfence.detect.watch import Watch
from ringfence.model.incident import Incident, Input
from ringfence.model.text import shown
from ringfence.sources.capture_file import CaptureError, CaptureFile, in_order_of_time
from ringfence.wire.counts import not_decoded, utc
from ringfence.wire.decoder import Decoder
from ringfence.wire.gathering import ROWS
from ringfence.wire.records import PacketKeeper
from ringfence.wire.table import MessageTable

__all__ = [
    "Address",
    "CaptureError",
    "Investigation",
    "Owner",
    "OwnerError",
    "Verdict",
    "investigate",
    "read_messages",
]


class OwnerError(ValueError):
    """Something the owner told us makes no sense: a region, or a line of his rates file."""


@dataclass(frozen=True, slots=True)
class Investigation:
    """An incident and the verdicts that it was written from."""

    incident: Incident
    verdicts: tuple[Verdict, ...]

    def verdict_on(self, address: Address) -> Verdict | None:
        """The verdict on this source, None when it did nothing remarkable."""
        return next((v for v in self.verdicts if v.deeds.address == address), None)


@dataclass(frozen=True, slots=True)
class Owner:
    """What the owner says: his servers, his trunks and users, his region, his rates."""

    servers: tuple[Address, ...] = ()
    known: tuple[Address, ...] = ()
    home: str | None = None  # ISO 3166-1 region whose dialling plan his users have
    rates_file: str | None = None


def investigate(
    paths: list[str],
    owner: Owner = Owner(),
    progress: Callable[[int], None] | None = None,
) -> Investigation:
    """Decode the captures, weigh every source, write the incident. Raises CaptureError."""
    tariff = _tariff(owner)
    watch = Watch(ROWS, seed=int.from_bytes(os.urandom(8), "little"))
    inputs: dict[int, Input] = {}
    for number in in_order_of_time(paths):
        capture = CaptureFile(paths[number])
        messages = 0
        for table in capture.tables():
            messages += len(table)
            watch.take(table, number)
            if progress is not None:
                progress(capture.decoder.batch.base)
        watch.measure_media(capture.decoder.batch)
        inputs[number] = _input(capture, messages)
    sources = watch.sources()
    found = assess(sources, owner.servers, owner.known)
    incident = file_incident(
        [inputs[n] for n in range(len(paths))],
        found.verdicts,
        sources.unremarkable,
        found.ours,
        tariff,
    )
    return Investigation(incident, found.verdicts)


def read_messages(
    paths: list[str], problems: list[str] | None = None, *, keep_packets: bool = False
) -> Iterator[tuple[int, Decoder, MessageTable]]:
    """Tables of all captures in turn, each valid until the next. Raises CaptureError."""
    for number, path in enumerate(paths):
        capture = CaptureFile(path)
        if keep_packets:
            capture.decoder.keeper = PacketKeeper()
        for table in capture.tables():
            yield number, capture.decoder, table
        if problems is not None:
            problems += (f"{path}: {problem}" for problem in _problems(capture))


def _problems(capture: CaptureFile) -> list[str]:
    return [*capture.problems, *(damage.describe() for damage in capture.decoder.damages)]


def _tariff(owner: Owner) -> Tariff:
    """The owner's rates, or the rough ones that come with the project. Raises OwnerError."""
    if owner.rates_file is None:
        text = (get_data("ringfence.detect", "rates.csv") or b"").decode()
    else:
        text = Path(owner.rates_file).read_text(encoding="utf-8")
    try:
        read_dialled("", owner.home)
        return Tariff(owner.home, Rates.parse(text))
    except ValueError as error:
        raise OwnerError(f"{owner.rates_file or owner.home}: {error}") from error


def _input(capture: CaptureFile, messages: int) -> Input:
    batch = capture.decoder.batch
    read = capture.read
    return Input(
        path=shown(capture.path),  # a name of other octets than UTF-8 is no JSON
        sha256=read.sha256,
        bytes=read.octets,
        packets=batch.packets,
        sip_messages=messages,
        first_seen=utc(batch.first_time),
        last_seen=utc(batch.last_time),
        not_decoded=not_decoded(batch) | capture.decoder.reassembly.unfinished(),
        problems=_problems(capture),
    )
