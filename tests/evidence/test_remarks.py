"""What is said about packets stays bounded and harmless."""

from __future__ import annotations

from dataclasses import replace

from ringfence.evidence.remarks import MAX_ACCEPTANCES, MAX_ON_PACKET, MAX_TEXT, Remarks
from ringfence.model.incident import Clue, Incident, MessageReference
from ringfence.wire.decoder import Decoder
from tests.search.scene import fed
from tests.wire_cases.compile import packets_of
from tests.wire_cases.files import Pcap

ATTACKER = "203.0.113.66"


def accused(incident: Incident, clues: list[Clue], **changes: object) -> Incident:
    """One suspect with these clues."""
    suspect = replace(incident.suspects[0], clues=clues, calls_answered=[], **changes)  # type: ignore[arg-type]
    return replace(incident, suspects=[suspect])


def test_a_thousand_clues_on_one_packet_stay_few(incident: Incident) -> None:
    place = [MessageReference(0, 5, "")]
    clues = [Clue(f"rule{n}", 1.0, "x" * 10_000, place) for n in range(1000)]
    said = Remarks(accused(incident, clues), {}).take(0, 5)
    assert len(said) == MAX_ON_PACKET
    assert max(map(len, said)) <= MAX_TEXT + 100


def test_the_same_twice_is_said_once(incident: Incident) -> None:
    clue = Clue("rule", 1.0, "x", [MessageReference(0, 5, "")] * 3)
    assert len(Remarks(accused(incident, [clue, clue]), {}).take(0, 5)) == 1


def test_packets_of_other_captures_are_not_meant(incident: Incident) -> None:
    remarks = Remarks(accused(incident, [Clue("r", 1.0, "x", [MessageReference(1, 5, "")])]), {})
    assert remarks.take(0, 5) == ()
    assert remarks.packets_of_input(1) == {5}
    assert remarks.lost == 1
    remarks.take(1, 5)
    assert remarks.lost == 0


def ok(user: str, call: str) -> str:
    """A registration of this user accepted."""
    return (
        f"packet\neth\nip4 192.0.2.10 > {ATTACKER}\nudp 5060 > 5060\n| SIP/2.0 200 OK\n"
        f"| From: <sip:{user}@192.0.2.10>\n| To: <sip:{user}@192.0.2.10>\n"
        f"| Call-ID: {call}\n| CSeq: 2 REGISTER\n|\n"
    )


def remarked(incident: Incident, packets: str) -> list[tuple[str, ...]]:
    """Comments on each packet of a capture."""
    remarks = Remarks(incident, {ATTACKER: "attacker-1.ringfence"})
    octets = Pcap().file(packets_of(packets))
    for _, _, table in fed(octets, Decoder()):
        remarks.note_answers(table, list(table.rows()), 0)
    return [remarks.take(0, n) for n in range(1, packets.count("packet") + 1)]


def test_an_account_taken_is_told_where_it_happened(incident: Incident) -> None:
    found = remarked(accused(incident, [], accounts_taken=["240"]), ok("240", "a"))
    assert found == [("ringfence: attacker-1: password of 240 accepted: account taken",)]


def test_another_account_is_not_said_to_be_taken(incident: Incident) -> None:
    found = remarked(accused(incident, [], accounts_taken=["240"]), ok("241", "a"))
    assert found == [()]


def test_refreshing_a_taken_account_for_hours_is_told_a_few_times(incident: Incident) -> None:
    packets = "".join(ok("240", f"c{n}") for n in range(20))
    found = remarked(accused(incident, [], accounts_taken=["240"]), packets)
    assert sum(map(bool, found)) == MAX_ACCEPTANCES


def test_an_account_whose_name_is_an_escape_stays_harmless(incident: Incident) -> None:
    shown = r"\x1b[2J"
    found = remarked(accused(incident, [], accounts_taken=[shown]), ok("%1b[2J", "a"))
    assert all(text.isprintable() for said in found for text in said)
