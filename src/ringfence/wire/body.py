"""Bodies: their media type, and the session description inside them (RFC 3261 7.4, RFC 5621)."""

from __future__ import annotations

import re
from typing import Final

from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.grammar import split_list, split_parameters

# Parts of a multipart body that are looked at, and how deep they may lie inside
# each other: SDP beside ISUP, once more inside a signed body.
MAX_BODY_PARTS = 16
MAX_NESTING = 3

SDP: Final = b"application/sdp"

# What SIP elements exchange (IANA, and what phones really send). Vendors' trees
# count as known: nobody lists them all.
KNOWN_TYPES: Final = frozenset(
    b"""
    application/broadsoft application/conference-info+xml application/cpim-pidf+xml
    application/csta+xml application/dialog-info+xml application/dtmf application/dtmf-relay
    application/emergencycalldata.control+xml application/hookflash
    application/im-iscomposing+xml application/isup application/json application/kpml-request+xml
    application/kpml-response+xml application/load-control+xml application/media_control+xml
    application/octet-stream application/pidf+xml application/pidf-diff+xml
    application/pkcs7-mime application/pkcs7-signature application/qsig application/reginfo+xml
    application/resource-lists+xml application/resource-lists-diff+xml application/rlmi+xml
    application/rs-metadata+xml application/rs-metadata-request application/sdp
    application/simple-filter+xml application/simple-message-summary application/sip
    application/sipfrag application/trickle-ice-sdpfrag application/vq-rtcpxr
    application/watcherinfo+xml application/xcap-diff+xml application/xml
    image/jpeg image/png message/cpim message/external-body message/http message/imdn+xml
    message/sip message/sipfrag
    multipart/alternative multipart/encrypted multipart/mixed multipart/related multipart/signed
    text/html text/plain text/vcard text/xml
    """.split()
)

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_CONTENT_TYPE = re.compile(rb"(?:^|\n)(?:content-type|c)[ \t]*:([^\r\n]*)", re.IGNORECASE)


def media_type(value: bytes) -> bytes:
    """Type and subtype of a Content-Type, lower case, without blanks and parameters."""
    return value.partition(b";")[0].translate(None, b" \t").lower()


def notes_on_type(content_type: bytes | None) -> Anomaly:
    """Whether somebody may be expected to understand a body of this type."""
    is_known = content_type is not None and _is_known(media_type(content_type))
    return NONE if is_known else Anomaly.MEDIA_TYPE_UNKNOWN


def notes_on_accept(value: bytes) -> Anomaly:
    """Whether at least one type that an Accept names is known; an empty one accepts none."""
    ranges, notes = split_list(value)
    if not ranges or any(_is_accepted(media_type(found)) for found in ranges):
        return notes
    return notes | Anomaly.MEDIA_TYPE_UNKNOWN


def find_sdp(content_type: bytes, body: bytes, nesting: int = 0) -> bytes | None:
    """The session description that a body is, or holds; `content_type` with its parameters."""
    kind = media_type(content_type)
    if kind == SDP:
        return body
    if not kind.startswith(b"multipart/") or nesting == MAX_NESTING:
        return None
    boundary = split_parameters(content_type)[1].get(b"boundary")
    if not boundary:
        return None
    for part in body.split(b"--" + boundary, MAX_BODY_PARTS)[1:]:
        head, contents = _split_part(part)
        named = _CONTENT_TYPE.search(head)
        found = find_sdp(named.group(1).strip(), contents, nesting + 1) if named else None
        if found is not None:
            return found
    return None


def _split_part(part: bytes) -> tuple[bytes, bytes]:
    """Head and contents of one part of a multipart body (RFC 2046 5.1)."""
    blank = _BLANK_LINE.search(part)
    if blank is None:
        return part, b""
    return part[: blank.start()], part[blank.end() :].removesuffix(b"\n").removesuffix(b"\r")


def _is_known(kind: bytes) -> bool:
    return kind in KNOWN_TYPES or kind.partition(b"/")[2].startswith((b"vnd.", b"x-", b"x."))


def _is_accepted(kind: bytes) -> bool:
    name, _, subtype = kind.partition(b"/")
    return kind == b"*/*" or (subtype == b"*" and bool(name)) or _is_known(kind)
