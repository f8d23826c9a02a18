"""Events told again as messages: what the event says, no more, and nothing that a stranger adds."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model import event as kinds
from ringfence.model.event import EVENT_KINDS, Event
from ringfence.wire import _columns as columns
from ringfence.wire.anomaly import Anomaly
from ringfence.wire.feed import FROM_LOGS
from ringfence.wire.message import parse_message
from ringfence.wire.retold import MAX_REPEATS, Retold, messages

SERVER = IPv4Address("192.0.2.10")
NOW_NS = 1_791_158_400_000_000_000
REFUSED = Event(
    kinds.REFUSED, "asterisk.security", "203.0.113.66", 5062, "udp", NOW_NS - 5,
    method="REGISTER", account="100", call_id="a84b4c76e66710",
)  # fmt: skip


def rows(*events: Event) -> list[dict[str, int | str]]:
    retold = Retold(SERVER)
    for event in events:
        assert retold.tell(event, NOW_NS)
    found: list[dict[str, int | str]] = []
    for table in retold.tables():
        table.fill_parts()
        for row in table.rows():
            numbers = ("method", "status", "source_port", "destination_port", "transport",
                       "interface", "time", "call_hash", "order_hash", "anomalies")  # fmt: skip
            texts = ("from_user", "to_user", "to_tag", "auth_user", "auth_nonce", "call_id",
                     "uri_user", "user_agent", "challenge")  # fmt: skip
            found.append(
                {name: table.number(row, name) for name in numbers}
                | {name: table.text(row, name).decode() for name in texts}
                | {"source": str(ip_address(table.address(row, "source")))}
            )
    return found


def test_a_refusal_is_a_request_with_credentials_and_its_answer() -> None:
    asked, answered = rows(REFUSED)
    assert asked["method"] == columns.M_REGISTER
    assert (asked["source"], asked["source_port"]) == ("203.0.113.66", 5062)
    assert (asked["from_user"], asked["to_user"], asked["auth_user"]) == ("100", "100", "100")
    assert asked["call_id"] == answered["call_id"] == "a84b4c76e66710"
    assert asked["time"] == answered["time"] == NOW_NS - 5
    assert (answered["status"], answered["source"]) == (401, "192.0.2.10")
    assert answered["destination_port"] == 5062


@pytest.mark.parametrize(("kind", "method", "status", "credentials"), [
    (kinds.CHALLENGED, "REGISTER", 401, False),
    (kinds.REFUSED, "INVITE", 401, True),
    (kinds.ACCEPTED, "REGISTER", 200, True),
    (kinds.ACCEPTED, "INVITE", 100, True),
    (kinds.NO_ACCOUNT, "REGISTER", 404, False),
    (kinds.NOT_ALLOWED, "INVITE", 403, False),
    (kinds.ODD, "OPTIONS", 400, False),
    (kinds.CALLED, "INVITE", 100, True),  # of somebody who was never refused
])  # fmt: skip
def test_each_kind_is_told_by_its_answer(
    kind: str, method: str, status: int, credentials: bool
) -> None:
    asked, answered = rows(replace(REFUSED, kind=kind, method=method))
    assert columns.METHODS[int(str(asked["method"]))] == method
    assert answered["status"] == status
    assert bool(asked["auth_user"]) == credentials


@pytest.mark.parametrize(("event", "method"), [
    (replace(REFUSED, method=""), "REGISTER"),
    (replace(REFUSED, method="invite"), "INVITE"),
    (replace(REFUSED, method="", number="00441632960000"), "INVITE"),
    (replace(REFUSED, method="DROP TABLE"), "REGISTER"),
    (replace(REFUSED, method="ACK"), "REGISTER"),
    (replace(REFUSED, method="", kind=kinds.CALLED), "INVITE"),
    (replace(REFUSED, method="", kind=kinds.ODD), "INFO"),
])  # fmt: skip
def test_method_where_the_log_does_not_say_it(event: Event, method: str) -> None:
    assert columns.METHODS[int(str(rows(event)[0]["method"]))] == method


def test_call_without_an_account_came_without_credentials() -> None:
    """As a trunk's, which is known by its address."""
    call = replace(REFUSED, kind=kinds.CALLED, method="", account="", number="200")
    assert rows(call) == []
    asked = rows(REFUSED, call)[2]
    assert (asked["auth_user"], asked["uri_user"]) == ("", "200")


def test_a_call_was_answered_where_something_was_refused_before_or_all_are_asked_for() -> None:
    call = replace(REFUSED, kind=kinds.CALLED, method="INVITE", number="0044163296")
    assert [row["status"] for row in rows(call)] == [0, 100]
    assert [row["status"] for row in rows(REFUSED, call)][2:] == [0, 200]
    assert [row["status"] for row in rows(replace(REFUSED, source="203.0.113.9"), call)][3] == 100
    retold = Retold(SERVER, all_calls=True)
    retold.tell(call, NOW_NS)
    (table,) = retold.tables()
    assert table.number(1, "status") == 200


def test_sources_that_were_refused_are_remembered_up_to_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ringfence.wire.retold.MAX_REFUSED", 3)
    calls = [replace(REFUSED, kind=kinds.CALLED, method="INVITE", source=f"203.0.113.{n}")
             for n in range(5)]  # fmt: skip
    refused = [replace(call, kind=kinds.REFUSED) for call in calls]
    told = rows(*refused, refused[2], *calls)[12:]
    assert [row["status"] for row in told[1::2]] == [100, 100, 200, 200, 200]


