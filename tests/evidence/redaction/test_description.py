"""Session descriptions without places and keys."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.redaction.description import redact_description
from ringfence.evidence.redaction.names import Names
from ringfence.evidence.redaction.people import People
from ringfence.evidence.redaction.pseudonyms import Pseudonyms

NAMES = Names(
    People(frozenset((ip_address("203.0.113.66").packed,)), frozenset()), Pseudonyms(bytes(32))
)


@pytest.mark.parametrize(
    "line",
    [
        b"v=0", b"s=-", b"t=0 0", b"m=audio 4000/2 RTP/AVP 0 8 101", b"a=rtpmap:0 PCMU/8000",
        b"a=fmtp:101 0-15", b"a=sendrecv", b"a=ptime:20", b"c=IN IP4 203.0.113.66", b"b=AS:64",
        b"a=rtcp:4001",
    ],
)  # fmt: skip
def test_what_everybody_offers_stays(line: bytes) -> None:
    assert redact_description(line + b"\r\n", NAMES) == line + b"\r\n"


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        (b"o=valerie 1 2 IN IP4 10.0.0.5", b"valerie"),
        (b"o=- 1 2 IN IP4 10.0.0.5", b"10.0.0.5"),
        (b"o=valerie", b"valerie"),
        (b"c=IN IP4 198.51.100.7", b"198.51.100.7"),
        (b"c=IN IP6 fd00::5", b"fd00::5"),
        (b"s=call of valerie", b"valerie"),
        (b"k=clear:secret", b"secret"),
        (b"a=crypto:1 X inline:secret", b"secret"),
        (b"a=ice-pwd:secret", b"secret"),
        (b"a=candidate:1 1 UDP 1 10.0.0.5 9 typ host", b"10.0.0.5"),
        (b"a=valerie:secret", b"valerie"),
        (b"a=rtpmap:0 secret/8000", b"secret"),
        (b"a=rtcp:4001 IN IP4 10.0.0.5", b"10.0.0.5"),
        (b"m=secret 4000 RTP/AVP 0", b"secret"),
        (b"e=valerie@example.net", b"valerie"),
        (b"secret", b"secret"),
        (b"z=secret", b"secret"),
        (b"\xff\xfesecret", b"secret"),
    ],
)
def test_who_and_where_does_not(line: bytes, secret: bytes) -> None:
    made = redact_description(line + b"\n", NAMES)
    assert secret not in made
    assert len(made) == len(line) + 1


@given(st.binary(max_size=300))
def test_any_octets_keep_their_number(body: bytes) -> None:
    assert len(redact_description(body, NAMES)) == len(body)
