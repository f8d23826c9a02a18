cimport cython
from libc.stdint cimport uint64_t

from ringfence.wire._batch cimport Batch
from ringfence.wire._columns cimport STOP_DAMAGED, STOP_FULL, STOP_NEED_MORE
from ringfence.wire._octets cimport be16, times
from ringfence.wire._packet cimport _network, _packet
from ringfence.wire._pcap cimport _note_packet, _u32

cdef Py_ssize_t _HEAD_OCTETS
cdef int _ETHERNET
cdef int _OUTGOING
cdef unsigned int _LOOPBACK
cdef uint64_t _NS

cpdef Py_ssize_t walk_ring(Batch b, Py_ssize_t o, Py_ssize_t e) except -1
cdef Py_ssize_t _u16(Batch b, Py_ssize_t o) except -1 nogil
@cython.locals(
    following=Py_ssize_t, captured=Py_ssize_t, start=Py_ssize_t, limit=Py_ssize_t, at=Py_ssize_t,
    fraction=uint64_t, stop=int,
)
cdef Py_ssize_t _walk_ring(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
cdef int _captured(Batch b, Py_ssize_t at, Py_ssize_t start, Py_ssize_t captured) except -1 nogil
