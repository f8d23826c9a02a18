"""Evidence, composed: sealed, added to, checked."""

from __future__ import annotations

from pathlib import Path

from ringfence import flow
from ringfence.flow import Investigation
from ringfence.model.question import Question

ATTACKER = "203.0.113.66"
SECOND_ADDRESS = "203.0.113.91"


def halves(capture: Path, folder: Path) -> list[str]:
    """The capture as two files, cut between packets."""
    octets = capture.read_bytes()
    at = 24
    while at < len(octets) // 2:
        at += 16 + int.from_bytes(octets[at + 8 : at + 12], "little")
    parts = (octets[:at], octets[:24] + octets[at:])
    paths = [folder / f"{name}.pcap" for name in ("first", "second")]
    for path, part in zip(paths, parts, strict=True):
        path.write_bytes(part)
    return [str(path) for path in paths]


def test_evidence_of_several_captures_is_in_order_of_time(capture: Path, tmp_path: Path) -> None:
    paths = halves(capture, tmp_path)[::-1]
    incident = flow.investigate(paths).incident
    options = flow.seal_options("RF-1", key=str(tmp_path / "key"))
    sealed = flow.seal_evidence(
        str(tmp_path / "evidence"), incident, paths, options, lambda: "2026-11-25T20:00:00Z"
    )
    assert sealed.problems == ()
    slice_ = f"{sealed.path}/data/attackers.pcapng"
    times = [
        table.number(row, "time")
        for _, _, table in flow.read_messages([slice_])
        for row in table.rows()
    ]
    assert times == sorted(times)
    assert len(times) > 150
    assert flow.verify_evidence(str(tmp_path / "evidence"), str(tmp_path / "key")).is_sound


def test_messages_of_the_accused_are_sealed_with_the_packets(
    capture: Path, found: Investigation, tmp_path: Path
) -> None:
    question = Question(addresses=(ATTACKER, SECOND_ADDRESS))

    def add(data: Path) -> None:
        flow.export_messages([str(capture)], question, "csv", str(data / "messages.csv"))

    options = flow.seal_options("RF-1", key=str(tmp_path / "key"))
    sealed = flow.seal_evidence(
        str(tmp_path / "evidence"), found.incident, [str(capture)], options, lambda: "", add
    )
    lines = (Path(sealed.path) / "data/messages.csv").read_text().splitlines()
    slice_ = f"{sealed.path}/data/attackers.pcapng"
    assert len(lines) - 1 == sum(len(table) for _, _, table in flow.read_messages([slice_]))
    assert flow.verify_evidence(sealed.path).is_sound


def test_who_seals_with_what_and_by_which_clock_is_found_out() -> None:
    options = flow.seal_options("RF-1", key="key", originals=("a.pcap",))
    assert options.tool.startswith("ringfence ")
    assert " on " in options.who
    assert (options.case_id, options.key_file, options.originals) == ("RF-1", "key", ("a.pcap",))


def test_a_note_becomes_a_bag_of_its_own(
    capture: Path, found: Investigation, tmp_path: Path
) -> None:
    folder, options = str(tmp_path / "evidence"), flow.seal_options(key=str(tmp_path / "key"))
    flow.seal_evidence(folder, found.incident, [str(capture)], options, lambda: "")
    flow.add_evidence(folder, "the provider answered", options, lambda: "")
    sealed = flow.verify_evidence(folder)
    assert sealed.is_sound
    assert [bag.name for bag in sealed.bags] == ["bag-0001", "bag-0002"]
