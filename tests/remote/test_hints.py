"""What users and their phones are told: every maker, the inside address, no password."""

from __future__ import annotations

import pytest

from ringfence.remote.hints import APPS, MAKERS, phone_sheet, user_sheet
from tests.model.test_remote import PEER, TUNNEL


@pytest.mark.parametrize("name", ["Linphone", "Zoiper", "MicroSIP", "Groundwire", "3CX"])
def test_each_softphone_is_told(name: str) -> None:
    assert name in user_sheet(TUNNEL, PEER)
    assert any(name in one.name for one in APPS)


@pytest.mark.parametrize(("name", "line"), [
    ("Yealink", "account.1.sip_server.1.address = 10.87.12.1"),
    ("Snom", "user_host1 = 10.87.12.1"),
    ("Grandstream", "P47 (SIP server) = 10.87.12.1:5060"),
    ("Polycom", "reg.1.server.1.address = 10.87.12.1"),
    ("Fanvil", "SIP1 Register Addr = 10.87.12.1"),
    ("Cisco SPA", "Proxy_1_ = 10.87.12.1:5060"),
])  # fmt: skip
def test_each_desk_phone_is_told(name: str, line: str) -> None:
    text = phone_sheet(TUNNEL, "192.168.77.1")
    assert name in text
    assert line in text
    assert "192.168.77.1" in text
    assert any(name in one.name for one in MAKERS)


def test_no_field_is_left_open_and_no_key_is_in_it() -> None:
    text = user_sheet(TUNNEL, PEER) + phone_sheet(TUNNEL, "192.168.77.1")
    assert "{" not in text
    assert PEER.public_key not in text
