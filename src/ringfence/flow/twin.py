"""What may leave the house: the attackers' packets and the incident, redacted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.flow.evidence import with_packets
from ringfence.flow.places import places
from ringfence.model.incident import Incident

if TYPE_CHECKING:
    from ringfence.evidence.redaction.slice import Redacted

# A flood need not leave the house whole: redaction takes about a millisecond a message.
MAX_MESSAGES = 5_000  # shared by all accused, but
MIN_MESSAGES = 20  # of each, these


@dataclass(frozen=True, slots=True)
class Twin:
    """The incident without real users, and what was written of its packets."""

    incident: Incident
    packets: Redacted


def write_twin(paths: list[str], incident: Incident, out: Path, key: str | None = None) -> Twin:
    """Write the redacted packets to `out`; reads the captures twice.

    Raises CaptureError, KeyFileError (a ValueError), OSError.
    """
    from ringfence import __version__
    from ringfence.evidence.redaction.incident import redact_incident
    from ringfence.evidence.redaction.people import Learning
    from ringfence.evidence.redaction.pseudonyms import Pseudonyms, load_key
    from ringfence.evidence.redaction.slice import redact_slice

    key_file = Path(key) if key else places().pseudonym_key
    key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pseudonyms = Pseudonyms(load_key(key_file))
    learning = Learning(incident)
    for _, _, table in with_packets(paths):
        learning.take(table)
    people = learning.people()
    most = max(MIN_MESSAGES, MAX_MESSAGES // max(1, len(people.accused)))
    with out.open("xb") as stream:
        packets = redact_slice(
            with_packets(paths),
            people,
            pseudonyms,
            stream,
            f"ringfence {__version__}, redacted",
            most=most,
        )
    return Twin(redact_incident(incident, people, pseudonyms), packets)
