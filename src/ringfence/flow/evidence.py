"""What is preserved for others: sealed, stamped, checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.flow.investigation import read_messages
from ringfence.model.incident import Incident
from ringfence.sources.capture_file import CaptureError, in_order_of_time
from ringfence.wire.decoder import Decoder
from ringfence.wire.table import MessageTable

if TYPE_CHECKING:
    from ringfence.model.evidence import PublicKey, Sealed, SealOptions, Verification


def seal_options(
    case_id: str = "",
    *,
    key: str | None = None,
    timestamp: str | None = None,
    authority: str | None = None,
    originals: tuple[str, ...] = (),
) -> SealOptions:
    """How to seal, with what is known of this program, its user and its host."""
    from ringfence import __version__
    from ringfence.evidence.host_clock import read_host_clock
    from ringfence.evidence.operator import name_operator
    from ringfence.model.evidence import SealOptions

    return SealOptions(
        tool=f"ringfence {__version__}",
        who=name_operator(),
        case_id=case_id,
        clock=read_host_clock(),
        key_file=str(_key_file(key)),
        timestamp_url=timestamp,
        authority_file=authority,
        originals=originals,
    )


def seal_evidence(
    folder: str,
    incident: Incident,
    paths: list[str],
    options: SealOptions,
    now: Callable[[], str],
    add: Callable[[Path], None] | None = None,
) -> Sealed:
    """Seal what these captures told, as the next bag of a folder. Raises EvidenceError."""
    from ringfence.evidence.seal import seal
    from ringfence.model.evidence import EvidenceError

    try:
        return seal(Path(folder), incident, with_packets(paths), options, now, add)
    except CaptureError as error:
        raise EvidenceError(f"the captures cannot be read again: {error}") from error


def add_evidence(
    folder: str,
    what: str,
    options: SealOptions,
    now: Callable[[], str],
    add: Callable[[Path], None] | None = None,
) -> Sealed:
    """Seal a note, and files that `add` writes, as the next bag of a case. Raises EvidenceError."""
    from ringfence.evidence.seal import seal_note

    return seal_note(Path(folder), what, options, now, add)


def with_packets(paths: list[str]) -> Iterator[tuple[int, Decoder, MessageTable]]:
    """Tables of all captures in the order of time, from decoders that keep packets."""
    for number in in_order_of_time(paths):
        for _, decoder, table in read_messages([paths[number]], keep_packets=True):
            yield number, decoder, table


def verify_evidence(
    path: str, key: str | None = None, authority: str | None = None
) -> Verification:
    """Check sealed evidence, against the user's key or the one named. Raises EvidenceError."""
    from ringfence.evidence.key import known_key
    from ringfence.evidence.timestamp import read_roots
    from ringfence.evidence.verify import verify
    from ringfence.model.evidence import EvidenceError

    known = known_key(_key_file(key))
    if key and known is None:
        raise EvidenceError(f"{key}: no Ed25519 key of SSH, nor {key}.pub")
    roots = read_roots(authority) if authority else ()
    return verify(Path(path), (known,) if known else (), roots, only_known=key is not None)


def show_key(key: str | None = None) -> PublicKey:
    """The public half of the key that seals; made when it is not there. Raises EvidenceError."""
    from ringfence.evidence.key import load_key

    return load_key(_key_file(key)).public


def stamp_evidence(bag: str, url: str, key: str | None, authority: str | None) -> str:
    """Have a sealed bag time stamped; when it was. Raises EvidenceError."""
    from ringfence.evidence.seal import stamp_bag

    return stamp_bag(Path(bag), url, str(_key_file(key)), authority)


def _key_file(named: str | None) -> Path:
    """The key that was named, else the installed machine's, else the user's own."""
    from ringfence.flow.places import places

    return Path(named) if named else places().evidence_key
