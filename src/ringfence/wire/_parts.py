"""The finer columns of a row: users, tags, Via, digest, SDP; filled on request.

How it works: `_sip.py` left the place of each header's value in the row; the
functions here look inside those values. Each takes octets[o:e] and writes spans
inside it, so nothing is copied. What is not there keeps offset 0, length 0.
"""

from __future__ import annotations

try:
    import cython
except ModuleNotFoundError:  # the interpreted twin needs no Cython
    from ringfence.wire import _uncompiled as cython

if not cython.compiled:
    from ringfence.wire._batch import Batch
    from ringfence.wire._columns import (
        AUTH,
        AUTH_ALGORITHM,
        AUTH_NC,
        AUTH_NONCE,
        AUTH_QOP,
        AUTH_REALM,
        AUTH_RESPONSE,
        AUTH_URI,
        AUTH_USER,
        BODY_LENGTH,
        CHALLENGE,
        CHALLENGE_NONCE,
        CHALLENGE_REALM,
        FROM,
        FROM_DISPLAY,
        FROM_HOST,
        FROM_TAG,
        FROM_USER,
        HEAD_LENGTH,
        RPORT,
        SDP_ADDRESS,
        SDP_PORT,
        SLOT_WIDTH,
        TEXT,
        TO,
        TO_DISPLAY,
        TO_HOST,
        TO_TAG,
        TO_USER,
        URI,
        URI_HOST,
        URI_USER,
        VIA,
        VIA_BRANCH,
        VIA_HOST,
        VIA_RECEIVED,
    )
    from ringfence.wire._octets import find, keep, lower, word


def _name(name: bytes) -> int:
    return int.from_bytes(name[:8], "little")


_TAG = _name(b"tag")
_TEL = _name(b"tel:")
_BRANCH = _name(b"branch")
_RECEIVED = _name(b"received")
_RPORT = _name(b"rport")
_USERNAME = _name(b"username")
_REALM = _name(b"realm")
_NONCE = _name(b"nonce")
_RESPONSE = _name(b"response")
_URI = _name(b"uri")
_ALGORITH = _name(b"algorith")
_NC = _name(b"nc")
_QOP = _name(b"qop")
_AUTH_WORD = _name(b"auth")
_AUTH_INT_WORD = _name(b"auth-int")
_MAX_PORT = 65535


def parts(b: Batch, first: int, last: int) -> int:
    """Fill the finer columns of rows first to last - 1."""
    with cython.nogil:
        _parts(b, first, last)
    return 0


def _parts(b: Batch, first: int, last: int) -> int:
    for row in range(first, last):
        _parts_of(b, row * SLOT_WIDTH)
    return 0


def parts_of(b: Batch, row: int) -> int:
    """Fill the finer columns of one row."""
    return _parts_of(b, row * SLOT_WIDTH)


def _parts_of(b: Batch, base: int) -> int:
    if b.slots[base + URI + 1]:
        o = b.slots[base + URI]
        _uri(b, base + URI_USER, base + URI_HOST, o, o + b.slots[base + URI + 1])
    o = b.slots[base + FROM]
    e = o + b.slots[base + FROM + 1]
    at = _name_addr(b, base, FROM_DISPLAY, FROM_USER, FROM_HOST, o, e)
    _tag(b, base + FROM_TAG, at, e)
    o = b.slots[base + TO]
    e = o + b.slots[base + TO + 1]
    at = _name_addr(b, base, TO_DISPLAY, TO_USER, TO_HOST, o, e)
    _tag(b, base + TO_TAG, at, e)
    if b.slots[base + VIA + 1]:
        _via(b, base, b.slots[base + VIA], b.slots[base + VIA] + b.slots[base + VIA + 1])
    if b.slots[base + AUTH + 1]:
        o = b.slots[base + AUTH]
        _digest(b, base, o, o + b.slots[base + AUTH + 1], 1)
    if b.slots[base + CHALLENGE + 1]:
        o = b.slots[base + CHALLENGE]
        _digest(b, base, o, o + b.slots[base + CHALLENGE + 1], 0)
    if b.slots[base + BODY_LENGTH] > 6:
        o = b.slots[base + TEXT] + b.slots[base + HEAD_LENGTH]
        _sdp(b, base, o, o + b.slots[base + BODY_LENGTH])
    return 0


def _keep_span(b: Batch, slot: int, o: int, e: int) -> int:
    b.slots[slot] = o
    b.slots[slot + 1] = e - o
    return 0


def _blanks(b: Batch, o: int, e: int) -> int:
    """Offset of the first octet from o that is no blank, line end or tab."""
    while o < e and b.octets[o] <= 32:
        o += 1
    return o


