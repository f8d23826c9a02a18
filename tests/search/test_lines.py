"""Rows as lines of a list."""

from __future__ import annotations

from ringfence.search.lines import lines_of
from tests.search.scene import CALL, rows_of


def test_lines_say_who_sent_what_to_whom() -> None:
    with rows_of() as rows:
        first, second, *_ = lines_of(rows, rows.all(), 2)
    assert (first.input, first.packet, first.time_ns) == (2, 1, 1767225600000000001)
    assert (first.source, first.source_port) == ("203.0.113.7", 5071)
    assert (first.destination, first.destination_port) == ("192.0.2.1", 5060)
    assert (first.method, first.status) == ("INVITE", 0)
    assert (first.from_user, first.to_user) == ("240", "900442079460706")
    assert (first.call_id, first.claimed_user_agent) == (CALL, "friendly-scanner")
    assert first.text == b""
    assert (second.method, second.status) == ("INVITE", 401)  # the method that it answers


def test_lines_may_hold_the_whole_message() -> None:
    with rows_of() as rows:
        (line,) = lines_of(rows, rows.one(5), 0, whole=True)
    assert line.text.startswith(b"OPTIONS sip:100@example.com SIP/2.0\n")
    assert line.text.endswith(b"\n\n")
    assert line.from_user == "scan\x1b[31m"  # as its sender wrote it


def test_no_rows_no_lines() -> None:
    with rows_of() as rows:
        assert list(lines_of(rows, rows.all()[:0], 0)) == []
