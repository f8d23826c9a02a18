"""Sealed evidence, checked: files against manifests, manifests against the signature, bag to bag.

Rules: the bag is hostile. The folder is listed first, without following links; only
files that were found there are opened, and a manifest is compared with that list, so
that no path written in a manifest is ever opened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.evidence.bag import BAGIT, SEALED, SIGNATURE, STAMP, STAMP_SIGNATURE, UNLISTED
from ringfence.evidence.custody import CUSTODY, MAX_LINE, MAX_LOG, NOTHING_BEFORE, Link, check_chain
from ringfence.evidence.manifest import (
    ALGORITHMS,
    MAX_FAULTS,
    MAX_MANIFEST,
    Hashes,
    hash_file,
    list_files,
    read_bounded,
    read_manifest,
)
from ringfence.evidence.seal import bag_name, bags_of
from ringfence.evidence.signature import MAX_SIGNATURE, check, fingerprint
from ringfence.evidence.timestamp import (
    MAX_ANSWER,
    Stamp,
    StampError,
    read_stamp,
    require_timestamping,
)
from ringfence.model.evidence import CheckedBag, EvidenceError, Fault, Verification
from ringfence.model.text import shown

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


def verify(
    path: Path,
    known_keys: Sequence[bytes] = (),
    roots: Sequence[Certificate] = (),
    *,
    only_known: bool = False,
) -> Verification:
    """Check a bag, a folder of bags, or a case folder with evidence/ in it.

    `known_keys` are key blobs that the reader trusts; with `only_known` a bag that another
    key signed is not sound. Raises EvidenceError when there is nothing that could be checked.
    """
    trust = _Trust(known_keys, roots, only_known)
    try:
        folder, bags = _find_bags(path)
        beside = _beside(folder, bags) if folder else []
    except OSError as error:
        raise EvidenceError(f"{error.filename or path}: {error.strerror or error}") from error
    if not bags:
        raise EvidenceError(f"{path}: no evidence here: neither a bag nor a folder of bags")
    checked: list[CheckedBag] = []
    before = _Before() if folder or bags[0][0] == 1 else None
    for _, bag in bags:
        found, before = _check(bag, before, trust)
        checked.append(found)
    faults = _gaps([number for number, _ in bags]) if folder else []
    remarks = [f"{name} stands beside the bags: nothing seals it" for name in beside]
    if len({bag.key for bag in checked}) > 1:
        remarks.append("the bags were signed with different keys")
    return Verification(str(path), tuple(checked), tuple(faults), tuple(remarks))


@dataclass(frozen=True, slots=True)
class _Trust:
    """Whom the reader trusts: keys of those who seal, roots of those who stamp."""

    keys: Sequence[bytes]
    roots: Sequence[Certificate]
    only_known: bool


@dataclass(frozen=True, slots=True)
class _Before:
    """What a bag has to follow on: the end of a custody log, and the seal of its bag."""

    custody: Link = NOTHING_BEFORE
    name: str = ""
    seal: str = ""


def _find_bags(path: Path) -> tuple[Path | None, list[tuple[int, Path]]]:
    """The folder of bags, and the bags; no folder when one bag alone was named."""
    if (path / "bagit.txt").is_file() or (path / SEALED).is_file():
        name = path.resolve().name.removeprefix("bag-")
        return None, [(int(name) if name.isdecimal() else 0, path)]
    bags = bags_of(path)
    inner = path / "evidence"
    if not bags and inner.is_dir() and not inner.is_symlink():
        return inner, bags_of(inner)
    return path, bags


def _gaps(numbers: Sequence[int]) -> list[Fault]:
    """Bags of a case are counted from one; that the last ones are gone, nobody can see."""
    missing = sorted(set(range(1, max(numbers))) - set(numbers))
    return [Fault(bag_name(number), "is missing") for number in missing[:MAX_FAULTS]]


def _beside(folder: Path, bags: Sequence[tuple[int, Path]]) -> list[str]:
    names = {place.name for place in folder.iterdir()} - {bag.name for _, bag in bags}
    return sorted(map(shown, names))[:MAX_FAULTS]


def _check(bag: Path, before: _Before | None, trust: _Trust) -> tuple[CheckedBag, _Before]:
    check = _BagCheck(bag, trust)
    try:
        if bag.is_symlink():
            check.blame("", "is a symbolic link: not followed")
        else:
            check.look(before)
    except (EvidenceError, OSError) as error:
        check.blame("", f"cannot be read to the end: {shown(str(error))}")
    return check.result(), _Before(check.custody, bag.name, check.seal)


class _BagCheck:
    """One bag being checked: `look` fills what `result` tells."""

    def __init__(self, bag: Path, trust: _Trust) -> None:
        self._bag = bag
        self._trust = trust
        self._files: dict[str, int] = {}
        self._hashes: dict[str, Hashes] = {}
        self._faults: list[Fault] = []
        self._remarks: list[str] = []
        self._key: bytes | None = None
        self._stamp: Stamp | None = None
        self.custody = Link()
        self.seal = ""

    def look(self, before: _Before | None) -> None:
        """Everything, cheapest and most telling first. Raises EvidenceError, OSError."""
        self._files, strange = list_files(self._bag)
        self._faults += strange
        self._look_at_seal()
        self._look_at_stamp()
        self._look_at_manifests("tagmanifest", self._tags())
        self._look_at_manifests("manifest", self._payload())
        self._look_at_bagit()
        self._look_at_custody(before)

    def result(self) -> CheckedBag:
        """What was found."""
        stamp = self._stamp
        return CheckedBag(
            name=shown(self._bag.resolve().name),
            seal=self.seal,
            files=len(self._payload()),
            key=fingerprint(self._key) if self._key else None,
            key_is_known=self._key in self._trust.keys,
            stamped_at=stamp.at if stamp else None,
            stamped_by=stamp.by if stamp else None,
            faults=tuple(dict.fromkeys(self._faults[:MAX_FAULTS])),
            remarks=tuple(self._remarks),
        )

    def blame(self, path: str, says: str) -> None:
        """Something differs."""
        self._faults.append(Fault(shown(path), says))

    def _payload(self) -> set[str]:
        return {path for path in self._files if path.startswith("data/")}

    def _tags(self) -> set[str]:
        return self._files.keys() - self._payload() - set(UNLISTED)

    def _read(self, path: str, limit: int) -> bytes | None:
        """A file's octets; None, and a fault, when it is not there or too large."""
        if path not in self._files:
            self.blame(path, "is missing")
            return None
        octets = read_bounded(self._bag / path, limit)
        if octets is None:
            self.blame(path, f"has more than {limit} octets: not one of ours")
        return octets

    def _look_at_seal(self) -> None:
        """The signature over the tag manifest."""
        sealed = self._read(SEALED, MAX_MANIFEST)
        if sealed is None:
            return
        self.seal = hashlib.sha256(sealed).hexdigest()
        self._key = self._signer(SIGNATURE, sealed)
        if self._key is None or self._key in self._trust.keys:
            return
        if self._trust.only_known:
            self.blame(SIGNATURE, f"is by another key than the one named: {fingerprint(self._key)}")
        else:
            self._remarks.append(
                "anybody can make a key: ask whoever gave you this, by telephone or on paper, "
                "whether that is his"
            )

    def _signer(self, name: str, octets: bytes) -> bytes | None:
        signature = self._read(name, MAX_SIGNATURE)
        if signature is None:
            return None
        try:
            return check(signature, octets)
        except EvidenceError as error:
            self.blame(name, f"{error}: {name.removesuffix('.sig')} or its signature was changed")
            return None

    def _look_at_stamp(self) -> None:
        """A time stamp is no must; one that is there has to hold, and to be laid by the signer."""
        if STAMP not in self._files:
            if STAMP_SIGNATURE in self._files:
                self._remarks.append("a time stamp was begun and not finished: ask for it again")
            return
        answer = self._read(STAMP, MAX_ANSWER)
        if answer is None:
            return
        signer = self._signer(STAMP_SIGNATURE, answer)
        if signer is not None and signer != self._key:
            self.blame(STAMP_SIGNATURE, "was made with another key than the seal")
        self._read_stamp(answer)

    def _read_stamp(self, answer: bytes) -> None:
        try:
            require_timestamping()
        except StampError as error:
            self._remarks.append(f"the time stamp was not looked at: {error}")
            return
        sealed = read_bounded(self._bag / SEALED, MAX_MANIFEST) if SEALED in self._files else b""
        try:
            self._stamp = read_stamp(answer, sealed or b"", self._trust.roots)
        except StampError as error:
            self.blame(STAMP, str(error))
            return
        if not self._stamp.is_checked:
            self._remarks.append(
                "whether the time stamp is by the authority that it names was not checked: "
                "give its root certificate with --authority"
            )

    def _look_at_manifests(self, kind: str, wanted: set[str]) -> None:
        """Both manifests against the files that are there."""
        listed: dict[str, dict[str, str]] = {}
        for algorithm in ALGORITHMS:
            name = f"{kind}-{algorithm}.txt"
            octets = self._read(name, MAX_MANIFEST)
            if octets is not None:
                listed[name], faults = read_manifest(name, octets)
                self._faults += faults
        for path in sorted(wanted.union(*listed.values())):
            self._compare(path, listed, wanted)

    def _compare(
        self, path: str, listed: Mapping[str, Mapping[str, str]], wanted: set[str]
    ) -> None:
        """One file against every manifest of its kind."""
        if path not in wanted:
            self.blame(
                path, f"is missing; {' and '.join(n for n in listed if path in listed[n])} list it"
            )
            return
        if not any(path in hashes for hashes in listed.values()):
            self.blame(path, "was added: no manifest lists it")
            return
        hashes = self._hashes_of(path)
        agrees = {
            name: hashes[ALGORITHMS.index(name.removesuffix(".txt").rpartition("-")[2])]
            == listed[name].get(path)
            for name in listed
        }
        if not any(agrees.values()):
            self.blame(path, f"was changed: SHA-256 is {hashes[0]}")
            return
        for name, is_same in agrees.items():
            if not is_same:
                self.blame(name, f"was changed: what it says of {path} is not so")

    def _hashes_of(self, path: str) -> Hashes:
        if path not in self._hashes:
            self._hashes[path] = hash_file(self._bag / path)
        return self._hashes[path]

    def _look_at_bagit(self) -> None:
        bagit = self._read("bagit.txt", len(BAGIT) * 2)
        if bagit is not None and bagit != BAGIT:
            self.blame("bagit.txt", "is not that of a BagIt 1.0 bag")
        oxum = (
            f"Payload-Oxum: {sum(self._files[p] for p in self._payload())}.{len(self._payload())}"
        )
        info = self._read("bag-info.txt", MAX_LINE)
        if info is not None and oxum not in info.decode("utf-8", "replace").split("\n"):
            self.blame("bag-info.txt", f"its Payload-Oxum is not what is there ({oxum})")

    def _look_at_custody(self, before: _Before | None) -> None:
        """The log goes on where that of the bag before ended, and names its seal."""
        octets = self._read(CUSTODY, MAX_LOG)
        if octets is None:
            return
        if before is None:
            self._remarks.append(
                "it follows on other bags that were not checked: name their folder to check all"
            )
        self.custody, faults = check_chain(octets, before.custody if before else None)
        self._faults += faults
        if before and before.name:
            info = read_bounded(self._bag / "bag-info.txt", MAX_LINE) or b""
            wanted = f"Ringfence-Follows: {before.name} sha256:{before.seal}"
            if wanted not in info.decode("utf-8", "replace").split("\n"):
                self.blame("bag-info.txt", f"it was not sealed after {before.name} as that is now")
