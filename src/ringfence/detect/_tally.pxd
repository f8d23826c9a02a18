cimport cython
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from ringfence.detect._fields cimport (
    ACCEPTED, ACCOUNT, ACCOUNTS, ACKS, ADDRESS_HIGH, ADDRESS_LOW, AGENT, ANONYMOUS, ANSWERED, ANSWERS, AUTH_ANSWER, AUTH_REST, CALLED, CALLERS, CHANGED, CLIENTS, NUMBER_MISSING, ODD, TARGET, TARGETS, CHALLENGED,
    CREDENTIALS, DIALOGS, ECHOED, ENTERED, FIRST, FORBIDDEN, HOSTS, INVENTED, INVITES, K_DECIMAL_BRANCH,
    K_DECIMAL_CALL_ID, K_NMAP, K_SIPP, K_SIPVICIOUS_TAG, K_SVMAP_FROM, K_SVCRACK_TAG, K_TOOL_AGENT, LAST, LOOPED, MARKS,
    MESSAGES, NOT_FOUND, NUMBERS, OPTIONS, ORDER, OTHERS, PICKED, PORT, PORTS,
    P_ACCOUNT, P_AGENT, P_ANSWER, P_END, P_ENTERED, P_GUESS, P_MARK, P_NOT_FOUND, P_NUMBER, P_REFUSED,
    REFUSED, REFUSED_CALLS, REGISTERS, RETURNS, REJECTED, REPEATED, RESPONSES, ROW_WIDTH, SERVED, SERVER, STRANGERS, SUCCEEDED,
    TCP, UNREACHED, WORTH,
)
from ringfence.wire._batch cimport (
    Batch,
)
from ringfence.wire._columns cimport (
    ANOMALIES, AUTH, AUTH_NONCE, AUTH_RESPONSE, AUTH_USER, CALL_HASH, CALL_ID, CHALLENGE, CHALLENGE_NONCE, CSEQ_METHOD,
    CSEQ_NUMBER, DESTINATION_HIGH, DESTINATION_LOW, FROM, FROM_DISPLAY, FROM_HOST, FROM_TAG,
    FROM_USER, METHOD, M_ACK, M_BYE, M_CANCEL, M_INVITE, M_OPTIONS, M_REGISTER, ORDER_HASH,
    SLOT_WIDTH, SOURCE_HIGH, SOURCE_LOW, SOURCE_PORT, STATUS, TIME, TO, TO_DISPLAY, TO_HOST,
    TO_TAG, TO_USER, TRANSPORT, URI, URI_HOST, URI_USER, USER_AGENT, VIA, VIA_BRANCH,
    WIDE_WIDTH,
)
from ringfence.wire._octets cimport (
    find, keep, lower, mix, word,
)
from ringfence.wire._parts cimport (
    _digest, _name_addr, _tag, _uri,
)
from ringfence.wire._sip cimport (
    _span_hash,
)

cdef uint64_t _TRANSACTION_BUCKETS
cdef uint64_t _PAIR_SLOTS
cdef uint64_t _MAX_PAIRS
cdef uint64_t _ECHO_SLOTS
cdef uint64_t _AGENT_SLOTS
cdef int _FOREIGN_DIGITS
cdef int _CALLER_DIGITS
cdef const uint64_t[::1] _LIMITS
cdef const uint64_t[::1] _GROUP_UNITS
cdef const uint64_t[::1] _TOOLS
cdef const unsigned char[::1] _TOOL_LENGTHS
cdef int _TOOL_COUNT
cdef uint64_t _SIPP_TAG
cdef uint64_t _SVMAP_HOST
cdef uint64_t _SVMAP_USER
cdef uint64_t _MAX_PORTS
cdef uint64_t _MAX_REFUSED_CALLS
cdef uint64_t _SVCRACK_TAG
cdef uint64_t _LOOPBACK
cdef uint64_t _NMAP_BRANCH
cdef int _LONG_ACCOUNT
cdef const unsigned char[::1] _STRANGE
cdef uint64_t _ODD
cdef uint64_t _BRANCH_IS
cdef uint64_t _COOKIE_DASH


cdef class Tally:
    cdef public uint64_t[::1] rows
    cdef public uint32_t[::1] index
    cdef public uint64_t[::1] transactions
    cdef public uint64_t[::1] pairs
    cdef public uint64_t[::1] agents
    cdef public uint64_t[::1] echoes
    cdef public int64_t[::1] picks
    cdef public Py_ssize_t sources
    cdef public Py_ssize_t n
    cdef public uint64_t pair_count
    cdef public uint64_t agent_count
    cdef public Py_ssize_t pick_count
    cdef public uint64_t unmatched
    @cython.locals(i=Py_ssize_t)
    cpdef reindex(self)


