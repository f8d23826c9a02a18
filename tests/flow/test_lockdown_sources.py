"""What a plan is made from: captures, logs, incidents, settings of the PBX, the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest

from ringfence import flow
from ringfence.detect.live import LetIn
from ringfence.flow.casebook import Casebook
from ringfence.flow.lockdown import Wish, make
from ringfence.flow.lockdown_sources import look, look_at_firewall, look_at_store
from ringfence.flow.moment import host
from ringfence.flow.regular_book import RegularBook
from ringfence.model.lockdown import CALLER, PEER, TRUNK, USER, LockdownError
from ringfence.model.noted import Noted
from ringfence.model.pbx import Extension, Pbx, Place, System, Trunk
from ringfence.model.settings import Settings
from ringfence.remote.seen import Sightings
from ringfence.respond.nft.firewall import Nftables
from ringfence.respond.nft.program import Program
from ringfence.store.decisions import DecisionStore
from tests.conversations.script import read_scene
from tests.respond.block.wire import Wire, needs

NOW = datetime(2026, 10, 5, 23, tzinfo=UTC)
CAST = """
pbx 192.0.2.10
ann 198.51.100.9:30001 agent="Yealink SIP-T46S 66.86.0.15"
eve 203.0.113.66 agent=friendly-scanner tag=svcrack call=new
carrier 203.0.113.5
at 22:00
"""
NIGHT = """
ann REGISTER 201 > 401 auth 200
pbx REGISTER trunk to=carrier > 401 auth 200
eve REGISTER 202 every=0.05 times=60 > 401 auth={1,2,3,4,5,6} 401
eve REGISTER 202 > 401 auth 200
"""
LOG = (
    '[2026-10-05 21:00:00] SECURITY[99] res_security_log.c: SecurityEvent="SuccessfulAuth",'
    'EventTV="2026-10-05T21:00:00.000+0000",Severity="Informational",Service="PJSIP",'
    'EventVersion="1",AccountID="{account}",SessionID="x",'
    'LocalAddress="IPV4/UDP/192.0.2.10/5060",RemoteAddress="IPV4/UDP/{address}/5062",'
    'UsingPassword="1"\n'
)


def night(folder: Path) -> Path:
    path = folder / "night.pcap"
    path.write_bytes(read_scene(CAST + NIGHT).capture())
    return path


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


def roles(sightings: Sightings) -> dict[str, str]:
    return {one.address: one.role for one in sightings.all()}


def test_capture_names_phones_and_carriers_and_its_attackers(tmp_path: Path) -> None:
    found = look([str(night(tmp_path))])
    assert roles(found.sightings) == {
        "198.51.100.9": USER, "203.0.113.5": TRUNK, "203.0.113.66": USER,
    }  # fmt: skip
    assert "password guessing" in found.hostile["203.0.113.66"]
    assert found.taken == {"202"}
    plan = make(Wish((str(night(tmp_path)),), with_store=False), Settings(), now=NOW,
                environment={}, root=Path("/nowhere"))  # fmt: skip
    assert {one.network: one.kind for one in plan.admitted} == {
        "198.51.100.9": USER, "203.0.113.5": TRUNK,
    }  # fmt: skip
    assert (plan.hostile, plan.servers, plan.cut_off) == (1, ("192.0.2.10",), ())


def test_incident_document_accuses_as_its_capture_does(tmp_path: Path) -> None:
    incident = flow.investigate([str(night(tmp_path))]).incident
    path = tmp_path / "incident.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(incident)))
    assert look([str(path)]).hostile == look([str(night(tmp_path))]).hostile
    path.write_text('{"schema": "ringfence.incident/1", "suspects": 7}')
    with pytest.raises(LockdownError, match=r"incident\.json: no incident"):
        look([str(path)])


def test_log_names_those_who_were_let_in(tmp_path: Path) -> None:
    path = tmp_path / "security"
    path.write_text(
        "".join(LOG.format(account=f"20{n}", address=f"198.51.100.{n}") for n in range(1, 30))
    )
    (first, *others) = look([str(path)]).sightings.all()
    assert (first.address, first.role, first.accounts) == ("198.51.100.1", USER, ("201",))
    assert (first.last, len(others)) == ("2026-10-05T21:00:00Z", 28)


def _read(paths: Sequence[Path]) -> list[Pbx]:
    place = Place("pjsip.conf", 7)
    return [
        Pbx(
            System.PJSIP, tuple(map(str, paths)),
            (Extension("201", place, name="Ann\x1b[2JExample", auth_id="ann-7"),),
            (Trunk("acme", place, hosts=("sip.example", "203.0.113.5:5060", "not a host")),),
            troubles=("pjsip.conf:9: cut off",),
        )
    ]  # fmt: skip


def test_settings_of_the_pbx_name_carriers_and_people(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[acme]\ntype=endpoint\n")
    found = look([str(tmp_path)], read_pbx=_read)
    assert [one.host for one in found.trunks] == ["sip.example", "203.0.113.5:5060"]
    assert found.trunks[0].why == "the settings of the PBX (acme)"
    assert "\x1b" not in found.names["201"]
    assert found.names["ann-7"] == found.names["201"]
    assert "pjsip.conf:9: cut off" in found.troubles
    assert any("not a host" in one for one in found.troubles)


def test_source_that_is_not_there_or_nothing_known_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LockdownError, match=r"none\.pcap"):
        look([str(tmp_path / "none.pcap")])


def test_store_remembers_users_and_attackers_of_the_guard(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    incident = flow.investigate([str(night(tmp_path))]).incident
    with Casebook(store) as book:
        book.file(incident, None)
        DecisionStore(book.database).add(
            [
                Noted("2026-10-05T20:00:00Z", "alarm", "198.51.100.44", host(), False, 0, "x",
                      proven="tcp", role="regular"),
                Noted("2026-10-05T20:00:00Z", "alarm", "198.51.100.45", host(), False, 0, "x",
                      proven="tcp", role="peer"),
                Noted("2026-10-05T20:00:00Z", "block", "203.0.113.9", host(), True, 0, "x",
                      proven="tcp"),
            ]
        )  # fmt: skip
    found = look([])
    look_at_store(found, store, 30, NOW)
    assert roles(found.sightings) == {"198.51.100.44": USER, "198.51.100.45": PEER}
    assert "203.0.113.66" in found.hostile


def test_store_names_the_accounts_that_the_guard_saw_let_in(tmp_path: Path) -> None:
    store, days = str(tmp_path / "cases.db"), [3]
    with Casebook(store) as book:
        regulars = RegularBook(book, lambda: NOW - timedelta(days=days[-1]))
        regulars.note([
            LetIn(ip_address("198.51.100.44"), ("202",), is_peer=False),
            LetIn(ip_address("198.51.100.45"), (), is_peer=True),
            LetIn(ip_address("198.51.100.46"), (), is_peer=False),
        ])  # fmt: skip
        regulars.write()
        days.append(1)
        regulars.note([LetIn(ip_address("198.51.100.44"), ("202",), is_peer=False)])
        regulars.write()
    found = look([])
    look_at_store(found, store, 30, NOW)
    assert roles(found.sightings) == {
        "198.51.100.44": USER, "198.51.100.45": PEER, "198.51.100.46": CALLER,
    }  # fmt: skip
    ann = next(one for one in found.sightings.all() if one.address == "198.51.100.44")
    assert (ann.accounts, ann.source) == (("202",), "guard")
    assert (NOW - datetime.fromisoformat(ann.first)).days == 3
    assert (NOW - datetime.fromisoformat(ann.last)).days == 1
    none = look([])
    look_at_store(none, store, 30, NOW + timedelta(days=60))
    assert none.sightings.all() == []


@needs("nft")
def test_table_of_the_guard_tells_who_was_let_in_within_a_week(wire: Wire) -> None:
    """What a guard that blocks knows, in the real kernel."""
    program = Program(("ip", "netns", "exec", f"{wire.prefix}in", "nft"))
    found = look([])
    look_at_firewall(found, program.listed, NOW)
    assert found.sightings.all() == []
    guard = Nftables(program, lambda _: True)
    guard.know([ip_address("198.51.100.9"), ip_address("2001:db8::9")], 7 * 86_400)
    look_at_firewall(found, program.listed, NOW)
    assert roles(found.sightings) == {"198.51.100.9": USER, "2001:db8::9": USER}
    assert {one.last[:10] for one in found.sightings.all()} == {"2026-10-05"}
    assert "the guard's table" in found.sources


def test_firewall_that_may_not_be_asked_is_left_out() -> None:
    found = look([])
    look_at_firewall(found, Program(("no-such-nft",)).listed, NOW)
    assert (found.sightings.all(), found.sources) == ([], [])


def test_looking_makes_no_store(tmp_path: Path) -> None:
    found = look([])
    look_at_store(found, str(tmp_path / "none.db"), 30, NOW)
    assert (found.sources, list(tmp_path.iterdir())) == ([], [])


def test_account_that_was_taken_in_a_case_that_is_closed_long_ago_is_a_users_again(
    tmp_path: Path,
) -> None:
    """Its password was changed since; a case that is open still counts."""
    store = str(tmp_path / "cases.db")
    incident = flow.investigate([str(night(tmp_path))]).incident
    with Casebook(store) as book:
        case = book.file(incident, None).case
        open_one = look([])
        look_at_store(open_one, store, 30, datetime(2036, 1, 1, tzinfo=UTC))
        book.close(case.id, "passwords are new")
    closed = look([])
    look_at_store(closed, store, 30, datetime(2036, 1, 1, tzinfo=UTC))
    assert (open_one.taken, closed.taken) == ({"202"}, set())
