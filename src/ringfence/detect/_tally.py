"""What each source did, counted: the compiled half of a profile.

How it works: every message is charged to the source that asked: a request to
its sender, a response to its receiver. One row of numbers a source (`rows`),
found by an open-addressed index; one bounded table of open transactions joins
requests with answers, so that a refusal of credentials is told from a first
challenge and a retransmission from a new request; one bounded set of pairs
counts the distinct accounts and numbers of each source. Messages that somebody
should look at (a tool's mark, a refusal, an answered call) are left in `picks`
for the interpreted half (`profile.py`), within a budget.
Rules: one pass, no allocation, every table has a bound.
"""

from __future__ import annotations

import array

try:
    import cython
except ModuleNotFoundError:  # the interpreted twin needs no Cython
    from ringfence.wire import _uncompiled as cython

from ringfence.detect import _fields as fields
from ringfence.wire.anomaly import Anomaly

if not cython.compiled:
    from ringfence.detect._fields import (
        ACCEPTED,
        ACCOUNT,
        ACCOUNTS,
        ACKS,
        ADDRESS_HIGH,
        ADDRESS_LOW,
        AGENT,
        ANONYMOUS,
        ANSWERED,
        ANSWERS,
        AUTH_ANSWER,
        AUTH_REST,
        CALLED,
        CALLERS,
        CHALLENGED,
        CHANGED,
        CLIENTS,
        CREDENTIALS,
        DIALOGS,
        ECHOED,
        ENTERED,
        FIRST,
        FORBIDDEN,
        HOSTS,
        INVENTED,
        INVITES,
        K_DECIMAL_BRANCH,
        K_DECIMAL_CALL_ID,
        K_NMAP,
        K_SIPP,
        K_SIPVICIOUS_TAG,
        K_SVCRACK_TAG,
        K_SVMAP_FROM,
        K_TOOL_AGENT,
        LAST,
        LOOPED,
        MARKS,
        MESSAGES,
        NOT_FOUND,
        NUMBER_MISSING,
        NUMBERS,
        ODD,
        OPTIONS,
        ORDER,
        OTHERS,
        P_ACCOUNT,
        P_AGENT,
        P_ANSWER,
        P_END,
        P_ENTERED,
        P_GUESS,
        P_MARK,
        P_NOT_FOUND,
        P_NUMBER,
        P_REFUSED,
        PICKED,
        PORT,
        PORTS,
        REFUSED,
        REFUSED_CALLS,
        REGISTERS,
        REJECTED,
        REPEATED,
        RESPONSES,
        RETURNS,
        ROW_WIDTH,
        SERVED,
        SERVER,
        STRANGERS,
        SUCCEEDED,
        TARGET,
        TARGETS,
        TCP,
        UNREACHED,
        WORTH,
    )
    from ringfence.wire._batch import Batch
    from ringfence.wire._columns import (
        ANOMALIES,
        AUTH,
        AUTH_NONCE,
        AUTH_RESPONSE,
        AUTH_USER,
        CALL_HASH,
        CALL_ID,
        CHALLENGE,
        CHALLENGE_NONCE,
        CSEQ_METHOD,
        CSEQ_NUMBER,
        DESTINATION_HIGH,
        DESTINATION_LOW,
        FROM,
        FROM_DISPLAY,
        FROM_HOST,
        FROM_TAG,
        FROM_USER,
        M_ACK,
        M_BYE,
        M_CANCEL,
        M_INVITE,
        M_OPTIONS,
        M_REGISTER,
        METHOD,
        ORDER_HASH,
        SLOT_WIDTH,
        SOURCE_HIGH,
        SOURCE_LOW,
        SOURCE_PORT,
        STATUS,
        TIME,
        TO,
        TO_DISPLAY,
        TO_HOST,
        TO_TAG,
        TO_USER,
        TRANSPORT,
        URI,
        URI_HOST,
        URI_USER,
        USER_AGENT,
        VIA,
        VIA_BRANCH,
        WIDE_WIDTH,
    )
    from ringfence.wire._octets import find, keep, lower, mix, word
    from ringfence.wire._parts import _digest, _name_addr, _tag, _uri
    from ringfence.wire._sip import _span_hash

