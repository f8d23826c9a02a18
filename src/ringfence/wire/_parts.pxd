cimport cython
from libc.stdint cimport uint64_t

from ringfence.wire._batch cimport Batch
from ringfence.wire._columns cimport (
    AUTH, AUTH_ALGORITHM, AUTH_NC, AUTH_NONCE, AUTH_QOP, AUTH_REALM, AUTH_RESPONSE, AUTH_URI,
    AUTH_USER, BODY_LENGTH, CHALLENGE, CHALLENGE_NONCE, CHALLENGE_REALM, FROM, FROM_DISPLAY,
    FROM_HOST, FROM_TAG, FROM_USER, HEAD_LENGTH, RPORT, SDP_ADDRESS, SDP_PORT, SLOT_WIDTH, TEXT,
    TO, TO_DISPLAY, TO_HOST, TO_TAG, TO_USER, URI, URI_HOST, URI_USER, VIA, VIA_BRANCH, VIA_HOST,
    VIA_RECEIVED,
)
from ringfence.wire._octets cimport find, keep, lower, word

cdef uint64_t _TAG
cdef uint64_t _TEL
cdef uint64_t _BRANCH
cdef uint64_t _RECEIVED
cdef uint64_t _RPORT
cdef uint64_t _USERNAME
cdef uint64_t _REALM
cdef uint64_t _NONCE
cdef uint64_t _RESPONSE
cdef uint64_t _URI
cdef uint64_t _ALGORITH
cdef uint64_t _NC
cdef uint64_t _QOP
cdef uint64_t _AUTH_WORD
cdef uint64_t _AUTH_INT_WORD
cdef int _MAX_PORT

cpdef int parts(Batch b, Py_ssize_t first, Py_ssize_t last) except -1
@cython.locals(row=Py_ssize_t)
cdef int _parts(Batch b, Py_ssize_t first, Py_ssize_t last) except -1 nogil
cpdef int parts_of(Batch b, Py_ssize_t row) except -1
@cython.locals(o=Py_ssize_t, e=Py_ssize_t, at=Py_ssize_t)
cdef int _parts_of(Batch b, Py_ssize_t base) except -1 nogil
cdef int _keep_span(Batch b, Py_ssize_t slot, Py_ssize_t o, Py_ssize_t e) except -1 nogil
cdef Py_ssize_t _blanks(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(octet=int)
cdef Py_ssize_t _quoted_end(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(at=Py_ssize_t, less=Py_ssize_t, end=Py_ssize_t, more=Py_ssize_t)
cdef Py_ssize_t _name_addr(Batch b, Py_ssize_t base, Py_ssize_t display, Py_ssize_t user, Py_ssize_t host, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(scheme=Py_ssize_t, at=Py_ssize_t, after=Py_ssize_t, end=Py_ssize_t)
cdef int _uri(Batch b, Py_ssize_t user, Py_ssize_t host, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(octet=int)
cdef Py_ssize_t _host_end(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(end=Py_ssize_t)
cdef int _tag(Batch b, Py_ssize_t slot, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(end=Py_ssize_t, stop=Py_ssize_t, value=Py_ssize_t, w=uint64_t)
cdef int _via(Batch b, Py_ssize_t base, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(value=int, octet=int)
cdef int _port(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(name=Py_ssize_t, w=uint64_t, size=Py_ssize_t, value=Py_ssize_t, end=Py_ssize_t)
cdef int _digest(Batch b, Py_ssize_t base, Py_ssize_t o, Py_ssize_t e, int credentials) except -1 nogil
@cython.locals(slot=Py_ssize_t)
cdef int _credential(Batch b, Py_ssize_t base, uint64_t w, Py_ssize_t size, Py_ssize_t value, Py_ssize_t end) except -1 nogil
@cython.locals(value=int, octet=int)
cdef int _hex(Batch b, Py_ssize_t o, Py_ssize_t e) except -2 nogil
@cython.locals(eol=Py_ssize_t)
cdef int _sdp(Batch b, Py_ssize_t base, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(_=int, end=Py_ssize_t)
cdef int _connection(Batch b, Py_ssize_t base, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(end=Py_ssize_t)
cdef int _media_port(Batch b, Py_ssize_t base, Py_ssize_t o, Py_ssize_t e) except -1 nogil
