"""Via: who sent this, hop by hop (RFC 3261 20.42, RFC 3581)."""

from __future__ import annotations

from typing import Final

from ringfence.model.message import Via
from ringfence.wire.anomaly import Anomaly
from ringfence.wire.grammar import BLANKS, is_token, split_list, split_parameters
from ringfence.wire.uri import decode_host_port

# RFC 3261 8.1.1.7: a branch that starts so is unique; RFC 2543 promised nothing.
MAGIC_COOKIE: Final = b"z9hG4bK"
BROADCAST: Final = b"255.255.255.255"
PROTOCOL: Final = b"SIP/2.0"


def decode_vias(value: bytes) -> tuple[tuple[Via, ...], Anomaly]:
    """Every hop of one header, the latest first."""
    parts, notes = split_list(value)
    found: list[Via] = []
    for part in parts:
        via, more = decode_via(part)
        found.append(via)
        notes |= more
    return tuple(found), notes if found else notes | Anomaly.VIA_INVALID


def decode_via(value: bytes) -> tuple[Via, Anomaly]:
    """One hop: SIP/2.0/UDP host:port;parameters, with blanks where the grammar allows them."""
    before, params, notes = split_parameters(value)
    name, version, transport, sent_by = _split_sent(before)
    protocol = name + b"/" + version
    if not (is_token(name) and is_token(version) and is_token(transport) and sent_by):
        notes |= Anomaly.VIA_INVALID
    elif protocol.upper() != PROTOCOL:
        notes |= Anomaly.VERSION_UNKNOWN
    host, port, sound, more = decode_host_port(sent_by)
    if not sound:
        notes |= Anomaly.VIA_INVALID
    if host == BROADCAST:
        notes |= Anomaly.VIA_BROADCAST
    via = Via(value, protocol, transport, host, port, params)
    if via.branch in (b"", MAGIC_COOKIE):
        notes |= Anomaly.BRANCH_EMPTY
    return via, notes | more


def has_cookie(via: Via) -> bool:
    """Whether its branch is one that RFC 3261 promises to be unique."""
    return (via.branch or b"").startswith(MAGIC_COOKIE)


def _split_sent(octets: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Protocol name, its version, transport, sent-by."""
    name, _, rest = octets.partition(b"/")
    version, _, rest = rest.partition(b"/")
    words = rest.split(None, 1)
    transport = words[0] if words else b""
    sent_by = words[1].strip(BLANKS) if len(words) > 1 else b""
    return name.strip(BLANKS), version.strip(BLANKS), transport, sent_by