# Sources counted one by one. One spoofed flood can name any number of them; when
# the rows are full the owner of the table sheds the least telling half
# (`Tally.make_room`), never a source worth a look before one that is not.
MAX_SOURCES = 65_536
# Open transactions, four to a bucket; a finished one is replaced first.
TRANSACTION_BUCKETS = 8_192
_TRANSACTION_BUCKETS = TRANSACTION_BUCKETS
# (source, account) and (source, number) pairs counted exactly; beyond, counts stand still.
PAIR_SLOTS = 1_048_576
_PAIR_SLOTS = PAIR_SLOTS
MAX_PAIRS = 786_432
_MAX_PAIRS = MAX_PAIRS
# Source ports of one source, and calls in which it was refused, counted up to here.
MAX_PORTS = 256
_MAX_PORTS = MAX_PORTS
MAX_REFUSED_CALLS = 1024
_MAX_REFUSED_CALLS = MAX_REFUSED_CALLS
# Nonces and To tags given to an address or echoed by it; a newcomer replaces.
ECHO_SLOTS = 32_768
_ECHO_SLOTS = ECHO_SLOTS
# Distinct User-Agent texts whose first bearer is shown to the interpreted half.
AGENT_SLOTS = 8192
_AGENT_SLOTS = AGENT_SLOTS
# Messages of one source that the interpreted half looks at, by what they show:
# general, calls, guesses, successes (an attacker's are never to be missed). A source not yet worth
# a look gets the first figure; counts for each class stand in 16 bits of PICKED.
MAX_PICKS = (24, 6, 0, 24, 48, 256, 32, 8192)
_LIMITS = array.array("Q", MAX_PICKS)
_GROUP_UNITS = array.array("Q", [1 << 16 * group for group in range(4)])

# A dialled string this long, or one that begins with + or 0, may leave the country:
# calls to others are looked at only when their source is worth a look anyway.
FOREIGN_DIGITS = 12
_FOREIGN_DIGITS = FOREIGN_DIGITS

# A name of so many digits is the number of somebody who calls, and no account of ours.
CALLER_DIGITS = 7
_CALLER_DIGITS = CALLER_DIGITS

# User-Agents that attack tools send when nobody changed them: first eight
# octets, small (PEERS 2b). Real products that share a prefix are not here.
_TOOL_NAMES = (
    b"friendly-scanner",
    b"sipvicious",
    b"sipcli",
    b"vaxsipuseragent",
    b"vaxuseragent",
    b"sundayddr",
    b"sivus",
    b"pplsip",
    b"siparmyknife",
    b"nsauditor",
    b"sip-scan",
    b"sipscan",
    b"nmap",
    b"smap",
    b"iwar",
    b"svmap",
    b"sipptk",
    b"sippts",
)
_TOOLS = array.array(
    "Q", [int.from_bytes(name[:8].ljust(8, b"\0"), "little") for name in _TOOL_NAMES]
)
_TOOL_LENGTHS = array.array("B", [min(len(name), 8) for name in _TOOL_NAMES])
_TOOL_COUNT = len(_TOOL_NAMES)
_LOOPBACK = int.from_bytes(b"127.", "little")
# svcrack's first REGISTER bears this From tag in every version (svcrack.py): 3206210844.
_SVCRACK_TAG = int.from_bytes(b"32062108", "little")
# SIPp writes [pid]SIPpTag[nn][call] when its scenario does not say otherwise.
_SIPP_TAG = int.from_bytes(b"SIPpTag", "little")
# svmap asks in the name of sip:100@1.1.1.1, and so do its many copies.
_SVMAP_HOST = int.from_bytes(b"1.1.1.1", "little")
_SVMAP_USER = int.from_bytes(b"100", "little")
# Nmap's SIP probe: branch=foo (nmap-service-probes).
_NMAP_BRANCH = int.from_bytes(b"foo", "little")
_BRANCH_IS = int.from_bytes(b"branch=", "little")
# An account name longer than this was not given by a person.
LONG_ACCOUNT = 128
_LONG_ACCOUNT = LONG_ACCOUNT
_STRANGE = array.array("B", [octet in b"'\"`$<>|\\{}" for octet in range(97)])
# What a sane stack never sends, and what fuzzers and exploits do.
_ODD = int(
    Anomaly.CSEQ_INVALID
    | Anomaly.CSEQ_TOO_LARGE
    | Anomaly.LENGTH_INVALID
    | Anomaly.VERSION_UNKNOWN
    | Anomaly.HEAD_TOO_LONG
    | Anomaly.TOO_MANY_HEADERS
    | Anomaly.LINE_WITHOUT_COLON
    | Anomaly.CSEQ_METHOD_MISMATCH
)
# SIPVicious branches: the cookie, a dash, a decimal number.
_COOKIE_DASH = int.from_bytes(b"z9hG4bK-", "little")


class Tally:
    """The tables of one run. `rows[i * ROW_WIDTH + FIELD]` is a number of source i."""

    def __init__(self, picks: int, sources: int = 4096) -> None:
        self.sources = sources
        self.n = 0
        self.rows = array.array("Q", bytes(8 * fields.ROW_WIDTH * sources))
        self.index = array.array("I", bytes(4 * 4 * sources))
        self.transactions = array.array("Q", bytes(8 * 2 * 4 * TRANSACTION_BUCKETS))
        self.pairs = array.array("Q", bytes(8 * PAIR_SLOTS))
        self.agents = array.array("Q", bytes(8 * AGENT_SLOTS))
        self.echoes = array.array("Q", bytes(8 * ECHO_SLOTS))
        self.pair_count = 0
        self.agent_count = 0
        self.picks = array.array("q", bytes(8 * 3 * picks))
        self.pick_count = 0
        self.unmatched = 0

    def reindex(self) -> None:
        """Rebuild the index from the rows, at four slots a source."""
        self.index = array.array("I", bytes(4 * 4 * self.sources))
        for i in range(self.n):
            place(self, i)


