"""The HTTP heads that open a WebSocket, redacted: what makes it one stays (RFC 6455, RFC 7118)."""

from __future__ import annotations

import re
from typing import Final

from ringfence.evidence.redaction.spelling import mask

_REQUEST = re.compile(rb"GET ([^ ]*)( HTTP/1\.[01])\Z")
_STATUS = re.compile(rb"(HTTP/1\.[01] [0-9]{3})(.*)\Z")
_TOKENS = re.compile(rb"[^ ,;=\t]+")
_KEPT: Final = frozenset(
    b"upgrade websocket connection keep-alive 13 sip permessage-deflate"
    b" client_no_context_takeover server_no_context_takeover".split()
)
_HEADERS: Final = frozenset(
    b"upgrade connection sec-websocket-version sec-websocket-protocol"
    b" sec-websocket-extensions".split()
)
_NAMES: Final = _HEADERS | frozenset(
    b"host origin user-agent cookie authorization sec-websocket-key sec-websocket-accept"
    b" content-length date server pragma cache-control accept-encoding accept-language".split()
)


def redact_handshake(head: bytes) -> bytes:
    """The head with as many octets."""
    lines = head.split(b"\r\n")
    return b"\r\n".join([_first(lines[0]), *map(_header, lines[1:])])


def _first(line: bytes) -> bytes:
    request = _REQUEST.match(line)
    if request is not None:
        path = request.group(1)
        return b"GET " + path[:1].replace(path[:1], b"/") + mask(path[1:]) + request.group(2)
    status = _STATUS.match(line)
    return status.group(1) + mask(status.group(2)) if status is not None else mask(line)


def _header(line: bytes) -> bytes:
    name, colon, value = line.partition(b":")
    key = name.strip().lower()
    if key not in _NAMES:
        return mask(line)
    return name + colon + (_TOKENS.sub(_token, value) if key in _HEADERS else mask(value))


def _token(found: re.Match[bytes]) -> bytes:
    word = found.group()
    return word if word.lower() in _KEPT else mask(word)
