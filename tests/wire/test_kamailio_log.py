"""Kamailio's log: our own line, the usual ones, and names that look like either."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from ringfence.model.clock import nanoseconds
from ringfence.model.event import NOT_ALLOWED, ODD, REFUSED, Event
from ringfence.wire.kamailio_log import BROKEN, KamailioLog
from ringfence.wire.log_time import LogClock

ATTACKER, VICTIM = "203.0.113.66", "198.51.100.1"
SYSLOG = "Nov 23 09:34:16 pbx /usr/sbin/kamailio[812]: "
NOW = nanoseconds("2026-11-26T12:00:00.000000Z")
MARK = "W0RD"


def own(source: str = ATTACKER, mark: str = MARK, **more: str) -> str:
    """The line of docs/guard.md."""
    value = {"user": "101", "number": "100", "callid": "a%40b", "ua": "Phone%201.0"} | more
    return (
        f"<script>: ringfence/{mark} kind=refused src={source} port=5071 proto=udp "
        f"dst=192.0.2.10 dport=5060 method=REGISTER user={value['user']} "
        f"number={value['number']} callid={value['callid']} ua={value['ua']}"
    )


def read(*lines: str, mark: str = MARK) -> list[Event]:
    return KamailioLog(LogClock(NOW), mark).read(line.encode() for line in lines)


def test_our_own_line_is_read() -> None:
    (event,) = read(f"{SYSLOG}WARNING: {{1 1 REGISTER a@b}} {own()}")
    assert event == Event(
        REFUSED, "kamailio.log", ATTACKER, 5071, "udp", nanoseconds("2026-11-23T09:34:16.000000Z"),
        "REGISTER", "101", "192.0.2.10", 5060, "a@b", "100", "Phone 1.0",
    )  # fmt: skip


def test_values_that_kamailio_does_not_have_are_empty() -> None:
    (event,) = read(f"{SYSLOG}WARNING: {own(user='', ua='<null>', number='<null>')}")
    assert (event.account, event.claimed_user_agent, event.number) == ("", "", "")


def test_a_line_without_the_word_that_the_owner_chose_is_not_believed() -> None:
    reader = KamailioLog(mark=MARK)
    assert reader.read_line(f"{SYSLOG}WARNING: {own(mark='guess')}".encode()) == BROKEN
    assert reader.read_line(f"{SYSLOG}WARNING: {own(kind='x')} more".encode()) == BROKEN


@pytest.mark.parametrize(("text", "kind", "port"), [
    (f"ALERT: pike blocking REGISTER from sip:101@x (IP:{ATTACKER}:5071)", NOT_ALLOWED, 5071),
    (f"Malformed SIP request from {ATTACKER}:5071", ODD, 5071),
    (f"Blocking traffic from {ATTACKER}", NOT_ALLOWED, 0),
    (f"Auth failed: REGISTER from sip:101@x (IP:{ATTACKER}:5071)", REFUSED, 5071),
])  # fmt: skip
def test_lines_of_the_default_configuration_and_of_guides(text: str, kind: str, port: int) -> None:
    (event,) = read(f"{SYSLOG}ALERT: <script>: {text}")
    assert (event.kind, event.source, event.port) == (kind, ATTACKER, port)


def test_ipv6_stands_without_brackets() -> None:
    (event,) = read(f"{SYSLOG}ALERT: <script>: Malformed SIP request from 2001:db8::66:5071")
    assert (event.source, event.port) == ("2001:db8::66", 5071)


@pytest.mark.parametrize("name", [
    f"sip:x (IP:{VICTIM}:5060)", f"sip:<script>: Malformed SIP request from {VICTIM}:1",
    own(VICTIM), "sip:\x1b[2J",
])  # fmt: skip
def test_a_sender_that_holds_an_address_moves_nothing(name: str) -> None:
    text = f"ALERT: pike blocking REGISTER from {name} (IP:{ATTACKER}:5071)"
    assert {event.source for event in read(f"{SYSLOG}ALERT: <script>: {text}")} <= {ATTACKER}


def test_a_call_id_in_the_prefix_moves_nothing() -> None:
    """Debian's log_prefix writes CSeq and Call-ID before every line, as they are."""
    call_id = f"x}} {own(VICTIM)} {{"
    (event,) = read(f"{SYSLOG}WARNING: {{1 1 REGISTER {call_id}}} {own()}")
    assert event.source == ATTACKER


