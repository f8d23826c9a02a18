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
from hashlib import blake2b

try:
    import cython
except ModuleNotFoundError:  # the interpreted twin needs no Cython
    from ringfence.wire import _uncompiled as cython

from ringfence.detect import _fields as fields
from ringfence.detect._calls import UNHEARD, Calls
from ringfence.wire.anomaly import Anomaly

if not cython.compiled:
    from ringfence.detect._calls import (
        _confirm_call,
        _end_call,
        _enter_call,
        _key_of_call,
        _write_name,
    )
    from ringfence.detect._fields import (
        ACCEPTED,
        ACCEPTED_AT,
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
        C_ACCOUNT,
        C_EARLY,
        C_NUMBER,
        C_STATE,
        C_TRANSACTION,
        CALLED,
        CALLERS,
        CHALLENGED,
        CHANGED,
        CLIENTS,
        CREDENTIALS,
        D_ACCOUNT,
        D_CALLER,
        D_CLIENT,
        D_HOST,
        D_NUMBER,
        D_PORT,
        D_REFUSED_CALL,
        D_TARGET,
        DIALOGS,
        ECHOED,
        ENTERED,
        FIRST,
        FORBIDDEN,
        HAND,
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
        NUMBER,
        NUMBER_MISSING,
        NUMBERS,
        ODD,
        OPTIONS,
        ORDER,
        OTHERS,
        P_ACCOUNT,
        P_AGENT,
        P_ANSWER,
        P_EARLY,
        P_ENTERED,
        P_GUESS,
        P_LATE,
        P_MARK,
        P_NOT_FOUND,
        P_NUMBER,
        P_QUIET,
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
        SINCE,
        STRANGERS,
        SUCCEEDED,
        T_CREDENTIALS,
        T_DONE,
        T_EARLY,
        T_ODD,
        T_TAGGED,
        TARGET,
        TARGETS,
        TCP,
        UNREACHED,
        WORTH,
    )
    from ringfence.detect._spans import fold, seek, spread
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
    from ringfence.wire._octets import keep, lower, word
    from ringfence.wire._parts import _digest, _name_addr, _uri

# Sources counted one by one. One spoofed flood can name any number of them; when
# the rows are full the owner of the table sheds the least telling half
# (`Tally.make_room`), never a source worth a look before one that is not. Entries
# of the other tables name a row in 16 bits.
MAX_SOURCES = 65_536
# Places looked at for one address: the seed keeps them few. A source that finds
# none of them free is counted in a row of its own at each message, until it is shed.
MAX_PROBES = 128
_MAX_PROBES = MAX_PROBES
# Open transactions, four to a bucket; a finished one is replaced first.
TRANSACTION_BUCKETS = 8_192
_BUCKET_MASK = TRANSACTION_BUCKETS - 1
# (source, account) and (source, number) pairs counted exactly; beyond, counts stand still.
PAIR_SLOTS = 1_048_576
_PAIR_MASK = PAIR_SLOTS - 1
MAX_PAIRS = 786_432
_MAX_PAIRS = MAX_PAIRS
# What a source does so often makes it worth a look: pings, odd messages, hosts asked,
# calls that nobody answered, numbers that do not exist, rejections, challenges ignored.
_MANY_OPTIONS = 5
_MANY_ODD = 3
_MANY_HOSTS = 4
_MANY_UNHEARD = 8
_MANY_MISSING = 3
_MANY_REJECTED = 8
_MANY_IGNORED = 8
# Source ports of one source, and calls in which it was refused, counted up to here.
MAX_PORTS = 256
_MAX_PORTS = MAX_PORTS
MAX_REFUSED_CALLS = 1024
_MAX_REFUSED_CALLS = MAX_REFUSED_CALLS
# Nonces and To tags given to an address or echoed by it, four to a bucket; where it is
# full a newcomer replaces.
ECHO_SLOTS = 32_768
_ECHO_MASK = ECHO_SLOTS - 1
# An entry of echoes: 44 bits of its hash (the place says the others), 16 of the row,
# one for the kind, three for what was seen. One of pairs: 37 bits of its hash, 7 of
# the distance from its place, 16 of the row, one for a strange name, three for the
# kind; _GONE is left by a source that was shed.
_HASH_BITS = 0xFFFF_FFFF_FFF0_0000
_PAIR_HASH = 0xFFFF_FFFF_F800_0000
_PAIR_IS = 0xFFFF_FFFF_FFF0_0007
_STEP = 1 << 20
_GONE = 8
# Distinct User-Agent texts whose first bearer is shown to the interpreted half.
AGENT_SLOTS = 8192
_AGENT_SLOTS = AGENT_SLOTS
_AGENT_MASK = AGENT_SLOTS - 1
# Messages of one source that the interpreted half looks at, by what they show:
# general, calls, guesses, successes (an attacker's are never to be missed). A source not yet worth
# a look gets the first figure; counts for each class stand in 16 bits of PICKED.
MAX_PICKS = (24, 6, 0, 24, 48, 256, 32, 8192)
_LIMITS = array.array("Q", MAX_PICKS)
_GROUP_UNITS = array.array("Q", [1 << 16 * group for group in range(4)])
# Answers read before their request came, kept until it does (`Watch`): successes
# and failures have a budget each, so that neither can use up the other's.
MAX_EARLY = 4096
_MAX_EARLY = MAX_EARLY

# A dialled string this long, or one that begins with + or 0, may leave the country:
# calls to others are looked at only when their source is worth a look anyway.
FOREIGN_DIGITS = 12
_FOREIGN_DIGITS = FOREIGN_DIGITS

# In place of the tags of a dialog whose answers are not seen.
_UNHEARD = UNHEARD
# A number this long may cost something: its answered calls are all kept (`_calls.py`).
# Extensions are shorter; calls to them are kept when their source is looked at anyway.
COSTLY_DIGITS = 7
_COSTLY_DIGITS = COSTLY_DIGITS

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


def _name(name: bytes) -> int:
    return int.from_bytes(name[:8], "little")