def place(t: Tally, i: int) -> int:
    """Enter source i into the index."""
    return _place(t, i)


def _place(t: Tally, i: int) -> int:
    high = t.rows[i * ROW_WIDTH + ADDRESS_HIGH]
    low = t.rows[i * ROW_WIDTH + ADDRESS_LOW]
    size = 4 * t.sources
    slot = mix(mix(1, low), high) % size
    while t.index[slot]:
        slot = slot + 1 if slot + 1 < size else 0
    t.index[slot] = i + 1
    return 0


def tally(t: Tally, b: Batch, first: int) -> int:
    """Count rows `first` to the last of the batch; the next row, less if sources are full."""
    with cython.nogil:
        first = _tally(t, b, first)
    return first


def _tally(t: Tally, b: Batch, row: int) -> int:
    while row < b.n:
        if t.n + 2 > t.sources:
            return row
        base = row * SLOT_WIDTH
        wide = row * WIDE_WIDTH
        if b.slots[base + METHOD]:
            _request(t, b, row, base, wide)
        else:
            _response(t, b, row, base, wide)
        row += 1
    return row


def _source(t: Tally, high: int, low: int) -> int:
    """Offset of the row of this address, made when it is new."""
    size = 4 * t.sources
    slot = mix(mix(1, low), high) % size
    while t.index[slot]:
        o = (t.index[slot] - 1) * ROW_WIDTH
        if t.rows[o + ADDRESS_LOW] == low and t.rows[o + ADDRESS_HIGH] == high:
            return o
        slot = slot + 1 if slot + 1 < size else 0
    o = t.n * ROW_WIDTH
    t.n += 1
    t.index[slot] = t.n
    t.rows[o + ADDRESS_HIGH] = high
    t.rows[o + ADDRESS_LOW] = low
    return o


def _seen(t: Tally, o: int, time: int) -> int:
    if t.rows[o + FIRST] == 0 or time < t.rows[o + FIRST]:
        t.rows[o + FIRST] = time
    if time > t.rows[o + LAST]:
        t.rows[o + LAST] = time
    return 0


def _port(t: Tally, b: Batch, base: int, o: int) -> int:
    """Count the ports that it speaks from, and how often it comes back to one of them."""
    port = b.slots[base + SOURCE_PORT]
    if t.rows[o + PORT] == port:
        return 0
    if t.rows[o + PORTS] == 0:
        t.rows[o + PORTS] = 1
    elif t.rows[o + PORTS] < _MAX_PORTS:
        if t.rows[o + PORTS] == 1:
            _new_pair(t, o, t.rows[o + PORT], 5)
        if _new_pair(t, o, port, 5):
            t.rows[o + PORTS] += 1
        else:
            t.rows[o + RETURNS] += 1
    t.rows[o + PORT] = port
    return 0


def _pick(t: Tally, row: int, o: int, reason: int) -> int:
    group = 0
    if reason & (P_ENTERED | P_ANSWER | P_END):
        group = 3
    elif reason & P_NUMBER:
        group = 1
    elif reason & P_GUESS:
        group = 2
    limit = _LIMITS[group + 4 if t.rows[o + WORTH] else group]
    if ((t.rows[o + PICKED] >> (16 * group)) & 65535) >= limit and not reason & (P_AGENT | P_MARK):
        return 0
    t.rows[o + PICKED] += _GROUP_UNITS[group]
    p = t.pick_count * 3
    t.picks[p] = row
    t.picks[p + 1] = o // ROW_WIDTH
    t.picks[p + 2] = reason
    t.pick_count += 1
    return 0


