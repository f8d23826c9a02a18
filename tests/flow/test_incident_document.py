"""An incident document read back: whole, or refused with what to do."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ringfence import flow
from ringfence.flow.incident_document import MAX_OCTETS, read_incident


def test_what_was_written_is_read_back_from_the_file_and_from_its_folder(
    root: Path, tmp_path: Path
) -> None:
    incident = flow.investigate([str(root / "examples/attack.pcap")]).incident
    (tmp_path / "incident.json").write_bytes(msgspec.json.encode(incident))
    assert read_incident(tmp_path / "incident.json") == incident
    assert read_incident(tmp_path) == incident


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"schema": "x"}', "\x1b"])
def test_what_is_none_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ValueError, match=r"a\.json: no incident document"):
        read_incident(tmp_path / "a.json")


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.json"):
        read_incident(tmp_path / "none.json")


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big.json").open("wb") as file:
        file.truncate(MAX_OCTETS + 1)
    with pytest.raises(ValueError, match="too large"):
        read_incident(tmp_path / "big.json")
