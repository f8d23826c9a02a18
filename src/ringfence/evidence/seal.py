"""An incident to a sealed bag: the slice, the documents, the custody log, the signature.

How it works: bags of a case stand side by side, bag-0001, bag-0002, ... Each is written
into a folder of another name and appears when it is whole; none is ever touched again,
save that a time stamp may be laid beside its seal. What comes later is a bag of its own,
whose custody log goes on where the last one ended.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ringfence.evidence.bag import SEALED, SIGNATURE, STAMP, STAMP_SIGNATURE, close_bag
from ringfence.evidence.case_uco import write_case
from ringfence.evidence.custody import CUSTODY, MAX_LOG, NOTHING_BEFORE, Custody, Link, check_chain
from ringfence.evidence.folder import flush_file, flush_folder, whole_folder
from ringfence.evidence.key import SigningKey, load_key
from ringfence.evidence.manifest import MAX_MANIFEST, hash_file, list_files, read_bounded
from ringfence.evidence.originals import ORIGINALS, copy_original
from ringfence.evidence.readme import write_readme
from ringfence.evidence.signature import NAMESPACE, SIGNER
from ringfence.evidence.slice import FILTER, write_slice
from ringfence.evidence.timestamp import (
    ask_for_stamp,
    check_url,
    read_roots,
    read_stamp,
    require_timestamping,
)
from ringfence.model.evidence import EvidenceError, Sealed, SealOptions
from ringfence.model.incident import Incident
from ringfence.model.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.x509 import Certificate

    from ringfence.wire.decoder import Decoder
    from ringfence.wire.table import MessageTable

    Tables = Iterable[tuple[int, Decoder, MessageTable]]

_BAG = re.compile(r"bag-([0-9]{4,6})")
_BUFFER = 1024 * 1024
_SLICE = "attackers.pcapng"


@dataclass(frozen=True, slots=True)
class _Before:
    """What a new bag follows on: the number of the last bag and its custody log's end."""

    number: int = 0
    custody: Link = NOTHING_BEFORE
    seal: str = ""

    @property
    def name(self) -> str | None:
        return bag_name(self.number) if self.number else None


def seal(
    folder: Path,
    incident: Incident,
    tables: Tables,
    options: SealOptions,
    now: Callable[[], str],
    add: Callable[[Path], None] | None = None,
) -> Sealed:
    """Seal an incident as the next bag of `folder`, which is made when it is not there.

    `tables` are those of the captures of `incident.inputs`, from decoders that keep packets;
    `now` gives the time (ISO 8601, UTC); `add` may write more files into the data folder
    that it is given. Raises EvidenceError; nothing half done stays behind.
    """

    def write(data: Path, custody: Custody) -> list[str]:
        return _write_data(data, incident, tables, options, custody)

    return _seal(folder, write, options, now, add)


def seal_note(
    folder: Path,
    what: str,
    options: SealOptions,
    now: Callable[[], str],
    add: Callable[[Path], None] | None = None,
) -> Sealed:
    """Seal what happened later (an answer, a handing over) as the next bag of a case.

    `add` may write files that belong to it. Raises EvidenceError.
    """
    if not folder.is_dir():
        raise EvidenceError(f"{folder}: there is no evidence yet that this could be added to")

    def write(_: Path, custody: Custody) -> list[str]:
        custody.note(what)
        return []

    return _seal(folder, write, replace(options, originals=()), now, add)


def _seal(
    folder: Path,
    write: Callable[[Path, Custody], list[str]],
    options: SealOptions,
    now: Callable[[], str],
    add: Callable[[Path], None] | None,
) -> Sealed:
    """The next bag, with what `write` and `add` put into its data folder."""
    key, roots = _prepare(options.key_file, options.timestamp_url, options.authority_file)
    before = _last_bag(folder)
    with _next_bag(folder, before) as bag:
        custody = Custody(options, now, before.custody)
        problems = write(bag / "data", custody)
        if add is not None:
            _add(bag / "data", add, custody)
        sealed = _close(bag, custody, key, before, options)
    path = folder / bag_name(before.number + 1)
    stamped_at = None
    if options.timestamp_url:  # not before the bag is in its place: it does not depend on it
        try:
            stamped_at = _stamp(path, key, options.timestamp_url, roots)
        except EvidenceError as error:
            problems.append(f"sealed, but without a time stamp: {error}")
    return replace(sealed, path=str(path), stamped_at=stamped_at, problems=tuple(problems))


