cimport cython
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from ringfence.detect._calls cimport (
    Calls, _confirm_call, _end_call, _enter_call, _key_of_call, _write_name,
)
from ringfence.detect._fields cimport (
    ACCEPTED, ACCEPTED_AT, ACCOUNT, ACCOUNTS, ACKS, ADDRESS_HIGH, ADDRESS_LOW, AGENT, ANONYMOUS, ANSWERED, ANSWERS, AUTH_ANSWER, AUTH_REST, C_ACCOUNT, C_EARLY, C_NUMBER, C_STATE, C_TRANSACTION, CALLED, CALLERS, CHALLENGED, CHANGED, CLIENTS, CREDENTIALS, DIALOGS, D_ACCOUNT, D_CALLER, D_CLIENT, D_HOST, D_NUMBER, D_PORT, D_REFUSED_CALL, D_TARGET, ECHOED, ENTERED, FIRST, FORBIDDEN, HAND, HOSTS, INVENTED, INVITES, K_DECIMAL_BRANCH, K_DECIMAL_CALL_ID, K_NMAP, K_SIPP, K_SIPVICIOUS_TAG, K_SVCRACK_TAG, K_SVMAP_FROM, K_TOOL_AGENT, LAST, LOOPED, MARKS, MESSAGES, NOT_FOUND, NUMBER, NUMBERS, NUMBER_MISSING, ODD, OPTIONS, ORDER, OTHERS, PICKED, PORT, PORTS, P_ACCOUNT, P_AGENT, P_ANSWER, P_EARLY, P_ENTERED, P_GUESS, P_LATE, P_MARK, P_NOT_FOUND, P_NUMBER, P_QUIET, P_REFUSED, REFUSED, REFUSED_CALLS, REGISTERS, REJECTED, REPEATED, RESPONSES, RETURNS, ROW_WIDTH, SERVED, SERVER, SINCE, STRANGERS, SUCCEEDED, TARGET, TARGETS, TCP, T_CREDENTIALS, T_DONE, T_EARLY, T_ODD, T_TAGGED, UNREACHED, WORTH,
)
from ringfence.detect._spans cimport (
    fold, seek, spread,
)
from ringfence.wire._batch cimport (
    Batch,
)
from ringfence.wire._columns cimport (
    ANOMALIES, AUTH, AUTH_NONCE, AUTH_RESPONSE, AUTH_USER, CALL_HASH, CALL_ID, CHALLENGE, CHALLENGE_NONCE, CSEQ_METHOD, CSEQ_NUMBER, DESTINATION_HIGH, DESTINATION_LOW, FROM, FROM_DISPLAY, FROM_HOST, FROM_USER, METHOD, M_ACK, M_BYE, M_CANCEL, M_INVITE, M_OPTIONS, M_REGISTER, ORDER_HASH, SLOT_WIDTH, SOURCE_HIGH, SOURCE_LOW, SOURCE_PORT, STATUS, TIME, TO, TO_DISPLAY, TO_HOST, TO_USER, TRANSPORT, URI, URI_HOST, URI_USER, USER_AGENT, VIA, VIA_BRANCH, WIDE_WIDTH,
)
from ringfence.wire._octets cimport (
    keep, lower, word,
)
from ringfence.wire._parts cimport (
    _digest, _name_addr, _uri,
)

