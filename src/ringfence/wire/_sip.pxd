cimport cython
from libc.stdint cimport int32_t, int64_t, uint64_t

from ringfence.wire._batch cimport Batch
from ringfence.wire._columns cimport (
    ANOMALIES, AUTH, BODY_LENGTH, CALL_HASH, CALL_ID, CHALLENGE, CONTACT, CONTENT_LENGTH,
    CONTENT_TYPE, CSEQ, CSEQ_METHOD, CSEQ_NUMBER, DESTINATION_HIGH, DESTINATION_LOW,
    DESTINATION_PORT, EXPIRES, FROM, HEADER_COUNT, HEAD_LENGTH, INTERFACE, IP_VERSION,
    MAX_FORWARDS, METHOD, M_OTHER, ORDER_HASH, PACKET, POSITION, SLOT_WIDTH, SOURCE_HIGH,
    SOURCE_LOW, SOURCE_PORT, STATUS, TEXT, TEXT_LENGTH, TIME, TO, TRANSPORT, URI, USER_AGENT,
    VIA, WIDE_WIDTH,
)
from ringfence.wire._octets cimport (
    blank, clear, colon, find, keep, le64, lower, mix, past_blanks, peek, put,
    times, trimmed, value_of, word,
)

cdef Py_ssize_t _MAX_START_LINE
cdef Py_ssize_t _MAX_JUNK
cdef int _MAX_HEADERS
cdef Py_ssize_t _MAX_HEAD
cdef int64_t _INT32_MAX
cdef int64_t _MANY
cdef int _H_CONTENT_LENGTH
cdef int _H_MAX_FORWARDS
cdef int _H_EXPIRES
cdef unsigned int _SINGLE
cdef unsigned int _CORE
cdef unsigned int _NEEDED
cdef uint64_t _SPREAD
cdef int _SLOT_SHIFT
cdef uint64_t _SMALL
cdef const uint64_t[::1] _NAMES
cdef const uint64_t[::1] _METHODS
cdef const unsigned char[::1] _TOKEN
cdef uint64_t _SIP_SLASH
cdef uint64_t _VERSION
cdef uint64_t _VERSION_BLANK
cdef uint64_t _BLANK_VERSION
cdef uint64_t _A_NO_CALL_ID
cdef uint64_t _A_NO_CSEQ
cdef uint64_t _A_NO_FROM
cdef uint64_t _A_NO_TO
cdef uint64_t _A_NO_VIA
cdef uint64_t _A_NO_MAX_FORWARDS
cdef uint64_t _A_REPEATED
cdef uint64_t _A_CSEQ_INVALID
cdef uint64_t _A_CSEQ_TOO_LARGE
cdef uint64_t _A_CSEQ_METHOD
cdef uint64_t _A_STATUS
cdef uint64_t _A_VERSION
cdef uint64_t _A_SPACING
cdef uint64_t _A_JUNK
cdef uint64_t _A_BARE_LF
cdef uint64_t _A_NO_COLON
cdef uint64_t _A_HEAD_OPEN
cdef uint64_t _A_LENGTH_INVALID
cdef uint64_t _A_LENGTH_BEYOND
cdef uint64_t _A_AFTER_BODY
cdef uint64_t _A_HEAD_LONG
cdef uint64_t _A_MANY_HEADERS
cdef uint64_t _A_CUT

cpdef int message(Batch b, Py_ssize_t o, Py_ssize_t e) except -1
@cython.locals(first=Py_ssize_t, limit=Py_ssize_t, line_end=Py_ssize_t, base=Py_ssize_t, wide=Py_ssize_t, after=Py_ssize_t)
cdef int _message(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(w=uint64_t, at=Py_ssize_t, digits=Py_ssize_t, status=int)
cdef int _status_line(Batch b, Py_ssize_t base, Py_ssize_t wide, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(end=Py_ssize_t, version=Py_ssize_t, uri_end=Py_ssize_t, method_end=Py_ssize_t, uri=Py_ssize_t, method=int)
cdef int _request_line(Batch b, Py_ssize_t base, Py_ssize_t wide, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(t=Py_ssize_t, version=Py_ssize_t, limit=Py_ssize_t)
cdef Py_ssize_t _version(Batch b, Py_ssize_t wide, Py_ssize_t o, Py_ssize_t end) except -2 nogil
@cython.locals(n=Py_ssize_t)
cdef Py_ssize_t _word_end(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(w=uint64_t, slot=Py_ssize_t, rest=uint64_t, found=int)
cdef int _method(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(octet="unsigned char")
cdef int _is_token(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(
    seen="unsigned int", order=uint64_t, count=int, span=Py_ssize_t, notes=uint64_t, start=Py_ssize_t,
    ended=int, content_length=int64_t, eol=Py_ssize_t, end=Py_ssize_t, octet="unsigned char",
    w0=uint64_t, w1=uint64_t, w2=uint64_t, n=Py_ssize_t, value=Py_ssize_t, number=int,
    slot=Py_ssize_t, found=uint64_t, bit="unsigned int",
)
cdef Py_ssize_t _head(Batch b, Py_ssize_t base, Py_ssize_t wide, Py_ssize_t o, Py_ssize_t e) except -2 nogil
cdef int _unfold(Batch b, Py_ssize_t slot, Py_ssize_t o, Py_ssize_t end) except -1 nogil
@cython.locals(notes=uint64_t)
cdef uint64_t _missing(unsigned int seen, int method) noexcept nogil
cdef int _sip_port(Batch b) noexcept nogil
@cython.locals(value=int64_t, octet=int)
cdef int64_t _digits(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
cdef int64_t _column(int64_t number) noexcept nogil
cdef int _all_digits(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(length=Py_ssize_t, claimed=Py_ssize_t)
cdef int _body(Batch b, Py_ssize_t base, Py_ssize_t wide, Py_ssize_t text, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(o=Py_ssize_t)
cdef int _envelope(Batch b, Py_ssize_t base, Py_ssize_t wide) except -1 nogil
@cython.locals(o=Py_ssize_t, e=Py_ssize_t, stop=Py_ssize_t, number=int64_t, method=int)
cdef int _cseq(Batch b, Py_ssize_t base, Py_ssize_t wide) except -1 nogil
cpdef uint64_t span_hash(Batch b, Py_ssize_t o, Py_ssize_t e) except? 1
@cython.locals(h=uint64_t)
cdef uint64_t _span_hash(Batch b, Py_ssize_t o, Py_ssize_t e) except? 1 nogil