def _add(data: Path, add: Callable[[Path], None], custody: Custody) -> None:
    """Files of others, with a line in the log for each."""
    before = list_files(data)[0].keys()
    add(data)
    for name in sorted(list_files(data)[0].keys() - before):
        custody.note("added a file", file=name, sha256=hash_file(data / name)[0])


def stamp_bag(bag: Path, url: str, key_file: str, authority_file: str | None) -> str:
    """Lay a time stamp beside the seal of a bag that has none; when it is. Raises EvidenceError."""
    key, roots = _prepare(key_file, url, authority_file)
    return _stamp(bag, key, url, roots)


def bag_name(number: int) -> str:
    """Folder of the bag with this number."""
    return f"bag-{number:04d}"


def bags_of(folder: Path) -> list[tuple[int, Path]]:
    """Bags of a folder by number. Raises OSError."""
    found = [(_BAG.fullmatch(place.name), place) for place in folder.iterdir()]
    return sorted((int(match[1]), place) for match, place in found if match)


def _prepare(
    key_file: str, url: str | None, authority_file: str | None
) -> tuple[SigningKey, Sequence[Certificate]]:
    """What can go wrong before anything is written. Raises EvidenceError."""
    if url:
        require_timestamping()
        check_url(url)
    roots = read_roots(authority_file) if authority_file else ()
    return load_key(Path(key_file)), roots


def _last_bag(folder: Path) -> _Before:
    """Where the case stands. Raises EvidenceError."""
    if not folder.is_dir():
        return _Before()
    try:
        bags = bags_of(folder)
        if not bags:
            return _Before()
        number, bag = bags[-1]
        custody = read_bounded(bag / CUSTODY, MAX_LOG)
        tags = read_bounded(bag / SEALED, _BUFFER)
    except OSError as error:
        raise EvidenceError(f"{error.filename or folder}: {error.strerror or error}") from error
    link, faults = check_chain(custody or b"", None)
    if faults or tags is None:
        raise EvidenceError(
            f"{bag}: its custody log cannot be gone on with; see `ringfence verify {folder}`"
        )
    return _Before(number, link, hashlib.sha256(tags).hexdigest())


@contextmanager
def _next_bag(folder: Path, before: _Before) -> Iterator[Path]:
    """The bag to write; with its folder around it when that is not there yet."""
    name = bag_name(before.number + 1)
    whole = folder / name if folder.is_dir() else folder
    with whole_folder(whole) as part:
        bag = part if folder.is_dir() else part / name
        (bag / "data").mkdir(parents=True)
        yield bag


def _write_data(
    data: Path, incident: Incident, tables: Tables, options: SealOptions, custody: Custody
) -> list[str]:
    """Everything that is preserved; what is not as complete as one might think."""
    for captured in incident.inputs:
        custody.note(
            "read a capture; its hash is that of the octets that were investigated",
            file=captured.path,
            octets=captured.bytes,
            sha256=captured.sha256,
        )
    with (data / _SLICE).open("xb", _BUFFER) as stream:
        made = write_slice(stream, incident, tables, options.tool)
    custody.note(
        f"copied {made.packets} packets of {made.messages} messages, unchanged: {FILTER}",
        file=_SLICE,
    )
    _copy_originals(data, incident, options, custody)
    document = msgspec.json.format(msgspec.json.encode(incident), indent=2) + b"\n"
    (data / "incident.json").write_bytes(document)
    (data / "case.jsonld").write_bytes(
        write_case(incident, options.case_id, options.tool, custody.now())
    )
    problems = []
    if made.without_packets:
        problems.append(f"{_SLICE}: packets of {made.without_packets} messages were not found")
    if made.lost_remarks:
        problems.append(f"{_SLICE}: {made.lost_remarks} packets that clues name were not found")
    for problem in problems:
        custody.note(problem)
    return problems


