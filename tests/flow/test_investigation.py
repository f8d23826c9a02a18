"""The whole way: a capture in, an incident out."""

from __future__ import annotations

import gzip
import hashlib
import json
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from ringfence import flow
from ringfence.flow import CaptureError, Investigation, Owner, OwnerError
from ringfence.model.incident import Suspect

ATTACKER = "203.0.113.66"
SECOND_ADDRESS = "203.0.113.91"
BAD_PIN = "192.0.2.50"
PBX = "192.0.2.10"
PCAP_HEADER = 24
RATES = "src/ringfence/detect/rates.csv"


@pytest.fixture(scope="module")
def label(capture: Path) -> dict[str, dict[str, Any]]:
    """What the lab knows of its addresses."""
    truth = json.loads(capture.with_suffix(".json").read_text())
    return {source["address"]: source for source in truth["sources"]}


def accused(found: Investigation) -> dict[str, Suspect]:
    """Suspects by address."""
    return {suspect.address: suspect for suspect in found.incident.suspects}


def written(path: Path, octets: bytes) -> str:
    """The name of a file with these octets."""
    path.write_bytes(octets)
    return str(path)


# ---- what the example holds ------------------------------------------------


def test_attackers_are_found_and_nobody_else(
    found: Investigation, label: dict[str, dict[str, Any]]
) -> None:
    attackers = {address for address, source in label.items() if source["role"] == "attacker"}
    assert set(accused(found)) == attackers == {ATTACKER, SECOND_ADDRESS}
    assert {suspect.verdict for suspect in accused(found).values()} == {"attacker"}


@pytest.mark.parametrize("address", [ATTACKER, SECOND_ADDRESS])
def test_an_attacker_is_told_as_the_lab_labelled_him(
    found: Investigation, label: dict[str, dict[str, Any]], address: str
) -> None:
    suspect, truth = accused(found)[address], label[address]
    assert set(truth["kinds"]) <= set(suspect.kinds)
    assert suspect.proven == truth["proof"]
    assert suspect.ports == truth["ports"]
    assert "240" in suspect.accounts_taken
    calls = [(call.dialled, call.seconds) for call in suspect.calls_answered]
    said = [(call["number"], call["seconds"]) for call in truth["success"]["calls_answered"]]
    assert [number for number, _ in calls] == [number for number, _ in said]
    assert [seconds for _, seconds in calls] == pytest.approx([s for _, s in said], rel=0.02)
    assert suspect.minutes == pytest.approx(sum(s for _, s in said) / 60, rel=0.02)


def test_every_dialled_string_of_a_scanner_is_kept(found: Investigation) -> None:
    """Once the tool's tag is known its guesses have a budget; the calls have another."""
    suspect = accused(found)[ATTACKER]
    assert len(suspect.dialled_sample) == 6
    assert "prefix_hunting" in {clue.rule for clue in suspect.clues}


def test_a_user_with_a_bad_pin_is_helped(found: Investigation) -> None:
    (user,) = found.incident.in_trouble
    assert (user.address, user.account, user.looks_like) == (BAD_PIN, "231", "bad_pin")
    assert "231" in user.say
    assert user.since.startswith("2026-10-02T21:55:")


def test_one_hand_on_two_addresses_is_one_campaign(found: Investigation) -> None:
    (campaign,) = found.incident.campaigns
    assert set(campaign.sources) == {ATTACKER, SECOND_ADDRESS}
    assert {suspect.campaign for suspect in accused(found).values()} == {campaign.id}


def test_our_side_is_found_by_itself(found: Investigation) -> None:
    assert PBX in found.incident.defended
    assert not {ATTACKER, SECOND_ADDRESS, BAD_PIN} & set(found.incident.defended)


def test_the_input_is_described(found: Investigation, capture: Path) -> None:
    (given,) = found.incident.inputs
    octets = capture.read_bytes()
    assert given.sha256 == hashlib.sha256(octets).hexdigest()
    assert given.bytes == len(octets)
    assert given.problems == []
    assert given.first_seen is not None
    assert given.last_seen is not None
    assert given.first_seen < given.last_seen


