"""Two tallies into one, and rows that change their place: all that names a row follows.

How it works: tallies of one seed hash alike, so what one holds can be entered into
the other. Numbers of a row are summed, or the lower, higher or both kept, as `_HOW`
says; distinct things are not summed but entered once more, and counted where they are
new. A transaction whose request one tally saw and whose answer the other saw is
joined, its outcome counted and picked; what both counted is taken back once.
Rules: one pass over each table, no allocation.
"""

from __future__ import annotations

import array

try:
    import cython
except ModuleNotFoundError:  # the interpreted twin needs no Cython
    from ringfence.wire import _uncompiled as cython

from ringfence.detect import _fields as fields
from ringfence.detect._calls import CALL_SLOTS
from ringfence.detect._tally import Tally

if not cython.compiled:
    from ringfence.detect._calls import follow_calls, join_calls
    from ringfence.detect._fields import (
        ACCEPTED,
        ACCOUNT,
        ACCOUNTS,
        AGENT,
        ANONYMOUS,
        ANSWERED,
        AUTH_ANSWER,
        AUTH_REST,
        C_EARLY,
        C_STATE,
        C_TRANSACTION,
        CALL_WIDTH,
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
        FIRST,
        FORBIDDEN,
        HAND,
        HOSTS,
        INVENTED,
        INVITES,
        LAST,
        LOOPED,
        NOT_FOUND,
        NUMBER,
        NUMBER_MISSING,
        NUMBERS,
        ODD,
        OPTIONS,
        ORDER,
        OTHERS,
        P_LATE,
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
        UNREACHED,
        WORTH,
    )
    from ringfence.detect._tally import (
        _MANY_HOSTS,
        _MANY_IGNORED,
        _MANY_MISSING,
        _MANY_ODD,
        _MANY_OPTIONS,
        _MANY_REJECTED,
        _MANY_UNHEARD,
        _MAX_PORTS,
        _MAX_REFUSED_CALLS,
        _asks,
        _confirm_tag,
        _echo_place,
        _enter_pair,
        _is_unreached,
        _new_host,
        _new_pair,
        _new_thing,
        _outcome,
        _pick,
        _port,
        _show,
        _transaction,
    )
    from ringfence.wire._columns import (
        M_ACK,
        M_BYE,
        M_CANCEL,
        M_INVITE,
        M_OPTIONS,
        M_REGISTER,
    )

_KEEP = 0
_SUM = 1
_LOWEST = 2
_HIGHEST = 3
_ANY = 4
# How each number of two rows becomes one. Sums, but for these: kept are what is looked
# at apart (`_join_apart`), found again by what is distinct (`join_pairs`), or only a
# note of the message before.
HOW = dict.fromkeys(range(fields.ROW_WIDTH), _SUM) | {
    fields.ADDRESS_HIGH: _KEEP,
    fields.ADDRESS_LOW: _KEEP,
    fields.FIRST: _LOWEST,
    fields.LAST: _HIGHEST,
    fields.AGENT: _KEEP,
    fields.ORDER: _KEEP,
    fields.HAND: _KEEP,
    fields.SERVER: _KEEP,
    fields.PORT: _KEEP,
    fields.PICKED: _KEEP,
    fields.WORTH: _ANY,
    fields.MARKS: _ANY,
    fields.SINCE: _LOWEST,
    fields.ACCEPTED_AT: _HIGHEST,
    fields.ACCOUNT: _KEEP,
    fields.NUMBER: _KEEP,
    fields.TARGET: _KEEP,
    fields.AUTH_REST: _KEEP,
    fields.AUTH_ANSWER: _KEEP,
    fields.ACCOUNTS: _KEEP,
    fields.NUMBERS: _KEEP,
    fields.TARGETS: _KEEP,
    fields.STRANGERS: _KEEP,
    fields.CLIENTS: _KEEP,
    fields.HOSTS: _KEEP,
    fields.PORTS: _KEEP,
    fields.REFUSED_CALLS: _KEEP,
    fields.CALLERS: _KEEP,
    fields.CALLS_KEPT: _KEEP,
}
_HOW = array.array("B", [HOW[field] for field in range(fields.ROW_WIDTH)])
# Where a row is named: in bits 4 to 19 of pairs and echoes, 20 to 35 of transactions.
_ROW = 65535
_PAIR_ROW = _ROW << 4
_STATE_ROW = _ROW << 20
_PAIR_HASH = 0xFFFF_FFFF_F800_0000
_GONE = 8
_DIALOG = 8
_CALL_SLOTS = CALL_SLOTS