def _quoted_end(b: Batch, o: int, e: int) -> int:
    """Offset of the quote that ends the string whose text starts at o, or e."""
    while o < e:
        octet = b.octets[o]
        if octet == 34:
            return o
        o += 2 if octet == 92 else 1
    return e


def _name_addr(b: Batch, base: int, display: int, user: int, host: int, o: int, e: int) -> int:
    """name-addr or addr-spec (RFC 3261 25.1); where its header parameters start."""
    o = _blanks(b, o, e)
    if o >= e:
        return e
    at = o
    if b.octets[o] == 34:
        at = _quoted_end(b, o + 1, e)
        _keep_span(b, base + display, o + 1, at)
    less = find(b.octets, at, e, 60)
    if less == e:
        at = find(b.octets, o, e, 59)
        _uri(b, base + user, base + host, o, at)
        return at
    if at == o and less > o:
        end = less
        while end > o and b.octets[end - 1] <= 32:
            end -= 1
        _keep_span(b, base + display, o, end)
    more = find(b.octets, less, e, 62)
    _uri(b, base + user, base + host, less + 1, more)
    return more


def _uri(b: Batch, user: int, host: int, o: int, e: int) -> int:
    """Find user and host of a SIP URI, the number of a tel URI (RFC 3966)."""
    o = _blanks(b, o, e)
    if o < e and b.octets[o] == 60:
        o += 1
    if keep(lower(word(b.octets, o, e)), 4) == _TEL:
        end = find(b.octets, o + 4, e, 59)
        return _keep_span(b, user, o + 4, end)
    scheme = find(b.octets, o, e, 58)
    at = find(b.octets, o, e, 64)
    if scheme < e and scheme < at:
        after = scheme + 1
    else:
        after = o
    if scheme < e and at == e and _host_end(b, after, e) == after:
        after = o
    if at < e:
        end = find(b.octets, after, at, 58)
        _keep_span(b, user, after, end)
        after = at + 1
    if after < e and b.octets[after] == 91:
        return _keep_span(b, host, after + 1, find(b.octets, after, e, 93))
    return _keep_span(b, host, after, _host_end(b, after, e))


def _host_end(b: Batch, o: int, e: int) -> int:
    """Offset where a host name or IPv4 address ends: at : ; ? > or a blank."""
    while o < e:
        octet = b.octets[o]
        if octet == 58 or octet == 59 or octet == 63 or octet == 62 or octet <= 32:
            return o
        o += 1
    return e


def _tag(b: Batch, slot: int, o: int, e: int) -> int:
    while True:
        o = find(b.octets, o, e, 59)
        if o == e:
            return 0
        o = _blanks(b, o + 1, e)
        if keep(lower(word(b.octets, o, e)), 3) == _TAG:
            o = _blanks(b, o + 3, e)
            if o < e and b.octets[o] == 61:
                o = _blanks(b, o + 1, e)
                end = o
                while end < e and b.octets[end] > 32 and b.octets[end] != 59:
                    end += 1
                return _keep_span(b, slot, o, end)


def _via(b: Batch, base: int, o: int, e: int) -> int:
    """Top Via: sent-protocol sent-by *( ; params ), up to a comma (RFC 3261 20.42)."""
    e = find(b.octets, o, e, 44)
    while o < e and b.octets[o] > 32:
        o += 1
    end = o
    o = _blanks(b, o, e)
    while o < e and (b.octets[o] == 47 or b.octets[end - 1] == 47):
        while o < e and b.octets[o] > 32:  # blanks around the slashes of SIP / 2.0 / UDP
            o += 1
        end = o
        o = _blanks(b, o, e)
    if o < e and b.octets[o] == 91:
        o += 1
        end = find(b.octets, o, e, 93)
    else:
        end = _host_end(b, o, e)
    _keep_span(b, base + VIA_HOST, o, end)
    o = end
    while True:
        o = find(b.octets, o, e, 59)
        if o == e:
            return 0
        o = _blanks(b, o + 1, e)
        stop = o
        while stop < e and b.octets[stop] > 32 and b.octets[stop] != 61 and b.octets[stop] != 59:
            stop += 1
        value = _blanks(b, stop, e)
        if value < e and b.octets[value] == 61:
            value = _blanks(b, value + 1, e)
            end = value
            while end < e and b.octets[end] > 32 and b.octets[end] != 59:
                end += 1
        else:
            value = stop
            end = stop
        w = lower(keep(word(b.octets, o, stop), stop - o)) if stop - o <= 8 else 0
        if w == _BRANCH:
            _keep_span(b, base + VIA_BRANCH, value, end)
        elif w == _RECEIVED:
            _keep_span(b, base + VIA_RECEIVED, value, end)
        elif w == _RPORT:
            b.slots[base + RPORT] = _port(b, value, end)
        o = end


