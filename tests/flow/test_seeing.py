"""Captures in, what they show of our servers out."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.flow import CaptureError
from ringfence.flow.seeing import see
from tests.conversations.script import read_scene

SCENE = """
pbx   192.0.2.10 agent="Asterisk PBX 16.30.0"
phone 198.51.100.7
other 198.51.100.8
eve   203.0.113.66 agent=friendly-scanner

at 10:00
phone REGISTER 201 > 401 auth 200
other REGISTER 202 > 401 auth 200
eve REGISTER {100..110} every=0.1 > 404
eve REGISTER 201 > 401
"""


@pytest.fixture
def capture(tmp_path: Path) -> str:
    path = tmp_path / "night.pcap"
    path.write_bytes(read_scene(SCENE).capture())
    return str(path)


def test_our_server_is_found_and_what_it_shows(capture: str) -> None:
    seen = see([capture])
    (server,) = seen.servers
    assert server.address == ip_address("192.0.2.10")
    assert server.differs
    assert set(seen.outside) == {"201", "202"}
    assert seen.source == capture


def test_the_owner_names_his_servers(capture: str) -> None:
    assert see([capture], [ip_address("192.0.2.11")]).servers == ()
    assert len(see([capture, capture], [ip_address("192.0.2.10")]).servers) == 1


def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("no capture")
    with pytest.raises(CaptureError):
        see([str(path)])


def test_the_lab_s_capture_tells_who_works_from_outside(root: Path) -> None:
    captures = sorted((root / "examples").glob("**/*.pcap*"))
    if not captures:
        pytest.skip("no example capture")
    seen = see([str(captures[0])])
    assert [str(server.address) for server in seen.servers] == ["192.0.2.10"]
    assert seen.outside