def _copy_originals(data: Path, incident: Incident, options: SealOptions, custody: Custody) -> None:
    if not options.originals:
        return
    if len(options.originals) != len(incident.inputs):
        raise EvidenceError("the originals are not those that were investigated")
    pairs = zip(options.originals, incident.inputs, strict=True)
    for number, (path, captured) in enumerate(pairs, 1):
        name = copy_original(path, captured, number, data / ORIGINALS)
        custody.note(
            "copied a capture; it holds real users' data",
            file=f"{ORIGINALS}/{name}",
            of=captured.path,
            sha256=captured.sha256,
        )


def _close(
    bag: Path, custody: Custody, key: SigningKey, before: _Before, options: SealOptions
) -> Sealed:
    """Keys, page, log, manifests, signature."""
    name = bag_name(before.number + 1)
    follows = {"bag": before.name, "seal": before.seal} if before.name else {}
    custody.note("sealed what is in this bag", key=key.public.fingerprint, **_prefixed(follows))
    (bag / CUSTODY).write_bytes(custody.octets)
    keys = bag / "keys"
    keys.mkdir()
    (keys / "evidence-key.pub").write_text(key.public.line + "\n")
    kind, blob, _ = key.public.line.split(" ", 2)
    (keys / "allowed_signers").write_text(f'{SIGNER} namespaces="{NAMESPACE}" {kind} {blob}\n')
    names = [str(path.relative_to(bag)) for path in (bag / "data").rglob("*") if path.is_file()]
    page = write_readme(
        names, shown(options.case_id), key.public.fingerprint, before.custody, name, before.name
    )
    (bag / "README.md").write_text(page)
    seal_of_bag, files, octets = close_bag(bag, _info(options, name, before, custody.now()))
    (bag / SIGNATURE).write_bytes(key.sign((bag / SEALED).read_bytes()))
    fingerprint = key.public.fingerprint
    return Sealed("", seal_of_bag, fingerprint, key.public.is_new, None, files, octets, ())


def _prefixed(follows: dict[str, str]) -> dict[str, str]:
    return {f"follows_{name}": value for name, value in follows.items()}


def _info(options: SealOptions, name: str, before: _Before, at: str) -> dict[str, str]:
    """bag-info.txt: labels of RFC 8493 2.2.2, and ours."""
    info = {
        "Bag-Software-Agent": options.tool,
        "Bagging-Date": at[:10],
        "Internal-Sender-Identifier": name,
        "Internal-Sender-Description": f"sealed {at} by {options.who}",
    }
    if options.case_id:
        info["External-Identifier"] = options.case_id
    if options.originals:
        info["Ringfence-Warning"] = f"data/{ORIGINALS} contains real users' data"
    if before.name:
        info["Ringfence-Follows"] = f"{before.name} sha256:{before.seal}"
    return info


def _stamp(bag: Path, key: SigningKey, url: str, roots: Sequence[Certificate]) -> str:
    """Ask for a time stamp and lay it beside the seal; when it is. Raises EvidenceError."""
    try:
        if (bag / STAMP).exists():
            raise EvidenceError(f"{bag}: has its time stamp already; nothing is ever overwritten")
        octets = read_bounded(bag / SEALED, MAX_MANIFEST) or b""
        answer = ask_for_stamp(url, octets, roots)
        # Its signature first: a time stamp that is there is whole.
        _lay(bag / STAMP_SIGNATURE, key.sign(answer))
        _lay(bag / STAMP, answer)
    except OSError as error:
        raise EvidenceError(f"{error.filename or bag}: {error.strerror or error}") from error
    return read_stamp(answer, octets).at


def _lay(path: Path, octets: bytes) -> None:
    """Write a file that appears whole, from outside of the bag, where nobody misses it."""
    part = path.parent.with_name(f".{path.parent.name}.{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with part.open("xb") as stream:
            stream.write(octets)
        flush_file(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    flush_folder(path.parent)