cpdef int place(Tally t, Py_ssize_t i) except -1
@cython.locals(high=uint64_t, low=uint64_t, size=Py_ssize_t, slot=Py_ssize_t)
cdef int _place(Tally t, Py_ssize_t i) except -1 nogil
cpdef Py_ssize_t tally(Tally t, Batch b, Py_ssize_t first) except -1
@cython.locals(base=Py_ssize_t, wide=Py_ssize_t)
cdef Py_ssize_t _tally(Tally t, Batch b, Py_ssize_t row) except -1 nogil
@cython.locals(size=uint64_t, slot=uint64_t, o=Py_ssize_t)
cdef Py_ssize_t _source(Tally t, uint64_t high, uint64_t low) except -1 nogil
@cython.locals(port=uint64_t)
cdef int _port(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
cdef int _seen(Tally t, Py_ssize_t o, uint64_t time) except -1 nogil
@cython.locals(group=int, limit=uint64_t, p=Py_ssize_t)
cdef int _pick(Tally t, Py_ssize_t row, Py_ssize_t o, int reason) except -1 nogil
@cython.locals(method=int, o=Py_ssize_t, server=Py_ssize_t, credentials=uint64_t, opened=int, reason=int, in_dialog=int, client=uint64_t, asked=uint64_t)
cdef int _request(Tally t, Batch b, Py_ssize_t row, Py_ssize_t base, Py_ssize_t wide) except -1 nogil
@cython.locals(at=Py_ssize_t, number=uint64_t, new=int, length=Py_ssize_t)
cdef int _call(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
@cython.locals(at=Py_ssize_t, length=Py_ssize_t, account=uint64_t)
cdef int _account(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o, uint64_t credentials) except -1 nogil
@cython.locals(at=Py_ssize_t, target=uint64_t)
cdef int _target(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
@cython.locals(digits=Py_ssize_t)
cdef int _is_caller(Batch b, Py_ssize_t at, Py_ssize_t end) except -1 nogil
cdef int _is_word(Batch b, Py_ssize_t at, Py_ssize_t end) except -1 nogil
@cython.locals(octet=int, strange=int)
cdef int _strange(Tally t, Batch b, Py_ssize_t o, Py_ssize_t at, Py_ssize_t end) except -1 nogil
@cython.locals(at=Py_ssize_t, end=Py_ssize_t, digest=Py_ssize_t, after=Py_ssize_t, rest=uint64_t, answer=uint64_t)
cdef int _password_changed(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
@cython.locals(key=uint64_t, slot=uint64_t)
cdef int _new_pair(Tally t, Py_ssize_t o, uint64_t what, uint64_t kind) except -1 nogil
@cython.locals(at=Py_ssize_t, length=Py_ssize_t, agent=uint64_t, slot=uint64_t)
cdef int _agent(Tally t, Batch b, Py_ssize_t base, Py_ssize_t wide, Py_ssize_t o) except -1 nogil
@cython.locals(before=uint64_t, at=Py_ssize_t, end=Py_ssize_t, length=Py_ssize_t)
cdef int _marks(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
@cython.locals(first=uint64_t, i=int, n=int, octet=int)
cdef int _is_tool(Batch b, Py_ssize_t at, Py_ssize_t length) except -1 nogil
cdef int _is_sipp(Batch b, Py_ssize_t at, Py_ssize_t end) except -1 nogil
@cython.locals(digits=int, i=Py_ssize_t, high=int, low=int)
cdef int _tag_marks(Tally t, Batch b, Py_ssize_t o, Py_ssize_t at, Py_ssize_t end) except -1 nogil
cdef int _nibble(int octet) noexcept nogil
cdef int _decimal(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(at=Py_ssize_t, proof=int)
cdef int _prove_nonce(Tally t, Batch b, Py_ssize_t o, Py_ssize_t base) except -1 nogil
@cython.locals(at=Py_ssize_t)
cdef int _prove_dialog(Tally t, Batch b, Py_ssize_t o, Py_ssize_t base) except -1 nogil
@cython.locals(at=Py_ssize_t, end=Py_ssize_t, stop=Py_ssize_t, branch=uint64_t, number=uint64_t, key=uint64_t)
cdef uint64_t _key(Batch b, Py_ssize_t base, Py_ssize_t wide, uint64_t high, uint64_t low, int method) except? 1 nogil
cdef int _keep_branch(Batch b, Py_ssize_t base, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(key=uint64_t, at=Py_ssize_t, to=Py_ssize_t, tagged=uint64_t)
cdef int _open(Tally t, Batch b, Py_ssize_t base, Py_ssize_t wide, Py_ssize_t o, uint64_t credentials) except -1 nogil
@cython.locals(bucket=Py_ssize_t, victim=Py_ssize_t, i=int, at=Py_ssize_t)
cdef Py_ssize_t _transaction(Tally t, uint64_t key) except -1 nogil
@cython.locals(status=uint64_t, method=int, o=Py_ssize_t, server=Py_ssize_t, key=uint64_t, at=Py_ssize_t, credentials=uint64_t, reason=int, repeats=int)
cdef int _response(Tally t, Batch b, Py_ssize_t row, Py_ssize_t base, Py_ssize_t wide) except -1 nogil
@cython.locals(method=int, key=uint64_t, status=uint64_t, reason=int)
cdef int _late_outcome(Tally t, Batch b, Py_ssize_t row, Py_ssize_t base, Py_ssize_t wide, Py_ssize_t o, uint64_t credentials) except -1 nogil
@cython.locals(at=Py_ssize_t)
cdef int _give_tag(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
@cython.locals(at=Py_ssize_t)
cdef int _challenge(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
@cython.locals(what=uint64_t, key=uint64_t, slot=Py_ssize_t, before=uint64_t)
cdef int _prove(Tally t, Batch b, Py_ssize_t o, Py_ssize_t at, Py_ssize_t end, int kind, int given) except -1 nogil
@cython.locals(call=uint64_t)
cdef int _outcome(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o, uint64_t status, int method, uint64_t credentials) except -1 nogil
cdef int _success(Tally t, Py_ssize_t o, int method, uint64_t credentials) except -1 nogil