_LOOPBACK = _name(b"127.")
# svcrack's first REGISTER bears this From tag in every version (svcrack.py): 3206210844.
_SVCRACK_TAG = _name(b"32062108")
# SIPp writes [pid]SIPpTag[nn][call] when its scenario does not say otherwise.
_SIPP_TAG = _name(b"SIPpTag")
# svmap asks in the name of sip:100@1.1.1.1, and so do its many copies.
_SVMAP_HOST = _name(b"1.1.1.1")
_SVMAP_USER = _name(b"100")
# Nmap's SIP probe: branch=foo (nmap-service-probes).
_NMAP_BRANCH = _name(b"foo")
_BRANCH_IS = _name(b"branch=")
_TAG = _name(b"tag")
_TAG_IS = _name(b"tag=")
_SIP = _name(b"sip:")
_BRACKET_SIP = _name(b"<sip:")
_USERNAME = _name(b"username")
_NONCE = _name(b"nonce")
_RESPONSE = _name(b"response")
# Parameters of a digest that are passed over.
_PASSED = array.array(
    "Q",
    [_name(n) for n in (b"realm", b"uri", b"algorith", b"cnonce", b"nc", b"qop", b"opaque")],
)
_PASSED_COUNT = len(_PASSED)
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
_COOKIE_DASH = _name(b"z9hG4bK-")
_GIVEN = 1
_ECHOED = 2
_GIVEN_EARLY = 4


class Tally:
    """The tables of one run. `rows[i * ROW_WIDTH + FIELD]` is a number of source i.

    A seed that strangers do not know keeps them from choosing what falls together
    in the tables. What is counted does not depend on it.
    """

    def __init__(self, picks: int, sources: int = 4096, seed: int = 0) -> None:
        if sources > MAX_SOURCES:
            raise ValueError(f"{sources} sources are more than {MAX_SOURCES}")
        self.sources = sources
        self.n = 0
        self.seed = whitened(seed, 1)
        self.other = whitened(seed, 2)
        self.rows = array.array("Q", bytes(8 * fields.ROW_WIDTH * sources))
        self.index = array.array("I", bytes(4 * index_size(sources)))
        self.mask = len(self.index) - 1
        self.transactions = array.array("Q", bytes(8 * 2 * 4 * TRANSACTION_BUCKETS))
        self.pairs = array.array("Q", bytes(8 * PAIR_SLOTS))
        self.agents = array.array("Q", bytes(8 * AGENT_SLOTS))
        self.echoes = array.array("Q", bytes(8 * ECHO_SLOTS))
        self.calls = Calls(self.seed, self.other)
        self.pair_count = 0
        self.agent_count = 0
        self.picks = array.array("Q", bytes(8 * 4 * picks))
        self.pick_count = 0
        self.early_successes = 0
        self.early_failures = 0
        self.unmatched = 0
        # of the message that is being counted
        self.now = 0
        self.key = 0
        self.transaction = 0
        self.echo = 0
        # the source and the server of the message before: most often those of this one
        self.last_source = -1
        self.last_server = -1

    def reindex(self) -> None:
        """Rebuild the index from the rows, at four slots a source or more."""
        self.index = array.array("I", bytes(4 * index_size(self.sources)))
        self.mask = len(self.index) - 1
        self.last_source = self.last_server = -1
        for i in range(self.n):
            place(self, i)


def index_size(sources: int) -> int:
    """Slots of the index: a power of two, four a source or more."""
    return int(1 << (4 * sources - 1).bit_length())


def whitened(seed: int, which: int) -> int:
    """A 64-bit number of which every bit depends on the whole seed; odd, so never 0."""
    digest = blake2b(f"{which} {seed}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") | 1


def place(t: Tally, i: int) -> int:
    """Enter source i into the index."""
    return _place(t, i)


def _place(t: Tally, i: int) -> int:
    o = i * ROW_WIDTH
    slot = fold(t.rows[o + ADDRESS_LOW] ^ t.seed, t.rows[o + ADDRESS_HIGH] ^ t.other) & t.mask
    for _ in range(_MAX_PROBES):
        if t.index[slot] == 0:
            t.index[slot] = i + 1
            return 0
        slot = (slot + 1) & t.mask
    return 0


def is_early(t: Tally, key: int) -> int:
    """Whether this transaction is an answer whose request is still to come."""
    at = _transaction(t, key)
    return t.transactions[at] == key and t.transactions[at + 1] & T_EARLY


def find_source(t: Tally, high: int, low: int) -> int:
    """The row of this address, made when it is new; there must be room for it."""
    return _source(t, high, low) // ROW_WIDTH


def agent_hash(t: Tally, b: Batch, o: int, e: int) -> int:
    """The hash that AGENT holds of this User-Agent."""
    return spread(b.octets, o, e, t.seed)


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
        t.now = b.wide[wide + TIME]
        if b.slots[base + METHOD]:
            _request(t, b, row, base, wide)
        else:
            _response(t, b, row, base, wide)
        row += 1
    return row


def _source(t: Tally, high: int, low: int) -> int:
    """Offset of the row of this address, made when it is new."""
    slot = fold(low ^ t.seed, high ^ t.other) & t.mask
    for _ in range(_MAX_PROBES):
        i = t.index[slot]
        if i == 0:
            break
        o = (i - 1) * ROW_WIDTH
        if t.rows[o + ADDRESS_LOW] == low and t.rows[o + ADDRESS_HIGH] == high:
            return o
        slot = (slot + 1) & t.mask
    o = t.n * ROW_WIDTH
    t.n += 1
    if t.index[slot] == 0:
        t.index[slot] = t.n
    t.rows[o + ADDRESS_HIGH] = high
    t.rows[o + ADDRESS_LOW] = low
    return o


def _asker(t: Tally, high: int, low: int) -> int:
    """The source that is charged; often that of the message before."""
    o = t.last_source
    if o < 0 or t.rows[o + ADDRESS_LOW] != low or t.rows[o + ADDRESS_HIGH] != high:
        o = _source(t, high, low)
        t.last_source = o
    return o


def _asked(t: Tally, high: int, low: int) -> int:
    """The other end of the message; nearly always the server of the message before."""
    o = t.last_server
    if o < 0 or t.rows[o + ADDRESS_LOW] != low or t.rows[o + ADDRESS_HIGH] != high:
        o = _source(t, high, low)
        t.last_server = o
    return o


def _seen(t: Tally, o: int) -> int:
    if t.now < t.rows[o + FIRST] or t.rows[o + FIRST] == 0:
        t.rows[o + FIRST] = t.now
    if t.now > t.rows[o + LAST]:
        t.rows[o + LAST] = t.now
    return 0


