"""Asterisk's log: what it says, and what nobody can make it say."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.model.clock import nanoseconds, utc
from ringfence.model.event import (
    ACCEPTED,
    CHALLENGED,
    NO_ACCOUNT,
    NOT_ALLOWED,
    ODD,
    REFUSED,
    Event,
)
from ringfence.wire import asterisk_log
from ringfence.wire.asterisk_log import MAX_RECORD, AsteriskLog
from ringfence.wire.log_time import LogClock

NOW = nanoseconds("2026-11-26T12:00:00.000000Z")
ATTACKER, VICTIM = "203.0.113.66", "198.51.100.1"
PREFIX = "[2026-11-23 09:34:16.044] SECURITY[25315] res_security_log.c: "


def security(
    event: str = "ChallengeResponseFailed",
    account: str = "101",
    call_id: str = "e6a0099b",
    more: str = "",
    *,
    service: str = "PJSIP",
    prefix: str = PREFIX,
    remote: str = f"IPV4/UDP/{ATTACKER}/5071",
) -> bytes:
    """One record as res_security_log.c writes it: nothing of it is escaped."""
    return (
        f'{prefix}SecurityEvent="{event}",EventTV="2026-11-23T09:34:16.044+0000",'
        f'Severity="Error",Service="{service}",EventVersion="1",AccountID="{account}",'
        f'SessionID="{call_id}",LocalAddress="IPV4/UDP/192.0.2.10/5060",'
        f'RemoteAddress="{remote}"{more}'
    ).encode()


def forged(remote: str = VICTIM) -> str:
    """A pair of addresses as an attacker would write it into a field of his."""
    return f'",LocalAddress="IPV4/UDP/192.0.2.10/5060",RemoteAddress="IPV4/UDP/{remote}/5060"'


def read(*lines: bytes) -> list[Event]:
    return AsteriskLog(LogClock(NOW)).read(lines)


def one(line: bytes) -> Event:
    reading = AsteriskLog(LogClock(NOW)).read_line(line)
    assert isinstance(reading, Event), reading
    return reading


def test_every_field_of_a_security_event_is_read() -> None:
    event = one(security(more=',Challenge="1795/abc",Response="4394",ExpectedResponse="5555"'))
    assert event == Event(
        REFUSED, "asterisk.security", ATTACKER, 5071, "udp",
        nanoseconds("2026-11-23T09:34:16.044000Z"), "", "101", "192.0.2.10", 5060, "e6a0099b",
        claimed_nonce="1795/abc",
    )  # fmt: skip


def test_digests_that_could_be_cracked_do_not_get_into_events() -> None:
    more = ',Challenge="1795/abc",Response="4394aa",ExpectedResponse="5555bb"'
    assert "4394aa" not in repr(one(security(more=more)))
    assert "5555bb" not in repr(one(security(more=more)))


@pytest.mark.parametrize(("name", "kind"), [
    ("ChallengeSent", CHALLENGED), ("InvalidAccountID", NO_ACCOUNT), ("InvalidPassword", REFUSED),
    ("FailedACL", NOT_ALLOWED), ("RequestBadFormat", ODD), ("RequestNotAllowed", NOT_ALLOWED),
    ("UnexpectedAddress", ODD), ("InvalidTransport", ODD), ("AuthMethodNotAllowed", ODD),
])  # fmt: skip
def test_kinds_of_security_events(name: str, kind: str) -> None:
    assert one(security(name)).kind == kind


def test_the_first_challenge_is_no_failure() -> None:
    events = read(
        security("ChallengeSent", more=',Challenge=""'),
        security("SuccessfulAuth", more=',UsingPassword="1"'),
    )
    assert [event.kind for event in events] == [CHALLENGED, ACCEPTED]


def test_who_was_not_asked_for_a_password_was_not_let_in_by_one() -> None:
    assert read(security("SuccessfulAuth", more=',UsingPassword="0"')) == []


def test_logins_of_the_manager_interface_are_its_daily_work_but_failures_are_not() -> None:
    more = ',UsingPassword="1"'
    assert read(security("SuccessfulAuth", more=more, service="AMI")) == []
    assert [e.kind for e in read(security("InvalidPassword", service="AMI"))] == [REFUSED]


@pytest.mark.parametrize(("remote", "source", "transport"), [
    ("IPV6/TLS/2001:db8::66/5061", "2001:db8::66", "tls"),
    ("IPV4/WSS/203.0.113.66/5061", ATTACKER, "wss"),
])  # fmt: skip
def test_addresses_of_both_families(remote: str, source: str, transport: str) -> None:
    event = one(security(remote=remote))
    assert (event.source, event.port, event.transport) == (source, 5061, transport)


@pytest.mark.parametrize("prefix", [
    "[Nov 23 09:34:16] SECURITY[77]: res_security_log.c:114 security_event_stasis_cb: ",
    "Nov 23 09:34:16 pbx asterisk[1]: SECURITY[77]: res_security_log.c:114 in security_event_cb: ",
    "[2026-11-23 09:34:16] SECURITY[77][C-0000001d] res_security_log.c: ",
])  # fmt: skip
def test_prefixes_of_all_versions_and_of_syslog(prefix: str) -> None:
    assert one(security(prefix=prefix)).source == ATTACKER


def test_time_before_asterisk_12() -> None:
    line = security().replace(b"2026-11-23T09:34:16.044+0000", b"1368439853-500975")
    assert utc(one(line).time_ns) == "2013-05-13T10:10:53.500975Z"


# ---- what strangers write ---------------------------------------------------


@pytest.mark.parametrize("call_id", [
    forged(), forged() + ',Challenge="', forged() + forged(), '!@#$%^&   *(}((\')[ -+"++',
    '",RemoteAddress="IPV4/UDP/198.51.100.1/5060', "Негодяй", "\x1b[2J", '"' * 200,
])  # fmt: skip
@pytest.mark.parametrize("more", ["", ',Challenge="n",Response="r",ExpectedResponse=""'])
def test_a_call_id_that_holds_an_address_moves_nothing(call_id: str, more: str) -> None:
    event = one(security(call_id=call_id, more=more))
    assert (event.source, event.port, event.account) == (ATTACKER, 5071, "101")


@pytest.mark.parametrize("account", [forged(), '",SessionID="x' + forged(), "x\\"])
def test_an_account_that_holds_an_address_moves_nothing(account: str) -> None:
    assert one(security("InvalidAccountID", account)).source == ATTACKER


@pytest.mark.parametrize("nonce", [
    r'\",RemoteAddress=\"IPV4/UDP/198.51.100.1/5060\"', ",RemoteAddress=", "\\", "'",
])  # fmt: skip
def test_a_nonce_that_holds_an_address_moves_nothing(nonce: str) -> None:
    event = one(security(more=f',Challenge="{nonce}",Response="r",ExpectedResponse=""'))
    assert event.source == ATTACKER


def test_a_name_with_a_line_break_writes_no_event_of_its_own() -> None:
    """chan_sip decodes %0a: the second and third line are one stranger's name."""
    fake = security("InvalidPassword", remote=f"IPV4/UDP/{VICTIM}/5060", service="SIP")
    record = security("InvalidAccountID", "x\n" + fake.decode() + "\ny", service="SIP")
    events = read(security(service="SIP"), *record.split(b"\n"), security(service="SIP"))
    assert {event.source for event in events} == {ATTACKER}
    assert len(events) == 2


