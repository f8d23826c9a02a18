"""The text of our tables: read by the real nft, and in the order that protects."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from ringfence.respond.nft.elements import INET, NETDEV, Element
from ringfence.respond.nft.ruleset import chains, families, removal, tables
from ringfence.respond.nft.shape import CROWD, STRANGER, Shape

FULL = Shape(("eth0", "wg0"), stranger=STRANGER, crowd=CROWD)
needs_nft = pytest.mark.skipif(not shutil.which("nft"), reason="nft missing: see packages.txt")


@needs_nft
@pytest.mark.parametrize("shape", [Shape(), FULL], ids=["plain", "full"])
def test_nft_itself_takes_it(shape: Shape) -> None:
    """Without --check it would be loaded; with it nft still reads and resolves all of it."""
    held = {INET: [Element("block6", ("2001:db8::5",), 60, "0123abcd", 30, 5, 10),
                   Element("allow4", ("198.51.100.0/24",), 0)]}  # fmt: skip
    done = subprocess.run(
        ["unshare", "-rn", "nft", "-c", "-f", "-"], input=tables(shape, held),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "unshare" in done.stderr:
        pytest.skip("no namespaces here")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("family", [NETDEV, INET])
def test_friends_come_before_any_rule_that_drops(family: str) -> None:
    rules = chains(FULL, family)["ingress" if family == NETDEV else "prerouting"]
    first_drop = next(n for n, rule in enumerate(rules) if not rule.endswith("accept"))
    assert all("@allow" in rule or "@ssh" in rule for rule in rules[:first_drop])
    assert not any("accept" in rule for rule in rules[first_drop:])


def test_strangers_are_slowed_down_once_only() -> None:
    assert any("@meter" in rule for rule in chains(FULL, NETDEV)["sip"])
    assert not any("@meter" in rule for rule in chains(FULL, INET)["sip"])
    plain = Shape(stranger=STRANGER)
    assert families(plain) == (INET,)
    assert any("@meter4" in rule for rule in chains(plain, INET)["sip"])
    assert not any("@meter" in rule for rule in chains(Shape(), INET)["sip"])


def test_only_our_tables_are_named() -> None:
    lines = [line for line in tables(FULL, present=(NETDEV,)).splitlines() if "table" in line]
    assert lines == [*removal((INET, NETDEV)).splitlines(),
                     "table netdev ringfence {", "table inet ringfence {"]  # fmt: skip
    assert "netdev" not in tables(Shape()), "for kernels without it"
