"""The flow, on one page: captures in, incident out. The only module that imports stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ringfence.detect.deeds import deeds_of
from ringfence.detect.incident import file_incident
from ringfence.detect.verdict import Verdict, weigh
from ringfence.detect.watch import Watch
from ringfence.model.incident import Incident, Input
from ringfence.sources.capture_file import CaptureError, CaptureFile
from ringfence.wire.counts import not_decoded, utc
from ringfence.wire.decoder import ROWS
from ringfence.wire.table import MessageTable

__all__ = ["CaptureError", "Investigation", "investigate", "read_messages"]


@dataclass(frozen=True, slots=True)
class Investigation:
    """An incident and the verdicts that it was written from."""

    incident: Incident
    verdicts: tuple[Verdict, ...]


def investigate(
    paths: list[str], progress: Callable[[int], None] | None = None
) -> Investigation:
    """Decode the captures, weigh every source, write the incident. Raises CaptureError."""
    watch = Watch(ROWS)
    inputs: list[Input] = []
    capture: CaptureFile | None = None
    for number, path in enumerate(paths):
        capture = CaptureFile(path)
        messages = 0
        for table in capture.tables():
            messages += len(table)
            watch.take(table, number)
            if progress is not None:
                progress(capture.decoder.batch.base)
        watch.measure_media(capture.decoder.batch)
        inputs.append(_input(capture, messages))
    sources = watch.sources()
    verdicts = tuple(
        weigh(deeds_of(address, counts, profile, watch.agent(counts.agent)))
        for address, counts, profile in sources.remarkable
    )
    incident = file_incident(inputs, verdicts, sources.unremarkable, sources.served)
    return Investigation(incident, verdicts)


def read_messages(paths: list[str]) -> Iterator[tuple[int, CaptureFile, MessageTable]]:
    """Tables of all captures in turn, with every column filled. Raises CaptureError."""
    for number, path in enumerate(paths):
        capture = CaptureFile(path)
        for table in capture.tables():
            table.fill_parts()
            yield number, capture, table


def _input(capture: CaptureFile, messages: int) -> Input:
    batch = capture.decoder.batch
    read = capture.read
    return Input(
        path=capture.path,
        sha256=read.sha256,
        bytes=read.octets,
        packets=batch.packets,
        sip_messages=messages,
        first_seen=utc(batch.first_time),
        last_seen=utc(batch.last_time),
        not_decoded=not_decoded(batch) | capture.decoder.reassembly.unfinished(),
        problems=[*capture.problems, *(d.describe() for d in capture.decoder.damages)],
    )
