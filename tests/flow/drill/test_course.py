"""A drill on the whole: a real Kamailio, a real firewall, a guard that acts or does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.flow.casebook import Casebook
from ringfence.model.drill import ALARM, CLOSED, DOORS, ENDS, FAIL, OK, OWNERSHIP, TOOL, WARN
from tests.flow.drill.scene import STRANGER, Scene, Sniffer, states, step
from tests.respond.block.wire import HERE, Wire, needs

SYSLOG = {"RINGFENCE_ALERTS_SYSLOG": "udp://127.0.0.1:9", "RINGFENCE_GUARD_AFTER_S": "1"}
ACTS = ("--enforce", "--interface", "eth0")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Wire() as wire:
        yield Scene(wire, tmp_path)


@needs("nft", "kamailio")
def test_guard_that_acts_passes_the_drill_and_says_whose_it_was(scene: Scene) -> None:
    """Blocked like any attack, for a minute; alarm and case say that it was a drill."""
    with scene.kamailio(), scene.guarding(*ACTS, environment=SYSLOG), scene.token() as code:
        sniffer = Sniffer(scene.wire)
        status, found, said = scene.drill("--token", code)
        packets = sniffer.stop()
        assert status == 0, (found, said)
        assert states(found) == {
            OWNERSHIP: OK, CLOSED: WARN, DOORS: OK, TOOL: OK, ENDS: OK, ALARM: OK,
        }, found  # fmt: skip
        assert found["packets"] == sum(s["packets"] for s in scene.journal())  # type: ignore[misc]
        assert len(packets) <= found["packets"] <= 60
        assert b"INVITE" not in b"".join(packets)
        text = _alarms(scene)
        assert any("a drill of yours?" in one and STRANGER in one for one in text), text
    assert any("drill of yours" in entry for entry in _journal(scene))


@needs("nft", "kamailio")
def test_guard_that_only_watches_fails_the_drill_and_is_named(scene: Scene) -> None:
    with scene.kamailio(), scene.guarding("--interface", "eth0"), scene.token() as code:
        status, found, _ = scene.drill("--token", code)
    assert status == 1
    tool = step(found, TOOL)
    assert tool["state"] == FAIL
    assert "only watches" in tool["means"]
    assert "--enforce" in tool["do"]
    assert step(found, ALARM)["state"] == WARN, "noticed, and nobody is named to be told"


@needs("nft", "kamailio")
def test_address_that_is_on_the_allow_list_proves_nothing(scene: Scene) -> None:
    friend = ("--known", STRANGER)
    with scene.kamailio(), scene.guarding(*ACTS, *friend), scene.token() as code:
        _, found, _ = scene.drill("--token", code)
    tool = step(found, TOOL)
    assert tool["state"] == WARN
    assert "never blocked: it is on the allow list" in tool["says"]
    assert tool["do"] == "drill from another address"


@needs("kamailio")
def test_without_a_guard_the_drill_fails_and_says_so(scene: Scene) -> None:
    with scene.kamailio(), scene.token() as code:
        status, found, _ = scene.drill("--token", code)
    assert status == 1
    assert states(found)[TOOL] == states(found)[ALARM] == FAIL
    assert "no guard runs there" in step(found, TOOL)["means"]


@needs()
def test_without_a_code_nothing_at_all_is_sent(scene: Scene) -> None:
    sniffer = Sniffer(scene.wire)
    status, found, said = scene.drill()
    assert sniffer.stop() == []
    assert (status, found, scene.journal()) == (2, {}, [])
    assert "ringfence drill token" in said


@needs()
def test_with_a_wrong_code_only_the_question_for_the_proof_is_sent(scene: Scene) -> None:
    with scene.token():
        sniffer = Sniffer(scene.wire)
        status, _, said = scene.drill("--token", "AAAA-BBBB-CCCC-DDDD")
        packets = sniffer.stop()
    assert status == 2
    assert "did not prove that it is yours" in said
    assert len(packets) == 2
    assert {int.from_bytes(one[22:24]) for one in packets} == {5099}


@needs()
def test_code_of_one_drill_is_none_for_another(scene: Scene) -> None:
    with scene.token() as code:
        first, _, _ = scene.drill("--token", code)
        second, _, said = scene.drill("--token", code)
    assert (first, second) == (1, 2), said


@needs("nft")
def test_port_that_is_closed_for_strangers_passes_over_both_versions_of_ip(scene: Scene) -> None:
    rules = (
        "add table inet x; add chain inet x i { type filter hook input priority 0; }; "
        "add rule inet x i tcp dport 5060-5061 drop; add rule inet x i udp dport 5060 drop"
    )
    scene.wire.run("nft", rules)
    for pbx in HERE:
        with scene.token() as code:
            _, found, said = scene.drill("--token", code, "--closed", pbx=pbx)
        assert states(found)[CLOSED] == OK, said
        assert states(found)[TOOL] == OK
        assert states(found)[ENDS] == "not checked"


@needs("kamailio")
def test_port_that_is_meant_to_be_closed_and_is_not_fails(scene: Scene) -> None:
    with scene.kamailio(), scene.token() as code:
        _, found, _ = scene.drill("--token", code, "--closed")
    closed = step(found, CLOSED)
    assert closed["state"] == FAIL
    assert "port 5060/UDP" in closed["says"]
    assert "port 5060/TCP" in closed["says"]
    assert "5061" not in closed["says"]


def _alarms(scene: Scene) -> list[str]:
    from ringfence.store.alerts import AlertStore

    with Casebook(str(scene.folder / "cases.db")) as book:
        return [text for text, _ in AlertStore(book.database).raised_since("2000")]


def _journal(scene: Scene) -> list[str]:
    with Casebook(str(scene.folder / "cases.db")) as book:
        return [str(entry) for case in book.cases() for entry in book.journal(case)]