# -- rows that change their place ------------------------------------------------------------


def follow(t: Tally, moved: array.array[int]) -> int:
    """Row i went to moved[i], or was shed (-1): pairs, echoes, transactions, calls follow."""
    _follow_pairs(t, moved)
    _follow_echoes(t, moved)
    _follow_transactions(t, moved)
    follow_calls(t.calls, moved)
    return 0


def _follow_pairs(t: Tally, moved: array.array[int]) -> int:
    if t.pair_count == 0:
        return 0
    size = len(t.pairs)
    for slot in range(size):
        entry = t.pairs[slot]
        if entry & 7:
            row = moved[(entry >> 4) & _ROW]
            if row < 0:
                t.pairs[slot] = _GONE
                t.pair_count -= 1
            else:
                t.pairs[slot] = (entry & ~_PAIR_ROW) | (row << 4)
    after = t.pairs[0]
    while size > 0:  # a place given up is free when nothing lies behind it
        size -= 1
        if after == 0 and t.pairs[size] == _GONE:
            t.pairs[size] = 0
        after = t.pairs[size]
    return 0


def _follow_echoes(t: Tally, moved: array.array[int]) -> int:
    for slot in range(len(t.echoes)):
        entry = t.echoes[slot]
        if entry:
            row = moved[(entry >> 4) & _ROW]
            t.echoes[slot] = 0 if row < 0 else (entry & ~_PAIR_ROW) | (row << 4)
    return 0


def _follow_transactions(t: Tally, moved: array.array[int]) -> int:
    for at in range(0, len(t.transactions), 2):
        if t.transactions[at]:
            state = t.transactions[at + 1]
            row = moved[(state >> 20) & _ROW]
            if row < 0:
                t.transactions[at] = 0
                t.transactions[at + 1] = 0
            else:
                t.transactions[at + 1] = (state & ~_STATE_ROW) | (row << 20)
    return 0


# -- two tallies into one --------------------------------------------------------------------


def join_rows(t: Tally, u: Tally, moved: array.array[int]) -> int:
    """Add the numbers of each row of u to row moved[i] of t."""
    for i in range(u.n):
        _join_row(t, u, moved[i] * ROW_WIDTH, i * ROW_WIDTH, moved)
    return 0


def _join_row(t: Tally, u: Tally, o: int, p: int, moved: array.array[int]) -> int:
    strange = 8 if u.rows[p + STRANGERS] else 0
    _join_things(t, u, o, p, D_ACCOUNT + strange)
    _join_things(t, u, o, p, D_NUMBER)
    _join_things(t, u, o, p, D_TARGET)
    _join_hosts(t, u, o, p, moved)
    _join_ports(t, u, o, p)
    _join_apart(t, u, o, p, moved)
    for field in range(ROW_WIDTH):
        mine = t.rows[o + field]
        theirs = u.rows[p + field]
        how = _HOW[field]
        if how == _SUM:
            t.rows[o + field] = mine + theirs
        elif how == _LOWEST:
            if theirs and (mine == 0 or theirs < mine):
                t.rows[o + field] = theirs
        elif how == _HIGHEST:
            if theirs > mine:
                t.rows[o + field] = theirs
        elif how == _ANY:
            t.rows[o + field] = mine | theirs
    _look_again(t, o)
    return 0


def _join_things(t: Tally, u: Tally, o: int, p: int, kind: int) -> int:
    """What stands in the rows because it is the only one of its source; pairs come later."""
    count = ACCOUNTS
    last = ACCOUNT
    if kind == D_NUMBER:
        count = NUMBERS
        last = NUMBER
    elif kind == D_TARGET:
        count = TARGETS
        last = TARGET
    theirs = u.rows[p + count]
    if theirs == 1:
        _new_thing(t, o, u.rows[p + last], kind)
    elif theirs and t.rows[o + count] == 1:
        strange = t.rows[o + STRANGERS] & 1 if count == ACCOUNTS else 0
        _new_pair(t, o, t.rows[o + last], kind & 7, strange)
    return 0


