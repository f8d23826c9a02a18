"""One SIP message: recognised by content, its headers found, one row written.

How it works: the start line decides whether this is SIP at all. Then one pass
over the lines: the name of each header is read as up to three words of eight
octets and looked up in a small table; the value's place goes into the row.
Rules: lenient as receivers are (any case, compact names, folding, bare LF,
blanks before the colon), the first of repeated headers counts, each deviation
sets its bit of `Anomaly`; numbers have at most ten digits before arithmetic.
"""

from __future__ import annotations

import array

try:
    import cython
except ModuleNotFoundError:  # the interpreted twin needs no Cython
    from ringfence.wire import _uncompiled as cython

from ringfence.wire.anomaly import Anomaly

if not cython.compiled:
    from ringfence.wire._batch import Batch
    from ringfence.wire._columns import (
        ANOMALIES,
        BODY_LENGTH,
        CALL_HASH,
        CALL_ID,
        CONTENT_LENGTH,
        CSEQ,
        CSEQ_METHOD,
        CSEQ_NUMBER,
        DESTINATION_HIGH,
        DESTINATION_LOW,
        DESTINATION_PORT,
        EXPIRES,
        HEAD_LENGTH,
        HEADER_COUNT,
        INTERFACE,
        IP_VERSION,
        M_OTHER,
        MAX_FORWARDS,
        METHOD,
        ORDER_HASH,
        PACKET,
        POSITION,
        SLOT_WIDTH,
        SOURCE_HIGH,
        SOURCE_LOW,
        SOURCE_PORT,
        STATUS,
        TEXT,
        TEXT_LENGTH,
        TIME,
        TRANSPORT,
        URI,
        WIDE_WIDTH,
    )
    from ringfence.wire._octets import (
        blank,
        clear,
        colon,
        find,
        keep,
        le64,
        lower,
        mix,
        past_blanks,
        peek,
        put,
        times,
        trimmed,
        value_of,
        word,
    )
from ringfence.wire import _columns as columns

# A start line longer than this is no longer searched for its end: the longest
# that RFC 4475 asks a receiver to take is about 900 octets.
MAX_START_LINE = 8192
_MAX_START_LINE = MAX_START_LINE
# Keep-alives and junk before a start line are skipped this far.
MAX_JUNK = 64
_MAX_JUNK = MAX_JUNK
# More headers than this, or a longer head, are noted, and still read.
MAX_HEADERS = 256
_MAX_HEADERS = MAX_HEADERS
MAX_HEAD = 32768
_MAX_HEAD = MAX_HEAD
_INT32_MAX = 2147483647
_MANY = 10000000000

_H_VIA = 1
_H_FROM = 2
_H_TO = 3
_H_CALL_ID = 4
_H_CSEQ = 5
_H_CONTACT = 6
_H_USER_AGENT = 7
_H_CONTENT_LENGTH = 8
_H_CONTENT_TYPE = 9
_H_MAX_FORWARDS = 10
_H_EXPIRES = 11
_H_AUTH = 12
_H_CHALLENGE = 13
_HEADERS = {
    b"via": 1,
    b"v": 1,
    b"from": 2,
    b"f": 2,
    b"to": 3,
    b"t": 3,
    b"call-id": 4,
    b"i": 4,
    b"cseq": 5,
    b"contact": 6,
    b"m": 6,
    b"user-agent": 7,
    b"server": 7,
    b"content-length": 8,
    b"l": 8,
    b"content-type": 9,
    b"c": 9,
    b"max-forwards": 10,
    b"expires": 11,
    b"authorization": 12,
    b"proxy-authorization": 12,
    b"www-authenticate": 13,
    b"proxy-authenticate": 13,
}
# Headers that RFC 3261 table 2 allows once, as bits 1 << number.
_SINGLE = sum(1 << n for n in (2, 3, 4, 5, 8, 9, 10, 11))
# Headers of which a message without any is not taken for SIP on other ports.
_CORE = sum(1 << n for n in (1, 2, 3, 4, 5))
# Headers that every request has; a response does without Max-Forwards.
_NEEDED = sum(1 << n for n in (1, 2, 3, 4, 5, 10))
# Where the value of header n goes; 0 when only its number is kept.
_SPAN_OF = (
    0,
    columns.VIA,
    columns.FROM,
    columns.TO,
    columns.CALL_ID,
    columns.CSEQ,
    columns.CONTACT,
    columns.USER_AGENT,
    0,
    columns.CONTENT_TYPE,
    0,
    0,
    columns.AUTH,
    columns.CHALLENGE,
)