def test_each_clue_names_messages_of_its_source(found: Investigation) -> None:
    suspect = accused(found)[ATTACKER]
    for clue in suspect.clues:
        for message in clue.messages:
            assert message.input == 0
            assert suspect.first_seen <= message.time <= suspect.last_seen


def test_a_verdict_is_kept_for_who_did_something(found: Investigation) -> None:
    verdict = found.verdict_on(ip_address(ATTACKER))
    assert verdict is not None
    assert verdict.weight_db == accused(found)[ATTACKER].weight_db
    assert found.verdict_on(ip_address("2001:db8::1")) is None


def test_progress_never_goes_back(capture: Path) -> None:
    seen: list[int] = []
    flow.investigate([str(capture), str(capture)], progress=seen.append)
    half = len(seen) // 2
    assert seen
    assert seen[:half] == sorted(seen[:half])


# ---- several files, packed files, files that end -----------------------------


def halves(capture: Path, folder: Path) -> list[str]:
    """The capture cut between two packets into two files."""
    octets = capture.read_bytes()
    at = PCAP_HEADER
    while at < len(octets) // 2:
        at += 16 + int.from_bytes(octets[at + 8 : at + 12], "little")
    first = written(folder / "first.pcap", octets[:at])
    return [first, written(folder / "second.pcap", octets[:PCAP_HEADER] + octets[at:])]


def test_two_files_are_one_incident(capture: Path, found: Investigation, tmp_path: Path) -> None:
    files = halves(capture, tmp_path)
    both = flow.investigate(files)
    assert [given.path for given in both.incident.inputs] == files
    assert set(accused(both)) == {ATTACKER, SECOND_ADDRESS}
    assert {a: s.kinds for a, s in accused(both).items()} == {
        a: s.kinds for a, s in accused(found).items()
    }
    assert sum(given.sip_messages for given in both.incident.inputs) == (
        found.incident.inputs[0].sip_messages
    )


def test_files_in_the_wrong_order_accuse_the_same(capture: Path, tmp_path: Path) -> None:
    backwards = flow.investigate(halves(capture, tmp_path)[::-1])
    assert set(accused(backwards)) == {ATTACKER, SECOND_ADDRESS}
    assert [user.account for user in backwards.incident.in_trouble] == ["231"]


def test_clues_name_the_file(capture: Path, tmp_path: Path) -> None:
    both = flow.investigate(halves(capture, tmp_path))
    inputs = {
        message.input
        for suspect in accused(both).values()
        for clue in suspect.clues
        for message in clue.messages
    }
    assert inputs == {0, 1}


def test_a_packed_capture_is_hashed_as_it_lies_on_disk(
    capture: Path, found: Investigation, tmp_path: Path
) -> None:
    packed = gzip.compress(capture.read_bytes())
    again = flow.investigate([written(tmp_path / "attack.pcap.gz", packed)])
    assert again.incident.inputs[0].sha256 == hashlib.sha256(packed).hexdigest()
    assert again.incident.suspects == found.incident.suspects


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75, 0.999])
def test_a_growing_file_gives_what_it_has(
    capture: Path, found: Investigation, tmp_path: Path, share: float
) -> None:
    octets = capture.read_bytes()
    cut = flow.investigate([written(tmp_path / "growing.pcap", octets[: int(len(octets) * share)])])
    (given,) = cut.incident.inputs
    assert 0 < given.sip_messages <= found.incident.inputs[0].sip_messages
    assert set(accused(cut)) <= {ATTACKER, SECOND_ADDRESS}