cdef int _MAX_PROBES
cdef uint64_t _BUCKET_MASK
cdef uint64_t _PAIR_MASK
cdef uint64_t _MAX_PAIRS
cdef uint64_t _ECHO_MASK
cdef uint64_t _HASH_BITS
cdef uint64_t _PAIR_HASH
cdef uint64_t _STEP
cdef uint64_t _PAIR_IS
cdef uint64_t _GONE
cdef uint64_t _AGENT_SLOTS
cdef uint64_t _AGENT_MASK
cdef uint64_t _MAX_EARLY
cdef uint64_t _UNHEARD
cdef int _FOREIGN_DIGITS
cdef Py_ssize_t _COSTLY_DIGITS
cdef int _CALLER_DIGITS
cdef uint64_t _MANY_HOSTS
cdef uint64_t _MANY_IGNORED
cdef uint64_t _MANY_MISSING
cdef uint64_t _MANY_ODD
cdef uint64_t _MANY_OPTIONS
cdef uint64_t _MANY_REJECTED
cdef uint64_t _MANY_UNHEARD
cdef uint64_t _MAX_PORTS
cdef uint64_t _MAX_REFUSED_CALLS
cdef const uint64_t[::1] _LIMITS
cdef const uint64_t[::1] _GROUP_UNITS
cdef const uint64_t[::1] _TOOLS
cdef const unsigned char[::1] _TOOL_LENGTHS
cdef int _TOOL_COUNT
cdef uint64_t _SIPP_TAG
cdef uint64_t _SVMAP_HOST
cdef uint64_t _SVMAP_USER
cdef uint64_t _SVCRACK_TAG
cdef uint64_t _LOOPBACK
cdef uint64_t _NMAP_BRANCH
cdef uint64_t _BRANCH_IS
cdef uint64_t _TAG
cdef uint64_t _TAG_IS
cdef uint64_t _SIP
cdef uint64_t _BRACKET_SIP
cdef uint64_t _USERNAME
cdef uint64_t _NONCE
cdef uint64_t _RESPONSE
cdef const uint64_t[::1] _PASSED
cdef int _PASSED_COUNT
cdef int _LONG_ACCOUNT
cdef const unsigned char[::1] _STRANGE
cdef uint64_t _ODD
cdef uint64_t _COOKIE_DASH
cdef uint64_t _GIVEN
cdef uint64_t _ECHOED
cdef uint64_t _GIVEN_EARLY


cdef class Tally:
    cdef public uint64_t[::1] rows
    cdef public uint32_t[::1] index
    cdef public uint64_t[::1] transactions
    cdef public uint64_t[::1] pairs
    cdef public uint64_t[::1] agents
    cdef public uint64_t[::1] echoes
    cdef public Calls calls
    cdef public uint64_t[::1] picks
    cdef public Py_ssize_t sources
    cdef public Py_ssize_t n
    cdef public uint64_t seed
    cdef public uint64_t other
    cdef public uint64_t mask
    cdef public uint64_t pair_count
    cdef public uint64_t agent_count
    cdef public Py_ssize_t pick_count
    cdef public uint64_t early_successes
    cdef public uint64_t early_failures
    cdef public uint64_t unmatched
    cdef public uint64_t now
    cdef public uint64_t key
    cdef public Py_ssize_t transaction
    cdef public uint64_t echo
    cdef public Py_ssize_t last_source
    cdef public Py_ssize_t last_server
    @cython.locals(i=Py_ssize_t)
    cpdef reindex(self)