def _request(t: Tally, b: Batch, row: int, base: int, wide: int) -> int:
    method = b.slots[base + METHOD]
    o = _source(t, b.wide[wide + SOURCE_HIGH], b.wide[wide + SOURCE_LOW])
    server = _source(t, b.wide[wide + DESTINATION_HIGH], b.wide[wide + DESTINATION_LOW])
    t.rows[server + SERVED] += 1
    _seen(t, o, b.wide[wide + TIME])
    t.rows[o + MESSAGES] += 1
    _port(t, b, base, o)
    asked = server // ROW_WIDTH + 1
    if t.rows[o + SERVER] != asked:
        t.rows[o + SERVER] = asked
        client = mix(t.rows[o + ADDRESS_LOW], t.rows[o + ADDRESS_HIGH])
        if _new_pair(t, server, client, 4):
            t.rows[server + CLIENTS] += 1
            t.rows[o + HOSTS] += 1
            if t.rows[o + HOSTS] == 4:
                t.rows[o + WORTH] |= 128
    if b.slots[base + TRANSPORT] != 1:
        t.rows[o + TCP] += 1
    if method == M_ACK:
        t.rows[o + ACKS] += 1
        _prove_dialog(t, b, o, base)
        return 0
    credentials = 1 if b.slots[base + AUTH + 1] else 0
    opened = _open(t, b, base, wide, o, credentials)
    if opened == 0:
        t.rows[o + REPEATED] += 1
        return 0
    reason = _agent(t, b, base, wide, o)
    if method == M_INVITE or method == M_BYE:
        in_dialog = _prove_dialog(t, b, o, base)
        if method == M_BYE:
            if t.rows[o + PICKED] >> 16:
                reason |= P_END
        elif in_dialog == 0:
            t.rows[server + CALLED] += 1
            reason |= _call(t, b, base, o)
    elif method == M_REGISTER:
        t.rows[o + REGISTERS] += 1
    elif method == M_OPTIONS:
        t.rows[o + OPTIONS] += 1
        _target(t, b, base, o)
        if t.rows[o + OPTIONS] == 5:
            t.rows[o + WORTH] |= 1
    else:
        t.rows[o + OTHERS] += 1
        _target(t, b, base, o)
    if b.wide[wide + ANOMALIES] & _ODD:
        t.rows[o + ODD] += 1
        if t.rows[o + ODD] == 3:
            t.rows[o + WORTH] |= 64
    reason |= _account(t, b, base, o, credentials)
    reason |= _marks(t, b, base, o)
    if t.rows[o + MARKS] & K_SIPVICIOUS_TAG:
        reason |= P_GUESS
    if reason:
        _pick(t, row, o, reason)
    if opened == 2:
        _late_outcome(t, b, row, base, wide, o, credentials)
    return 0


def _call(t: Tally, b: Batch, base: int, o: int) -> int:
    """A new call: count it and the distinct numbers."""
    t.rows[o + INVITES] += 1
    at = b.slots[base + URI]
    _uri(b, base + URI_USER, base + URI_HOST, at, at + b.slots[base + URI + 1])
    at = b.slots[base + URI_USER]
    number = _span_hash(b, at, at + b.slots[base + URI_USER + 1])
    new = _new_pair(t, o, number, 2)
    if new:
        t.rows[o + NUMBERS] += 1
    if t.rows[o + WORTH]:
        return P_NUMBER if new or t.rows[o + INVITES] < 16 else 0
    length = b.slots[base + URI_USER + 1]
    # Nobody, and a loopback address: what forged calls ask for.
    if length >= _FOREIGN_DIGITS or length == 0:
        return P_NUMBER
    if (
        b.slots[base + URI_HOST + 1] > 4
        and keep(word(b.octets, b.slots[base + URI_HOST], b.slots[base + URI_HOST] + 4), 4)
        == _LOOPBACK
    ):
        return P_NUMBER
    return P_NUMBER if length > 7 and (b.octets[at] == 43 or b.octets[at] == 48) else 0


def _target(t: Tally, b: Batch, base: int, o: int) -> int:
    """Count the distinct users that OPTIONS, SUBSCRIBE and the like ask for."""
    at = b.slots[base + URI]
    _uri(b, base + URI_USER, base + URI_HOST, at, at + b.slots[base + URI + 1])
    at = b.slots[base + URI_USER]
    target = _span_hash(b, at, at + b.slots[base + URI_USER + 1])
    if target != t.rows[o + TARGET]:
        t.rows[o + TARGET] = target
        if target and _new_pair(t, o, target, 3):
            t.rows[o + TARGETS] += 1
    return 0


