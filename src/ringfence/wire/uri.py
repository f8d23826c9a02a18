"""A URI taken apart (RFC 3261 19.1, RFC 3966), leniently; what its grammar forbids is noted.

How it works: the scheme ends at the first colon, user information at the first
"@", the host at ";" or "?"; so a user may hold ";" and "?" as RFC 4475 3.1.1.9
wants. Escapes stay as spelled: `unescape` resolves them for those who compare.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from ringfence.model.message import Parameters, Uri
from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.grammar import BLANKS, MAX_PARTS, decode_number, decode_parameters

MAX_PORT = 65535
# RFC 1035: 253 octets and a last dot. Longer is no host that anybody can look up.
MAX_HOST = 254
# The longest spelling of an IPv6 address, with an IPv4 address in its end.
MAX_IPV6 = 45

_SIP_SCHEMES: Final = frozenset((b"sip", b"sips"))
_ALPHA: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ALNUM: Final = _ALPHA + b"0123456789"
_SCHEME: Final = _ALNUM + b"+-."
_UNRESERVED: Final = _ALNUM + b"-_.!~*'()%"
_USER: Final = _UNRESERVED + b"&=+$,;?/"
_PASSWORD: Final = _UNRESERVED + b"&=+$,"
_PARAMETERS: Final = _UNRESERVED + b"[]/:&+$" + b";="
_HEADERS: Final = _UNRESERVED + b"[]/?:+$" + b"=&"
_NUMBER: Final = b"0123456789ABCDEFabcdef*#-.()+"
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_HOST_END = re.compile(rb"[;?]")


def unescape(octets: bytes) -> bytes:
    """Octets with %hh resolved; two users are the same when theirs are (RFC 3261 19.1.4)."""
    if b"%" not in octets:
        return octets
    return _ESCAPE.sub(lambda escape: bytes.fromhex(escape.group(1).decode()), octets)


def decode_uri(text: bytes) -> tuple[Uri, Anomaly]:
    """Parts of a URI that stands alone, without <...>; blanks inside it are passed over."""
    whole = text.translate(None, BLANKS)
    notes = _notes_on_escapes(whole)
    scheme, colon, rest = whole.partition(b":")
    if not colon or scheme.translate(None, _SCHEME) or scheme[:1] not in _ALPHA or not scheme:
        return _decode_sip(text, b"", whole, notes | Anomaly.URI_INVALID)
    scheme = scheme.lower()
    if scheme in _SIP_SCHEMES:
        return _decode_sip(text, scheme, rest, notes)
    if scheme == b"tel":
        return _decode_tel(text, rest, notes)
    return Uri(text, scheme), notes | Anomaly.URI_SCHEME_UNKNOWN


def decode_host_port(octets: bytes) -> tuple[bytes, int | None, bool, Anomaly]:
    """Host without brackets, port, whether both are sound, and what else there is to say."""
    if octets[:1] == b"[":
        host, bracket, rest = octets[1:].partition(b"]")
        port, sound = _decode_port(rest)
        return host, port, bool(bracket) and sound and is_ipv6(host), NONE
    if octets.count(b":") > 1:
        # 2001:db8::10:5070 may end in a port or not: nobody can tell (RFC 5118 4.2).
        return octets, None, True, Anomaly.IPV6_WITHOUT_BRACKETS
    host, colon, digits = octets.partition(b":")
    host = host.strip(BLANKS)
    port, sound = _decode_port(colon + digits.strip(BLANKS))
    return host, port, sound and is_host(host), NONE


def is_host(octets: bytes) -> bool:
    """Whether this is a host name or an IPv4 address (RFC 3261 25.1)."""
    if not 0 < len(octets) <= MAX_HOST:
        return False
    labels = octets.removesuffix(b".").split(b".")
    if labels[-1][:1].isdigit():
        return len(labels) == 4 and all(_is_octet(label) for label in labels)
    return all(_is_label(label) for label in labels)


def is_ipv6(octets: bytes) -> bool:
    if len(octets) > MAX_IPV6 or b"%" in octets:
        return False
    try:
        ipaddress.IPv6Address(octets.decode("ascii"))
    except ValueError:
        return False
    return True


def _decode_sip(text: bytes, scheme: bytes, rest: bytes, notes: Anomaly) -> tuple[Uri, Anomaly]:
    user, password, place = _split_user(rest)
    host_end = _HOST_END.search(place)
    end = host_end.start() if host_end else len(place)
    host, port, sound, more = decode_host_port(place[:end])
    params_text, question, headers_text = place[end:].partition(b"?")
    params, more_params = _decode_params(params_text)
    headers, more_headers = _decode_headers(headers_text, question)
    notes |= more | more_params | more_headers
    if not sound or not _is_made_of(user, password, params_text, headers_text):
        notes |= Anomaly.URI_INVALID
    return Uri(text, scheme, user, password, host, port, params, headers), notes


def _decode_tel(text: bytes, rest: bytes, notes: Anomaly) -> tuple[Uri, Anomaly]:
    """tel:+1-201-555-0123;phone-context=… (RFC 3966 3)."""
    number, semicolon, params_text = rest.partition(b";")
    params, more = _decode_params(semicolon + params_text)
    if not number or number.translate(None, _NUMBER) or params_text.translate(None, _PARAMETERS):
        notes |= Anomaly.URI_INVALID
    return Uri(text, b"tel", user=number, params=params), notes | more


def _split_user(rest: bytes) -> tuple[bytes | None, bytes | None, bytes]:
    """User, password, and what follows the "@"; None when not there."""
    userinfo, at, place = rest.partition(b"@")
    if not at:
        return None, None, rest
    user, colon, password = userinfo.partition(b":")
    return user, password if colon else None, place


def _decode_params(octets: bytes) -> tuple[Parameters, Anomaly]:
    """Parameters, each behind a ";"."""
    return _decode_pairs(octets[1:], b";") if octets else (Parameters(), NONE)


def _decode_headers(octets: bytes, question: bytes) -> tuple[Parameters, Anomaly]:
    """Headers behind a "?"."""
    return _decode_pairs(octets, b"&") if question else (Parameters(), NONE)


def _decode_pairs(octets: bytes, separator: bytes) -> tuple[Parameters, Anomaly]:
    parts = octets.split(separator, MAX_PARTS)
    params, notes = decode_parameters(parts[:MAX_PARTS])
    return params, notes | (Anomaly.TOO_MANY_PARTS if len(parts) > MAX_PARTS else NONE)


def _decode_port(octets: bytes) -> tuple[int | None, bool]:
    """Port of b":5060", and whether it is sound; b"" is sound and has none."""
    if not octets:
        return None, True
    port = decode_number(octets[1:]) if octets[:1] == b":" else None
    return (port, True) if port is not None and port <= MAX_PORT else (None, False)


def _notes_on_escapes(octets: bytes) -> Anomaly:
    notes = NONE
    if b"%" in octets:
        if b"%00" in octets:
            notes |= Anomaly.URI_ESCAPED_NUL
        if _BAD_ESCAPE.search(octets):
            notes |= Anomaly.URI_INVALID
    return notes


def _is_made_of(user: bytes | None, password: bytes | None, params: bytes, headers: bytes) -> bool:
    """Whether each part holds only octets that may stand there; a user is not empty."""
    return (
        user != b""
        and not (user or b"").translate(None, _USER)
        and not (password or b"").translate(None, _PASSWORD)
        and not params.translate(None, _PARAMETERS)
        and not headers.translate(None, _HEADERS)
    )


def _is_label(label: bytes) -> bool:
    return (
        bool(label)
        and not label.translate(None, _ALNUM + b"-")
        and label[:1] != b"-"
        and label[-1:] != b"-"
    )


def _is_octet(label: bytes) -> bool:
    return label.isdigit() and len(label) <= 3 and int(label) <= 255