def _join_hosts(t: Tally, u: Tally, o: int, p: int, moved: array.array[int]) -> int:
    """The same for the hosts that a source asked."""
    asked = u.rows[p + SERVER]
    mine = t.rows[o + SERVER]
    if u.rows[p + HOSTS] == 1 and asked:
        server = moved[asked - 1] + 1
        if mine != server:
            _asks(t, o, (server - 1) * ROW_WIDTH)
    elif u.rows[p + HOSTS] > 1 and t.rows[o + HOSTS] == 1 and mine:
        _new_host(t, o, (mine - 1) * ROW_WIDTH, 1)
    return 0


def _join_ports(t: Tally, u: Tally, o: int, p: int) -> int:
    """The same for the ports that it spoke from: what both know, it came back to."""
    if u.rows[p + PORTS] == 1:
        if t.rows[o + PORTS] != 1 or t.rows[o + PORT] != u.rows[p + PORT]:
            _port(t, o, u.rows[p + PORT])
    elif u.rows[p + PORTS] and t.rows[o + PORTS] == 1:
        _new_pair(t, o, t.rows[o + PORT], D_PORT, 0)
    elif u.rows[p + PORTS] and t.rows[o + PORTS] == 0:
        t.rows[o + PORT] = u.rows[p + PORT]
    return 0


def _join_apart(t: Tally, u: Tally, o: int, p: int, moved: array.array[int]) -> int:
    """What is neither summed nor found again: whose is earlier, later or the same."""
    order = u.rows[p + ORDER]
    hand = u.rows[p + HAND]
    if order and (
        t.rows[o + ORDER] == 0
        or hand < t.rows[o + HAND]
        or (hand == t.rows[o + HAND] and order < t.rows[o + ORDER])
    ):
        t.rows[o + ORDER] = order
        t.rows[o + HAND] = hand
        t.rows[o + AGENT] = u.rows[p + AGENT]
    server = u.rows[p + SERVER]
    if server and (t.rows[o + SERVER] == 0 or u.rows[p + LAST] > t.rows[o + LAST]):
        t.rows[o + SERVER] = moved[server - 1] + 1
        t.rows[o + PORT] = u.rows[p + PORT]
    rest = u.rows[p + AUTH_REST]
    if rest and rest == t.rows[o + AUTH_REST]:
        if u.rows[p + AUTH_ANSWER] != t.rows[o + AUTH_ANSWER]:
            t.rows[o + CHANGED] += 1
    elif t.rows[o + AUTH_REST] == 0:
        t.rows[o + AUTH_REST] = rest
        t.rows[o + AUTH_ANSWER] = u.rows[p + AUTH_ANSWER]
    picked = 0
    for group in range(0, 64, 16):
        count = (t.rows[o + PICKED] >> group) & _ROW
        count += (u.rows[p + PICKED] >> group) & _ROW
        picked |= (count if count < _ROW else _ROW) << group
    t.rows[o + PICKED] = picked
    return 0


def _look_again(t: Tally, o: int) -> int:
    """Worth a look for what only both together have; since both had begun, or earlier."""
    why = 0
    if t.rows[o + OPTIONS] >= _MANY_OPTIONS:
        why |= 1
    if t.rows[o + ACCOUNTS] > 1:
        why |= 2
    if t.rows[o + CHANGED]:
        why |= 8
    if t.rows[o + NOT_FOUND] > 1:
        why |= 16
    if t.rows[o + NUMBER_MISSING] >= _MANY_MISSING or t.rows[o + REJECTED] >= _MANY_REJECTED:
        why |= 32
    if t.rows[o + INVITES] >= _MANY_UNHEARD and t.rows[o + RESPONSES] == 0:
        why |= 32
    if t.rows[o + CHALLENGED] >= t.rows[o + CREDENTIALS] + _MANY_IGNORED:
        why |= 32
    if t.rows[o + ODD] >= _MANY_ODD:
        why |= 64
    if t.rows[o + HOSTS] >= _MANY_HOSTS:
        why |= 128
    t.rows[o + WORTH] |= why
    if why and t.rows[o + SINCE] == 0:
        t.rows[o + SINCE] = t.rows[o + (FIRST if why & 26 else LAST)]
    return 0