cpdef int place(Tally t, Py_ssize_t i) except -1
@cython.locals(o=Py_ssize_t, slot=uint64_t, _=int)
cdef int _place(Tally t, Py_ssize_t i) except -1 nogil
@cython.locals(at=Py_ssize_t)
cpdef int is_early(Tally t, uint64_t key) except -1
cpdef Py_ssize_t find_source(Tally t, uint64_t high, uint64_t low) except -1
cpdef uint64_t agent_hash(Tally t, Batch b, Py_ssize_t o, Py_ssize_t e) except? 1
cpdef Py_ssize_t tally(Tally t, Batch b, Py_ssize_t first) except -1
@cython.locals(base=Py_ssize_t, wide=Py_ssize_t)
cdef Py_ssize_t _tally(Tally t, Batch b, Py_ssize_t row) except -1 nogil
@cython.locals(slot=uint64_t, o=Py_ssize_t, i=Py_ssize_t, _=int)
cdef Py_ssize_t _source(Tally t, uint64_t high, uint64_t low) except -1 nogil
@cython.locals(o=Py_ssize_t)
cdef Py_ssize_t _asker(Tally t, uint64_t high, uint64_t low) except -1 nogil
@cython.locals(o=Py_ssize_t)
cdef Py_ssize_t _asked(Tally t, uint64_t high, uint64_t low) except -1 nogil
cdef int _seen(Tally t, Py_ssize_t o) except -1 nogil
cdef int _worth(Tally t, Py_ssize_t o, int why) except -1 nogil
cdef int _worth_often(Tally t, Py_ssize_t o, int why) except -1 nogil
cdef int _worth_since(Tally t, Py_ssize_t o, int why, uint64_t when) except -1 nogil
@cython.locals(group=int, limit=uint64_t)
cdef int _pick(Tally t, Py_ssize_t row, Py_ssize_t o, int reason) except -1 nogil
@cython.locals(p=Py_ssize_t)
cdef int _show(Tally t, Py_ssize_t row, Py_ssize_t o, int reason) except -1 nogil
@cython.locals(method=int, o=Py_ssize_t, server=Py_ssize_t, credentials=int, odd=int, tagged=int, opened=int, reason=int, tag=uint64_t, key=uint64_t, asked=uint64_t, port=uint64_t, outside=uint64_t)
cdef int _request(Tally t, Batch b, Py_ssize_t row, Py_ssize_t base, Py_ssize_t wide) except -1 nogil
cdef int _port(Tally t, Py_ssize_t o, uint64_t port) except -1 nogil
@cython.locals(before=uint64_t)
cdef int _asks(Tally t, Py_ssize_t o, Py_ssize_t server) except -1 nogil
@cython.locals(low=uint64_t, client=uint64_t, host=uint64_t)
cdef int _new_host(Tally t, Py_ssize_t o, Py_ssize_t server, int is_counted) except -1 nogil
@cython.locals(at=Py_ssize_t, number=uint64_t, new=int, length=Py_ssize_t)
cdef int _call(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
@cython.locals(at=Py_ssize_t, target=uint64_t)
cdef int _target(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
@cython.locals(o=Py_ssize_t, e=Py_ssize_t, at=Py_ssize_t)
cdef int _asked_user(Batch b, Py_ssize_t base) except -1 nogil
cdef int _keep(Batch b, Py_ssize_t slot, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(slot=Py_ssize_t, at=Py_ssize_t, end=Py_ssize_t, account=uint64_t, strange=int, new=int)
cdef int _account(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o, int credentials) except -1 nogil
@cython.locals(at=Py_ssize_t, octet=int)
cdef int _plain_user(Batch b, Py_ssize_t slot, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(at=Py_ssize_t, end=Py_ssize_t)
cdef int _svmap_name(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
@cython.locals(digits=Py_ssize_t)
cdef int _is_caller(Batch b, Py_ssize_t at, Py_ssize_t end) except -1 nogil
cdef int _is_word(Batch b, Py_ssize_t at, Py_ssize_t end) except -1 nogil
@cython.locals(octet=int)
cdef int _is_strange(Batch b, Py_ssize_t at, Py_ssize_t end) except -1 nogil
@cython.locals(first=Py_ssize_t, e=Py_ssize_t, missing=int, name=Py_ssize_t, slot=Py_ssize_t, value=Py_ssize_t, end=Py_ssize_t)
cdef int _read_digest(Batch b, Py_ssize_t base, Py_ssize_t o, Py_ssize_t length, int credentials) except -1 nogil
@cython.locals(i=int)
cdef Py_ssize_t _digest_slot(uint64_t name, int credentials) except? -2 nogil
cdef int _is_odd_name(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(at=Py_ssize_t, end=Py_ssize_t, digest=Py_ssize_t, after=Py_ssize_t, rest=uint64_t, answer=uint64_t)
cdef int _password_changed(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
@cython.locals(count=Py_ssize_t, last=Py_ssize_t, known=uint64_t, first=uint64_t)
cdef int _new_thing(Tally t, Py_ssize_t o, uint64_t what, uint64_t kind) except -1 nogil
@cython.locals(key=uint64_t, entry=uint64_t)
cdef int _new_pair(Tally t, Py_ssize_t o, uint64_t what, uint64_t kind, uint64_t strange) except -1 nogil
@cython.locals(slot=uint64_t, free=uint64_t, found=uint64_t, _=int)
cdef int _enter_pair(Tally t, uint64_t home, uint64_t entry) except -1 nogil
@cython.locals(at=Py_ssize_t, length=Py_ssize_t, agent=uint64_t, known=uint64_t, order=uint64_t, slot=uint64_t, is_tool=uint64_t)
cdef int _agent(Tally t, Batch b, Py_ssize_t base, Py_ssize_t wide, Py_ssize_t o) except -1 nogil
@cython.locals(first=uint64_t, i=int, n=int, octet=int)
cdef int _is_tool(Batch b, Py_ssize_t at, Py_ssize_t length) except -1 nogil
cdef int _is_sipp(Batch b, Py_ssize_t at, Py_ssize_t end) except -1 nogil
cdef int _tool_agent(Tally t, Py_ssize_t o) except -1 nogil
@cython.locals(before=uint64_t, marks=uint64_t, at=Py_ssize_t, end=Py_ssize_t)
cdef int _marks(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
@cython.locals(digits=int, i=Py_ssize_t, high=int, low=int)
cdef int _tag_marks(Batch b, Py_ssize_t at, Py_ssize_t end, uint64_t known) except -1 nogil
cdef int _nibble(int octet) noexcept nogil
cdef int _decimal(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(name=uint64_t)
cdef Py_ssize_t _tag_at(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
cdef Py_ssize_t _tag_end(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(at=Py_ssize_t, end=Py_ssize_t)
cdef uint64_t _to_tag(Tally t, Batch b, Py_ssize_t base) except? 1 nogil
@cython.locals(at=Py_ssize_t, end=Py_ssize_t)
cdef uint64_t _from_tag(Tally t, Batch b, Py_ssize_t base) except? 1 nogil
@cython.locals(at=Py_ssize_t, nonce=uint64_t)
cdef int _prove_nonce(Tally t, Batch b, Py_ssize_t o, Py_ssize_t base) except -1 nogil
cdef int _prove_dialog(Tally t, Py_ssize_t o, uint64_t tag) except -1 nogil
@cython.locals(key=uint64_t, slot=uint64_t, entry=uint64_t, before=uint64_t)
cdef int _prove(Tally t, Py_ssize_t o, uint64_t what, uint64_t kind, uint64_t how) except -1 nogil
@cython.locals(first=uint64_t, place=uint64_t, slot=uint64_t)
cdef uint64_t _echo_place(Tally t, uint64_t at, uint64_t entry) except? 1 nogil
@cython.locals(at=Py_ssize_t, end=Py_ssize_t, stop=Py_ssize_t, branch=uint64_t, number=uint64_t, key=uint64_t)
cdef uint64_t _key(Tally t, Batch b, Py_ssize_t base, Py_ssize_t wide, uint64_t high, uint64_t low, int method) except? 1 nogil
@cython.locals(method=int, at=Py_ssize_t, state=uint64_t)
cdef int _open(Tally t, Batch b, Py_ssize_t base, Py_ssize_t wide, Py_ssize_t o, uint64_t flags) except -1 nogil
@cython.locals(row=uint64_t)
cdef uint64_t _state(Py_ssize_t o, uint64_t method, uint64_t status) noexcept nogil
@cython.locals(slot=uint64_t, first=uint64_t, row=uint64_t)
cdef int _confirm_tag(Tally t, Py_ssize_t o, uint64_t state) except -1 nogil
@cython.locals(bucket=Py_ssize_t, turn=Py_ssize_t, victim=Py_ssize_t, at=Py_ssize_t, best=int, free=int)
cdef Py_ssize_t _transaction(Tally t, uint64_t key) except -1 nogil
@cython.locals(status=uint64_t, method=int, o=Py_ssize_t, server=Py_ssize_t, at=Py_ssize_t, state=uint64_t, tag=uint64_t, reason=int)
cdef int _response(Tally t, Batch b, Py_ssize_t row, Py_ssize_t base, Py_ssize_t wide) except -1 nogil
@cython.locals(at=Py_ssize_t, end=Py_ssize_t, key=uint64_t, tags=uint64_t, r=Py_ssize_t)
cdef int _keep_call(Tally t, Batch b, Py_ssize_t base, Py_ssize_t wide, Py_ssize_t o, uint64_t early) except -1 nogil
cdef int _show_early(Tally t, Py_ssize_t row, Py_ssize_t o, uint64_t status, int method) except -1 nogil
@cython.locals(tag=uint64_t)
cdef uint64_t _give_tag(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o, uint64_t early) except? 1 nogil
@cython.locals(state=uint64_t, status=uint64_t, reason=int)
cdef int _late_outcome(Tally t, Batch b, Py_ssize_t wide, Py_ssize_t row, Py_ssize_t o, int method, uint64_t credentials) except -1 nogil
@cython.locals(at=Py_ssize_t, nonce=uint64_t)
cdef int _challenge(Tally t, Batch b, Py_ssize_t base, Py_ssize_t o) except -1 nogil
cdef int _outcome(Tally t, Py_ssize_t o, uint64_t status, int method, uint64_t credentials) except -1 nogil
cdef int _is_unreached(uint64_t status) noexcept nogil
cdef int _refusal(Tally t, Py_ssize_t o) except -1 nogil
cpdef int refused_call(Tally t, Py_ssize_t i, uint64_t call_hash) except -1
cdef int _refused_call(Tally t, Py_ssize_t o, uint64_t call_hash) except -1 nogil
cdef int _success(Tally t, Py_ssize_t o, int method, uint64_t credentials) except -1 nogil
