"""Who would have been hit, for how long, and who of them was a user after all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.flow.casebook import Casebook
from ringfence.flow.decision_journal import DecisionJournal
from ringfence.flow.firewall import Firewall, Nftables
from ringfence.flow.would_have import summed_up, would_have
from ringfence.model.decision import ALARM, BLOCK, LIMIT, NARROW, RELEASE, Decision
from ringfence.model.measure import Allowed
from ringfence.model.noted import Noted
from ringfence.model.would_have import Hit

NOW = "2026-11-26T18:00:00Z"
ATTACKER, OFFICE = "203.0.113.66", "198.51.100.9"


def noted(time: str, action: str = BLOCK, address: str = ATTACKER, **facts: object) -> Noted:
    lasts = {BLOCK: 3600, NARROW: 3600, LIMIT: 60}.get(action, 0)
    made = Noted(f"2026-11-26T{time}:00Z", action, address, "pbx", False, lasts, f"{action}!")
    return replace(made, **facts)  # type: ignore[arg-type]


def hit(*found: Noted, allowed: tuple[Allowed, ...] = ()) -> Hit:
    (one,) = summed_up(found, allowed, 7, NOW).hits
    return one


def test_attacker_is_told_with_why_and_for_how_long() -> None:
    one = hit(
        noted("10:00", LIMIT, kinds=("scan",)),
        noted("10:00", kinds=("enumeration",), proven="tcp"),
        noted("12:00", lasts_s=6 * 3600),
        noted("12:30", ALARM, reason="taken"),
    )
    assert (one.action, one.times, one.why, one.proven) == (BLOCK, 3, "block!", True)
    assert (one.first_at[11:16], one.last_at[11:16]) == ("10:00", "12:00")
    assert one.lasted_s == 7 * 3600
    assert (one.kinds, one.mistakes) == (("scan", "enumeration"), ())


@pytest.mark.parametrize(
    ("found", "lasted_s"),
    [
        ([noted("10:00"), noted("10:30")], 5400),  # what overlaps counts once
        ([noted("10:00"), noted("10:10", RELEASE)], 600),
        ([noted("10:00"), noted("12:00", RELEASE)], 3600),
        ([noted("17:50")], 600),  # until now
        ([noted("10:00", LIMIT, times=5, last_at="2026-11-26T10:40:00Z")], 300),
        ([noted("10:00", LIMIT, times=500, last_at="2026-11-26T10:40:00Z")], 2460),
        ([noted("10:00", RELEASE), noted("11:00")], 3600),
    ],
)
def test_seconds_are_counted_once_and_end_with_the_release(
    found: list[Noted], lasted_s: int
) -> None:
    assert hit(*found).lasted_s == lasted_s


def test_who_was_released_later_was_a_user() -> None:
    one = hit(noted("10:00"), noted("10:12", RELEASE, reason="it is a user in trouble"))
    assert one.mistakes == ("released after 0:12:00: it is a user in trouble",)


def test_release_before_is_no_mistake_of_what_came_after() -> None:
    assert hit(noted("09:00", RELEASE), noted("10:00")).mistakes == ()


@pytest.mark.parametrize(
    ("role", "says"),
    [("known", "you named it"), ("peer", "called by us"), ("regular", "earlier days")],
)
def test_friend_that_was_hit_is_a_mistake(role: str, says: str) -> None:
    (mistake,) = hit(noted("10:00", NARROW, role=role)).mistakes
    assert says in mistake


def test_friend_about_whom_there_was_only_an_alarm_was_not_hit() -> None:
    found = summed_up([noted("10:00", ALARM, role="known"), noted("11:00", RELEASE)], (), 7, NOW)
    assert found.hits == ()


def test_whoever_is_on_the_allow_list_by_now_was_a_user() -> None:
    friends = (
        Allowed("192.0.2.0/24", "", "anna", ""), Allowed("203.0.113.0/24", "carrier", "anna", ""),
    )  # fmt: skip
    assert hit(noted("10:00"), allowed=friends).mistakes == (
        "203.0.113.0/24 is on the allow list (carrier)",
    )


def test_users_come_first_then_those_hit_hardest_and_latest() -> None:
    found = summed_up(
        [
            noted("09:00", LIMIT, "192.0.2.1"),
            noted("10:00", BLOCK, "192.0.2.2"),
            noted("11:00", BLOCK, "192.0.2.3"),
            noted("12:00", LIMIT, "192.0.2.4"),
            noted("12:30", RELEASE, "192.0.2.4"),
            noted("13:00", LIMIT, "", times=9_000),
            noted("13:00", ALARM, "", times=9),
        ],
        (), 7, NOW,
    )  # fmt: skip
    assert [one.address[-1] for one in found.hits] == ["4", "3", "2", "1"]
    assert [one.address for one in found.users] == ["192.0.2.4"]
    assert found.summed == 9_000


def test_journal_of_this_machine_is_read_as_far_back_as_asked(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    times = [datetime(2026, 11, day, 12, tzinfo=UTC) for day in (10, 24, 26)]
    with Casebook(store) as book:
        for number, at in enumerate(times):
            journal = DecisionJournal(book, now=lambda at=at: at)  # type: ignore[misc]
            made = Decision(BLOCK, f"203.0.113.{number}", "x", 0, proven="tcp", lasts_s=60)
            journal.note([made], enforced=False)
            journal.write()
        Firewall(book, Nftables(), {}, tmp_path)._store.allow(Allowed("203.0.113.2", "", "a", ""))
    now = datetime(2026, 11, 26, 18, tzinfo=UTC)
    found = would_have(store, 7, now)
    assert [one.address for one in found.hits] == ["203.0.113.2", "203.0.113.1"]
    assert (found.since, len(found.users)) == ("2026-11-24T12:00:00Z", 1)
    assert len(would_have(store, 30, now).hits) == 3
    assert would_have(store, 1, datetime(2027, 1, 1, tzinfo=UTC)).since == ""