def test_without_a_call_id_a_source_has_one_for_each_port_and_account() -> None:
    silent = replace(REFUSED, call_id="")
    told = rows(silent, silent, replace(silent, port=5063), replace(silent, account="101"),
                replace(silent, source="203.0.113.67"))  # fmt: skip
    ids = [row["call_id"] for row in told[::2]]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4
    assert not any(str(one).isdigit() for one in ids)


def test_nothing_told_proves_an_address_or_challenges_it() -> None:
    for row in rows(*(replace(REFUSED, kind=kind) for kind in EVENT_KINDS)):
        assert (row["to_tag"], row["auth_nonce"], row["challenge"]) == ("", "", "")


def test_rows_are_known_to_be_no_packets() -> None:
    assert {row["interface"] for row in rows(REFUSED)} == {FROM_LOGS}


def test_sources_told_in_one_voice_do_not_look_alike() -> None:
    told = rows(*(replace(REFUSED, source=f"203.0.113.{n}") for n in range(1, 40)))
    assert len({row["order_hash"] for row in told[::2]}) == 39


@pytest.mark.parametrize("transport", ["", "udp", "tcp", "tls", "ws", "wss"])
def test_transport_is_the_logs_and_udp_where_it_does_not_say(transport: str) -> None:
    asked, _ = rows(replace(REFUSED, transport=transport))
    assert asked["transport"] == columns.TRANSPORTS.index(transport or "udp")


def test_times_and_servers_that_the_log_does_not_say() -> None:
    asked, answered = rows(replace(REFUSED, time_ns=0, port=0))
    assert (asked["time"], asked["source_port"], answered["source"]) == (NOW_NS, 0, str(SERVER))
    asked, answered = rows(replace(REFUSED, server="2001:db8::5", server_port=5070))
    assert (answered["source"], asked["destination_port"]) == ("2001:db8::5", 5070)


@pytest.mark.parametrize("source", ["", "pbx.example", "203.0.113.0/24", "fe80::1%$(reboot)"])
def test_an_event_of_no_address_is_counted_and_told_of_nobody(source: str) -> None:
    retold = Retold(SERVER)
    assert retold.tell(replace(REFUSED, source=source), NOW_NS)
    assert list(retold.tables()) == []
    assert retold.untold == 1


def test_repeated_messages_are_requests_of_their_own_up_to_a_bound() -> None:
    assert len(rows(replace(REFUSED, count=3))) == 6
    assert len(rows(replace(REFUSED, count=10**9))) == 2 * MAX_REPEATS
    assert len(rows(replace(REFUSED, count=-1))) == 2


def test_a_flood_of_events_is_taken_as_its_tables_are() -> None:
    retold = Retold(SERVER)
    event = replace(REFUSED, account="x" * 10_000, claimed_user_agent="@" * 10_000, count=40)
    told = 0
    for _ in range(100):
        while not retold.tell(event, NOW_NS):
            told += sum(len(table) for table in retold.tables())
    told += sum(len(table) for table in retold.tables())
    assert told == 100 * 40 * 2


texts = st.text(max_size=80) | st.sampled_from(
    ["a\r\nVia: x", '"', "\\", 'a"\\', "<>", "100@192.0.2.1>;tag=1\r\n\r\nINVITE", "'; DROP", "\0"]
)
events = st.builds(
    Event,
    kind=st.sampled_from(EVENT_KINDS),
    origin=texts,
    source=st.sampled_from(["203.0.113.66", "2001:db8::7", "::ffff:203.0.113.9"]),
    port=st.integers(-5, 100_000),
    transport=texts | st.sampled_from(["udp", "wss"]),
    time_ns=st.integers(0, 2**62),
    method=texts | st.sampled_from(["REGISTER", "INVITE", "OPTIONS"]),
    account=texts,
    server=texts,
    server_port=st.integers(-5, 100_000),
    call_id=texts,
    number=texts,
    claimed_user_agent=texts,
    count=st.integers(-1, 3),
)


@given(events)
def test_what_a_stranger_wrote_stays_in_its_place(event: Event) -> None:
    """Whatever is in the fields: two messages, with the headers that we wrote, and no more."""
    asked, answered = (parse_message(octets) for octets in messages(event, 7))
    names = [header.name for header in asked.headers_in_order]
    wanted = [b"Via", b"From", b"To", b"Call-ID", b"CSeq", b"Max-Forwards"]
    assert names[:6] == wanted
    assert set(names[6:]) <= {b"User-Agent", b"Authorization", b"Content-Length"} | {
        name for name in names if name.endswith(b"-Told")
    }
    assert [header.name for header in answered.headers_in_order] == [*wanted[:5], b"Content-Length"]
    assert (asked.body, asked.surplus, answered.surplus) == (b"", b"", b"")
    assert asked.from_ is not None
    assert asked.from_.uri.host == b"pbx.invalid"
    assert asked.from_.tag == b"r7"
    if event.kind != kinds.ODD:
        assert not asked.anomalies & (Anomaly.CSEQ_INVALID | Anomaly.LINE_WITHOUT_COLON)


@given(events)
def test_kernels_read_one_account_wherever_it_stands(event: Event) -> None:
    for asked in rows(event)[::2]:
        if asked["auth_user"]:
            assert asked["auth_user"] == asked["from_user"]
        if event.account:
            assert asked["from_user"]


@pytest.mark.parametrize("name", ["' or 1=1", "$(id)", "a`b", "<script>", 'x\\"y', "a|b", "{0}"])
def test_what_a_shell_would_obey_is_still_seen(name: str) -> None:
    asked, _ = rows(replace(REFUSED, account=name, kind=kinds.CHALLENGED))
    assert set(str(asked["to_user"])) & set("'`$<|\\{")
