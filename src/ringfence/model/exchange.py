"""Messages between addresses, in the order of time: what a ladder draws."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One message on its way; text is as its sender wrote it, so escape it before it is shown."""

    input: int
    packet: int
    time_ns: int
    source: str
    source_port: int
    destination: str
    destination_port: int
    transport: str
    method: str  # of a request; of a response that of its CSeq
    status: int  # 0: a request
    reason: str
    cseq: int  # -1: none
    user: str  # whom a request is for
    call_id: str
    repeats: bool  # a retransmission: the same was sent before
    credentials: str | None  # the user of its credentials; None: it has none
    challenges: bool
    sdp_address: (
        str  # where media is wanted; "" without a session description, or without one in it
    )
    sdp_port: int  # 0: none


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked for and the events found; `omitted` more were left out."""

    of: str
    events: tuple[Event, ...]
    omitted: int = 0