def _worth(t: Tally, o: int, why: int) -> int:
    """This source is worth a look, for this reason, from now on."""
    return _worth_since(t, o, why, t.now)


def _worth_often(t: Tally, o: int, why: int) -> int:
    """The same for what it did often enough: the last of that may have been read before."""
    return _worth_since(t, o, why, t.rows[o + LAST] if t.now else 0)


def _worth_since(t: Tally, o: int, why: int, when: int) -> int:
    t.rows[o + WORTH] |= why
    if when and (when < t.rows[o + SINCE] or t.rows[o + SINCE] == 0):
        t.rows[o + SINCE] = when
    return 0


def _pick(t: Tally, row: int, o: int, reason: int) -> int:
    """Whether the message is shown: as long as its source has a budget for what it shows."""
    group = 0
    if reason & P_QUIET and t.rows[o + WORTH] == 0:
        return _show(t, row, o, reason)
    if reason & (P_ENTERED | P_QUIET | P_ANSWER):
        group = 3
    elif reason & P_NUMBER:
        group = 1
    elif reason & P_GUESS:
        group = 2
    limit = _LIMITS[group + 4 if t.rows[o + WORTH] else group]
    if ((t.rows[o + PICKED] >> (16 * group)) & 65535) >= limit and not reason & (P_AGENT | P_MARK):
        return 0
    t.rows[o + PICKED] += _GROUP_UNITS[group]
    return _show(t, row, o, reason)


def _show(t: Tally, row: int, o: int, reason: int) -> int:
    """Leave a message for the interpreted half, with the key of its transaction."""
    p = t.pick_count * 4
    t.picks[p] = row
    t.picks[p + 1] = o // ROW_WIDTH
    t.picks[p + 2] = reason
    t.picks[p + 3] = t.key
    t.pick_count += 1
    return 1


def _request(t: Tally, b: Batch, row: int, base: int, wide: int) -> int:
    method = b.slots[base + METHOD]
    o = _asker(t, b.wide[wide + SOURCE_HIGH], b.wide[wide + SOURCE_LOW])
    server = _asked(t, b.wide[wide + DESTINATION_HIGH], b.wide[wide + DESTINATION_LOW])
    # A request of a dialog goes to whoever began it: it makes nobody a server.
    outside = 0 if method == M_BYE else 1
    t.rows[server + SERVED] += outside
    _seen(t, o)
    t.rows[o + MESSAGES] += 1
    port = b.slots[base + SOURCE_PORT]
    if t.rows[o + PORT] != port:
        _port(t, o, port)
    asked = server // ROW_WIDTH + 1
    if outside and t.rows[o + SERVER] != asked:
        _asks(t, o, server)
    if b.slots[base + TRANSPORT] != 1:
        t.rows[o + TCP] += 1
    tag = 0
    if method == M_INVITE or method == M_ACK or method == M_BYE:
        tag = _to_tag(t, b, base)
    if method == M_BYE:  # a repeated one as well: the one before it may have been forged
        key = _key_of_call(t.calls, b.wide[wide + CALL_HASH])
        _end_call(t.calls, key, tag ^ _from_tag(t, b, base), t.now)
        if t.rows[o + RESPONSES] == 0:
            _end_call(t.calls, key, _UNHEARD, t.now)
    elif method == M_ACK:
        t.rows[o + ACKS] += 1
        _prove_dialog(t, o, tag)
        return 0
    credentials = T_CREDENTIALS if b.slots[base + AUTH + 1] else 0
    odd = T_ODD if b.wide[wide + ANOMALIES] & _ODD else 0
    tagged = T_TAGGED if tag and method == M_INVITE else 0
    opened = _open(t, b, base, wide, o, credentials | odd | tagged)
    if opened == 0:
        t.rows[o + REPEATED] += 1
        return 0
    reason = _agent(t, b, base, wide, o)
    if method == M_INVITE:
        _prove_dialog(t, o, tag)
        if tag == 0:
            t.rows[server + CALLED] += 1
            reason |= _call(t, b, base, o)
    elif method == M_BYE:
        _prove_dialog(t, o, tag)
    elif method == M_REGISTER:
        t.rows[o + REGISTERS] += 1
    elif method == M_OPTIONS:
        t.rows[o + OPTIONS] += 1
        _target(t, b, base, o)
        if t.rows[o + OPTIONS] == _MANY_OPTIONS:
            _worth_often(t, o, 1)
    else:
        t.rows[o + OTHERS] += 1
        _target(t, b, base, o)
    if odd:
        t.rows[o + ODD] += 1
        if t.rows[o + ODD] == _MANY_ODD:
            _worth_often(t, o, 64)
    reason |= _account(t, b, base, o, credentials)
    reason |= _marks(t, b, base, o)
    if t.rows[o + MARKS] & K_SIPVICIOUS_TAG:
        reason |= P_GUESS
    if reason:
        _pick(t, row, o, reason)
    if opened == 2:
        _late_outcome(t, b, wide, row, o, method, credentials)
    return 0


def _port(t: Tally, o: int, port: int) -> int:
    """Count the ports that it speaks from, and how often it comes back to one of them."""
    if t.rows[o + PORTS] == 0:
        t.rows[o + PORTS] = 1
    elif t.rows[o + PORTS] < _MAX_PORTS:
        if t.rows[o + PORTS] == 1:
            _new_pair(t, o, t.rows[o + PORT], D_PORT, 0)
        if _new_pair(t, o, port, D_PORT, 0):
            t.rows[o + PORTS] += 1
        else:
            t.rows[o + RETURNS] += 1
    t.rows[o + PORT] = port
    return 0


def _asks(t: Tally, o: int, server: int) -> int:
    """Count the hosts that a source asks, and those who ask a host.

    The only host of a source is in SERVER; pairs are entered from the second on.
    """
    before = t.rows[o + SERVER]
    t.rows[o + SERVER] = server // ROW_WIDTH + 1
    if before == 0 and t.rows[o + HOSTS] < 2:
        t.rows[o + HOSTS] = 1
        t.rows[server + CLIENTS] += 1
        return 0
    if before and t.rows[o + HOSTS] == 1:
        _new_host(t, o, (before - 1) * ROW_WIDTH, 1)
    if _new_host(t, o, server, 0):
        t.rows[o + HOSTS] += 1
        if t.rows[o + HOSTS] == _MANY_HOSTS:
            _worth_often(t, o, 128)
    return 0