def _account(t: Tally, b: Batch, base: int, o: int, credentials: int) -> int:
    """Count the account that this request speaks for; from two on it is worth a look."""
    if credentials:
        t.rows[o + CREDENTIALS] += 1
        at = b.slots[base + AUTH]
        _digest(b, base, at, at + b.slots[base + AUTH + 1], 1)
        _prove_nonce(t, b, o, base)
        _password_changed(t, b, base, o)
        at = b.slots[base + AUTH_USER]
        length = b.slots[base + AUTH_USER + 1]
    else:
        if b.slots[base + METHOD] == M_REGISTER:
            at = b.slots[base + TO]
            _name_addr(b, base, TO_DISPLAY, TO_USER, TO_HOST, at, at + b.slots[base + TO + 1])
            at = b.slots[base + TO_USER]
            length = b.slots[base + TO_USER + 1]
        else:
            at = b.slots[base + FROM]
            _name_addr(
                b, base, FROM_DISPLAY, FROM_USER, FROM_HOST, at, at + b.slots[base + FROM + 1]
            )
            at = b.slots[base + FROM_HOST]
            if b.slots[base + FROM_HOST + 1] == 7 and word(b.octets, at, at + 7) == _SVMAP_HOST:
                at = b.slots[base + FROM_USER]
                if word(b.octets, at, at + b.slots[base + FROM_USER + 1]) == _SVMAP_USER:
                    t.rows[o + MARKS] |= K_SVMAP_FROM
                    t.rows[o + WORTH] |= 4
            at = b.slots[base + FROM_USER]
            length = b.slots[base + FROM_USER + 1]
    account = _span_hash(b, at, at + length)
    if account == t.rows[o + ACCOUNT]:
        return 0
    if credentials == 0 and b.slots[base + METHOD] != M_REGISTER:
        if _is_caller(b, at, at + length):
            if _new_pair(t, o, account, 7):
                t.rows[o + CALLERS] += 1
            return 0
        if _is_word(b, at, at + length):
            return 0  # anonymous, Unavailable, Restricted
    t.rows[o + ACCOUNT] = account
    _strange(t, b, o, at, at + length)
    if length and _new_pair(t, o, account, 1):
        t.rows[o + ACCOUNTS] += 1
        if t.rows[o + ACCOUNTS] > 1:
            t.rows[o + WORTH] |= 2
            return P_ACCOUNT
    return 0


def _is_caller(b: Batch, at: int, end: int) -> int:
    """Whether a name is a telephone number: carriers bring calls in the name of their callers."""
    if at < end and b.octets[at] == 43:
        at += 1
    digits = end - at
    while at < end and 48 <= b.octets[at] <= 57:
        at += 1
    return at == end and digits >= _CALLER_DIGITS


def _is_word(b: Batch, at: int, end: int) -> int:
    """Whether a name is of letters only."""
    while at < end and 97 <= b.octets[at] | 32 <= 122:
        at += 1
    return at == end


def _strange(t: Tally, b: Batch, o: int, at: int, end: int) -> int:
    """Octets that no account name has, and that SQL, a shell or a page would obey."""
    strange = end - at > _LONG_ACCOUNT
    while at < end and not strange:
        octet = b.octets[at]
        strange = octet < 32 or (octet < 97 and _STRANGE[octet])
        at += 1
    if strange:
        t.rows[o + STRANGERS] += 1
        t.rows[o + WORTH] |= 64
    return 0


def _password_changed(t: Tally, b: Batch, base: int, o: int) -> int:
    """Two answers to one challenge that differ in nothing but the digest: two passwords."""
    at = b.slots[base + AUTH]
    end = at + b.slots[base + AUTH + 1]
    digest = b.slots[base + AUTH_RESPONSE]
    if digest == 0:
        return 0
    after = digest + b.slots[base + AUTH_RESPONSE + 1]
    rest = mix(_span_hash(b, at, digest), _span_hash(b, after, end))
    answer = _span_hash(b, digest, after)
    if t.rows[o + AUTH_REST] == rest and t.rows[o + AUTH_ANSWER] != answer:
        t.rows[o + CHANGED] += 1
        t.rows[o + WORTH] |= 8
    t.rows[o + AUTH_REST] = rest
    t.rows[o + AUTH_ANSWER] = answer
    return 0


def _new_pair(t: Tally, o: int, what: int, kind: int) -> int:
    """Whether this source was not seen with `what` before; 0 once the set is full."""
    key = mix(mix(mix(what, t.rows[o + ADDRESS_LOW]), t.rows[o + ADDRESS_HIGH]), kind)
    if key == 0:
        key = 1
    slot = key % _PAIR_SLOTS
    while t.pairs[slot]:
        if t.pairs[slot] == key:
            return 0
        slot = slot + 1 if slot + 1 < _PAIR_SLOTS else 0
    if t.pair_count >= _MAX_PAIRS:
        return 0
    t.pairs[slot] = key
    t.pair_count += 1
    return 1


def _agent(t: Tally, b: Batch, base: int, wide: int, o: int) -> int:
    """Keep the User-Agent's hash; a text never seen before is to be looked at once."""
    at = b.slots[base + USER_AGENT]
    length = b.slots[base + USER_AGENT + 1]
    agent = _span_hash(b, at, at + length)
    # Kept of its earliest request, in whatever order they are read.
    if b.wide[wide + TIME] == t.rows[o + FIRST] or t.rows[o + ORDER] == 0:
        t.rows[o + ORDER] = b.wide[wide + ORDER_HASH]
        if t.rows[o + AGENT] != agent:
            t.rows[o + AGENT] = agent
        elif t.rows[o + MESSAGES] > 1:
            return 0
    elif t.rows[o + AGENT] == agent:
        return 0
    if length == 0:
        return 0
    if _is_tool(b, at, length):
        t.rows[o + MARKS] |= K_TOOL_AGENT
        t.rows[o + WORTH] |= 4
    slot = agent % _AGENT_SLOTS
    if t.agents[slot] == agent:
        return 0
    t.agents[slot] = agent
    return P_AGENT


