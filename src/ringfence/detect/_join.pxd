cimport cython
from libc.stdint cimport int64_t, uint64_t

from ringfence.detect._calls cimport (
    follow_calls, join_calls,
)
from ringfence.detect._fields cimport (
    ACCEPTED, ACCOUNT, ACCOUNTS, AGENT, ANONYMOUS, ANSWERED, AUTH_ANSWER, AUTH_REST, C_EARLY, C_STATE, C_TRANSACTION, CALL_WIDTH, CALLED, CALLERS, CHALLENGED, CHANGED, CLIENTS, CREDENTIALS, D_ACCOUNT, D_CALLER, D_CLIENT, D_HOST, D_NUMBER, D_PORT, D_REFUSED_CALL, D_TARGET, DIALOGS, ECHOED, FIRST, FORBIDDEN, HAND, HOSTS, INVENTED, INVITES, LAST, LOOPED, NOT_FOUND, NUMBER_MISSING, NUMBER, NUMBERS, ODD, OPTIONS, ORDER, OTHERS, P_LATE, P_REFUSED, PICKED, PORT, PORTS, REFUSED, REFUSED_CALLS, REGISTERS, REJECTED, REPEATED, RESPONSES, RETURNS, ROW_WIDTH, SERVER, SINCE, STRANGERS, SUCCEEDED, T_CREDENTIALS, T_DONE, T_EARLY, T_ODD, T_TAGGED, TARGET, TARGETS, UNREACHED, WORTH,
)
from ringfence.detect._tally cimport (
    Tally, _MAX_PORTS, _MAX_REFUSED_CALLS, _MANY_HOSTS, _MANY_IGNORED, _MANY_MISSING, _MANY_ODD, _MANY_OPTIONS, _MANY_REJECTED, _MANY_UNHEARD, _asks, _confirm_tag, _echo_place, _enter_pair, _is_unreached, _new_host, _new_pair, _new_thing, _outcome, _pick, _port, _show, _transaction,
)
from ringfence.wire._columns cimport (
    M_ACK, M_BYE, M_CANCEL, M_INVITE, M_OPTIONS, M_REGISTER,
)

cdef int _KEEP
cdef int _SUM
cdef int _LOWEST
cdef int _HIGHEST
cdef int _ANY
cdef const unsigned char[::1] _HOW
cdef uint64_t _ROW
cdef uint64_t _PAIR_ROW
cdef uint64_t _STATE_ROW
cdef uint64_t _PAIR_HASH
cdef uint64_t _GONE
cdef uint64_t _DIALOG
cdef Py_ssize_t _CALL_SLOTS


cpdef int follow(Tally t, const int64_t[::1] moved) except -1
@cython.locals(size=Py_ssize_t, slot=Py_ssize_t, entry=uint64_t, row=int64_t, after=uint64_t)
cdef int _follow_pairs(Tally t, const int64_t[::1] moved) except -1 nogil
@cython.locals(slot=Py_ssize_t, entry=uint64_t, row=int64_t)
cdef int _follow_echoes(Tally t, const int64_t[::1] moved) except -1 nogil
@cython.locals(at=Py_ssize_t, state=uint64_t, row=int64_t)
cdef int _follow_transactions(Tally t, const int64_t[::1] moved) except -1 nogil
@cython.locals(i=Py_ssize_t)
cpdef int join_rows(Tally t, Tally u, const int64_t[::1] moved) except -1
@cython.locals(strange=int, field=Py_ssize_t, mine=uint64_t, theirs=uint64_t, how=int)
cdef int _join_row(Tally t, Tally u, Py_ssize_t o, Py_ssize_t p, const int64_t[::1] moved) except -1 nogil
@cython.locals(count=int, last=int, theirs=uint64_t, strange=uint64_t)
cdef int _join_things(Tally t, Tally u, Py_ssize_t o, Py_ssize_t p, int kind) except -1 nogil
@cython.locals(asked=uint64_t, mine=uint64_t, server=uint64_t)
cdef int _join_hosts(Tally t, Tally u, Py_ssize_t o, Py_ssize_t p, const int64_t[::1] moved) except -1 nogil
cdef int _join_ports(Tally t, Tally u, Py_ssize_t o, Py_ssize_t p) except -1 nogil
@cython.locals(order=uint64_t, hand=uint64_t, server=uint64_t, rest=uint64_t, picked=uint64_t, group=int, count=uint64_t)
cdef int _join_apart(Tally t, Tally u, Py_ssize_t o, Py_ssize_t p, const int64_t[::1] moved) except -1 nogil
@cython.locals(why=int)
cdef int _look_again(Tally t, Py_ssize_t o) except -1 nogil
@cython.locals(mask=Py_ssize_t, slot=Py_ssize_t, entry=uint64_t, kind=int, o=Py_ssize_t, home=uint64_t)
cpdef int join_pairs(Tally t, Tally u, const int64_t[::1] moved) except -1
@cython.locals(slot=Py_ssize_t, place=Py_ssize_t, theirs=uint64_t, mine=uint64_t, row=int64_t, o=Py_ssize_t)
cpdef int join_echoes(Tally t, Tally u, const int64_t[::1] moved) except -1
@cython.locals(slot=Py_ssize_t)
cpdef int join_others(Tally t, Tally u, const int64_t[::1] moved) except -1
@cython.locals(at=Py_ssize_t, state=uint64_t, row=int64_t)
cpdef Py_ssize_t join_transactions(Tally t, Tally u, const int64_t[::1] moved, Py_ssize_t first, int last) except -1
@cython.locals(slot=Py_ssize_t, r=Py_ssize_t, key=uint64_t, at=Py_ssize_t)
cpdef int confirm_calls(Tally t) except -1
@cython.locals(at=Py_ssize_t, mine=uint64_t, o=Py_ssize_t, request=uint64_t, early=uint64_t)
cdef int _join_transaction(Tally t, uint64_t key, uint64_t theirs, int last) except -1 nogil
@cython.locals(reason=int)
cdef int _join_outcome(Tally t, uint64_t key, Py_ssize_t o, uint64_t early, uint64_t credentials) except -1 nogil
cdef int _join_twice(Tally t, Py_ssize_t at, Py_ssize_t o, uint64_t mine, uint64_t theirs) except -1 nogil
@cython.locals(method=int, server=Py_ssize_t)
cdef int _take_back_request(Tally t, Py_ssize_t o, uint64_t state) except -1 nogil
@cython.locals(status=uint64_t, method=int, credentials=uint64_t, field=Py_ssize_t)
cdef int _take_back_outcome(Tally t, Py_ssize_t o, uint64_t state) except -1 nogil