def test_a_name_that_completes_its_line_is_found_out_by_the_end_of_the_record() -> None:
    name = 'x",SessionID="y' + forged() + "\nz"
    record = security("InvalidAccountID", name, service="SIP")
    first, last = record.split(b"\n")
    assert one(first).source == VICTIM  # looked at alone it is perfect
    assert read(first, last) == []
    reader = AsteriskLog()
    reader.read([first, last])
    assert dict(reader.heard.not_understood)[asterisk_log.SPLIT] >= 1
    assert reader.heard.understood == 0


def test_a_name_that_ends_in_a_head_of_its_own_is_found_out_by_the_thread() -> None:
    head = security(service="SIP", prefix=PREFIX.replace("25315", "4711")).partition(b'"101"')[0]
    name = 'x",SessionID="y' + forged() + "\n" + head.decode() + '"'
    record = security("InvalidAccountID", name, service="SIP")
    assert read(*record.split(b"\n")) == []


def test_after_a_restart_the_new_thread_is_believed() -> None:
    old, new = (
        security(service="SIP"),
        security(service="SIP", prefix=PREFIX.replace("25315", "4711")),
    )
    reader = AsteriskLog()
    assert len(reader.read([old])) == 1
    reader.idle()
    assert len(reader.read([new] * 3)) == 3
    # Without a pause, once more was written than one record can hold.
    reader = AsteriskLog()
    lines = [old, *[new] * (MAX_RECORD // len(new) + 5)]
    assert reader.read(lines)[-1].source == ATTACKER


def test_two_records_that_asterisk_cut_into_one_line_accuse_nobody() -> None:
    """logger.c cuts at 8 KiB, its line break too: the next record is an innocent's."""
    long = security("InvalidAccountID", call_id="x" * 9000)[: MAX_RECORD - 1]
    glued = long + security("SuccessfulAuth", remote=f"IPV4/UDP/{VICTIM}/5060",
                            more=',UsingPassword="1"')  # fmt: skip
    assert AsteriskLog().read_line(glued) == asterisk_log.CUT


@pytest.mark.parametrize(("line", "reason"), [
    (security().replace(b"RemoteAddress", b"RemoteAdress"), asterisk_log.BROKEN),
    (security()[:200], asterisk_log.BROKEN),
    (security("SomethingNew"), asterisk_log.UNKNOWN_WORDS),
    (security(remote="IPV4/UDP/999.0.113.66/5071"), asterisk_log.NO_ADDRESS),
])  # fmt: skip
def test_what_is_not_understood_is_told_with_its_reason(line: bytes, reason: str) -> None:
    assert AsteriskLog().read_line(line) == reason


# ---- notices -----------------------------------------------------------------


def notice(text: str, file: str = "chan_sip.c", level: str = "NOTICE") -> bytes:
    return f"[2026-11-23 09:34:16] {level}[1638] {file}: {text}".encode()


REJECT = b'"Rejecting unknown SIP connection from 203.0.113.66"'
PJSIP = "res_pjsip/pjsip_distributor.c"


@pytest.mark.parametrize(("why", "kind"), [
    ("Wrong password", REFUSED), ("No matching peer found", NO_ACCOUNT),
    ("Username/auth name mismatch", REFUSED), ("Not a local domain", NOT_ALLOWED),
    ("Device does not match ACL", NOT_ALLOWED), ("ACL error (permit/deny)", NOT_ALLOWED),
    ("Peer is not supposed to register", NOT_ALLOWED),
])  # fmt: skip
def test_registrations_that_failed(why: str, kind: str) -> None:
    text = f"Registration from '\"x\" <sip:301@pbx.example>' failed for '{ATTACKER}:5071' - {why}"
    event = one(notice(text))
    assert (event.kind, event.source, event.port, event.account, event.method) == (
        kind, ATTACKER, 5071, "301", "REGISTER",
    )  # fmt: skip


def test_requests_that_failed() -> None:
    text = (
        f"Request 'INVITE' from '<sip:'or''='@192.0.2.10>' failed for '{ATTACKER}:43678' "
        "(callid: UmOk..) - No matching endpoint found after 5 tries in 2.500 ms"
    )
    event = one(notice(text, PJSIP))
    assert (event.kind, event.source, event.port, event.method, event.call_id) == (
        NO_ACCOUNT, ATTACKER, 43678, "INVITE", "UmOk..",
    )  # fmt: skip


@pytest.mark.parametrize("place", ["2001:db8::66:5071", "[2001:db8::66]:5071"])
def test_ipv6_with_a_port_and_without_brackets_is_no_other_address(place: str) -> None:
    text = f"Request from '<sip:1@x>' failed for '{place}' (callid: x) - Failed to authenticate"
    event = one(notice(text, PJSIP))
    assert (event.source, event.port) == ("2001:db8::66", 5071)


@pytest.mark.parametrize(("text", "number"), [
    (f"Call from '' ({ATTACKER}:10836) to extension '0972598285108'", "0972598285108"),
    (f"Call from 'anonymous' (TCP:[{ATTACKER}]:61470) to extension '9011+44'", "9011+44"),
    (f" anonymous: Call (UDP:{ATTACKER}:65049) to extension '001447'", "001447"),
])  # fmt: skip
def test_calls_to_nowhere_name_the_number(text: str, number: str) -> None:
    text += " rejected because extension not found in context 'inbound-foo-bar'."
    event = one(notice(text, "res_pjsip_session.c"))
    assert (event.kind, event.source, event.number) == (NOT_ALLOWED, ATTACKER, number)


@pytest.mark.parametrize(("line", "kind"), [
    (notice(f'"Rejecting unknown SIP connection from {ATTACKER}:52126"', "Ext. s", "WARNING"),
     NOT_ALLOWED),
    (b"Mar  1 15:35:53 pbx asterisk[2]: WARNING[1][C-00000b43]: Ext. s:6 in @ from-sip: " + REJECT,
     NOT_ALLOWED),
    (notice(f"hacking attempt detected '{ATTACKER}'"), ODD),
    (notice(f"{ATTACKER} failed to authenticate as 'admin'", "manager.c"), REFUSED),
    (notice(f"{ATTACKER} tried to authenticate with nonexistent user 'x'", "manager.c"), REFUSED),
    (notice(f"Host {ATTACKER} failed MD5 authentication for 'x' (a != b)", "chan_iax2.c"), REFUSED),
    (notice(f"No registration for peer 'x' (from {ATTACKER})", "chan_iax2.c"), NO_ACCOUNT),
])  # fmt: skip
def test_other_notices(line: bytes, kind: str) -> None:
    event = one(line)
    assert (event.kind, event.source) == (kind, ATTACKER)


def test_a_display_name_that_holds_a_failure_accuses_nobody() -> None:
    name = f"\"x' failed for '{VICTIM}:5060' - Wrong password\""
    text = f"Registration from '{name} <sip:1@x>' failed for '{ATTACKER}:5071' - Wrong password"
    assert one(notice(text)).source == ATTACKER


@pytest.mark.parametrize(("sender", "call_id"), [
    (f"\"x' failed for '{VICTIM}:1' (callid: y) - Failed to authenticate\" <sip:1@x>", "z"),
    ("<sip:1@x>", f"y) - z' failed for '{VICTIM}:1' (callid: w"),
])  # fmt: skip
def test_a_request_with_two_addresses_is_not_believed(sender: str, call_id: str) -> None:
    text = (
        f"Request 'REGISTER' from '{sender}' failed for '{ATTACKER}:5071' (callid: {call_id}) "
        "- Failed to authenticate"
    )
    assert AsteriskLog().read_line(notice(text, PJSIP)) == asterisk_log.TWICE


@pytest.mark.parametrize(("name", "number"), [
    (f"x' ({VICTIM}:1) to extension '1", "900"), ("", f"9' ({VICTIM}:1) to extension '1"),
])  # fmt: skip
def test_a_call_with_two_addresses_is_not_believed(name: str, number: str) -> None:
    text = (
        f"Call from '{name}' ({ATTACKER}:5071) to extension '{number}' rejected because "
        "extension not found in context 'default'."
    )
    assert AsteriskLog().read_line(notice(text)) == asterisk_log.TWICE


@pytest.mark.parametrize("text", [
    f"-- Executing [x@y] NoOp(\"Registration from '' failed for '{VICTIM}' - Wrong password\")",
    f"Ext: Registration from '<sip:1@x>' failed for '{VICTIM}' - Wrong password",
])  # fmt: skip
def test_other_modules_that_print_a_stranger_s_text_are_not_read(text: str) -> None:
    assert AsteriskLog().read_line(notice(text, "app_verbose.c")) is None
    assert AsteriskLog().read_line(notice(text, "pbx.c", "VERBOSE")) is None


# ---- one request, one event -------------------------------------------------


def test_a_request_that_is_told_twice_counts_once() -> None:
    """fail2ban counts both lines, so five datagrams may reach its ten."""
    text = (
        f"Request 'REGISTER' from '<sip:101@x>' failed for '{ATTACKER}:5071' (callid: e6a0099b) "
        "- Failed to authenticate"
    )
    events = read(security(), notice(text, PJSIP), security(), notice(text, PJSIP))
    assert [event.origin for event in events] == ["asterisk.security"] * 2


def test_a_request_for_no_endpoint_counts_once_under_its_name() -> None:
    events = read(
        security("InvalidAccountID", "9999"),
        security("ChallengeResponseFailed", "<unknown>"),
        security("ChallengeResponseFailed", "<unknown>", "another"),
    )
    assert [(event.kind, event.account) for event in events] == [
        (NO_ACCOUNT, "9999"), (REFUSED, ""),
    ]  # fmt: skip


def test_numbers_that_were_dialled_are_told_beside_security_events() -> None:
    call = notice(
        f"Call from '' ({ATTACKER}:1) to extension '900' rejected because extension not found "
        "in context 'default'."
    )
    assert [event.number for event in read(security(), call)] == ["", "900"]


# ---- real lines ---------------------------------------------------------------


def test_a_real_asterisk_under_attack(shared_data: Path) -> None:
    lines = (shared_data / "pbx-logs/asterisk.security.log").read_bytes().splitlines()
    reader = AsteriskLog()
    events = reader.read(lines)
    assert reader.heard.not_understood == ()
    assert sum(event.kind == REFUSED for event in events) == 1016
    assert sum(event.kind == ACCEPTED for event in events) == 6
    assert {event.account for event in events if event.kind == NO_ACCOUNT} == {
        "1434916341", "1642441136",
    }  # fmt: skip


def test_every_sample_of_fail2ban_names_the_attacker(shared_data: Path) -> None:
    import json

    wanted: dict[str, object] = {}
    seen = 0
    for line in (shared_data / "pbx-logs/fail2ban__asterisk.log").read_bytes().splitlines():
        if b"# failJSON: " in line:
            wanted = json.loads(line.partition(b"failJSON: ")[2])
        elif line and not line.startswith(b"#") and wanted:
            reading = AsteriskLog(LogClock(NOW)).read_line(line)
            assert isinstance(reading, Event), line
            assert reading.source == wanted["host"]
            wanted = {}
            seen += 1
    assert seen > 40