def _is_tool(b: Batch, at: int, length: int) -> int:
    """Whether a User-Agent begins with a tool's name; short names must end there."""
    first = lower(word(b.octets, at, at + length))
    for i in range(_TOOL_COUNT):
        n = _TOOL_LENGTHS[i]
        if length < n or keep(first, n) != _TOOLS[i]:
            continue
        if n == 8 or length == n:
            return 1
        octet = b.octets[at + n] | 32
        if octet < 97 or octet > 122:
            return 1
    return 0


def _is_sipp(b: Batch, at: int, end: int) -> int:
    """Whether a From tag is digits and SIPp's own word."""
    while at < end and 48 <= b.octets[at] <= 57:
        at += 1
    return at + 7 <= end and word(b.octets, at, at + 7) == _SIPP_TAG


def _marks(t: Tally, b: Batch, base: int, o: int) -> int:
    """Marks that tools leave in tags, Call-IDs and branches; P_MARK when one is new."""
    before = t.rows[o + MARKS]
    at = b.slots[base + FROM]
    end = at + b.slots[base + FROM + 1]
    _tag(b, base + FROM_TAG, at, end)
    at = b.slots[base + FROM_TAG]
    length = b.slots[base + FROM_TAG + 1]
    if length >= 8:
        _tag_marks(t, b, o, at, at + length)
        if t.rows[o + MARKS] & K_SIPP == 0 and _is_sipp(b, at, at + length):
            t.rows[o + MARKS] |= K_SIPP
    at = b.slots[base + CALL_ID]
    if b.slots[base + CALL_ID + 1] and _decimal(b, at, at + b.slots[base + CALL_ID + 1]):
        t.rows[o + MARKS] |= K_DECIMAL_CALL_ID
    at = b.slots[base + VIA_BRANCH]
    length = b.slots[base + VIA_BRANCH + 1]
    if length == 3 and word(b.octets, at, at + 3) == _NMAP_BRANCH:
        t.rows[o + MARKS] |= K_NMAP
    if (
        length > 8
        and word(b.octets, at, at + 8) == _COOKIE_DASH
        and _decimal(b, at + 8, at + length)
    ):
        t.rows[o + MARKS] |= K_DECIMAL_BRANCH
    if t.rows[o + MARKS] != before:
        if t.rows[o + MARKS] & (K_SIPVICIOUS_TAG | K_SVCRACK_TAG | K_NMAP | K_TOOL_AGENT):
            t.rows[o + WORTH] |= 4
        return P_MARK
    return 0


def _tag_marks(t: Tally, b: Batch, o: int, at: int, end: int) -> int:
    """SIPVicious From tags are hex with the octet 01 between target and random part."""
    if (
        end - at == 10
        and word(b.octets, at, at + 8) == _SVCRACK_TAG
        and b.octets[at + 8] == 52 == b.octets[at + 9]
    ):
        t.rows[o + MARKS] |= K_SVCRACK_TAG
    if (end - at) & 1:
        return 0
    digits = -1  # decimal digits after the octet 01; -1 before it
    i = at
    while i < end:
        high = _nibble(b.octets[i])
        low = _nibble(b.octets[i + 1])
        if high < 0 or low < 0:
            return 0
        if digits >= 0:
            if high != 3 or low > 9:
                return 0
            digits += 1
        elif high == 0 and low == 1 and i > at:
            digits = 0
        elif high < 2 or high > 7:
            return 0
        i += 2
    if digits >= 3:
        t.rows[o + MARKS] |= K_SIPVICIOUS_TAG
    return 0


def _nibble(octet: int) -> int:
    if 48 <= octet <= 57:
        return octet - 48
    if 97 <= octet <= 102:
        return octet - 87
    return -1


def _decimal(b: Batch, o: int, e: int) -> int:
    while o < e:
        if b.octets[o] < 48 or b.octets[o] > 57:
            return 0
        o += 1
    return 1


def _prove_nonce(t: Tally, b: Batch, o: int, base: int) -> int:
    """An answer to a challenge that went to this address proves the address."""
    at = b.slots[base + AUTH_NONCE]
    proof = _prove(t, b, o, at, at + b.slots[base + AUTH_NONCE + 1], 4, 0)
    if proof:
        t.rows[o + ECHOED] += 1
    elif b.slots[base + AUTH_NONCE + 1]:
        t.rows[o + INVENTED] += 1
    return 0


def _prove_dialog(t: Tally, b: Batch, o: int, base: int) -> int:
    """1 when the request bears a To tag; one that we gave to this address proves it."""
    at = b.slots[base + TO]
    _tag(b, base + TO_TAG, at, at + b.slots[base + TO + 1])
    at = b.slots[base + TO_TAG]
    if b.slots[base + TO_TAG + 1] == 0:
        return 0
    if _prove(t, b, o, at, at + b.slots[base + TO_TAG + 1], 6, 0):
        t.rows[o + DIALOGS] += 1
    return 1