# Bits of Anomaly that this pass can tell; C needs them as numbers of its own.
_A_NO_CALL_ID = Anomaly.NO_CALL_ID.value
_A_NO_CSEQ = Anomaly.NO_CSEQ.value
_A_NO_FROM = Anomaly.NO_FROM.value
_A_NO_TO = Anomaly.NO_TO.value
_A_NO_VIA = Anomaly.NO_VIA.value
_A_NO_MAX_FORWARDS = Anomaly.NO_MAX_FORWARDS.value
_A_REPEATED = Anomaly.REPEATED_SINGLE_HEADER.value
_A_CSEQ_INVALID = Anomaly.CSEQ_INVALID.value
_A_CSEQ_TOO_LARGE = Anomaly.CSEQ_TOO_LARGE.value
_A_CSEQ_METHOD = Anomaly.CSEQ_METHOD_MISMATCH.value
_A_STATUS = Anomaly.STATUS_OUT_OF_RANGE.value
_A_VERSION = Anomaly.VERSION_UNKNOWN.value
_A_SPACING = Anomaly.START_LINE_SPACING.value
_A_JUNK = Anomaly.JUNK_BEFORE_START.value
_A_BARE_LF = Anomaly.BARE_LF.value
_A_NO_COLON = Anomaly.LINE_WITHOUT_COLON.value
_A_HEAD_OPEN = Anomaly.HEAD_NOT_ENDED.value
_A_LENGTH_INVALID = Anomaly.LENGTH_INVALID.value
_A_LENGTH_BEYOND = Anomaly.LENGTH_BEYOND_PACKET.value
_A_AFTER_BODY = Anomaly.OCTETS_AFTER_BODY.value
_A_HEAD_LONG = Anomaly.HEAD_TOO_LONG.value
_A_MANY_HEADERS = Anomaly.TOO_MANY_HEADERS.value
_A_CUT = Anomaly.CUT_BY_CAPTURE.value

# Names are found by one multiplication: their first eight octets and their length,
# times this number, begin with the number of their slot. No two names share a slot.
_SPREAD = 0x08FF436294B4A52F
_SLOT_BITS = 6
_SLOT_SHIFT = 64 - _SLOT_BITS
_SLOT_WORDS = 8
_SMALL = 0x2020202020202020


def _words(name: bytes) -> list[int]:
    padded = name.ljust(24, b"\0")
    return [int.from_bytes(padded[i : i + 8], "little") for i in (0, 8, 16)]


def _table(names: dict[bytes, int], *, any_case: bool) -> array.array[int]:
    """Eight words a slot: the name in three, value (length above 16 bits), the bits that count."""
    from ringfence.wire import _octets

    table = array.array("Q", bytes(8 * _SLOT_WORDS << _SLOT_BITS))
    for name, value in names.items():
        words = _words(name)
        start = words[0] | _SMALL if any_case else words[0]
        slot = _SLOT_WORDS * (_octets.times(start ^ len(name), _SPREAD) >> _SLOT_SHIFT)
        if table[slot + 3]:
            raise ValueError(f"two names in one slot, {name!r} is one: choose another _SPREAD")
        # Between "a" and "A" one bit differs; between "-" and a CR, too.
        counts = _words(bytes(0xDF if octet > 96 else 0xFF for octet in name).ljust(24, b"\xff"))
        table[slot : slot + 7] = array.array("Q", [*words, len(name) << 16 | value, *counts])
    return table