def _new_host(t: Tally, o: int, server: int, is_counted: int) -> int:
    """Enter the pair of source and host, and that of host and client."""
    low = t.rows[o + ADDRESS_LOW]
    client = fold(low ^ t.other, t.rows[o + ADDRESS_HIGH] ^ t.seed)
    low = t.rows[server + ADDRESS_LOW]
    host = fold(low ^ t.other, t.rows[server + ADDRESS_HIGH] ^ t.seed)
    if _new_pair(t, server, client, D_CLIENT, 0) and not is_counted:
        t.rows[server + CLIENTS] += 1
    return _new_pair(t, o, host, D_HOST, 0)


def _call(t: Tally, b: Batch, base: int, o: int) -> int:
    """A new call: count it and the distinct numbers."""
    t.rows[o + INVITES] += 1
    if t.rows[o + INVITES] == _MANY_UNHEARD and t.rows[o + RESPONSES] == 0:
        _worth_often(t, o, 32)
    _asked_user(b, base)
    at = b.slots[base + URI_USER]
    length = b.slots[base + URI_USER + 1]
    number = spread(b.octets, at, at + length, t.seed)
    new = _new_thing(t, o, number, D_NUMBER)
    if t.rows[o + WORTH]:
        return P_NUMBER if new or t.rows[o + INVITES] < 16 else 0
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
    _asked_user(b, base)
    at = b.slots[base + URI_USER]
    target = spread(b.octets, at, at + b.slots[base + URI_USER + 1], t.seed)
    if target and target != t.rows[o + TARGET]:
        _new_thing(t, o, target, D_TARGET)
        t.rows[o + TARGET] = target
    return 0


def _asked_user(b: Batch, base: int) -> int:
    """Find user and host of the request-URI: sip:user@host at a glance, all else in full."""
    o = b.slots[base + URI]
    e = o + b.slots[base + URI + 1]
    if keep(word(b.octets, o, e), 4) == _SIP:
        at = o + 4
        while at < e and b.octets[at] != 58 and b.octets[at] != 64:
            at += 1
        if at + 1 < e and b.octets[at] == 64 and b.octets[at + 1] != 91:
            _keep(b, base + URI_USER, o + 4, at)
            return _keep(b, base + URI_HOST, at + 1, e)
    return _uri(b, base + URI_USER, base + URI_HOST, o, e)


def _keep(b: Batch, slot: int, o: int, e: int) -> int:
    b.slots[slot] = o
    b.slots[slot + 1] = e - o
    return 0


def _account(t: Tally, b: Batch, base: int, o: int, credentials: int) -> int:
    """Count the account that this request speaks for; from two on it is worth a look."""
    slot = base + FROM_USER
    if credentials:
        t.rows[o + CREDENTIALS] += 1
        _read_digest(b, base, b.slots[base + AUTH], b.slots[base + AUTH + 1], 1)
        _prove_nonce(t, b, o, base)
        _password_changed(t, b, base, o)
        slot = base + AUTH_USER
    elif b.slots[base + METHOD] == M_REGISTER:
        slot = base + TO_USER
        at = b.slots[base + TO]
        end = at + b.slots[base + TO + 1]
        if _plain_user(b, slot, at, end) == 0:
            _name_addr(b, base, TO_DISPLAY, TO_USER, TO_HOST, at, end)
    else:
        at = b.slots[base + FROM]
        end = at + b.slots[base + FROM + 1]
        if _plain_user(b, slot, at, end) == 0:
            _name_addr(b, base, FROM_DISPLAY, FROM_USER, FROM_HOST, at, end)
        if b.slots[slot + 1] == 3:
            _svmap_name(t, b, base, o)
    at = b.slots[slot]
    end = at + b.slots[slot + 1]
    account = spread(b.octets, at, end, t.seed)
    if account == t.rows[o + ACCOUNT]:
        return 0
    if account == 0:
        return 0
    if slot == base + FROM_USER and _is_caller(b, at, end):
        if _new_pair(t, o, account, D_CALLER, 0):
            t.rows[o + CALLERS] += 1
        return 0
    if slot == base + FROM_USER and _is_word(b, at, end):
        return 0  # anonymous, Unavailable, Restricted
    strange = _is_strange(b, at, end)
    if strange:
        _worth(t, o, 64)
    new = _new_thing(t, o, account, D_ACCOUNT + strange * 8)
    t.rows[o + ACCOUNT] = account
    if new and t.rows[o + ACCOUNTS] > 1:
        _worth(t, o, 2)
        return P_ACCOUNT
    return 0


def _svmap_name(t: Tally, b: Batch, base: int, o: int) -> int:
    """Mark who asks in the name that svmap gives itself."""
    at = b.slots[base + FROM_USER]
    if word(b.octets, at, at + 3) != _SVMAP_USER:
        return 0
    at = b.slots[base + FROM]
    end = at + b.slots[base + FROM + 1]
    _name_addr(b, base, FROM_DISPLAY, FROM_USER, FROM_HOST, at, end)
    at = b.slots[base + FROM_HOST]
    if b.slots[base + FROM_HOST + 1] == 7 and word(b.octets, at, at + 7) == _SVMAP_HOST:
        t.rows[o + MARKS] |= K_SVMAP_FROM
        _worth(t, o, 4)
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


def _plain_user(b: Batch, slot: int, o: int, e: int) -> int:
    """Find the user of <sip:user@host>; 0 for what is written otherwise."""
    if o < e and b.octets[o] != 60:
        if b.octets[o] == 34 or b.octets[o] <= 32:
            return 0
        o = seek(b.octets, o, e, 60)
    if keep(word(b.octets, o, e), 5) != _BRACKET_SIP:
        return 0
    o += 5
    at = o
    while at < e:
        octet = b.octets[at]
        if octet == 64:
            _keep(b, slot, o, at)
            return 1
        if octet == 58 or octet == 62:
            return 0
        at += 1
    return 0


def _is_strange(b: Batch, at: int, end: int) -> int:
    """Octets that no account name has, and that SQL, a shell or a page would obey."""
    if end - at > _LONG_ACCOUNT:
        return 1
    while at < end:
        octet = b.octets[at]
        if octet < 32 or (octet < 97 and _STRANGE[octet]):
            return 1
        at += 1
    return 0


