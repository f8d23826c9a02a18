"""Copies of captures: what was read, or nothing."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.evidence.originals import WARNING, copy_original
from ringfence.model.evidence import EvidenceError
from ringfence.model.incident import Incident, Input

OCTETS = b"capture" * 1000


@pytest.fixture
def wanted(incident: Incident) -> Input:
    digest = hashlib.sha256(OCTETS).hexdigest()
    return replace(incident.inputs[0], sha256=digest, bytes=len(OCTETS))


def test_the_copy_is_what_was_read_and_marked(tmp_path: Path, wanted: Input) -> None:
    path = tmp_path / "night.pcap"
    path.write_bytes(OCTETS)
    name = copy_original(str(path), wanted, 1, tmp_path / "originals")
    assert name == "001-night.pcap"
    assert (tmp_path / "originals" / name).read_bytes() == OCTETS
    assert "real users" in (tmp_path / "originals" / WARNING).read_text()


def test_a_file_that_grew_is_copied_as_far_as_it_was_read(tmp_path: Path, wanted: Input) -> None:
    path = tmp_path / "x"
    path.write_bytes(OCTETS + b"more")
    name = copy_original(str(path), wanted, 1, tmp_path / "originals")
    assert (tmp_path / "originals" / name).read_bytes() == OCTETS


@pytest.mark.parametrize("octets", [OCTETS[:-1], b"C" + OCTETS[1:], b""])
def test_a_file_that_was_changed_meanwhile_is_refused(
    tmp_path: Path, wanted: Input, octets: bytes
) -> None:
    path = tmp_path / "x"
    path.write_bytes(octets)
    with pytest.raises(EvidenceError, match="not what was investigated"):
        copy_original(str(path), wanted, 1, tmp_path / "originals")


def test_a_file_that_is_gone_is_named(tmp_path: Path, wanted: Input) -> None:
    with pytest.raises(EvidenceError, match="gone: No such file"):
        copy_original(str(tmp_path / "gone"), wanted, 1, tmp_path / "originals")


def test_standard_input_cannot_be_copied(tmp_path: Path, wanted: Input) -> None:
    with pytest.raises(EvidenceError, match="standard input"):
        copy_original("-", wanted, 1, tmp_path / "originals")


@pytest.mark.parametrize(("hostile", "plain"), [
    ("-rf *.pcap", "002-rf_.pcap"),
    ("..", None),
    ("a\nb\x1b[2J.pcap", "002-a_b_2J.pcap"),
    ("$(reboot).pcap", "002-_reboot_.pcap"),
    ("caf\u00e9.pcap", "002-caf_.pcap"),
    ("x" * 250, "002-" + "x" * 100),
    ("....", "002-capture"),
])  # fmt: skip
def test_a_hostile_name_becomes_a_plain_one(
    tmp_path: Path, wanted: Input, hostile: str, plain: str | None
) -> None:
    path = tmp_path / hostile
    if plain is None:
        with pytest.raises((EvidenceError, OSError)):
            copy_original(str(path), wanted, 2, tmp_path / "originals")
        return
    path.write_bytes(OCTETS)
    assert copy_original(str(path), wanted, 2, tmp_path / "originals") == plain