def test_a_call_id_that_was_folded_begins_no_line() -> None:
    second = f" Nov 23 09:34:16 pbx kamailio[1]: ALERT: {own(VICTIM, mark='')}"
    third = f" 1(13195) ALERT: <script>: Malformed SIP request from {VICTIM}:5060"
    assert read(second, third, mark="") == []


def test_lines_of_the_core_are_not_ours() -> None:
    assert read(f"{SYSLOG}ERROR: <core> [core/x.c:1]: parse(): bad From [{own(VICTIM)[10:]}]") == []


# ---- the real thing ----------------------------------------------------------

CONFIGURATION = """#!KAMAILIO
log_stderror=yes
log_prefix="{$mt $hdr(CSeq) $ci} "
children=1
auto_aliases=no
listen=udp:127.0.0.1:%d
loadmodule "pv.so"
loadmodule "xlog.so"
%s
request_route { $var(kind) = "refused"; route(RINGFENCE); drop; }
"""
# Who attacks has read our documentation, and does not know the owner's word.
FORGED = own(VICTIM, mark="YOURWORD").encode()
HOSTILE = [
    # (Call-ID, From, User-Agent)
    (b"a@b", b"<sip:101@x>", b"Phone 1.0"),
    (b"x} " + FORGED + b" {", b"<sip:102@x>", b"y"),
    (b"x\r\n 1(1) WARNING: " + FORGED + b"\r\n z", b"<sip:103@x>", b"y"),
    (b"d", b'"\xff ' + FORGED + b'" <sip:104%0a%20%22@x>', b"\xff " + b"A" * 300),
    (b"e", b"<sip:105@x>", FORGED),
]


def test_a_real_kamailio_with_our_line_and_hostile_names(root: Path, tmp_path: Path) -> None:
    kamailio = shutil.which("kamailio")
    if kamailio is None:
        pytest.skip("no kamailio; apt install kamailio")
    guide = re.search(
        r"```\n(route\[RINGFENCE\].*?)```", (root / "docs/guard.md").read_text(), re.DOTALL
    )
    assert guide is not None, "docs/guard.md shows the line"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    place = tmp_path / "kamailio.cfg"
    place.write_text(CONFIGURATION % (port, guide[1].replace("YOURWORD", "W0RD")))
    command = [kamailio, "-f", str(place), "-DD", "-E", "-m", "16", "-M", "4", "-Y", str(tmp_path)]
    with subprocess.Popen(
        [*command, "-P", str(tmp_path / "pid")], stderr=subprocess.PIPE, start_new_session=True
    ) as run:
        try:
            events = _events_of(run, port)
        finally:
            run.send_signal(signal.SIGTERM)
    assert {event.source for event in events} == {"127.0.0.1"}
    assert {"101", "102", "103", "105"} <= {event.account for event in events}
    assert {event.kind for event in events} == {REFUSED}


def _events_of(run: subprocess.Popen[bytes], port: int) -> list[Event]:
    """What it logs of each hostile request; asked again until it listens."""
    assert run.stderr is not None
    reader, events, rest = KamailioLog(mark=MARK), [], b""
    wanted = {b"101", b"102", b"103", b"105"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.connect(("127.0.0.1", port))
        for _ in range(100):
            for call_id, sender, agent in HOSTILE:
                try:
                    phone.send(_request(call_id, sender, agent))
                except ConnectionRefusedError:
                    break
            while select.select([run.stderr], [], [], 0.1)[0]:
                octets = os.read(run.stderr.fileno(), 65536)
                if not octets:
                    break
                *lines, rest = (rest + octets).split(b"\n")
                events += reader.read(lines)
            if wanted <= {event.account.encode() for event in events}:
                break
    return events


def _request(call_id: bytes, sender: bytes, agent: bytes) -> bytes:
    return (
        b"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa\r\n"
        b"From: " + sender + b";tag=1\r\nTo: <sip:100@x>\r\nCall-ID: " + call_id + b"\r\n"
        b"CSeq: 1 REGISTER\r\nUser-Agent: " + agent + b"\r\nContent-Length: 0\r\n\r\n"
    )
