"""Real captures: each gives as many messages as Wireshark found, or more, or says why not."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import pytest

from ringfence.sources.capture_file import CaptureError, CaptureFile

# Where we count other than MANIFEST.tsv (made with tshark) does: (messages, why).
# docs/decoding.md says the same in more words.
DIFFERENCES = {
    "initconf__sip-attacks__SIP-Bruteforce-Single-IP.pcap": (
        2645,
        "packets 1974 to 1979 come from port 1293, which tshark takes for PacketCable",
    ),
    "ntop__nDPI__fuzz-2006-06-26-2594.pcap": (
        59,
        (
            "fuzzed messages: the manifest leaves out those that tshark calls malformed, and "
            "tshark does not see eight whose version or status line was hit; packet 180 has "
            "a NUL in its method, packet 247 ends its start line in CR alone"
        ),
    ),
    "seladb__PcapPlusPlus__sip_reqs.pcap": (
        4,
        "packet 4 is cut short: a message without the end of its headers",
    ),
}
REFUSED = {"NormB__sipnab__c07-sip-r2.cap": "Microsoft Network Monitor capture; convert it first"}
# Labelled captures of the lab: messages that tshark finds, and so do we.
LAB = {"lab/leaky.pcap": 4525, "lab/strict.pcap": 3929}


def captures(folder: Path) -> list[dict[str, str]]:
    with (folder / "MANIFEST.tsv").open() as manifest:
        return list(csv.DictReader(manifest, delimiter="\t"))


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "captures"


def messages(capture: CaptureFile) -> int:
    return sum(len(table) for table in capture.tables())


def test_every_capture_gives_what_is_in_it(folder: Path) -> None:
    found = {}
    wanted = {}
    for row in captures(folder):
        name, count = row["file"], int(row["sip_messages"])
        if name in REFUSED:
            continue
        capture = CaptureFile(str(folder / name))
        found[name] = messages(capture)
        wanted[name] = DIFFERENCES[name][0] if name in DIFFERENCES else count
        assert capture.read.sha256 == row["sha256"]
        assert capture.problems == []
        assert capture.decoder.damages == []
        assert found[name] >= count, name
    assert found == wanted
    assert len(found) > 50


def test_every_difference_is_still_one(folder: Path) -> None:
    counts = {row["file"]: int(row["sip_messages"]) for row in captures(folder)}
    assert all(counts[name] != count for name, (count, _) in DIFFERENCES.items())
    assert set(REFUSED) <= set(counts)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_capture_says_what_to_do(folder: Path, name: str) -> None:
    with pytest.raises(CaptureError, match=REFUSED[name]):
        messages(CaptureFile(str(folder / name)))


@pytest.mark.parametrize(("name", "count"), LAB.items())
def test_captures_of_the_lab(folder: Path, name: str, count: int) -> None:
    path = folder / name
    if not path.is_file():
        pytest.skip(f"no {name}")
    assert messages(CaptureFile(str(path))) == count


def test_hashes_are_those_of_the_manifest(folder: Path) -> None:
    """The figures above are of these files and no others."""
    for row in captures(folder):
        octets = (folder / row["file"]).read_bytes()
        assert hashlib.sha256(octets).hexdigest() == row["sha256"], row["file"]


def test_every_difference_is_explained_to_readers(root: Path) -> None:
    page = (root / "docs/decoding.md").read_text()
    for name, (count, _) in DIFFERENCES.items():
        assert re.search(rf"{re.escape(name)}.*\b{count}\b", page), name
    for name in REFUSED:
        assert name in page
