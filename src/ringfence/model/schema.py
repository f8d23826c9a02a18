"""JSON Schema of the incident document, made from the model itself.

`python -m ringfence.model.schema` prints it; `docs/incident.schema.json` is that
output, and a test compares the two.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from ringfence.model.incident import KINDS, PROOFS, SCHEMA, VERDICTS, Incident

_NAME = "https://json-schema.org/draft/2020-12/schema"


def incident_schema() -> dict[str, Any]:  # a JSON document has no narrower type
    """The schema: every field required, unknown fields refused."""
    (top,), parts = msgspec.json.schema_components([Incident], ref_template="#/$defs/{name}")
    for part in parts.values():
        part["additionalProperties"] = False
        part["required"] = list(part["properties"])
        part["properties"] = dict(part["properties"])
    parts["Incident"]["properties"]["schema"] = {"const": SCHEMA}
    suspect = parts["Suspect"]["properties"]
    suspect["kinds"] = {"type": "array", "items": {"enum": list(KINDS)}, "uniqueItems": True}
    suspect["verdict"] = {"enum": list(VERDICTS)}
    suspect["proven"] = {"enum": list(PROOFS)}
    return {"$schema": _NAME, "title": SCHEMA, **top, "$defs": parts}


if __name__ == "__main__":
    json.dump(incident_schema(), sys.stdout, indent=2)
    sys.stdout.write("\n")
