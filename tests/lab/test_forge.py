import struct

import pytest

from lab.forge import Forgery, _is_ours, packet


def test_a_forged_packet_carries_the_stolen_sender() -> None:
    octets = packet(Forgery("198.51.100.30", 5060, "OPTIONS sip:x SIP/2.0\r\n\r\n"), 7)
    assert octets[12:20] == bytes([198, 51, 100, 30, 192, 0, 2, 10])
    assert struct.unpack(">HHH", octets[20:26]) == (5060, 5060, len(octets) - 20)


@pytest.mark.parametrize(("source", "ours"), [
    ("198.51.100.30", True),
    ("198.19.1.1", True),
    ("198.20.0.1", False),
    ("8.8.8.8", False),
])  # fmt: skip
def test_nobody_outside_the_lab_is_impersonated(source: str, *, ours: bool) -> None:
    assert _is_ours(source) is ours