# The value of a header's name: its number, and above 8 bits where its span goes.
_NAMES = _table(
    {name: number | _SPAN_OF[number] << 8 for name, number in _HEADERS.items()}, any_case=True
)
_METHODS = _table(
    {
        name.encode(): number
        for number, name in enumerate(columns.METHODS)
        if name not in ("", "OTHER")
    },
    any_case=False,
)
_TOKEN = array.array("B", [chr(octet).isalnum() or octet in b"-.!%*_+`'~" for octet in range(127)])
_SIP_SLASH = int.from_bytes(b"sip/", "little")
_VERSION = int.from_bytes(b"SIP/2.0", "little")
_VERSION_BLANK = int.from_bytes(b"SIP/2.0 ", "little")
_BLANK_VERSION = int.from_bytes(b" SIP/2.0", "little")


def message(b: Batch, o: int, e: int) -> int:
    """Add a row for the SIP message in octets[o:e]; 0 when it is none."""
    return _message(b, o, e)


def _message(b: Batch, o: int, e: int) -> int:
    first = o
    limit = e if e - o < _MAX_JUNK else o + _MAX_JUNK
    while o < limit and (b.octets[o] <= 32):
        o += 1
    if o + 12 > e or b.octets[o] > 126:
        return 0
    line_end = find(b.octets, o, e if e - o < _MAX_START_LINE else o + _MAX_START_LINE, 10)
    base = b.n * SLOT_WIDTH
    clear(b.slots, base, SLOT_WIDTH)
    wide = b.n * WIDE_WIDTH
    b.wide[wide + ANOMALIES] = b.notes
    if keep(lower(word(b.octets, o, e)), 4) == _SIP_SLASH:
        if _status_line(b, base, wide, o, line_end) == 0:
            return 0
    elif line_end == e or _request_line(b, base, wide, o, line_end) == 0:
        return 0
    if o > first:
        b.wide[wide + ANOMALIES] |= _A_JUNK
    b.slots[base + TEXT] = o
    after = _head(b, base, wide, line_end + 1, e)
    if after < 0:
        return 0
    _body(b, base, wide, o, after, e)
    _envelope(b, base, wide)
    b.n += 1
    return 1


def _status_line(b: Batch, base: int, wide: int, o: int, e: int) -> int:
    """SIP-Version SP Status-Code SP Reason-Phrase (RFC 3261 7.2)."""
    w = word(b.octets, o, e)
    if w == _VERSION_BLANK:
        at = o + 8
    else:
        if keep(w, 7) != _VERSION:
            b.wide[wide + ANOMALIES] |= _A_VERSION
        at = find(b.octets, o, e, 32) + 1
    while at < e and b.octets[at] == 32:
        at += 1
        b.wide[wide + ANOMALIES] |= _A_SPACING
    digits = at
    status = 0
    while digits < e and digits - at < 10 and 48 <= b.octets[digits] <= 57:
        if status < 100000000:
            status = status * 10 + b.octets[digits] - 48
        digits += 1
    if digits == at:
        return 0
    if digits - at != 3 or status < 100 or status > 699:
        b.wide[wide + ANOMALIES] |= _A_STATUS
    b.slots[base + STATUS] = status
    if e > o and b.octets[e - 1] != 13:
        b.wide[wide + ANOMALIES] |= _A_BARE_LF
    return 1


