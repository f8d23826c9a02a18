"""The custody log: each line holds the one before."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.custody import (
    BEGINNING,
    MAX_LINE,
    NOTHING_BEFORE,
    Custody,
    Link,
    check_chain,
)
from ringfence.model.evidence import EvidenceError, HostClock, SealOptions

OPTIONS = SealOptions("ringfence 1", "anna on pbx", clock=HostClock(True, 0.001, 0.2))


def log(after: Link = NOTHING_BEFORE) -> bytes:
    times = iter(("T1", "T2", "T3"))
    custody = Custody(OPTIONS, lambda: next(times), after)
    custody.note("read a capture", file="a.pcap", octets=7)
    custody.note("copied")
    custody.note("sealed")
    return custody.octets


def test_an_entry_says_who_what_when_with_what() -> None:
    first, second, _ = map(json.loads, log().splitlines())
    assert first == {
        "n": 1,
        "at": "T1",
        "who": "anna on pbx",
        "what": "read a capture",
        "file": "a.pcap",
        "octets": 7,
        "tool": "ringfence 1",
        "clock": {"synchronised": True, "offset_s": 0.001, "max_error_s": 0.2},
        "previous": BEGINNING,
    }
    assert (second["n"], second["at"]) == (2, "T2")


def test_a_line_holds_the_hash_of_the_line_before() -> None:
    lines = log().splitlines()
    assert json.loads(lines[1])["previous"] == hashlib.sha256(lines[0]).hexdigest()


def test_a_whole_log_is_found_whole() -> None:
    link, faults = check_chain(log(), NOTHING_BEFORE)
    assert faults == []
    assert link == Link(3, hashlib.sha256(log().splitlines()[-1]).hexdigest())


def test_a_later_log_goes_on_where_the_first_ended() -> None:
    link, _ = check_chain(log(), NOTHING_BEFORE)
    assert check_chain(log(link), link)[1] == []
    assert check_chain(log(link), None)[1] == []
    assert check_chain(log(link), NOTHING_BEFORE)[1] != []
    assert check_chain(log(), link)[1] != []


def taken_out(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2]]


def doubled(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1], lines[1], lines[2]]


def swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], lines[2]]


def rewritten(lines: list[bytes]) -> list[bytes]:
    return [lines[0].replace(b"anna", b"otto"), *lines[1:]]


def without_beginning(lines: list[bytes]) -> list[bytes]:
    return lines[1:]


@pytest.mark.parametrize("tamper", [taken_out, doubled, swapped, rewritten, without_beginning])
def test_a_line_changed_taken_out_or_put_in_breaks_the_chain(tamper: object) -> None:
    assert callable(tamper)
    lines = tamper(log().splitlines())
    _, faults = check_chain(b"\n".join(lines) + b"\n", NOTHING_BEFORE)
    assert any("chain broken" in fault.says for fault in faults)


@pytest.mark.parametrize("octets", [
    b"", b"{}", b"{}\n", b"[]\n", b"\xff\n", b'{"n":"1"}\n', b"[" * 100_000, b"[" * 9_000 + b"\n",
    b"{}\n" * 20_000, b"x" * (MAX_LINE + 1) + b"\n",
])  # fmt: skip
def test_what_is_no_log_is_told_and_bounded(octets: bytes) -> None:
    _, faults = check_chain(octets, NOTHING_BEFORE)
    assert 0 < len(faults) <= 200


def test_a_log_cut_within_its_last_line_is_told() -> None:
    assert check_chain(log()[:-1], NOTHING_BEFORE)[1] != []


def test_an_entry_that_nobody_could_read_back_is_not_written() -> None:
    custody = Custody(OPTIONS, lambda: "T", NOTHING_BEFORE)
    with pytest.raises(EvidenceError, match="too long"):
        custody.note("x" * MAX_LINE)


def test_a_stranger_cannot_forge_the_link_that_the_page_looks_for() -> None:
    custody = Custody(OPTIONS, lambda: "T", NOTHING_BEFORE)
    forged = f'x","previous":"{"1" * 64}"}}'
    custody.note("read", file=forged)
    assert f',"previous":"{"1" * 64}"}}'.encode() not in custody.octets


@given(st.binary(max_size=200), st.integers(0, 1500))
def test_any_octets_in_a_log_are_told(octets: bytes, at: int) -> None:
    whole = log()
    changed = whole[:at] + octets + whole[at + len(octets) :]
    _, faults = check_chain(changed, NOTHING_BEFORE)
    last = whole.rindex(b"\n", 0, -1)
    assert faults or changed == whole or at > last or changed[:last] == whole[:last]