def _key(b: Batch, base: int, wide: int, high: int, low: int, method: int) -> int:
    """Transaction key (RFC 3261 17.1.3) at this hop, never 0.

    It is made of the branch and, because tools keep one branch or one CSeq for ever,
    of Call-ID, CSeq and client address as well.
    """
    branch = 0
    at = b.slots[base + VIA]
    end = at + b.slots[base + VIA + 1]
    while at < end:
        at = find(b.octets, at, end, 59) + 1
        if at + 7 <= end and keep(lower(word(b.octets, at, end)), 7) == _BRANCH_IS:
            stop = find(b.octets, at, end, 59)
            _keep_branch(b, base, at + 7, stop)
            branch = _span_hash(b, at + 7, stop)
            break
    number = b.slots[base + CSEQ_NUMBER]  # first widened: 2**31-1 and 2 are no int32
    number += 2
    key = mix(mix(mix(mix(b.wide[wide + CALL_HASH], number * 16 + method), low), high), branch)
    return key if key else 1


def _keep_branch(b: Batch, base: int, o: int, e: int) -> int:
    b.slots[base + VIA_BRANCH] = o
    b.slots[base + VIA_BRANCH + 1] = e - o
    return 0


def _open(t: Tally, b: Batch, base: int, wide: int, o: int, credentials: int) -> int:
    """Enter a request's transaction; 0 for a retransmission, 2 when its answer came before it."""
    key = _key(
        b, base, wide, b.wide[wide + SOURCE_HIGH], b.wide[wide + SOURCE_LOW], b.slots[base + METHOD]
    )
    at = _transaction(t, key)
    if t.transactions[at] == key:
        if t.transactions[at + 1] & 4 == 0:
            return 0
        t.transactions[at + 1] = (t.transactions[at + 1] & ~7) | 2 | credentials
        return 2
    tagged = 0
    if b.slots[base + METHOD] == M_INVITE:
        to = b.slots[base + TO]
        _tag(b, base + TO_TAG, to, to + b.slots[base + TO + 1])
        if b.slots[base + TO_TAG + 1]:
            tagged = 8
    t.transactions[at] = key
    t.transactions[at + 1] = (o // ROW_WIDTH) * 65536 + tagged + credentials
    return 1


def _transaction(t: Tally, key: int) -> int:
    """Place of this transaction, or the place that it may take: empty, finished, any."""
    bucket = (key % _TRANSACTION_BUCKETS) * 8
    victim = bucket + 2 * (key >> 62)
    for i in range(4):
        at = bucket + 2 * i
        if t.transactions[at] == key:
            return at
        if t.transactions[at] == 0 or t.transactions[at + 1] & 2:
            victim = at
    return victim


def _response(t: Tally, b: Batch, row: int, base: int, wide: int) -> int:
    status = b.slots[base + STATUS]
    method = b.slots[base + CSEQ_METHOD]
    o = _source(t, b.wide[wide + DESTINATION_HIGH], b.wide[wide + DESTINATION_LOW])
    server = _source(t, b.wide[wide + SOURCE_HIGH], b.wide[wide + SOURCE_LOW])
    _seen(t, o, b.wide[wide + TIME])
    t.rows[o + RESPONSES] += 1
    t.rows[server + ANSWERS] += 1
    if (status < 200 and method != M_INVITE) or status > 699:
        return 0
    key = _key(
        b, base, wide, b.wide[wide + DESTINATION_HIGH], b.wide[wide + DESTINATION_LOW], method
    )
    at = _transaction(t, key)
    if method == M_INVITE and status > 100:
        repeats = t.transactions[at] == key and t.transactions[at + 1] & 8
        if not repeats:
            _give_tag(t, b, base, o)
    if status < 200:
        return 0
    credentials = 0
    if t.transactions[at] == key:
        if t.transactions[at + 1] & 6:
            return 0
        t.transactions[at + 1] |= 2 + status * 16
        credentials = t.transactions[at + 1] & 1
    else:
        # Its request was not seen, or is still to come: a capture may hold the
        # directions out of order, in two files, or only one of them.
        t.unmatched += 1
        t.transactions[at] = key
        t.transactions[at + 1] = (o // ROW_WIDTH) * 65536 + status * 16 + 4
        if status == 401 or status == 407:
            _challenge(t, b, base, o)
        return 0
    reason = _outcome(t, b, base, o, status, method, credentials)
    if reason:
        _pick(t, row, o, reason)
    return 0


def _give_tag(t: Tally, b: Batch, base: int, o: int) -> int:
    """Remember the To tag that goes to this address.

    A tag that the request brought along is only repeated (RFC 3261 8.2.6.2), and
    proves nothing: whoever forges an address can make one up.
    """
    at = b.slots[base + TO]
    _tag(b, base + TO_TAG, at, at + b.slots[base + TO + 1])
    at = b.slots[base + TO_TAG]
    if _prove(t, b, o, at, at + b.slots[base + TO_TAG + 1], 6, 1) == 1:
        t.rows[o + DIALOGS] += 1
    return 0


def _late_outcome(
    t: Tally, b: Batch, row: int, base: int, wide: int, o: int, credentials: int
) -> int:
    """Count the answer that was seen before this request."""
    method = b.slots[base + METHOD]
    key = _key(b, base, wide, b.wide[wide + SOURCE_HIGH], b.wide[wide + SOURCE_LOW], method)
    status = (t.transactions[_transaction(t, key) + 1] >> 4) & 1023
    t.unmatched -= 1
    reason = _outcome(t, b, base, o, status, method, credentials)
    if reason:
        _pick(t, row, o, reason)
    return 0


def _challenge(t: Tally, b: Batch, base: int, o: int) -> int:
    """Remember the nonce that goes to this address."""
    at = b.slots[base + CHALLENGE]
    _digest(b, base, at, at + b.slots[base + CHALLENGE + 1], 0)
    at = b.slots[base + CHALLENGE_NONCE]
    if _prove(t, b, o, at, at + b.slots[base + CHALLENGE_NONCE + 1], 4, 1) == 1:
        t.rows[o + ECHOED] += 1
        t.rows[o + INVENTED] -= 1
    return 0


def _prove(t: Tally, b: Batch, o: int, at: int, end: int, kind: int, given: int) -> int:
    """Join what was given to an address (nonce, To tag) with its echo, in either order.

    1 when this call completes the pair for the first time, 2 when it was complete.
    """
    what = _span_hash(b, at, end)
    if what == 0:
        return 0
    key = mix(mix(mix(what, t.rows[o + ADDRESS_LOW]), t.rows[o + ADDRESS_HIGH]), kind) & ~3
    slot = (key >> 2) % _ECHO_SLOTS
    if t.echoes[slot] & ~3 != key:
        t.echoes[slot] = key
    before = t.echoes[slot] & 3
    t.echoes[slot] |= 1 if given else 2
    if t.echoes[slot] & 3 != 3:
        return 0
    return 2 if before == 3 else 1


def _outcome(
    t: Tally, b: Batch, base: int, o: int, status: int, method: int, credentials: int
) -> int:
    """Count a final answer; the reason to look at it, or 0."""
    if status == 401 or status == 407:
        if b.slots[base + CHALLENGE + 1]:
            _challenge(t, b, base, o)
        if credentials == 0:
            t.rows[o + CHALLENGED] += 1
            return 0
    if credentials and (
        status == 401
        or status == 407
        or (status == 403 and (method == M_REGISTER or method == M_INVITE))
    ):
        t.rows[o + REFUSED] += 1
        t.rows[o + WORTH] |= 8
        if t.rows[o + REFUSED_CALLS] < _MAX_REFUSED_CALLS:
            call = b.wide[base // SLOT_WIDTH * WIDE_WIDTH + CALL_HASH]
            if _new_pair(t, o, call, 6):
                t.rows[o + REFUSED_CALLS] += 1
        return P_REFUSED
    if status < 300:
        return _success(t, o, method, credentials)
    if status == 404 or status == 604 or status == 484:
        if method != M_REGISTER and credentials:
            t.rows[o + NUMBER_MISSING] += 1  # a wrong number or a stale lamp, of an account
            return 0
        t.rows[o + NOT_FOUND] += 1
        if t.rows[o + NOT_FOUND] > 1:
            t.rows[o + WORTH] |= 16
        return P_NOT_FOUND
    if status >= 400 and method != M_CANCEL:
        t.rows[o + REJECTED] += 1
        if status == 403 and credentials == 0:
            t.rows[o + FORBIDDEN] += 1
        elif status == 482 or status == 483:
            t.rows[o + LOOPED] += 1
        elif method == M_INVITE and (
            status == 480 or status == 486 or status == 487 or status == 600 or status == 603
        ):
            t.rows[o + UNREACHED] += 1
        if t.rows[o + REJECTED] == 8:
            t.rows[o + WORTH] |= 32
    return 0


def _success(t: Tally, o: int, method: int, credentials: int) -> int:
    t.rows[o + SUCCEEDED] += 1
    if method == M_INVITE:
        t.rows[o + ANSWERED] += 1
        return P_ANSWER if t.rows[o + PICKED] >> 16 or t.rows[o + WORTH] else 0
    if method == M_REGISTER:
        if credentials == 0:
            t.rows[o + ANONYMOUS] += 1
            return 0
        t.rows[o + ACCEPTED] += 1
        if t.rows[o + WORTH]:
            t.rows[o + ENTERED] += 1
            return P_ENTERED
    return 0
