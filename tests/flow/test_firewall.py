"""Measures from the decision to the kernel and the store, and back; whom nothing may hurt."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from time import perf_counter

import pytest

from ringfence.flow.casebook import Casebook
from ringfence.flow.firewall import (
    Firewall,
    MeasureError,
    Nftables,
    Rate,
    Shape,
    measure_of,
    new_measure,
)
from ringfence.model.case import CaseError
from ringfence.model.decision import ALARM, BLOCK, LIMIT, NARROW, RELEASE, Decision
from ringfence.model.measure import EFFECTIVE, MOVED, NOT_EFFECTIVE, UNKNOWN, FirewallError
from ringfence.respond.nft.program import Program
from tests.cases.incidents import incident, suspect
from tests.respond.block.wire import FRIENDS, Wire, needs

ATTACKER, OFFICE = "203.0.113.66", "198.51.100.9"
OPERATOR = "198.51.100.1"
SESSION = {"SSH_CONNECTION": f"{OPERATOR} 5555 192.0.2.10 22"}
HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Casebook]:
    with Casebook(str(tmp_path / "cases.db")) as book:
        yield book


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


@pytest.fixture
def wall(wire: Wire, book: Casebook, tmp_path: Path) -> Firewall:
    return again(wire, book, tmp_path)


def again(wire: Wire, book: Casebook, tmp_path: Path) -> Firewall:
    """Another process, after a crash or beside the first."""
    program = Program(("ip", "netns", "exec", f"{wire.prefix}in", "nft"))
    return Firewall(book, Nftables(program, lambda _: True), SESSION, tmp_path)


def block(wall: Firewall, address: str, **facts: object) -> None:
    made = new_measure(address, "guessing", HOUR, now(), **facts)  # type: ignore[arg-type]
    assert wall.apply([made]) == ([made], [])


def passing(wire: Wire, *addresses: str) -> list[str]:
    return [one for one, _ in wire.passing([(address, 5060) for address in addresses])]


@needs("nft")
def test_block_holds_is_proven_and_is_undone(wire: Wire, wall: Firewall) -> None:
    block(wall, ATTACKER)
    (one,) = wall.standing()
    assert one.effect.state == UNKNOWN
    assert passing(wire, ATTACKER, OFFICE) == [OFFICE]
    (one,) = wall.standing()
    assert (one.measure.address, one.effect.state, one.effect.dropped) == (ATTACKER, EFFECTIVE, 1)
    assert [done.address for done in wall.release(ATTACKER, "a user")] == [ATTACKER]
    assert passing(wire, ATTACKER) == [ATTACKER]
    assert wall.standing() == []
    assert wall.release(ATTACKER, "again") == []


@needs("nft")
def test_who_looks_again_and_again_is_told_seconds_and_where_it_went(
    wire: Wire, wall: Firewall
) -> None:
    block(wall, ATTACKER)
    (first,) = wall.look()
    assert first.effect.state == UNKNOWN
    passing(wire, ATTACKER)
    (one,) = wall.look()
    assert one.effect.state == EFFECTIVE
    assert one.effect.after_s is not None
    assert 0 < one.effect.after_s < 30
    (later,) = wall.look(now=now() + timedelta(seconds=5))
    assert later.effect.after_s == one.effect.after_s
    (leaks,) = wall.look(heard={ATTACKER: 3})
    assert (leaks.effect.state, "proxy" in leaks.effect.why) == (NOT_EFFECTIVE, True)
    (gone,) = wall.look(heard={ATTACKER: 3}, moved={ATTACKER: OFFICE})
    assert (gone.effect.state, OFFICE in gone.effect.why) == (MOVED, True)
    wall.release(ATTACKER, "x")
    assert wall.look() == []


@needs("nft")
def test_users_are_no_strangers_and_what_was_slowed_down_is_told(
    wire: Wire, wall: Firewall
) -> None:
    wall.stand(Shape(stranger=Rate(1, 2)))
    wall.know([ip_address(OFFICE)], HOUR)
    wire.passing([(OFFICE, 5060)] * 5)
    assert wall.slowed()["strangers"] == 0
    wire.passing([(ATTACKER, 5060)] * 5)
    assert wall.slowed()["strangers"] >= 2


@needs("nft")
def test_nobody_who_is_needed_is_blocked_whatever_is_decided(wire: Wire, wall: Firewall) -> None:
    wall.allow("198.51.100.0/29", "carrier")
    wanted = [
        measure_of(Decision(action, address, "x", 1, ports=(5060,)), now())
        for address in (OPERATOR, "198.51.100.5", "198.51.100.0/24", ATTACKER)
        for action in ((BLOCK,) if "/" in address else (BLOCK, NARROW, LIMIT))
    ]
    done, withheld = wall.apply([one for one in wanted if one is not None])
    assert {one.address for one in done} == {ATTACKER}
    assert {one.address for one in withheld} == {OPERATOR, "198.51.100.5", "198.51.100.0/24"}
    assert any("your SSH session" in one.reason for one in withheld)
    assert passing(wire, OPERATOR) == [OPERATOR]


@needs("nft")
def test_allowing_ends_what_was_in_force_and_holds_in_the_kernel(
    wire: Wire, wall: Firewall
) -> None:
    block(wall, OFFICE)
    block(wall, "203.0.113.0/24")
    ended = wall.allow(OFFICE, "our office")
    assert [one.address for one in ended] == [OFFICE]
    assert [one.address for one in wall.allow(ATTACKER, "")] == ["203.0.113.0/24"]
    assert passing(wire, OFFICE, ATTACKER) == [OFFICE, ATTACKER]
    # Whoever puts elements in past us: the tables themselves know the friends.
    wire.run("nft", "add", "element", "inet", "ringfence", "block4", f"{{ {OFFICE} timeout 1h }}")
    assert passing(wire, OFFICE) == [OFFICE]
    (one,) = wall.standing()
    assert (one.measure.reason, one.effect.state) == ("not in this store", NOT_EFFECTIVE)
    assert "the allow list lets it through" in one.effect.why
    assert wall.disallow(OFFICE)
    assert not wall.disallow(OFFICE)
    assert passing(wire, OFFICE) == []
    assert [a.network for a in wall.allowed()] == [ATTACKER]


@needs("nft")
def test_flush_by_another_program_is_told_and_undone(
    wire: Wire, book: Casebook, wall: Firewall, tmp_path: Path
) -> None:
    wall.allow(OFFICE, "our office")
    block(wall, ATTACKER)
    wire.run("nft", "flush", "ruleset")
    (one,) = wall.standing()
    assert (one.held, one.effect.state) == (None, NOT_EFFECTIVE)
    assert "--restore" in one.effect.why
    restored = again(wire, book, tmp_path).restore()
    assert [m.address for m in restored] == [ATTACKER]
    assert passing(wire, ATTACKER, OFFICE) == [OFFICE]
    # The next measure of a process that runs on finds the tables gone, and puts all back.
    wire.run("nft", "flush", "ruleset")
    block(wall, "2001:db8::66")
    assert passing(wire, ATTACKER, "2001:db8::66", OFFICE) == [OFFICE]
    assert [one.effect.state for one in wall.standing()] == [EFFECTIVE] * 2
    wire.run("nft", "add", "element", "inet", "ringfence", "block4", f"{{ {OFFICE} timeout 1h }}")
    assert passing(wire, OFFICE) == [OFFICE], "friends came back with the tables"


@needs("nft")
def test_block_whose_record_was_lost_is_told_and_can_be_undone(
    wire: Wire, wall: Firewall, tmp_path: Path
) -> None:
    block(wall, ATTACKER)
    with Casebook(str(tmp_path / "other.db")) as empty:
        lost = again(wire, empty, tmp_path)
        (one,) = lost.standing()
        assert (one.measure.address, one.measure.reason) == (ATTACKER, "not in this store")
        assert len(lost.release(ATTACKER, "x")) == 1
    assert passing(wire, ATTACKER) == [ATTACKER]


@needs("nft")
def test_second_measure_takes_the_place_of_the_first(wire: Wire, wall: Firewall) -> None:
    block(wall, OFFICE)
    block(wall, OFFICE, ports=(40000,))
    assert passing(wire, OFFICE) == [OFFICE]
    (one,) = wall.standing()
    assert (one.measure.action, one.measure.ports) == (NARROW, (40000,))


@needs("nft")
def test_flood_of_limits_delays_no_block(
    wire: Wire, wall: Firewall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.respond.nft.ruleset.MAX_ELEMENTS", 64)
    decided = [Decision(LIMIT, f"198.18.0.{n}", "x", 1) for n in range(100)]
    limits = [made for one in decided if (made := measure_of(one, now()))]
    attack = new_measure(ATTACKER, "guessing", HOUR, now())
    done, withheld = wall.apply([*limits, attack])
    assert done == [attack]
    assert len(withheld) == 100
    assert "full" in withheld[0].reason
    assert passing(wire, ATTACKER) == []
    assert wall.apply(limits[:9]) == (limits[:9], [])
    found = wall.standing()
    assert (len(found), found[0].measure) == (10, attack)
    assert found[1].measure.reason == "not proven: slowed down", "and the store has none of them"


@needs("nft")
def test_address_in_a_blocked_network_says_which(wire: Wire, wall: Firewall) -> None:
    block(wall, "203.0.113.0/24")
    with pytest.raises(MeasureError, match=r"ringfence unblock 203.0.113.0/24"):
        wall.release(ATTACKER, "x")


@needs("nft")
def test_removal_leaves_nothing_and_ends_all(wire: Wire, wall: Firewall) -> None:
    wall.at_device(["eth0"])
    block(wall, ATTACKER)
    assert [one.address for one in wall.remove("moved to another machine")] == [ATTACKER]
    assert wire.run("nft", "list", "ruleset") == ""
    assert wall.standing() == []


@needs("nft")
def test_by_hand_beside_a_guard_changes_nothing_of_its_tables(
    wire: Wire, book: Casebook, wall: Firewall, tmp_path: Path
) -> None:
    guards = Shape(("eth0",), stranger=Shape().stranger)
    wall.stand(guards)
    beside = again(wire, book, tmp_path)
    block(beside, ATTACKER)
    assert not wall.stand(guards), "as they were"
    beside.at_device(["eth0", "eth1"])
    assert wall.stand() is False
    assert passing(wire, ATTACKER) == []


@needs("nft")
def test_case_has_the_block_in_its_journal_and_its_checklist(
    wire: Wire, book: Casebook, wall: Firewall
) -> None:
    case = book.file(incident(suspect(ATTACKER)), None).case
    block(wall, ATTACKER, case_id=case.id)
    texts = [entry.text for entry in book.journal(case) if entry.kind == "measure"]
    assert len(texts) == 1
    assert texts[0].startswith(f"block {ATTACKER} until ")
    assert [one.address for one in book.measures(case)] == [ATTACKER]
    assert b'"measures": [' in book.export(case.id)
    from ringfence.model.settings import Settings

    def blocked() -> str:
        found = book.follow_up(book.find(case.id), Settings(), f"{now():%Y-%m-%d}")
        return next(step.state for step in found if step.step == "blocked")

    assert blocked() == "done"
    wall.release(ATTACKER, "it was a user")
    assert blocked() == "to_do"
    last = [entry.text for entry in book.journal(case) if entry.kind == "measure"][-1]
    assert last == f"block {ATTACKER} ended: it was a user"


@needs("nft")
def test_case_that_is_not_there_blocks_all_the_same(wall: Firewall, book: Casebook) -> None:
    made = new_measure(ATTACKER, "x", HOUR, now(), case_id="RF-none")
    with pytest.raises(CaseError):
        wall.apply([made])
    assert [one.measure.id for one in wall.standing()] == [made.id]


@needs("nft")
def test_from_decision_to_rule_within_fifty_milliseconds(wire: Wire, wall: Firewall) -> None:
    """The whole way: asked, in the kernel, on the disk. Loose here, for machines that are busy."""
    wall.stand(Shape(("eth0",)))
    took = []
    for n in range(20):
        decided = Decision(BLOCK, f"198.18.0.{n}", "guessing", 1)
        began = perf_counter()
        made = measure_of(decided, now())
        assert made is not None
        wall.apply([made])
        took.append(perf_counter() - began)
    assert statistics.median(took) < 0.25, took


def test_decision_is_a_measure_with_its_own_end() -> None:
    at = datetime(2026, 11, 25, 3, 12, tzinfo=UTC)
    block = measure_of(Decision(BLOCK, ATTACKER, "guessing", 1, lasts_s=90), at, "RF-1")
    assert block is not None
    assert (block.action, block.until, block.case_id, block.by) == (
        BLOCK, "2026-11-25T03:13:30Z", "RF-1", "guard",
    )  # fmt: skip
    narrow = measure_of(Decision(NARROW, OFFICE, "x", 1, ports=(2, 1)), at)
    assert narrow is not None
    assert (narrow.ports, narrow.until) == ((1, 2), "2026-12-02T03:12:00Z")
    limit = measure_of(Decision(LIMIT, ATTACKER, "x", 1, ports=(7,)), at)
    assert limit is not None
    assert (limit.until, limit.ports) == ("2026-11-25T03:13:00Z", ())
    assert measure_of(Decision(ALARM, "", "x", 1), at) is None
    assert measure_of(Decision(RELEASE, ATTACKER, "x", 1), at) is None


def test_measure_is_written_one_way() -> None:
    assert new_measure("2001:DB8::0:66", "x", HOUR, now()).address == "2001:db8::66"
    assert new_measure("::ffff:203.0.113.66", "x", HOUR, now()).address == ATTACKER
    assert new_measure("203.0.113.66/32", "x", HOUR, now()).address == ATTACKER
    for wrong in ("", "pbx.example", "203.0.113.66/30"):
        with pytest.raises(MeasureError):
            new_measure(wrong, "x", HOUR, now())
    with pytest.raises(MeasureError, match="365"):
        new_measure(ATTACKER, "x", timedelta(days=366), now())


def test_store_alone_tells_what_it_knows(book: Casebook, tmp_path: Path) -> None:
    wall = Firewall(book, Nftables(Program(("no-such-nft",))), {}, tmp_path)
    with pytest.raises(FirewallError, match=r"198.51.100.9 is on the allow list, but .*nftables"):
        wall.allow(OFFICE, "office")
    assert [one.network for one in wall.allowed()] == [OFFICE]
    with pytest.raises(FirewallError, match="apt install nftables"):
        wall.apply([new_measure(ATTACKER, "x", HOUR, now())])
    assert wall.recorded() == [], "what did not happen is not kept"
    from ringfence.store.measures import MeasureStore

    made = new_measure(ATTACKER, "x", HOUR, now())
    MeasureStore(book.database).add([made, replace(made, id="0" * 8, until="2020-01-01T00:00:00Z")])
    assert [(one.measure, one.effect.state) for one in wall.recorded()] == [(made, UNKNOWN)]


def test_preview_changes_nothing(book: Casebook, tmp_path: Path) -> None:
    wall = Firewall(book, Nftables(Program(("no-such-nft",))), {}, tmp_path)
    # No root: the shape of tables that stand cannot be asked for.
    made = new_measure(ATTACKER, "x", HOUR, now())
    tables, transaction = wall.preview([made], ["eth0"])
    assert "table netdev ringfence" in tables
    assert ATTACKER in transaction
    assert FRIENDS[0] not in tables


@needs("nft")
def test_measure_that_is_asked_for_again_is_kept_once(
    wire: Wire, wall: Firewall, book: Casebook, tmp_path: Path
) -> None:
    """Its answer was lost on the way to the guard, or this process was killed meanwhile."""
    made, other = (new_measure(one, "x", HOUR, now()) for one in (ATTACKER, OFFICE))
    wall.apply([made])
    assert wall.apply([made, other]) == ([made, other], [])
    assert again(wire, book, tmp_path).apply([other, made]) == ([other, made], [])
    assert [one.measure for one in wall.standing()] == [made, other]
