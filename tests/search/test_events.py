"""Rows as events of a ladder: what repeats, who is authorised, where media goes."""

from __future__ import annotations

from ringfence.model.exchange import Event
from ringfence.search.events import EventReader
from tests.search.scene import capture, rows_of
from tests.wire_cases.compile import packets_of


def events(octets: bytes | None = None) -> list[Event]:
    with rows_of(octets) as rows:
        reader = EventReader()
        return [reader.read(rows, row, 0) for row in range(len(rows))]


def test_retransmission_repeats_and_a_new_transaction_does_not() -> None:
    assert [event.repeats for event in events()] == [False, False, False, True, False, False, False]


def test_credentials_and_challenge() -> None:
    found = events()
    assert [event.credentials for event in found[:4]] == [None, None, "240", "240"]
    assert [event.challenges for event in found[:3]] == [False, True, False]


def test_media_is_told() -> None:
    found = events()
    assert (found[0].sdp_address, found[0].sdp_port) == ("203.0.113.7", 4000)
    assert (found[4].sdp_address, found[4].sdp_port) == ("198.51.100.9", 15000)
    assert (found[1].sdp_address, found[1].sdp_port) == ("", 0)


def test_reason_phrase_and_method_answered() -> None:
    found = events()[1]
    assert (found.status, found.reason, found.method, found.cseq) == (
        401,
        "Unauthorized",
        "INVITE",
        1,
    )


def test_user_of_a_registration_is_whom_it_registers() -> None:
    text = r"""
packet
eth
ip4 203.0.113.7 > 192.0.2.1
udp 5060 > 5060
| REGISTER sip:192.0.2.1 SIP/2.0
| From: <sip:240@192.0.2.1>;tag=1
| To: <sip:240@192.0.2.1>
| Call-ID: r
| CSeq: 1 REGISTER
|
packet
eth
ip4 192.0.2.1 > 203.0.113.7
udp 5060 > 5060
| SIP/2.0 200
| Call-ID: r
|
"""
    asked, answered = events(capture(packets_of(text)))
    assert asked.user == "240"
    assert (answered.reason, answered.cseq) == ("", -1)


def test_same_packet_in_two_captures_is_no_retransmission() -> None:
    with rows_of() as rows:
        reader = EventReader()
        assert not reader.read(rows, 0, 0).repeats
        assert not reader.read(rows, 0, 1).repeats
        assert reader.read(rows, 0, 0).repeats
