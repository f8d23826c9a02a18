"""The labelled set: whose captures the judge looks at, and what is known of their sources.

Three kinds of label: ours (`labels.py`), a MANIFEST.tsv of captures from elsewhere
with a word per file, and a README.md that names the sources of lab captures.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from lab.labels import SCHEMA, Source, read_sources

_ADDRESS: Final = re.compile(r"\b(\d{1,3}(?:\.\d{1,3}){3})\b")
# What words of a manifest or README say about the kinds of attack.
_KIND_WORDS: Final = (
    ("svmap", "scan"), ("options scan", "scan"), ("svwar", "enumeration"),
    ("enumerat", "enumeration"), ("svcrack", "password_guessing"),
    ("brute", "password_guessing"), ("toll", "toll_fraud"), ("flood", "flood"),
    ("fuzz", "exploit"), ("spoofed invite", "spoofed_call"),
)  # fmt: skip
_README_LINE: Final = re.compile(
    r"^(\S+?)(?::\d+)? (GOOD|BENIGN\S*|ATTACKER|TRUNK)\b(.*(?:\n  .*)*)", re.MULTILINE
)
_ROLES: Final = {"GOOD": "innocent", "ATTACKER": "attacker", "TRUNK": "trunk"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A capture and what is known of its sources; whoever is not named is innocent.

    `is_ours` says that success and proof are labelled, too.
    """

    name: str
    capture: Path
    sources: tuple[Source, ...]
    is_ours: bool

    @property
    def attackers(self) -> tuple[Source, ...]:
        return tuple(s for s in self.sources if s.role == "attacker")


def labelled_set(folders: Iterable[Path], captures: Path | None) -> list[Labelled]:
    """Every labelled capture of our folders and of a folder from elsewhere, each once."""
    found: dict[str, Labelled] = {}
    for one in _every(folders, captures):
        found.setdefault(hashlib.sha256(one.capture.read_bytes()).hexdigest(), one)
    return list(found.values())


def _every(folders: Iterable[Path], captures: Path | None) -> Iterator[Labelled]:
    for folder in folders:
        yield from _ours(folder)
    if captures is not None and captures.is_dir():
        yield from _of_manifest(captures / "MANIFEST.tsv")
        for readme in sorted(captures.glob("*/README.md")):
            yield from _of_readme(readme)


def _ours(folder: Path) -> Iterator[Labelled]:
    for path in sorted(folder.glob("*.json")):
        label = msgspec.json.decode(path.read_bytes())
        if not isinstance(label, dict) or label.get("schema") != SCHEMA:
            continue
        capture = folder / str(label["capture"])
        if capture.is_file():
            name = f"{folder.name}/{path.stem}"
            yield Labelled(name, capture, tuple(read_sources(path)), is_ours=True)


def _of_manifest(manifest: Path) -> Iterator[Labelled]:
    if not manifest.is_file():
        return
    with manifest.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        capture = manifest.parent / row["file"]
        if capture.is_file():
            sources = tuple(_attackers_of(row["label"], row["ground_truth"]))
            yield Labelled(capture.name, capture, sources, is_ours=False)


def _attackers_of(label: str, truth: str) -> Iterator[Source]:
    """The first address that the truth names, with the kinds that the label's words say."""
    address = _ADDRESS.search(truth)
    if label.startswith("ATTACK") and address is not None:
        yield Source(address[1], "attacker", label, kinds=_kinds_of(label))


def _kinds_of(text: str) -> tuple[str, ...]:
    lower = text.lower()
    return tuple(dict.fromkeys(kind for word, kind in _KIND_WORDS if word in lower))


def _of_readme(readme: Path) -> Iterator[Labelled]:
    sources: dict[str, Source] = {}
    for address, word, what in _README_LINE.findall(readme.read_text()):
        role = _ROLES.get(word, "innocent")
        kinds = _kinds_of(what) if role == "attacker" else ()
        trouble = what.strip() if word.startswith("BENIGN-") else ""
        sources.setdefault(
            address, Source(address, role, " ".join(what.split()), kinds, in_trouble=trouble)
        )
    for capture in sorted(readme.parent.glob("*.pcap*")):
        name = f"{readme.parent.name}/{capture.name}"
        yield Labelled(name, capture, tuple(sources.values()), is_ours=False)
