"""An incident document (`ringfence investigate --json`) read back."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ringfence.model.incident import SCHEMA, Incident
from ringfence.model.text import shown

# The bound of what else is read of a person's files.
MAX_OCTETS = 64 * 1024 * 1024


def read_incident(path: Path) -> Incident:
    """The incident. Raises ValueError, which names the file and says what to do."""
    name = shown(str(path))
    if path.is_dir():
        path /= "incident.json"  # a case folder
    try:
        if path.stat().st_size > MAX_OCTETS:
            raise ValueError(f"{name}: too large; at most {MAX_OCTETS:,} octets")
        incident = msgspec.json.decode(path.read_bytes(), type=Incident)
    except OSError as error:
        raise ValueError(f"{name}: {error.strerror}; name incident.json or a case folder") from None
    except msgspec.DecodeError as error:
        told = shown(str(error))
        raise ValueError(f"{name}: no incident document ({told}); name incident.json") from None
    if incident.schema != SCHEMA:
        raise ValueError(f"{name}: its form is {shown(incident.schema)}, not {SCHEMA}")
    return incident
