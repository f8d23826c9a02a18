"""Block plans, composed."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from ringfence import flow
from ringfence.flow import Investigation, Owner

NOW = datetime(2026, 10, 3, 8, tzinfo=UTC)


def test_proven_attackers_are_blocked_for_a_week(found: Investigation) -> None:
    plan = flow.plan_blocks(found, Owner(), "RF-1", NOW)
    assert [block.address for block in plan.blocks] == ["203.0.113.66", "203.0.113.91"]
    assert {block.until[:10] for block in plan.blocks} == {"2026-10-10"}


def test_whom_the_owner_knows_is_withheld(found: Investigation) -> None:
    plan = flow.plan_blocks(found, Owner(known=(ip_address("203.0.113.91"),)), "RF-1", NOW)
    assert [block.address for block in plan.blocks] == ["203.0.113.66"]
    assert "203.0.113.91" in [kept.address for kept in plan.withheld]


def test_lists_are_written_for_every_firewall(found: Investigation, tmp_path: Path) -> None:
    plan = flow.plan_blocks(found, Owner(), "RF-1", NOW)
    files = flow.write_blocks(plan, str(tmp_path / "block"))
    assert len(files) > 15
    assert {f.path for f in files} == {f"block/{p.name}" for p in (tmp_path / "block").iterdir()}


def test_standard_input_is_not_read_twice(found: Investigation) -> None:
    assert flow.look_at_sharing(["-"], found.incident) == ()
