"""A call with a guessed password, a scan, and a message that is odd: what searches look through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ringfence.model.question import Question
from ringfence.search.choose import choose
from ringfence.search.rows import Rows
from ringfence.wire.decoder import Decoder
from tests.wire_cases.compile import Packet, packets_of
from tests.wire_cases.files import NANOSECONDS, Pcap
from tests.wire_cases.reading import tables

if TYPE_CHECKING:
    from ringfence.wire.table import MessageTable

CALL = "call-1@203.0.113.7"
SCENE = r"""
packet 1767225600.000000001
eth
ip4 203.0.113.7 > 192.0.2.1
udp 5071 > 5060
| INVITE sip:900442079460706@192.0.2.1 SIP/2.0
| Via: SIP/2.0/UDP 203.0.113.7:5071;branch=z9hG4bK1
| Max-Forwards: 70
| From: "Night" <sip:240@192.0.2.1>;tag=f1
| To: <sip:900442079460706@192.0.2.1>
| Call-ID: call-1@203.0.113.7
| CSeq: 1 INVITE
| User-Agent: friendly-scanner
| Content-Type: application/sdp
|
| v=0
| c=IN IP4 203.0.113.7
| m=audio 4000 RTP/AVP 0
packet 1767225600.1
eth
ip4 192.0.2.1 > 203.0.113.7
udp 5060 > 5071
| SIP/2.0 401 Unauthorized
| Via: SIP/2.0/UDP 203.0.113.7:5071;branch=z9hG4bK1
| From: "Night" <sip:240@192.0.2.1>;tag=f1
| To: <sip:900442079460706@192.0.2.1>;tag=t1
| Call-ID: call-1@203.0.113.7
| CSeq: 1 INVITE
| Server: Asterisk PBX
| WWW-Authenticate: Digest realm="asterisk", nonce="abcd"
|
packet 1767225600.2
eth
ip4 203.0.113.7 > 192.0.2.1
udp 5071 > 5060
| INVITE sip:900442079460706@192.0.2.1 SIP/2.0
| Via: SIP/2.0/UDP 203.0.113.7:5071;branch=z9hG4bK2
| Max-Forwards: 70
| From: "Night" <sip:240@192.0.2.1>;tag=f1
| To: <sip:900442079460706@192.0.2.1>
| Call-ID: call-1@203.0.113.7
| CSeq: 2 INVITE
| User-Agent: friendly-scanner
| Authorization: Digest username="240", realm="asterisk", nonce="abcd",
|  response="00", nc=00000001, qop=auth
|
packet 1767225600.7
eth
ip4 203.0.113.7 > 192.0.2.1
udp 5071 > 5060
| INVITE sip:900442079460706@192.0.2.1 SIP/2.0
| Via: SIP/2.0/UDP 203.0.113.7:5071;branch=z9hG4bK2
| Max-Forwards: 70
| From: "Night" <sip:240@192.0.2.1>;tag=f1
| To: <sip:900442079460706@192.0.2.1>
| Call-ID: call-1@203.0.113.7
| CSeq: 2 INVITE
| User-Agent: friendly-scanner
| Authorization: Digest username="240", realm="asterisk", nonce="abcd",
|  response="00", nc=00000001, qop=auth
|
packet 1767225601.5
eth
ip4 192.0.2.1 > 203.0.113.7
udp 5060 > 5071
| SIP/2.0 200 OK
| Via: SIP/2.0/UDP 203.0.113.7:5071;branch=z9hG4bK2
| From: "Night" <sip:240@192.0.2.1>;tag=f1
| To: <sip:900442079460706@192.0.2.1>;tag=t1
| Call-ID: call-1@203.0.113.7
| CSeq: 2 INVITE
| Contact: <sip:900442079460706@192.0.2.1>
| Expires: 60
| Content-Type: application/sdp
|
| v=0
| c=IN IP4 198.51.100.9
| m=audio 15000 RTP/AVP 0
packet 1767225700
eth
ip6 2001:db8::7 > 2001:db8::1
udp 5060 > 5060
! OPTIONS sip:100@example.com SIP/2.0\nVia: SIP/2.0/UDP [2001:db8::7]\n
! From: =1+1 <sip:scan\x1b[31m@example.com>;tag=x\nTo: <sip:100@example.com>\n
! Call-ID: scan-1\nCSeq: 7 OPTIONS\nMax-Forwards: 70\n\n
packet 1767225701
eth
ip4 203.0.113.9 > 192.0.2.1
udp 5060 > 5060
| PING sip:100@192.0.2.1 SIP/2.0
| Via: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKp
| Max-Forwards: 70
| From: <sip:ping@192.0.2.1>;tag=p
| To: <sip:100@192.0.2.1>
| Call-ID: ping-1
| CSeq: 1 PING
|
"""


def capture(packets: list[Packet] | None = None) -> bytes:
    """The scene as a capture file."""
    return Pcap(NANOSECONDS).file(packets_of(SCENE) if packets is None else packets)


@contextmanager
def rows_of(octets: bytes | None = None) -> Iterator[Rows]:
    """The one table of a small capture."""
    for table in tables(Decoder(), capture() if octets is None else octets):
        yield Rows(table)
        return


def chosen(question: Question, octets: bytes | None = None) -> list[int]:
    """Numbers of the packets (from 1) whose messages answer the question."""
    with rows_of(octets) as rows:
        everything = rows.all()
        answers = choose(question).holds(rows, everything)
        return [int(n) for n in rows.wide("packet", everything[answers])]


def where(text: str) -> list[int]:
    """The same, for an expression of the filter language."""
    return chosen(Question(where=text))


def fed(octets: bytes, decoder: Decoder) -> Iterator[tuple[int, Decoder, MessageTable]]:
    """Tables as flow hands them to a selection."""
    for table in tables(decoder, octets):
        yield 0, decoder, table
