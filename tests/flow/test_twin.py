"""The redacted twin, composed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence import flow
from ringfence.flow import Investigation
from ringfence.flow.twin import write_twin


def test_two_reports_of_one_owner_correlate_others_learn_nothing(
    found: Investigation, capture: Path, tmp_path: Path
) -> None:
    paths, incident = [str(capture)], found.incident
    names = []
    for number, key in enumerate(("mine", "mine", "other")):
        twin = write_twin(paths, incident, tmp_path / f"{number}.pcapng", str(tmp_path / key))
        names.append(twin.incident.suspects[0].accounts_taken)
    assert names[0] == names[1] != names[2]
    assert names[0] != incident.suspects[0].accounts_taken


def test_all_messages_of_the_accused_are_in_it(
    found: Investigation, capture: Path, tmp_path: Path
) -> None:
    out = tmp_path / "twin.pcapng"
    twin = write_twin([str(capture)], found.incident, out, str(tmp_path / "key"))
    read = sum(len(table) for _, _, table in flow.read_messages([str(out)]))
    assert read == twin.packets.messages > 150


def test_a_file_that_is_there_is_never_overwritten(
    found: Investigation, capture: Path, tmp_path: Path
) -> None:
    out = tmp_path / "twin.pcapng"
    out.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_twin([str(capture)], found.incident, out, str(tmp_path / "key"))
    assert out.read_bytes() == b"mine"


def test_a_damaged_key_is_named(found: Investigation, capture: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"short")
    with pytest.raises(ValueError, match="key has 5 octets"):
        write_twin([str(capture)], found.incident, tmp_path / "twin.pcapng", str(key))
