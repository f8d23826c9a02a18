"""What a drill says: harmless, marked, and never a call."""

from __future__ import annotations

import re

import pytest

from ringfence.flow.drill.line import Request
from ringfence.flow.drill.requests import PLAIN, TOOL_AGENT, options, register

PBX = "192.0.2.10"
ALL = [options(PBX, "m4rk"), register(PBX, "m4rk"), options(PBX, "m4rk", TOOL_AGENT),
       register(PBX, "m4rk", TOOL_AGENT)]  # fmt: skip


@pytest.mark.parametrize("request_", ALL)
def test_each_bears_its_mark_and_is_no_call(request_: Request) -> None:
    text = request_("192.0.2.77", 4000).decode()
    assert text.startswith(("OPTIONS sip:192.0.2.10 ", "REGISTER sip:192.0.2.10 "))
    assert "\r\nX-Ringfence-Drill: m4rk\r\n" in text
    assert "Via: SIP/2.0/UDP 192.0.2.77:4000;rport;" in text
    assert text.endswith("\r\n\r\n")


def test_account_is_invented_and_never_the_same() -> None:
    found = {
        re.findall(r"To: <sip:(drill-[0-9a-f]{8})@", register(PBX, "m")("192.0.2.77", 1).decode())[
            0
        ]
        for _ in range(50)
    }
    assert len(found) == 50


def test_only_the_tool_guesses_a_password_and_never_twice_the_same() -> None:
    plain = register(PBX, "m", PLAIN)("192.0.2.77", 1).decode()
    guesses = [register(PBX, "m", TOOL_AGENT)("192.0.2.77", 1).decode() for _ in range(2)]
    assert "Authorization" not in plain
    responses = [re.findall(r'response="([0-9a-f]{32})"', text)[0] for text in guesses]
    assert responses[0] != responses[1]


def test_address_of_version_6_stands_in_brackets() -> None:
    text = options("2001:db8::10", "m", transport="TCP")("2001:db8::77", 5).decode()
    assert text.startswith("OPTIONS sip:[2001:db8::10] SIP/2.0\r\n")
    assert "Via: SIP/2.0/TCP [2001:db8::77]:5;" in text
