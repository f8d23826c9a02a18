"""Messages of attackers, and the incidents that accuse them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ringfence.model.clock import utc
from ringfence.model.incident import SCHEMA, Incident, Suspect
from ringfence.wire.decoder import Decoder
from tests.search.scene import fed
from tests.wire_cases.compile import packets_of
from tests.wire_cases.files import NANOSECONDS, Pcap

if TYPE_CHECKING:
    from ringfence.wire.table import MessageTable

BEGIN_S = 1_767_225_600
ATTACKER, PHONE, PBX = "203.0.113.7", "192.0.2.20", "192.0.2.1"
SUSPECT = Suspect(
    address=ATTACKER, verdict="attacker", kinds=["password_guessing"], weight_db=40.0,
    proven="nonce", clues=[], messages=0, first_seen="", last_seen="", ports=[],
    claimed_user_agents=[], methods={}, accounts_tried=0, accounts_tried_sample=[], guesses=0,
    guesses_masked=[], accounts_taken=[], numbers_dialled=[], dialled_sample=[], calls_answered=[],
    minutes=0.0, estimated_cost=None, currency=None, campaign=None,
)  # fmt: skip


def at(seconds: float) -> str:
    """The time this long after the beginning, as the incident writes it."""
    return utc(round((BEGIN_S + seconds) * 1e9)) or ""


def incident(*suspects: Suspect, seconds: float = 100.0) -> Incident:
    """These are accused, from the beginning on, for so long."""
    seen = [replace(s, first_seen=at(0), last_seen=at(seconds)) for s in suspects]
    return Incident(SCHEMA, [], [PBX], seen, [], 0, [])


def asks(
    seconds: float,
    method: str,
    call: str,
    cseq: int = 1,
    *,
    source: str = ATTACKER,
    auth: bool = False,
) -> str:
    """A request to the server."""
    credentials = '\n| Authorization: Digest username="240", response="0"' if auth else ""
    return f"""
packet {BEGIN_S + seconds:.6f}
eth
ip4 {source} > {PBX}
udp 5071 > 5060
| {method} sip:240@{PBX} SIP/2.0
| Via: SIP/2.0/UDP {source}:5071;branch=z9hG4bK{call}{cseq}
| From: <sip:240@{PBX}>;tag=f
| To: <sip:240@{PBX}>
| Call-ID: {call}
| CSeq: {cseq} {method}{credentials}
|"""


def answers(
    seconds: float, status: int, method: str, call: str, cseq: int = 1, *, to: str = ATTACKER
) -> str:
    """What the server says to it."""
    return f"""
packet {BEGIN_S + seconds:.6f}
eth
ip4 {PBX} > {to}
udp 5060 > 5071
| SIP/2.0 {status} So
| Via: SIP/2.0/UDP {to}:5071;branch=z9hG4bK{call}{cseq}
| From: <sip:240@{PBX}>;tag=f
| To: <sip:240@{PBX}>;tag=t
| Call-ID: {call}
| CSeq: {cseq} {method}
|"""


def tables(*packets: str) -> Iterator[tuple[int, Decoder, MessageTable]]:
    """These packets as flow hands them on."""
    return fed(Pcap(NANOSECONDS).file(packets_of("".join(packets))), Decoder())