def _port(b: Batch, o: int, e: int) -> int:
    """Port number octets[o:e]; 0 when it is none."""
    if e - o > 5:
        return 0
    value = 0
    while o < e:
        octet = b.octets[o]
        if octet < 48 or octet > 57:
            return 0
        value = value * 10 + octet - 48
        o += 1
    return value if value <= _MAX_PORT else 0


def _digest(b: Batch, base: int, o: int, e: int, credentials: int) -> int:
    """auth-params of credentials (1) or of a challenge (0), RFC 3261 25.1, RFC 8760."""
    while o < e and b.octets[o] > 32:
        o += 1
    while o < e:
        while o < e and (b.octets[o] <= 32 or b.octets[o] == 44):
            o += 1
        name = o
        while o < e and b.octets[o] > 32 and b.octets[o] != 61 and b.octets[o] != 44:
            o += 1
        w = lower(word(b.octets, name, o))
        size = o - name
        o = _blanks(b, o, e)
        if o >= e or b.octets[o] != 61:
            continue
        o = _blanks(b, o + 1, e)
        value = o
        if o < e and b.octets[o] == 34:
            value = o + 1
            end = _quoted_end(b, value, e)
            o = end + 1
        else:
            while o < e and b.octets[o] > 32 and b.octets[o] != 44:
                o += 1
            end = o
        if credentials:
            _credential(b, base, w, size, value, end)
        elif w == _REALM and size == 5 and b.slots[base + CHALLENGE_REALM] == 0:
            _keep_span(b, base + CHALLENGE_REALM, value, end)
        elif w == _NONCE and size == 5 and b.slots[base + CHALLENGE_NONCE] == 0:
            _keep_span(b, base + CHALLENGE_NONCE, value, end)
    return 0


def _credential(b: Batch, base: int, w: int, size: int, value: int, end: int) -> int:
    slot = 0
    if w == _USERNAME and size == 8:
        slot = AUTH_USER
    elif w == _REALM and size == 5:
        slot = AUTH_REALM
    elif w == _NONCE and size == 5:
        slot = AUTH_NONCE
    elif w == _RESPONSE and size == 8:
        slot = AUTH_RESPONSE
    elif w == _URI and size == 3:
        slot = AUTH_URI
    elif w == _ALGORITH and size == 9:
        slot = AUTH_ALGORITHM
    elif w == _NC and size == 2:
        b.slots[base + AUTH_NC] = _hex(b, value, end)
    elif w == _QOP and size == 3:
        w = lower(keep(word(b.octets, value, end), end - value))
        b.slots[base + AUTH_QOP] = 1 if w == _AUTH_WORD else 2 if w == _AUTH_INT_WORD else 3
    if slot and b.slots[base + slot] == 0:
        _keep_span(b, base + slot, value, end)
    return 0


def _hex(b: Batch, o: int, e: int) -> int:
    """Number written with up to 7 hexadecimal digits after zeros; -1 otherwise."""
    while o < e and b.octets[o] == 48:
        o += 1
    if e - o > 7:
        return -1
    value = 0
    while o < e:
        octet = b.octets[o] | 32
        if 48 <= octet <= 57:
            value = value * 16 + octet - 48
        elif 97 <= octet <= 102:
            value = value * 16 + octet - 87
        else:
            return -1
        o += 1
    return value


def _sdp(b: Batch, base: int, o: int, e: int) -> int:
    """First connection address and first media port of a session description (RFC 8866)."""
    if b.octets[o] != 118 or b.octets[o + 1] != 61:
        return 0
    while o < e:
        eol = find(b.octets, o, e, 10)
        if o + 2 < eol and b.octets[o + 1] == 61:
            if b.octets[o] == 99 and b.slots[base + SDP_ADDRESS + 1] == 0:
                _connection(b, base, o + 2, eol)
            elif b.octets[o] == 109 and b.slots[base + SDP_PORT] == 0:
                _media_port(b, base, o + 2, eol)
        o = eol + 1
    return 0


def _connection(b: Batch, base: int, o: int, e: int) -> int:
    """c=IN IP4 192.0.2.1/127: the third word, without its slash."""
    for _ in range(2):
        o = find(b.octets, o, e, 32)
        o = _blanks(b, o, e)
    end = o
    while end < e and b.octets[end] > 32 and b.octets[end] != 47:
        end += 1
    return _keep_span(b, base + SDP_ADDRESS, o, end)


def _media_port(b: Batch, base: int, o: int, e: int) -> int:
    """m=audio 49170/2 RTP/AVP 0: the second word, without its slash."""
    o = find(b.octets, o, e, 32)
    o = _blanks(b, o, e)
    end = o
    while end < e and b.octets[end] > 32 and b.octets[end] != 47:
        end += 1
    b.slots[base + SDP_PORT] = _port(b, o, end)
    return 0