def _read_digest(b: Batch, base: int, o: int, length: int, credentials: int) -> int:
    """Find user name, nonce and response, or the nonce of a challenge, and stop there.

    What is written in no usual way is left to `_digest`, which reads all of it.
    """
    first = o
    e = o + length
    missing = 3 if credentials else 1
    while o < e and b.octets[o] > 32:
        o += 1
    while o < e:
        while o < e and (b.octets[o] <= 32 or b.octets[o] == 44):
            o += 1
        name = o
        o = seek(b.octets, o, e, 61)
        slot = _digest_slot(lower(word(b.octets, name, o)), credentials)
        if slot < 0 and _is_odd_name(b, name, o):
            return _digest(b, base, first, e, credentials)
        value = o + 1
        if value >= e:
            return 0
        if b.octets[value] <= 32:
            return _digest(b, base, first, e, credentials)
        if b.octets[value] == 34:
            value += 1
            end = seek(b.octets, value, e, 34)
            if b.octets[end - 1] == 92:
                return _digest(b, base, first, e, credentials)
            o = end + 1
        else:
            end = value
            while end < e and b.octets[end] > 32 and b.octets[end] != 44:
                end += 1
            o = end
        if slot > 0 and b.slots[base + slot] == 0:
            _keep(b, base + slot, value, end)
            missing -= 1
            if missing == 0:
                return 0
    return 0


def _digest_slot(name: int, credentials: int) -> int:
    """Where this parameter goes; 0 for one that is passed over, -1 for one unknown."""
    if name == _NONCE:
        return AUTH_NONCE if credentials else CHALLENGE_NONCE
    if name == _USERNAME:
        return AUTH_USER if credentials else 0
    if name == _RESPONSE:
        return AUTH_RESPONSE if credentials else 0
    for i in range(_PASSED_COUNT):
        if _PASSED[i] == name:
            return 0
    return -1


def _is_odd_name(b: Batch, o: int, e: int) -> int:
    while o < e:
        if b.octets[o] <= 32 or b.octets[o] == 44:
            return 1
        o += 1
    return 0


def _password_changed(t: Tally, b: Batch, base: int, o: int) -> int:
    """Two answers to one challenge that differ in nothing but the digest: two passwords."""
    at = b.slots[base + AUTH]
    end = at + b.slots[base + AUTH + 1]
    digest = b.slots[base + AUTH_RESPONSE]
    if digest == 0:
        return 0
    after = digest + b.slots[base + AUTH_RESPONSE + 1]
    # The method is part of what is answered (RFC 7616 3.4.3), and stands elsewhere.
    rest = spread(b.octets, at, digest, t.seed) ^ b.slots[base + METHOD]
    rest = fold(rest, spread(b.octets, after, end, t.seed) ^ t.other)
    answer = spread(b.octets, digest, after, t.seed)
    if t.rows[o + AUTH_REST] == rest and t.rows[o + AUTH_ANSWER] != answer:
        t.rows[o + CHANGED] += 1
        _worth(t, o, 8)
    t.rows[o + AUTH_REST] = rest
    t.rows[o + AUTH_ANSWER] = answer
    return 0


def _new_thing(t: Tally, o: int, what: int, kind: int) -> int:
    """Whether this source was not seen with this account, number or target before; count it.

    The only one of a source is in its row (most sources have no other); pairs are
    entered from the second on. Kind is that of the pair, and 8 for a strange name.
    """
    count = o + ACCOUNTS
    last = o + ACCOUNT
    if kind == D_NUMBER:
        count = o + NUMBERS
        last = o + NUMBER
    elif kind == D_TARGET:
        count = o + TARGETS
        last = o + TARGET
    known = t.rows[count]
    if known == 1:
        if t.rows[last] == what:
            return 0
        first = t.rows[o + STRANGERS] & 1 if last == o + ACCOUNT else 0
        _new_pair(t, o, t.rows[last], kind & 7, first)
    if known and _new_pair(t, o, what, kind & 7, kind >> 3) == 0:
        return 0
    if known == 0:
        t.rows[last] = what
    t.rows[count] = known + 1
    if kind & 8:
        t.rows[o + STRANGERS] += 1
    return 1