def _request_line(b: Batch, base: int, wide: int, o: int, e: int) -> int:
    """Method SP Request-URI SP SIP-Version (RFC 3261 7.1), blanks forgiven."""
    end = e
    if end > o and b.octets[end - 1] == 13:
        end -= 1
    else:
        b.wide[wide + ANOMALIES] |= _A_BARE_LF
    if end - o >= 8 and peek(b.octets, end - 8) == _BLANK_VERSION:
        version = end - 7
    else:
        version = _version(b, wide, o, end)
        if version < 0:
            return 0
    uri_end = version
    while uri_end > o and (b.octets[uri_end - 1] == 32 or b.octets[uri_end - 1] == 9):
        uri_end -= 1
    method_end = _word_end(b, o, uri_end)
    uri = method_end
    while uri < uri_end and (b.octets[uri] == 32 or b.octets[uri] == 9):
        uri += 1
    if method_end == o or uri == method_end or uri >= uri_end:
        return 0
    if uri - method_end != 1 or version - uri_end != 1:
        b.wide[wide + ANOMALIES] |= _A_SPACING
    method = _method(b, o, method_end)
    if method == M_OTHER and _is_token(b, o, method_end) == 0:
        return 0  # a tunnel's header, or anything else, in front of a message
    b.slots[base + METHOD] = method
    b.slots[base + URI] = uri
    b.slots[base + URI + 1] = uri_end - uri
    return 1


def _version(b: Batch, wide: int, o: int, end: int) -> int:
    """Where an odd SIP-Version starts at the end of octets[o:end]; -1 when none is there."""
    t = end
    while t > o and (b.octets[t - 1] == 32 or b.octets[t - 1] == 9):
        t -= 1
    if t < end:
        b.wide[wide + ANOMALIES] |= _A_SPACING
    version = t
    limit = t - 16 if t - 16 > o else o
    while version > limit and b.octets[version - 1] != 32 and b.octets[version - 1] != 9:
        version -= 1
    if version == limit or keep(lower(word(b.octets, version, t)), 4) != _SIP_SLASH:
        return -1
    if t - version != 7 or word(b.octets, version, t) != _VERSION:
        b.wide[wide + ANOMALIES] |= _A_VERSION
    return version


def _word_end(b: Batch, o: int, e: int) -> int:
    """Where the first blank or control in octets[o:e] is, or e."""
    n = blank(word(b.octets, o, e))  # behind e the word holds zeros
    o += n
    if n < 8:
        return o
    while o < e and b.octets[o] > 32:
        o += 1
    return o


def _method(b: Batch, o: int, e: int) -> int:
    """Number of the method named octets[o:e]; names are case-sensitive."""
    w = word(b.octets, o, e)
    slot = (times(w ^ (e - o), _SPREAD) >> _SLOT_SHIFT) * 8
    rest = word(b.octets, o + 8, e) if e - o > 8 else 0  # the E of SUBSCRIBE
    found = value_of(_METHODS, slot, w, rest, 0, e - o)
    return found if found else M_OTHER


def _is_token(b: Batch, o: int, e: int) -> int:
    """1 when octets[o:e] are one token (RFC 3261 25.1): letters, digits, -.!%*_+`'~."""
    while o < e:
        octet = b.octets[o]
        if octet < 33 or octet > 126 or _TOKEN[octet] == 0:
            return 0
        o += 1
    return 1