def join_pairs(t: Tally, u: Tally, moved: array.array[int]) -> int:
    """Enter what u's sources were paired with; count what t did not know."""
    mask = len(u.pairs) - 1
    for slot in range(len(u.pairs)):
        entry = u.pairs[slot]
        kind = entry & 15
        if kind & 7 == 0:
            continue
        o = moved[(entry >> 4) & _ROW] * ROW_WIDTH
        home = (slot - ((entry >> 20) & 127)) & mask
        entry = (entry & (_PAIR_HASH | 15)) | (moved[(entry >> 4) & _ROW] << 4)
        if kind == D_PORT and t.rows[o + PORTS] >= _MAX_PORTS:
            continue
        if kind == D_REFUSED_CALL and t.rows[o + REFUSED_CALLS] >= _MAX_REFUSED_CALLS:
            continue
        if _enter_pair(t, home, entry) == 0:
            if kind == D_PORT:
                t.rows[o + RETURNS] += 1
            continue
        if kind == D_ACCOUNT or kind == D_ACCOUNT + 8:
            t.rows[o + ACCOUNTS] += 1
            t.rows[o + STRANGERS] += kind >> 3
        elif kind == D_NUMBER:
            t.rows[o + NUMBERS] += 1
        elif kind == D_TARGET:
            t.rows[o + TARGETS] += 1
        elif kind == D_CLIENT:
            t.rows[o + CLIENTS] += 1
        elif kind == D_HOST:
            t.rows[o + HOSTS] += 1
        elif kind == D_PORT:
            t.rows[o + PORTS] += 1
        elif kind == D_REFUSED_CALL:
            t.rows[o + REFUSED_CALLS] += 1
        elif kind == D_CALLER:
            t.rows[o + CALLERS] += 1
        _look_again(t, o)
    return 0


def join_echoes(t: Tally, u: Tally, moved: array.array[int]) -> int:
    """Join what one saw given with what the other saw echoed."""
    for slot in range(len(u.echoes)):
        theirs = u.echoes[slot]
        if theirs == 0:
            continue
        row = moved[(theirs >> 4) & _ROW]
        theirs = (theirs & ~_PAIR_ROW) | (row << 4)
        place = _echo_place(t, slot, theirs)
        mine = t.echoes[place]
        if (mine ^ theirs) >> 3:
            # One of two has to go: rather one that was counted.
            if mine & 3 == 3 or theirs & 3 != 3 or mine == 0:
                t.echoes[place] = theirs
            continue
        t.echoes[place] = mine | theirs
        if mine & 3 != 3 and theirs & 3 != 3 and (mine | theirs) & 3 == 3:
            o = row * ROW_WIDTH
            if theirs & _DIALOG:
                t.rows[o + DIALOGS] += 1
            else:
                t.rows[o + ECHOED] += 1
                t.rows[o + INVENTED] -= 1
    return 0


def join_others(t: Tally, u: Tally, moved: array.array[int]) -> int:
    """Answered calls and their ends, and the User-Agents that were shown."""
    join_calls(t.calls, u.calls, t.rows, moved)
    for slot in range(len(u.agents)):
        if u.agents[slot] and t.agents[slot] == 0:
            t.agents[slot] = u.agents[slot]
            t.agent_count += 1
    t.unmatched += u.unmatched
    return 0


def join_transactions(t: Tally, u: Tally, moved: array.array[int], first: int, last: int) -> int:
    """Join what is open, from place `first` on; the next place, for when the picks are read.

    What is joined leaves u. Successes found that way wait for the `last` pass: what
    they tell depends on the failures before them.
    """
    for at in range(first, len(u.transactions), 2):
        if u.transactions[at] == 0:
            continue
        if 4 * t.pick_count + 4 > len(t.picks):
            return at
        state = u.transactions[at + 1]
        row = moved[(state >> 20) & _ROW]
        state = (state & ~_STATE_ROW) | (row << 20)
        if _join_transaction(t, u.transactions[at], state, last):
            u.transactions[at] = 0
    return len(u.transactions)


def confirm_calls(t: Tally) -> int:
    """Answers that found their request as transactions were joined: those calls are calls."""
    if t.calls.count == 0:
        return 0
    for slot in range(_CALL_SLOTS):
        r = slot * CALL_WIDTH
        if t.calls.keys[slot] and t.calls.records[r + C_STATE] & C_EARLY:
            key = t.calls.records[r + C_TRANSACTION]
            at = _transaction(t, key)
            if t.transactions[at] == key and t.transactions[at + 1] & (T_EARLY | T_TAGGED) == 0:
                t.calls.records[r + C_STATE] -= C_EARLY
    return 0


