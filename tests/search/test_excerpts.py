"""Messages of the accused, for letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.search import excerpts as module
from ringfence.search.excerpts import MAX_LINE, MAX_LINES, excerpts_of
from tests.search.incidents import ATTACKER, PHONE, answers, asks, at, tables

if TYPE_CHECKING:
    import pytest


def test_one_of_each_sort_is_shown() -> None:
    packets = [
        asks(0, "OPTIONS", "a"),
        asks(1, "OPTIONS", "b"),
        asks(2, "INVITE", "c"),
        asks(3, "ACK", "c"),
        asks(4, "REGISTER", "d", auth=True),
        answers(5, 401, "REGISTER", "d"),
        asks(6, "REGISTER", "e", source=PHONE),
    ]
    found = excerpts_of(tables(*packets), [ATTACKER])
    assert [one.text.split()[0] for one in found] == ["REGISTER", "INVITE", "OPTIONS"]
    assert [one.time for one in found] == [at(4), at(2), at(0)]
    assert {one.source for one in found} == {f"{ATTACKER}:5071"}
    assert {(one.destination, one.transport, one.cut) for one in found} == {
        ("192.0.2.1:5060", "udp", False)
    }


def test_what_a_stranger_wrote_is_made_visible() -> None:
    packet = asks(0, "OPTIONS", "a").replace("Call-ID: a", "Call-ID: a\x1b[2J\u202e")
    (one,) = excerpts_of(tables(packet), [ATTACKER])
    assert "\x1b" not in one.text
    assert "\\x1b[2J\\u202e" in one.text


def test_long_heads_and_lines_are_cut() -> None:
    more = "".join(f"| X-{n}: {'y' * 300}\n" for n in range(50))
    packet = asks(0, "OPTIONS", "a").replace("| Call-ID", f"{more}| Call-ID")
    (one,) = excerpts_of(tables(packet), [ATTACKER])
    lines = one.text.split("\n")
    assert len(lines) == MAX_LINES
    assert max(map(len, lines)) == MAX_LINE
    assert one.cut


def test_a_body_is_never_shown() -> None:
    packet = asks(0, "INVITE", "a") + "\n| v=0\n| c=IN IP4 192.0.2.99\n"
    (one,) = excerpts_of(tables(packet), [ATTACKER])
    assert "v=0" not in one.text
    assert one.cut


def test_sources_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SOURCES", 1)
    packets = [asks(0, "OPTIONS", "a"), asks(1, "OPTIONS", "b", source="203.0.113.8")]
    found = excerpts_of(tables(*packets), [ATTACKER, "203.0.113.8"])
    assert [one.address for one in found] == [ATTACKER]
