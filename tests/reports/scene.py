"""Exchanges to draw."""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.exchange import Event, Exchange

NEW_YEAR_NS = 1_767_225_600_000_000_000
ATTACKER, PBX, TRUNK = "203.0.113.7", "192.0.2.10", "198.51.100.20"
FIRST = Event(
    input=0,
    packet=1,
    time_ns=NEW_YEAR_NS,
    source=ATTACKER,
    source_port=5071,
    destination=PBX,
    destination_port=5060,
    transport="udp",
    method="INVITE",
    status=0,
    reason="",
    cseq=1,
    user="900442079460706",
    call_id="x@203.0.113.7",
    repeats=False,
    credentials=None,
    challenges=False,
    sdp_address="",
    sdp_port=0,
)


def after(seconds: float, **changes: object) -> Event:
    """The first event with changes, this much later."""
    return replace(FIRST, time_ns=NEW_YEAR_NS + round(seconds * 1e9), **changes)  # type: ignore[arg-type]


def back(seconds: float, status: int, reason: str, **changes: object) -> Event:
    """A response of the PBX."""
    ends = {"source": PBX, "source_port": 5060, "destination": ATTACKER, "destination_port": 5071}
    return after(seconds, status=status, reason=reason, **(ends | changes))


CALL = Exchange(
    "Call-ID x@203.0.113.7",
    (
        replace(FIRST, sdp_address=ATTACKER, sdp_port=4000),
        back(0.01, 401, "Unauthorized", challenges=True),
        after(0.02, method="ACK"),
        after(0.05, cseq=2, credentials="240"),
        after(0.55, cseq=2, credentials="240", repeats=True),
        after(
            0.56, cseq=2, source=PBX, source_port=5060, destination=TRUNK, destination_port=5060,
            sdp_address=PBX, sdp_port=15000,
        ),
        back(0.9, 183, "Session Progress", source=TRUNK, destination=PBX, destination_port=5060),
        back(1.5, 200, "OK", sdp_address="198.51.100.99", sdp_port=20000),
        after(95.25, method="BYE"),
        back(95.26, 481, "Call/Transaction Does Not Exist", method="BYE"),
    ),
    omitted=3,
)  # fmt: skip
