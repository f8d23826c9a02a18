"""The torture messages of RFC 4475 on the wire, as a conformance test sends them: no attack."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from ringfence.flow import investigate
from tests.conversations.carrier import Carrier
from tests.conversations.script import capture_of

if TYPE_CHECKING:
    from pathlib import Path

A, B = (ip_address("192.0.2.10"), 5060), (ip_address("198.51.100.20"), 5060)


@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("answered", [False, True])
def test_torture_accuses_nobody(
    shared_data: Path, tmp_path: Path, times: int, *, answered: bool
) -> None:
    messages = [path.read_bytes() for path in sorted(shared_data.glob("torture/rfc4475/*.dat"))]
    if not messages:
        pytest.skip(f"no messages of RFC 4475 at {shared_data}")
    carrier = Carrier()
    for number, message in enumerate(messages * times):
        time_ns = 10**18 + number * 300_000_000
        if message.startswith(b"SIP/"):
            carrier.carry(time_ns, B, A, message, tcp=False)
            continue
        carrier.carry(time_ns, A, B, message, tcp=False)
        if answered:
            refusal = b"SIP/2.0 400 Bad Request" + message[message.find(b"\r\n") :]
            carrier.carry(time_ns + 1000, B, A, refusal, tcp=False)
    path = tmp_path / "torture.pcap"
    path.write_bytes(capture_of(carrier.packets))
    assert investigate([str(path)]).incident.suspects == []
