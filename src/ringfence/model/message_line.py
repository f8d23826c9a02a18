"""One message as a line of a list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageLine:
    """What a line shows; text is as its sender wrote it, so escape it before it is shown."""

    input: int
    packet: int
    time_ns: int
    source: str
    source_port: int
    destination: str
    destination_port: int
    method: str  # of a request; of a response that of its CSeq
    status: int  # 0: a request
    from_user: str
    to_user: str
    call_id: str
    claimed_user_agent: str
    text: bytes = b""  # the whole message, if asked for