def _join_transaction(t: Tally, key: int, theirs: int, last: int) -> int:
    """Whether it is joined now."""
    at = _transaction(t, key)
    mine = t.transactions[at + 1]
    if t.transactions[at] != key:
        if t.transactions[at] == 0 or theirs & T_DONE == 0 or mine & T_DONE:
            t.transactions[at] = key
            t.transactions[at + 1] = theirs
        return 1
    o = ((mine >> 20) & _ROW) * ROW_WIDTH
    if mine & theirs & T_EARLY:
        t.unmatched -= 1
        return 1
    if (mine | theirs) & T_EARLY == 0:
        _join_twice(t, at, o, mine, theirs)
        return 1
    request = theirs if mine & T_EARLY else mine
    early = mine if mine & T_EARLY else theirs
    if last == 0 and request & T_DONE == 0 and (early >> 5) & 1023 < 300:
        return 0
    t.unmatched -= 1
    if request & T_DONE:
        t.transactions[at + 1] = request
        return 1
    # The answer's status, and where its tag is; of the request, all else.
    t.transactions[at + 1] = (early & ~T_EARLY) | T_DONE | (request & 31)
    if request & T_TAGGED == 0:
        _confirm_tag(t, o, early)
    _join_outcome(t, key, o, early, request & T_CREDENTIALS)
    return 1


def _join_outcome(t: Tally, key: int, o: int, early: int, credentials: int) -> int:
    t.now = 0  # its time is not known here
    t.key = key
    reason = _outcome(t, o, (early >> 5) & 1023, (early >> 15) & 15, credentials)
    if reason and _pick(t, 0, o, reason | P_LATE) == 0 and reason == P_REFUSED:
        _show(t, 0, o, P_LATE)  # for its call, which is counted (`_tally.refused_call`)
    return 0


def _join_twice(t: Tally, at: int, o: int, mine: int, theirs: int) -> int:
    """Both saw the request: one of them a repetition; both its answer: the same."""
    _take_back_request(t, o, theirs)
    if theirs & T_DONE == 0:
        return 0
    if mine & T_DONE == 0:
        t.transactions[at + 1] = theirs
        return 0
    return _take_back_outcome(t, o, theirs)


def _take_back_request(t: Tally, o: int, state: int) -> int:
    method = (state >> 15) & 15
    t.rows[o + REPEATED] += 1
    if state & T_CREDENTIALS:
        t.rows[o + CREDENTIALS] -= 1
    if state & T_ODD:
        t.rows[o + ODD] -= 1
    if method == M_REGISTER:
        t.rows[o + REGISTERS] -= 1
    elif method == M_OPTIONS:
        t.rows[o + OPTIONS] -= 1
    elif method == M_INVITE:
        if state & T_TAGGED == 0:
            t.rows[o + INVITES] -= 1
            if t.rows[o + SERVER]:
                server = (t.rows[o + SERVER] - 1) * ROW_WIDTH
                if t.rows[server + CALLED]:
                    t.rows[server + CALLED] -= 1
    elif method != M_BYE and method != M_ACK:
        t.rows[o + OTHERS] -= 1
    return 0


def _take_back_outcome(t: Tally, o: int, state: int) -> int:
    """The contrary of `_tally._outcome`."""
    status = (state >> 5) & 1023
    method = (state >> 15) & 15
    credentials = state & T_CREDENTIALS
    field = -1
    if status < 300:
        t.rows[o + SUCCEEDED] -= 1
        if method == M_INVITE:
            field = ANSWERED
        elif method == M_REGISTER:
            field = ACCEPTED if credentials else ANONYMOUS
    elif status == 401 or status == 407:
        field = REFUSED if credentials else CHALLENGED
    elif credentials and status == 403 and (method == M_REGISTER or method == M_INVITE):
        field = REFUSED
    elif status == 404 or status == 604 or status == 484:
        field = NUMBER_MISSING if method != M_REGISTER and credentials else NOT_FOUND
    elif status >= 400 and method != M_CANCEL:
        field = REJECTED
        if status == 403 and credentials == 0:
            t.rows[o + FORBIDDEN] -= 1
        elif status == 482 or status == 483:
            t.rows[o + LOOPED] -= 1
        elif method == M_INVITE and _is_unreached(status):
            t.rows[o + UNREACHED] -= 1
    if field >= 0:
        t.rows[o + field] -= 1
    return 0