def test_a_packed_file_that_is_cut_gives_what_it_has(capture: Path, tmp_path: Path) -> None:
    packed = gzip.compress(capture.read_bytes())
    cut = flow.investigate([written(tmp_path / "cut.pcap.gz", packed[: len(packed) * 2 // 3])])
    assert cut.incident.inputs[0].sip_messages > 100


def test_a_capture_without_packets_finds_nothing(capture: Path, tmp_path: Path) -> None:
    header = capture.read_bytes()[:PCAP_HEADER]
    incident = flow.investigate([written(tmp_path / "quiet.pcap", header)]).incident
    assert (incident.suspects, incident.in_trouble, incident.campaigns) == ([], [], [])
    assert (incident.defended, incident.ordinary) == ([], 0)
    assert (incident.inputs[0].packets, incident.inputs[0].first_seen) == (0, None)


# ---- files that are refused ---------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "advice"),
    [
        (b"GMBU\x02\x00\x00\x00" + bytes(200), "editcap"),
        (b"snoop\0\0\0" + bytes(200), "editcap"),
        (b"PK\x03\x04" + bytes(200), "unzip"),
        (b"Nov 23 chan_sip.c: Registration from '<sip:1@192.0.2.1>' failed\n", "tcpdump"),
        (b"", "empty"),
        (b"\xd4\xc3\xb2\xa1\x02\x00", "cut off"),
        (b"\x7fELF\x02\x01" + bytes(200), "neither pcap nor pcapng"),
    ],
    ids=["NetMon", "snoop", "zip", "log", "nothing", "cut header", "program"],
)
def test_a_refused_file_is_named_and_says_what_to_do(
    tmp_path: Path, octets: bytes, advice: str
) -> None:
    name = written(tmp_path / "given.cap", octets)
    with pytest.raises(CaptureError, match=advice) as refused:
        flow.investigate([name])
    assert str(refused.value).startswith(f"{name}: ")


def test_a_refused_file_among_good_ones_is_named(capture: Path, tmp_path: Path) -> None:
    name = written(tmp_path / "bad.cap", b"GMBU" + bytes(100))
    with pytest.raises(CaptureError, match=r"bad\.cap"):
        flow.investigate([str(capture), name])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"gone\.pcap: No such file"):
        flow.investigate([str(tmp_path / "gone.pcap")])


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="folder"):
        flow.investigate([str(tmp_path)])


# ---- what the owner knows -----------------------------------------------------


def test_servers_that_the_owner_names_are_believed(capture: Path) -> None:
    named = flow.investigate([str(capture)], Owner(servers=(ip_address("192.0.2.99"),)))
    assert named.incident.defended == ["192.0.2.99"]


def test_a_server_of_ours_is_never_accused(capture: Path) -> None:
    named = flow.investigate([str(capture)], Owner(servers=(ip_address(ATTACKER),)))
    assert ATTACKER not in accused(named)


def test_a_known_address_needs_more_to_be_accused(capture: Path, found: Investigation) -> None:
    known = flow.investigate([str(capture)], Owner(known=(ip_address(SECOND_ADDRESS),)))
    verdict = known.verdict_on(ip_address(SECOND_ADDRESS))
    assert verdict is not None
    assert "known" in {clue.rule for clue in verdict.clues}
    assert verdict.weight_db < accused(found)[SECOND_ADDRESS].weight_db


def test_a_known_address_that_uses_an_attack_tool_is_accused_all_the_same(capture: Path) -> None:
    known = flow.investigate([str(capture)], Owner(known=(ip_address(ATTACKER),)))
    assert accused(known)[ATTACKER].verdict == "attacker"


def test_rates_of_the_owner_are_used(capture: Path, tmp_path: Path) -> None:
    rates = written(tmp_path / "rates.csv", (capture.parent.parent / RATES).read_bytes())
    with_his = flow.investigate([str(capture)], Owner(rates_file=rates))
    assert accused(with_his)[ATTACKER].estimated_cost is not None


@pytest.mark.parametrize("owner", [Owner(home="XX"), Owner(home="Elbonia")])
def test_a_region_that_does_not_exist_is_an_error(capture: Path, owner: Owner) -> None:
    with pytest.raises(OwnerError, match=str(owner.home)):
        flow.investigate([str(capture)], owner)


def test_rates_that_make_no_sense_are_an_error(capture: Path, tmp_path: Path) -> None:
    rates = written(tmp_path / "rates.csv", b"prefix;price\n49;a lot\n")
    with pytest.raises(OwnerError, match=r"rates\.csv"):
        flow.investigate([str(capture)], Owner(rates_file=rates))


def test_a_name_that_is_no_text_is_written_out(capture: Path, tmp_path: Path) -> None:
    """JSON knows text only; a terminal obeys escapes in names of files, too."""
    name = written(tmp_path / "\udcff\x1b[2J.pcap", capture.read_bytes())
    (given,) = flow.investigate([name]).incident.inputs
    assert given.path.endswith(r"\udcff\x1b[2J.pcap")