def _head(b: Batch, base: int, wide: int, o: int, e: int) -> int:
    """Read the header lines from o; where the body starts, or -1: not SIP after all."""
    seen = 0
    order = 0
    count = 0
    span = 0
    notes = 0
    start = o
    ended = 0
    content_length = -1
    b.slots[base + MAX_FORWARDS] = -1
    b.slots[base + EXPIRES] = -1
    b.slots[base + CSEQ_NUMBER] = -1
    while o < e:
        eol = find(b.octets, o, e, 10)
        end = eol
        if end > o and b.octets[end - 1] == 13:
            end -= 1
        elif eol < e:
            notes |= _A_BARE_LF
        if end == o:
            ended = 1
            o = eol + 1 if eol < e else e
            break
        w0 = peek(b.octets, o)
        octet = w0 & 255
        if octet == 32 or octet == 9:
            if span:
                _unfold(b, base + span, o, end)
            o = eol + 1
            continue
        count += 1
        span = 0
        # the name, as words; they may reach behind the line, a colon there is none of it
        n = colon(w0)
        w1 = 0
        w2 = 0
        if n == 8:
            w1 = peek(b.octets, o + 8)
            n = 8 + colon(w1)
            if n == 16:
                w2 = peek(b.octets, o + 16)
                n = 16 + colon(w2)
                if n == 24:
                    n = find(b.octets, o, end, 58) - o
        if o + n >= end:
            notes |= _A_NO_COLON
            o = eol + 1
            continue
        value = o + n + 1
        n = trimmed(b.octets, o, o + n) - o
        w0 = keep(w0, n)
        order = mix(order, w0)
        slot = (times((w0 | _SMALL) ^ n, _SPREAD) >> _SLOT_SHIFT) * 8
        if n > 8:
            w1 = keep(w1, n - 8)
            w2 = keep(w2, n - 16) if n > 16 else 0
        found = value_of(_NAMES, slot, w0, w1, w2, n)
        if found:
            number = found & 255
            span = (found >> 8) & 255
            value = past_blanks(b.octets, value, end)
            end = trimmed(b.octets, value, end)
            bit = 1 << number
            if seen & bit and (span == 0 or number <= 5 or b.slots[base + span + 1]):
                span = 0  # the first counts; an empty one that tells nothing gives way
            else:
                if span:
                    put(b.slots, base + span, value, end - value)
                elif number == _H_CONTENT_LENGTH:
                    content_length = _column(_digits(b, value, end))
                    if content_length < 0:
                        notes |= _A_LENGTH_INVALID
                        content_length = -1
                elif number == _H_MAX_FORWARDS:
                    b.slots[base + MAX_FORWARDS] = _column(_digits(b, value, end))
                elif number == _H_EXPIRES:
                    b.slots[base + EXPIRES] = _column(_digits(b, value, end))
            if seen & bit & _SINGLE:
                notes |= _A_REPEATED
            seen |= bit
        o = eol + 1
    if seen & _CORE == 0 and not _sip_port(b):
        return -1
    if o > e:
        o = e
    if ended == 0:
        notes |= _A_HEAD_OPEN
    if count > _MAX_HEADERS:
        notes |= _A_MANY_HEADERS
    if o - start > _MAX_HEAD:
        notes |= _A_HEAD_LONG
    b.slots[base + HEADER_COUNT] = count
    b.slots[base + CONTENT_LENGTH] = content_length
    b.wide[wide + ORDER_HASH] = order
    b.wide[wide + ANOMALIES] |= notes | _missing(seen, b.slots[base + METHOD])
    return o


def _unfold(b: Batch, slot: int, o: int, end: int) -> int:
    """Make the span reach to the end of its continuation line octets[o:end]."""
    while end > o and (b.octets[end - 1] == 32 or b.octets[end - 1] == 9):
        end -= 1
    if end > o:
        if b.slots[slot + 1] == 0:
            while b.octets[o] == 32 or b.octets[o] == 9:
                o += 1
            b.slots[slot] = o
        b.slots[slot + 1] = end - b.slots[slot]
    return 0


def _missing(seen: int, method: int) -> int:
    """Bits for the headers that every message must have (RFC 3261 8.1.1)."""
    notes = 0
    if seen & _NEEDED == _NEEDED:
        return 0
    if seen & 2 == 0:
        notes |= _A_NO_VIA
    if seen & 4 == 0:
        notes |= _A_NO_FROM
    if seen & 8 == 0:
        notes |= _A_NO_TO
    if seen & 16 == 0:
        notes |= _A_NO_CALL_ID
    if seen & 32 == 0:
        notes |= _A_NO_CSEQ
    if seen & 1024 == 0 and method:
        notes |= _A_NO_MAX_FORWARDS
    return notes


def _sip_port(b: Batch) -> int:
    """True on ports that SIP servers use: 5060 to 5099 on either side."""
    return 5060 <= b.source_port < 5100 or 5060 <= b.destination_port < 5100


def _digits(b: Batch, o: int, e: int) -> int:
    """The number octets[o:e], 10**10 for a longer one; -2 when it is none."""
    value = 0
    if o >= e:
        return -2
    if e - o > 10:
        return _MANY if _all_digits(b, o, e) else -2
    while o < e:
        octet = b.octets[o]
        if octet < 48 or octet > 57:
            return -2
        value = value * 10 + octet - 48
        o += 1
    return value


