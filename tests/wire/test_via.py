from __future__ import annotations

import pytest

from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.via import decode_via, decode_vias, has_cookie


def test_each_part_of_a_hop() -> None:
    via, notes = decode_via(
        b"SIP/2.0/UDP 192.0.2.1:5061;branch=z9hG4bK1;received=198.51.100.7;rport=1024"
    )
    assert notes == NONE
    assert (via.protocol, via.transport, via.host, via.port) == (
        b"SIP/2.0",
        b"UDP",
        b"192.0.2.1",
        5061,
    )
    assert (via.branch, via.received, via.rport) == (b"z9hG4bK1", b"198.51.100.7", 1024)
    assert has_cookie(via)


@pytest.mark.parametrize(
    ("rport", "port"),
    [
        (b";rport", None),
        (b";rport=", None),
        (b"", None),
        (b";rport=x", None),
        (b";rport=5060", 5060),
    ],
)
def test_rport_asked_for_and_answered(rport: bytes, port: int | None) -> None:
    via, _ = decode_via(b"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1" + rport)
    assert via.rport == port
    assert (b"rport" in via.params) is bool(rport)


def test_several_hops_in_one_header() -> None:
    vias, notes = decode_vias(
        b"SIP/2.0/WS a.invalid;branch=z9hG4bK1 , SIP / 2.0 / TCP b.example : 5070;branch=z9hG4bK2"
    )
    assert notes == NONE
    assert [(v.protocol, v.transport, v.host, v.port) for v in vias] == [
        (b"SIP/2.0", b"WS", b"a.invalid", None),
        (b"SIP/2.0", b"TCP", b"b.example", 5070),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"", Anomaly.VIA_INVALID),
        (b"192.0.2.1", Anomaly.VIA_INVALID),
        (b"SIP/2.0/UDP", Anomaly.VIA_INVALID),
        (b"SIP/2.0/UDP ;branch=z9hG4bK1", Anomaly.VIA_INVALID),
        (b"SIP/2.0/U(P 192.0.2.1", Anomaly.VIA_INVALID),
        (b"SIP/2.0/UDP [2001:db8::1", Anomaly.VIA_INVALID),
        (b"SIP/2.0/UDP 2001:db8::1", Anomaly.IPV6_WITHOUT_BRACKETS),
        (b"SIP/1.0/UDP 192.0.2.1", Anomaly.VERSION_UNKNOWN),
        (b"sip/2.0/udp 192.0.2.1", NONE),
        (b"SIP/2.0/UDP 192.0.2.1;branch=", Anomaly.BRANCH_EMPTY),
        (b"SIP/2.0/UDP 255.255.255.255", Anomaly.VIA_BROADCAST),
    ],
)
def test_a_hop_that_leads_nowhere(value: bytes, expected: Anomaly) -> None:
    assert decode_vias(value)[1] == expected
