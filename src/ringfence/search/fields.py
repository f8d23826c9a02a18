"""The columns by the names that people filter and export by.

How it works: a field says where its value stands in a row and which value means
"not there"; a comparison never holds for what is not there. `filled` fields are
those that `fill_parts` fills: they are asked last, and only of rows still in question.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ringfence.wire import _columns as columns


class Kind(enum.Enum):
    """What a field's values are, in the words of an error message."""

    NUMBER = "a number"
    TIME = "a time"
    ADDRESS = "an address"
    NAME = "a name"
    TEXT = "text"
    FLAGS = "a set of anomalies"


@dataclass(frozen=True, slots=True)
class Field:
    """One name: its kind, the columns it looks at, and from which number on it is there."""

    name: str
    kind: Kind
    columns: tuple[str, ...]
    least: int = 0
    names: tuple[str, ...] = ()
    filled: bool = False
    exported: bool = True


_QOP = ("", "auth", "auth-int", "other")
# Spans that the first pass finds; the others are parts of them.
_WHOLE_VALUES = frozenset(
    [
        "uri",
        "from",
        "to",
        "call_id",
        "cseq",
        "via",
        "contact",
        "user_agent",
        "content_type",
        "auth",
        "challenge",
    ]
)


def _number(name: str, least: int, *, filled: bool = False) -> Field:
    return Field(name, Kind.NUMBER, (name,), least, filled=filled)


def _text(name: str, *of: str) -> Field:
    filled = any(column not in _WHOLE_VALUES for column in of or (name,))
    return Field(name, Kind.TEXT, of or (name,), filled=filled, exported=not of)


def _name(name: str, names: tuple[str, ...], *, filled: bool = False) -> Field:
    return Field(name, Kind.NAME, (name,), 1, names, filled=filled)


# In the order of an export.
_ALL = (
    Field("time", Kind.TIME, ("time",), 1),
    _number("packet", 1),
    _number("position", 0),
    _number("interface", 0),
    Field("source", Kind.ADDRESS, ("source",)),
    _number("source_port", 0),
    Field("destination", Kind.ADDRESS, ("destination",)),
    _number("destination_port", 0),
    Field("address", Kind.ADDRESS, ("source", "destination"), exported=False),
    _name("transport", columns.TRANSPORTS),
    _number("ip_version", 0),
    _name("method", columns.METHODS),
    _number("status", 1),
    _number("cseq_number", 0),
    _name("cseq_method", columns.METHODS),
    _text("uri"),
    _text("uri_user"),
    _text("uri_host"),
    _text("from"),
    _text("from_display"),
    _text("from_user"),
    _text("from_host"),
    _text("from_tag"),
    _text("to"),
    _text("to_display"),
    _text("to_user"),
    _text("to_host"),
    _text("to_tag"),
    _text("user", "from_user", "to_user", "uri_user", "auth_user"),
    _text("call_id"),
    _text("via"),
    _text("via_branch"),
    _text("via_host"),
    _text("via_received"),
    _number("rport", 1, filled=True),
    _text("contact"),
    _text("user_agent"),
    _number("max_forwards", 0),
    _number("expires", 0),
    _text("auth"),
    _text("auth_user"),
    _text("auth_realm"),
    _text("auth_nonce"),
    _text("auth_response"),
    _text("auth_algorithm"),
    _text("auth_uri"),
    _number("auth_nc", 1, filled=True),
    _name("auth_qop", _QOP, filled=True),
    _text("challenge"),
    _text("challenge_realm"),
    _text("challenge_nonce"),
    _text("content_type"),
    _number("content_length", 0),
    _text("sdp_address"),
    _number("sdp_port", 1, filled=True),
    _number("header_count", 0),
    _number("order_hash", 1),
    _number("head_length", 0),
    _number("body_length", 0),
    _number("text_length", 0),
    Field("anomalies", Kind.FLAGS, ("anomalies",)),
)

FIELDS = {field.name: field for field in _ALL}
EXPORTED = tuple(field for field in _ALL if field.exported)
# Other words that people try first.
ALIASES = {
    "agent": "user_agent",
    "anomaly": "anomalies",
    "cseq": "cseq_number",
    "dst": "destination",
    "from_ip": "source",
    "nonce": "auth_nonce",
    "realm": "auth_realm",
    "response": "auth_response",
    "src": "source",
    "to_ip": "destination",
    "username": "auth_user",
}
