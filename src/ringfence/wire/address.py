"""Addresses of From, To, Contact and their like (RFC 3261 20.10, 25.1): name, URI, parameters.

How it works: the first "<" outside of quotes decides. With one, a display name
stands before it and header parameters behind ">"; without one, all up to the
first ";" is the URI. A quote that never ends is read as if it were none, so that
the URI behind it is not lost.
"""

from __future__ import annotations

import re
from typing import Final

from ringfence.model.message import NameAddr, Parameters, Uri
from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.grammar import (
    BLANKS,
    is_token,
    quoted_end,
    split_list,
    split_parameters,
    unquote,
)
from ringfence.wire.uri import decode_uri

WILDCARD: Final = b"*"

_BRACKET = re.compile(rb'["<]')
_WANTS_BRACKETS = re.compile(rb"[?,]")


def decode_addresses(value: bytes) -> tuple[tuple[NameAddr, ...], Anomaly]:
    """Every address of a header that may hold several: Contact, Route, P-Asserted-Identity."""
    parts, notes = split_list(value)
    found: list[NameAddr] = []
    for part in parts:
        address, more = decode_address(part)
        found.append(address)
        notes |= more
    return tuple(found), notes if found else notes | Anomaly.ADDRESS_INVALID


def decode_address(value: bytes) -> tuple[NameAddr, Anomaly]:
    """One name-addr or addr-spec with its header parameters."""
    if value == WILDCARD:
        return NameAddr(value, b"", Uri(value)), NONE
    less, notes = _find_bracket(value)
    if less < 0:
        return _decode_bare(value, notes)
    more = value.find(b">", less)
    if more < 0:
        notes |= Anomaly.ADDRESS_INVALID
        more = len(value)
    display_name, notes_on_name = _decode_display_name(value[:less].strip(BLANKS))
    uri, notes_on_uri = _decode_bracketed(value[less + 1 : more])
    params, notes_on_params = _decode_behind(value[more + 1 :])
    notes |= notes_on_name | notes_on_uri | notes_on_params
    return NameAddr(value, display_name, uri, params), notes


def _find_bracket(value: bytes) -> tuple[int, Anomaly]:
    """Offset of the first "<" outside of quotes; -1 when there is none."""
    at = 0
    while stop := _BRACKET.search(value, at):
        if stop.group() == b"<":
            return stop.start(), NONE
        at = quoted_end(value, stop.end())
        if at < 0:
            return value.find(b"<", stop.end()), Anomaly.QUOTE_NOT_CLOSED
    return -1, NONE


def _decode_bare(value: bytes, notes: Anomaly) -> tuple[NameAddr, Anomaly]:
    """addr-spec: its parameters belong to the header, not to the URI (RFC 3261 20)."""
    text, params, more = split_parameters(value)
    if not text:
        return NameAddr(value, b"", Uri(b""), params), notes | more | Anomaly.ADDRESS_INVALID
    if _WANTS_BRACKETS.search(text):
        notes |= Anomaly.ADDRESS_NEEDS_BRACKETS
    if b" " in text or b"\t" in text:
        notes |= Anomaly.ADDRESS_WITH_BLANK
    uri, notes_on_uri = decode_uri(text)
    return NameAddr(value, b"", uri, params), notes | more | notes_on_uri


def _decode_bracketed(text: bytes) -> tuple[Uri, Anomaly]:
    notes = NONE
    if b" " in text or b"\t" in text:
        notes |= Anomaly.ADDRESS_WITH_BLANK
    stripped = text.strip(BLANKS)
    if not stripped:
        return Uri(b""), notes | Anomaly.ADDRESS_INVALID
    uri, more = decode_uri(stripped)
    return uri, notes | more


def _decode_behind(octets: bytes) -> tuple[Parameters, Anomaly]:
    """Header parameters behind ">": nothing, or a ";" first."""
    before, params, notes = split_parameters(octets)
    return params, notes | Anomaly.ADDRESS_INVALID if before else notes


def _decode_display_name(octets: bytes) -> tuple[bytes, Anomaly]:
    """A quoted string, or tokens (RFC 3261 25.1: display-name)."""
    if octets[:1] == b'"' and quoted_end(octets, 1) == len(octets):
        return unquote(octets), NONE
    if all(is_token(word) for word in octets.split()):
        return octets, NONE
    if octets[:1] == b'"' and quoted_end(octets, 1) < 0:
        return octets[1:], Anomaly.QUOTE_NOT_CLOSED
    return octets, Anomaly.DISPLAY_NAME_INVALID
