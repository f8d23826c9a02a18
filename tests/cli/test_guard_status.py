"""The guard on one screen of 80 by 24, letter for letter."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from ringfence.cli.guard_status import render, screen
from ringfence.model.guard_status import (
    FAILING,
    SILENT,
    AttackStatus,
    BlockStatus,
    GuardStatus,
    SourceStatus,
)

AT, SINCE, UNTIL = "2026-11-26T14:02:11Z", "2026-11-20T08:00:00Z", "2026-11-26T15:02:11Z"
ATTACK = AttackStatus(
    ("203.0.113.7", "203.0.113.8"), ("password_guessing",), 1204, AT, "blocked",
    case_id="RF-2026-0007",
)  # fmt: skip
BLOCK = BlockStatus("203.0.113.7", "block", UNTIL, 1802, "effective", "a known attack tool")
QUIET = GuardStatus(
    AT, SINCE, enforcing=True, messages=1_204_882, messages_s=12.4, watched=812,
    kept_octets=30 << 20, kept_room=40 << 20, kept_s=60, memory_octets=210 << 20,
    sources=(SourceStatus("interface eth0", seen=1_300_000, understood=1_204_882, last_at=AT),),
)  # fmt: skip


def text(status: GuardStatus, width: int = 80, height: int = 24) -> str:
    stream = StringIO()
    console = Console(file=stream, width=width, height=height, color_system=None)
    console.print(render(status, width, height), end="")
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def test_quiet_night() -> None:
    assert (
        text(QUIET)
        == """\
Guard: blocking, since 20 Nov 08:00:00; now 14:02:11
Got in: nobody
Seen: 1,204,882 SIP messages, 12/s, from 812 addresses; 0 packets lost
Blocked: 0; limited: 0; suspects: 0; 0 packets dropped
Verdict to rule: no rule yet
Keeps: 60 s, 30 MiB of 40 MiB; memory 210 MiB; 0 open cases
Hears:
  interface eth0: ok, 1,300,000 seen, 1,204,882 understood, last 14:02:11
Attacks: none
Blocks: none"""
    )


def test_bad_night() -> None:
    status = replace(
        QUIET, lost=7, blocked=12, limited=3, suspects=4, dropped=18_202, verdicts=15,
        latency_median_s=0.012, latency_worst_s=1.5, thinned=900, cases_open=2, alerts_waiting=1,
        sources=(
            *QUIET.sources,
            SourceStatus("asterisk.security", SILENT, 12_000, 0, 0, AT,
                         "12,000 lines, none understood since 14:02"),
            SourceStatus("hep 9060", FAILING, 0, 0, 3),
        ),
        attacks=(
            replace(ATTACK, accounts_taken=("240",), calls_answered=2),
            *(replace(ATTACK, addresses=(f"198.51.100.{n}",)) for n in range(8)),
        ),
        blocks=(
            replace(BLOCK, effect="not_effective"),
            *(replace(BLOCK, address=f"198.51.100.{n}") for n in range(11)),
        ),
    )  # fmt: skip
    assert (
        text(status)
        == """\
Guard: blocking, since 20 Nov 08:00:00; now 14:02:11
GOT IN: account 240; 2 calls answered
Seen: 1,204,882 SIP messages, 12/s, from 812 addresses; 7 packets lost
Blocked: 12; limited: 3; suspects: 4; 18,202 packets dropped
Verdict to rule: median 12 ms, 99 in 100 within 1.5 s
Keeps: 60 s, 30 MiB of 40 MiB, 900 thinned; memory 210 MiB; 2 open cases
! asterisk.security: 12,000 lines, none understood since 14:02
! hep 9060: failing
! the block of 203.0.113.7 does not work
! 1 alarm not delivered yet
Hears:
  interface eth0: ok, 1,300,000 seen, 1,204,882 understood, last 14:02:11
  asterisk.security: silent, 12,000 seen, 0 understood, last 14:02:11
  hep 9060: failing, 0 seen, 0 understood, 3 lost
Attacks:
  IN! 203.0.113.7 +1: guessing, 1,204 msgs, blocked, last 14:02:11, RF-2026-0007
  198.51.100.0: guessing, 1,204 msgs, blocked, last 14:02:11, RF-2026-0007
  198.51.100.1: guessing, 1,204 msgs, blocked, last 14:02:11, RF-2026-0007
  and 6 more
Blocks:
  203.0.113.7: block until 15:02:11, 1,802 dropped, DOES NOT WORK; a known atta…
  198.51.100.0: block until 15:02:11, 1,802 dropped, works; a known attack tool
  198.51.100.1: block until 15:02:11, 1,802 dropped, works; a known attack tool
  and 9 more"""
    )


def test_watching_only_is_said_loudly() -> None:
    first, *_ = text(replace(QUIET, enforcing=False)).splitlines()
    assert first == "Guard: ONLY WATCHING (no --enforce), since 20 Nov 08:00:00; now 14:02:11"
    assert "Would be blocked: 0" in text(replace(QUIET, enforcing=False))


def test_many_problems_leave_room_for_the_rest() -> None:
    lines = text(replace(QUIET, problems=tuple(f"broken {n}" for n in range(9)))).splitlines()
    assert lines[6:9] == ["! broken 0", "! broken 1", "! and 7 more"]


def test_names_of_strangers_are_only_text() -> None:
    evil = "\x1b[2J\u202e[bold]240[/]\n"
    attack = replace(ATTACK, accounts_taken=(evil,), addresses=(evil,), state=evil)
    block = replace(BLOCK, reason=evil, address=evil)
    shown = text(replace(QUIET, attacks=(attack,), blocks=(block,)))
    assert all(c.isprintable() or c == "\n" for c in shown)
    assert "[bold]240[/]" in shown
    assert len(shown.splitlines()) == 12


@given(
    st.integers(0, 60), st.integers(0, 60), st.integers(0, 9), st.integers(0, 9),
    st.integers(20, 200), st.integers(1, 60),
)  # fmt: skip
def test_screen_is_never_overrun_and_what_is_left_out_is_counted(
    attacks: int, blocks: int, sources: int, problems: int, width: int, height: int
) -> None:
    status = replace(
        QUIET,
        attacks=(ATTACK,) * attacks,
        blocks=(BLOCK,) * blocks,
        sources=(SourceStatus("hep 9060"),) * sources,
        problems=("broken",) * problems,
    )
    lines = [line for line, _ in screen(status, width, height)]
    assert len(lines) <= max(height, 12)
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize("width", [20, 40])
def test_wide_letters_do_not_overrun_a_line(width: int) -> None:
    attack = replace(ATTACK, accounts_taken=("電話" * 40,))
    lines = screen(replace(QUIET, attacks=(attack,)), width)
    assert all(cell_len(line) <= width for line, _ in lines)