def _column(number: int) -> int:
    """The number as it fits a 32-bit column."""
    return number if number < _INT32_MAX else _INT32_MAX


def _all_digits(b: Batch, o: int, e: int) -> int:
    while o < e:
        if b.octets[o] < 48 or b.octets[o] > 57:
            return 0
        o += 1
    return 1


def _body(b: Batch, base: int, wide: int, text: int, o: int, e: int) -> int:
    """Set body and text lengths from Content-Length and what is there (RFC 3261 18.3)."""
    b.slots[base + HEAD_LENGTH] = o - text
    length = e - o
    claimed = b.slots[base + CONTENT_LENGTH]
    if claimed > length:
        b.wide[wide + ANOMALIES] |= _A_LENGTH_BEYOND
    elif 0 <= claimed < length:
        b.wide[wide + ANOMALIES] |= _A_AFTER_BODY
        length = claimed
    if b.cut:
        b.wide[wide + ANOMALIES] |= _A_CUT
    b.slots[base + BODY_LENGTH] = length
    b.slots[base + TEXT_LENGTH] = o + length - text
    return 0


def _envelope(b: Batch, base: int, wide: int) -> int:
    """CSeq, Call-ID hash, and what the packet around the message says."""
    b.wide[wide + TIME] = b.time
    b.wide[wide + PACKET] = b.packets
    b.wide[wide + POSITION] = b.position
    b.wide[wide + SOURCE_HIGH] = b.source_high
    b.wide[wide + SOURCE_LOW] = b.source_low
    b.wide[wide + DESTINATION_HIGH] = b.destination_high
    b.wide[wide + DESTINATION_LOW] = b.destination_low
    b.slots[base + SOURCE_PORT] = b.source_port
    b.slots[base + DESTINATION_PORT] = b.destination_port
    b.slots[base + TRANSPORT] = b.transport
    b.slots[base + IP_VERSION] = b.ip_version
    b.slots[base + INTERFACE] = b.interface
    o = b.slots[base + CALL_ID]
    b.wide[wide + CALL_HASH] = _span_hash(b, o, o + b.slots[base + CALL_ID + 1])
    if b.slots[base + CSEQ + 1]:
        _cseq(b, base, wide)
    elif b.wide[wide + ANOMALIES] & _A_NO_CSEQ == 0:
        b.wide[wide + ANOMALIES] |= _A_CSEQ_INVALID
    return 0


def _cseq(b: Batch, base: int, wide: int) -> int:
    """CSeq: number, blank, method (RFC 3261 20.16)."""
    o = b.slots[base + CSEQ]
    e = o + b.slots[base + CSEQ + 1]
    stop = _word_end(b, o, e)
    number = _digits(b, o, stop)
    b.slots[base + CSEQ_NUMBER] = _column(number) if number >= 0 else -1
    while stop < e and b.octets[stop] <= 32:
        stop += 1
    method = _method(b, stop, e) if stop < e else 0
    b.slots[base + CSEQ_METHOD] = method
    if number < 0 or method == 0:
        b.wide[wide + ANOMALIES] |= _A_CSEQ_INVALID
    elif number > _INT32_MAX:
        b.wide[wide + ANOMALIES] |= _A_CSEQ_TOO_LARGE
    if method and b.slots[base + METHOD] and method != b.slots[base + METHOD]:
        b.wide[wide + ANOMALIES] |= _A_CSEQ_METHOD
    return 0


def span_hash(b: Batch, o: int, e: int) -> int:
    """64-bit hash of octets[o:e]; 0 for an empty span."""
    return _span_hash(b, o, e)


def _span_hash(b: Batch, o: int, e: int) -> int:
    if o >= e:
        return 0
    h = mix(0, e - o)
    while e - o >= 8:
        h = mix(h, le64(b.octets, o))
        o += 8
    return mix(h, word(b.octets, o, e)) if o < e else h