def _new_pair(t: Tally, o: int, what: int, kind: int, strange: int) -> int:
    """Whether this source was not seen with `what` before; 0 once the set is full."""
    key = fold(t.rows[o + ADDRESS_LOW] ^ t.seed, t.rows[o + ADDRESS_HIGH] ^ t.other)
    key = fold(key ^ what, t.other ^ kind)
    entry = (o // ROW_WIDTH) * 16 + strange * 8 + kind
    return _enter_pair(t, key & _PAIR_MASK, (key & _PAIR_HASH) | entry)


def _enter_pair(t: Tally, home: int, entry: int) -> int:
    """Whether the pair was new; its distance from home is kept, so that it can be moved."""
    slot = home
    free = found = 0
    for _ in range(_MAX_PROBES):
        found = t.pairs[slot]
        if found == 0:
            break
        if (found ^ entry) & _PAIR_IS == 0:
            return 0
        if free == 0 and found == _GONE:
            free = entry
            home = slot
        slot = (slot + 1) & _PAIR_MASK
        entry += _STEP
    if free == 0:
        if found:
            return 0
        free = entry
        home = slot
    if t.pair_count >= _MAX_PAIRS:
        return 0
    t.pairs[home] = free
    t.pair_count += 1
    return 1


def _agent(t: Tally, b: Batch, base: int, wide: int, o: int) -> int:
    """Keep the User-Agent's hash; a text never seen before is to be looked at once."""
    at = b.slots[base + USER_AGENT]
    length = b.slots[base + USER_AGENT + 1]
    agent = spread(b.octets, at, at + length, t.seed)
    known = t.rows[o + AGENT]
    order = b.wide[wide + ORDER_HASH]
    # Kept of its earliest request, in whatever order they are read.
    if (
        t.rows[o + ORDER] == 0
        or t.now < t.rows[o + HAND]
        or (t.now == t.rows[o + HAND] and order < t.rows[o + ORDER])
    ):
        t.rows[o + HAND] = t.now
        t.rows[o + ORDER] = order
        t.rows[o + AGENT] = agent
    if known == agent or length == 0:
        return 0
    slot = agent & _AGENT_MASK
    if (t.agents[slot] ^ agent) >> 1 == 0:
        return _tool_agent(t, o) if t.agents[slot] & 1 else 0
    is_tool = _is_tool(b, at, length)
    t.agents[slot] = (agent & ~1) | is_tool
    if is_tool:
        _tool_agent(t, o)
    if t.agent_count >= _AGENT_SLOTS:
        return 0
    t.agent_count += 1
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


def _tool_agent(t: Tally, o: int) -> int:
    t.rows[o + MARKS] |= K_TOOL_AGENT
    _worth(t, o, 4)
    return 0


def _marks(t: Tally, b: Batch, base: int, o: int) -> int:
    """Marks that tools leave in tags, Call-IDs and branches; P_MARK when one is new."""
    before = t.rows[o + MARKS]
    marks = before
    at = b.slots[base + FROM]
    end = at + b.slots[base + FROM + 1]
    at = _tag_at(b, at, end)
    if at + 8 <= end:
        marks |= _tag_marks(b, at, _tag_end(b, at, end), marks)
        if marks & K_SIPP == 0 and _is_sipp(b, at, end):
            marks |= K_SIPP
    if marks & K_DECIMAL_CALL_ID == 0:
        at = b.slots[base + CALL_ID]
        end = at + b.slots[base + CALL_ID + 1]
        if at < end and _decimal(b, at, end):
            marks |= K_DECIMAL_CALL_ID
    at = b.slots[base + VIA_BRANCH]
    end = at + b.slots[base + VIA_BRANCH + 1]
    if at + 3 == end and word(b.octets, at, end) == _NMAP_BRANCH:
        marks |= K_NMAP
    if (
        marks & K_DECIMAL_BRANCH == 0
        and at + 8 < end
        and word(b.octets, at, end) == _COOKIE_DASH
        and _decimal(b, at + 8, end)
    ):
        marks |= K_DECIMAL_BRANCH
    if marks == before:
        return 0
    t.rows[o + MARKS] = marks
    if marks & (K_SIPVICIOUS_TAG | K_SVCRACK_TAG | K_NMAP | K_TOOL_AGENT):
        _worth(t, o, 4)
    return P_MARK


def _tag_marks(b: Batch, at: int, end: int, known: int) -> int:
    """SIPVicious From tags are hex with the octet 01 between target and random part."""
    if end - at == 10 and word(b.octets, at, at + 8) == _SVCRACK_TAG:
        return K_SVCRACK_TAG if b.octets[at + 8] == 52 == b.octets[at + 9] else 0
    if (end - at) & 1 or end - at < 8 or known & K_SIPVICIOUS_TAG:
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
    return K_SIPVICIOUS_TAG if digits >= 3 else 0


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


def _tag_at(b: Batch, o: int, e: int) -> int:
    """Where the value of the tag parameter begins; e when there is none."""
    while True:
        o = seek(b.octets, o, e, 59) + 1
        if o >= e:
            return e
        while o < e and b.octets[o] <= 32:
            o += 1
        name = lower(word(b.octets, o, e))
        if keep(name, 4) == _TAG_IS:
            o += 4
        elif keep(name, 3) == _TAG:
            o += 3
            while o < e and b.octets[o] <= 32:
                o += 1
            if o >= e or b.octets[o] != 61:
                continue
            o += 1
        else:
            continue
        while o < e and b.octets[o] <= 32:
            o += 1
        return o


def _tag_end(b: Batch, o: int, e: int) -> int:
    e = seek(b.octets, o, e, 59)
    while e > o and b.octets[e - 1] <= 32:
        e -= 1
    return e


def _to_tag(t: Tally, b: Batch, base: int) -> int:
    """Hash of the To tag, 0 when there is none."""
    at = b.slots[base + TO]
    end = at + b.slots[base + TO + 1]
    at = _tag_at(b, at, end)
    return spread(b.octets, at, _tag_end(b, at, end), t.seed) if at < end else 0


def _from_tag(t: Tally, b: Batch, base: int) -> int:
    """Hash of the From tag; with that of the To tag (^) it is the same for either side."""
    at = b.slots[base + FROM]
    end = at + b.slots[base + FROM + 1]
    at = _tag_at(b, at, end)
    return spread(b.octets, at, _tag_end(b, at, end), t.seed) if at < end else 0


def _prove_nonce(t: Tally, b: Batch, o: int, base: int) -> int:
    """An answer to a challenge that went to this address proves the address."""
    at = b.slots[base + AUTH_NONCE]
    nonce = spread(b.octets, at, at + b.slots[base + AUTH_NONCE + 1], t.seed)
    if nonce == 0:
        return 0
    if _prove(t, o, nonce, 0, _ECHOED):
        t.rows[o + ECHOED] += 1
    else:
        t.rows[o + INVENTED] += 1
    return 0


def _prove_dialog(t: Tally, o: int, tag: int) -> int:
    """A To tag that we gave to this address proves it."""
    if tag and _prove(t, o, tag, 8, _ECHOED):
        t.rows[o + DIALOGS] += 1
    return 0


def _prove(t: Tally, o: int, what: int, kind: int, how: int) -> int:
    """Join what was given to an address (nonce: 0, To tag: 8) with its echo, in either order.

    1 when this call completes the pair for the first time, 2 when it was complete.
    """
    key = fold(t.rows[o + ADDRESS_LOW] ^ t.seed, t.rows[o + ADDRESS_HIGH] ^ t.other)
    key = fold(key ^ what, t.other ^ (kind + 8))
    entry = (key & _HASH_BITS) | ((o // ROW_WIDTH) * 16 + kind)
    slot = _echo_place(t, key & _ECHO_MASK, entry)
    t.echo = slot
    if (t.echoes[slot] ^ entry) >> 3:
        t.echoes[slot] = entry
    before = t.echoes[slot] & 3
    t.echoes[slot] |= how
    if t.echoes[slot] & 3 != 3:
        return 0
    return 2 if before == 3 else 1


def _echo_place(t: Tally, at: int, entry: int) -> int:
    """Where this is in its bucket of four, or may go: an empty place, a pair that is complete."""
    first = at & ~3
    place = at
    for slot in range(first, first + 4):
        if (t.echoes[slot] ^ entry) >> 3 == 0:
            return slot
        if t.echoes[slot] == 0 or (t.echoes[slot] & 3 == 3 and t.echoes[place]):
            place = slot
    return place


def _key(t: Tally, b: Batch, base: int, wide: int, high: int, low: int, method: int) -> int:
    """Transaction key (RFC 3261 17.1.3) at this hop, never 0.

    It is made of the branch and, because tools keep one branch or one CSeq for ever,
    of Call-ID, CSeq and client address as well.
    """
    branch = 0
    at = b.slots[base + VIA]
    end = at + b.slots[base + VIA + 1]
    while at < end:
        at = seek(b.octets, at, end, 59) + 1
        if at + 7 <= end and keep(lower(word(b.octets, at, end)), 7) == _BRANCH_IS:
            stop = seek(b.octets, at, end, 59)
            _keep(b, base + VIA_BRANCH, at + 7, stop)
            branch = spread(b.octets, at + 7, stop, t.seed)
            break
    number = b.slots[base + CSEQ_NUMBER]  # first widened: 2**31-1 and 2 are no int32
    number += 2
    key = fold(b.wide[wide + CALL_HASH] ^ branch ^ t.seed, (number * 16 + method) ^ t.other)
    key = fold(key ^ low, high ^ t.other)
    return key if key else 1


def _open(t: Tally, b: Batch, base: int, wide: int, o: int, flags: int) -> int:
    """Enter a request's transaction; 0 for a retransmission, 2 when its answer came before it."""
    method = b.slots[base + METHOD]
    t.key = _key(t, b, base, wide, b.wide[wide + SOURCE_HIGH], b.wide[wide + SOURCE_LOW], method)
    at = _transaction(t, t.key)
    t.transaction = at
    if t.transactions[at] != t.key:
        t.transactions[at] = t.key
        t.transactions[at + 1] = _state(o, method, 0) | flags
        return 1
    state = t.transactions[at + 1]
    if state & T_EARLY == 0:
        return 0
    t.transactions[at + 1] = (state & ~T_EARLY) | T_DONE | flags
    if flags & T_TAGGED == 0:
        _confirm_tag(t, o, state)
    return 2


def _state(o: int, method: int, status: int) -> int:
    """What is known of a transaction: echo (from bit 36), row, method, status, flags."""
    row = o // ROW_WIDTH
    return row * 1048576 + method * 32768 + status * 32


def _confirm_tag(t: Tally, o: int, state: int) -> int:
    """The request brought no To tag along, so the one in its early answer was the server's."""
    if state >> 51 == 0:
        return 0
    row = o // ROW_WIDTH
    # It may come from another tally, where it had another place of the four.
    first = (state >> 36) & _ECHO_MASK & ~3
    for slot in range(first, first + 4):
        if (t.echoes[slot] >> 4) & 65535 == row and t.echoes[slot] & 12 == 12:
            t.echoes[slot] = (t.echoes[slot] | _GIVEN) & ~_GIVEN_EARLY
            if t.echoes[slot] & 2:
                t.rows[o + DIALOGS] += 1
            return 0
    return 0


def _transaction(t: Tally, key: int) -> int:
    """Place of this transaction, or the place that it may take: empty, finished, any.

    The finished one that goes is any of its bucket's: so retransmissions of each stay
    known as long as there is room.
    """
    bucket = (key & _BUCKET_MASK) * 8
    turn = key >> 61 & 6
    victim = bucket + turn
    best = 0  # of the victim: 2 empty, 1 finished, 0 open
    for _ in range(4):
        at = bucket + turn
        if t.transactions[at] == key:
            return at
        free = 0
        if t.transactions[at] == 0:
            free = 2
        elif t.transactions[at + 1] & T_DONE:
            free = 1
        if free > best:
            victim = at
            best = free
        turn = (turn + 2) & 6
    return victim


def _response(t: Tally, b: Batch, row: int, base: int, wide: int) -> int:
    status = b.slots[base + STATUS]
    method = b.slots[base + CSEQ_METHOD]
    o = _asker(t, b.wide[wide + DESTINATION_HIGH], b.wide[wide + DESTINATION_LOW])
    server = _asked(t, b.wide[wide + SOURCE_HIGH], b.wide[wide + SOURCE_LOW])
    _seen(t, o)
    t.rows[o + RESPONSES] += 1
    t.rows[server + ANSWERS] += 1
    if status == 100 or (status < 200 and method != M_INVITE) or status > 699:
        return 0
    t.key = _key(
        t, b, base, wide, b.wide[wide + DESTINATION_HIGH], b.wide[wide + DESTINATION_LOW], method
    )
    at = _transaction(t, t.key)
    state = t.transactions[at + 1] if t.transactions[at] == t.key else T_EARLY
    tag = 0
    if method == M_INVITE and state & T_TAGGED == 0:
        tag = _give_tag(t, b, base, o, state & T_EARLY)
    if status < 200:
        return 0
    if t.transactions[at] != t.key:
        # Its request was not seen, or is still to come: a capture may hold the
        # directions out of order, in two files, or only one of them.
        t.unmatched += 1
        t.transactions[at] = t.key
        t.transactions[at + 1] = _state(o, method, status) | T_EARLY | tag
        if status == 401 or status == 407:
            _challenge(t, b, base, o)
        _show_early(t, row, o, status, method)
        if method == M_INVITE and status < 300:
            _keep_call(t, b, base, wide, o, C_EARLY)
        return 0
    if state & (T_DONE | T_EARLY):
        return 0
    t.transactions[at + 1] |= T_DONE + status * 32
    if status == 401 or status == 407:
        _challenge(t, b, base, o)
    reason = _outcome(t, o, status, method, state & T_CREDENTIALS)
    if reason == P_REFUSED:
        _refused_call(t, o, b.wide[wide + CALL_HASH])
    if reason:
        _pick(t, row, o, reason)
    if method == M_INVITE and status < 300 and state & T_TAGGED == 0:
        _keep_call(t, b, base, wide, o, 0)
    return 0


def _keep_call(t: Tally, b: Batch, base: int, wide: int, o: int, early: int) -> int:
    """Enter a call that is answered, when it may cost something."""
    at = b.slots[base + TO]
    end = at + b.slots[base + TO + 1]
    if _plain_user(b, base + TO_USER, at, end) == 0:
        _name_addr(b, base, TO_DISPLAY, TO_USER, TO_HOST, at, end)
    at = b.slots[base + TO_USER]
    end = at + b.slots[base + TO_USER + 1]
    if end - at < _COSTLY_DIGITS and t.rows[o + WORTH] == 0 and t.rows[o + PICKED] >> 16 == 0:
        return 0
    key = _key_of_call(t.calls, b.wide[wide + CALL_HASH])
    tags = _from_tag(t, b, base) ^ _to_tag(t, b, base)
    r = _enter_call(t.calls, t.rows, o // ROW_WIDTH, key, tags, t.now)
    if t.calls.records[r + C_TRANSACTION]:
        return 0
    t.calls.records[r + C_STATE] |= early
    t.calls.records[r + C_TRANSACTION] = t.key
    _write_name(t.calls, r + C_NUMBER, b.octets, at, end)
    at = b.slots[base + FROM]
    end = at + b.slots[base + FROM + 1]
    if _plain_user(b, base + FROM_USER, at, end) == 0:
        _name_addr(b, base, FROM_DISPLAY, FROM_USER, FROM_HOST, at, end)
    at = b.slots[base + FROM_USER]
    return _write_name(t.calls, r + C_ACCOUNT, b.octets, at, at + b.slots[base + FROM_USER + 1])


def _show_early(t: Tally, row: int, o: int, status: int, method: int) -> int:
    """Let an answer be read that may turn out to matter when its request comes."""
    if status < 300:
        if (method == M_INVITE or method == M_REGISTER) and t.early_successes < _MAX_EARLY:
            t.early_successes += 1
            return _show(t, row, o, P_EARLY)
    elif status < 500 or status == 604:
        if t.early_failures < _MAX_EARLY:
            t.early_failures += 1
            return _show(t, row, o, P_EARLY)
    return 0


def _give_tag(t: Tally, b: Batch, base: int, o: int, early: int) -> int:
    """Remember the To tag that goes to this address; where, as bits of a transaction.

    A tag that the request brought along is only repeated (RFC 3261 8.2.6.2), and
    proves nothing: whoever forges an address can make one up. So the tag of an answer
    whose request was not seen counts for nothing until the request is.
    """
    tag = _to_tag(t, b, base)
    if tag == 0:
        return 0
    if _prove(t, o, tag, 8, _GIVEN_EARLY if early else _GIVEN) == 1:
        t.rows[o + DIALOGS] += 1
    return (_ECHO_MASK + 1 + t.echo) << 36


def _late_outcome(
    t: Tally, b: Batch, wide: int, row: int, o: int, method: int, credentials: int
) -> int:
    """Count the answer that was seen before this request."""
    state = t.transactions[t.transaction + 1]
    status = (state >> 5) & 1023
    if method == M_INVITE and status < 300 and state & T_TAGGED == 0:
        _confirm_call(t.calls, o // ROW_WIDTH, _key_of_call(t.calls, b.wide[wide + CALL_HASH]))
    t.unmatched -= 1
    reason = _outcome(t, o, status, method, credentials)
    if reason == P_REFUSED:
        _refused_call(t, o, b.wide[wide + CALL_HASH])
    if reason:
        _pick(t, row, o, reason | P_LATE)
    return 0


def _challenge(t: Tally, b: Batch, base: int, o: int) -> int:
    """Remember the nonce that goes to this address."""
    if b.slots[base + CHALLENGE + 1] == 0:
        return 0
    _read_digest(b, base, b.slots[base + CHALLENGE], b.slots[base + CHALLENGE + 1], 0)
    at = b.slots[base + CHALLENGE_NONCE]
    nonce = spread(b.octets, at, at + b.slots[base + CHALLENGE_NONCE + 1], t.seed)
    if nonce and _prove(t, o, nonce, 0, _GIVEN) == 1:
        t.rows[o + ECHOED] += 1
        t.rows[o + INVENTED] -= 1
    return 0


def _outcome(t: Tally, o: int, status: int, method: int, credentials: int) -> int:
    """Count a final answer; the reason to look at it, or 0."""
    if status < 300:
        return _success(t, o, method, credentials)
    if status == 401 or status == 407:
        if credentials == 0:
            t.rows[o + CHALLENGED] += 1
            if t.rows[o + CHALLENGED] == t.rows[o + CREDENTIALS] + _MANY_IGNORED:
                _worth_often(t, o, 32)
            return 0
        return _refusal(t, o)
    if credentials and status == 403 and (method == M_REGISTER or method == M_INVITE):
        return _refusal(t, o)
    if status == 404 or status == 604 or status == 484:
        if method != M_REGISTER and credentials:
            t.rows[o + NUMBER_MISSING] += 1  # a wrong number or a stale lamp, of an account
            if t.rows[o + NUMBER_MISSING] == _MANY_MISSING:
                _worth_often(t, o, 32)
            return 0
        t.rows[o + NOT_FOUND] += 1
        if t.rows[o + NOT_FOUND] > 1:
            _worth(t, o, 16)
        return P_NOT_FOUND
    if status >= 400 and method != M_CANCEL:
        t.rows[o + REJECTED] += 1
        if status == 403 and credentials == 0:
            t.rows[o + FORBIDDEN] += 1
        elif status == 482 or status == 483:
            t.rows[o + LOOPED] += 1
        elif method == M_INVITE and _is_unreached(status):
            t.rows[o + UNREACHED] += 1
        if t.rows[o + REJECTED] == _MANY_REJECTED:
            _worth_often(t, o, 32)
    return 0


def _is_unreached(status: int) -> int:
    return status == 480 or status == 486 or status == 487 or status == 600 or status == 603


def _refusal(t: Tally, o: int) -> int:
    t.rows[o + REFUSED] += 1
    _worth(t, o, 8)
    return P_REFUSED


def refused_call(t: Tally, i: int, call_hash: int) -> int:
    """Source i was refused in this call."""
    return _refused_call(t, i * ROW_WIDTH, call_hash)


def _refused_call(t: Tally, o: int, call_hash: int) -> int:
    if t.rows[o + REFUSED_CALLS] < _MAX_REFUSED_CALLS:
        if _new_pair(t, o, call_hash, D_REFUSED_CALL, 0):
            t.rows[o + REFUSED_CALLS] += 1
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
        if t.now and t.rows[o + WORTH] and t.now >= t.rows[o + SINCE]:
            t.rows[o + ENTERED] += 1
            return P_ENTERED
        # Of no interest, unless what is read later shows that it was up to no good before.
        if t.now > t.rows[o + ACCEPTED_AT]:
            t.rows[o + ACCEPTED_AT] = t.now
        return P_QUIET if t.rows[o + ACCEPTED] == 1 or t.rows[o + WORTH] or t.now == 0 else 0
    return 0
