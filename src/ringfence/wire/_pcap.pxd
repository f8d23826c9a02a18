cimport cython
from libc.stdint cimport uint64_t

from ringfence.wire._batch cimport Batch
from ringfence.wire._columns cimport (
    R_CUT_PACKETS, STOP_BLOCK, STOP_DAMAGED, STOP_FULL, STOP_NEED_MORE,
)
from ringfence.wire._octets cimport be16, be32, le32, times
from ringfence.wire._packet cimport _packet

cdef Py_ssize_t _MAX_CAPTURED
cdef int _ROWS_A_PACKET
cdef uint64_t _NS
cdef unsigned int _PACKET_BLOCK
cdef unsigned int _SIMPLE_BLOCK
cdef unsigned int _ENHANCED_BLOCK

cpdef Py_ssize_t walk_pcap(Batch b, Py_ssize_t o, Py_ssize_t e) except -1
cpdef Py_ssize_t walk_pcapng(Batch b, Py_ssize_t o, Py_ssize_t e) except -1
cdef uint64_t _u32(Batch b, Py_ssize_t o) except? 1 nogil
@cython.locals(head=Py_ssize_t, fraction=uint64_t, captured=Py_ssize_t, original=Py_ssize_t, stop=int)
cdef Py_ssize_t _walk_pcap(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
cdef int _take(Batch b, Py_ssize_t o, Py_ssize_t captured, Py_ssize_t original, int link) except -1 nogil
cdef int _note_packet(Batch b, Py_ssize_t captured, Py_ssize_t original) except -1 nogil
cpdef int take(Batch b, Py_ssize_t o, Py_ssize_t captured, Py_ssize_t original, int link) except -1
@cython.locals(kind="unsigned int", length=Py_ssize_t, closing=Py_ssize_t)
cdef Py_ssize_t _walk_pcapng(Batch b, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(interface=Py_ssize_t, captured=Py_ssize_t)
cdef int _packet_block(Batch b, Py_ssize_t o, Py_ssize_t length, unsigned int kind) except -1 nogil
@cython.locals(original=Py_ssize_t, captured=Py_ssize_t)
cdef int _simple_block(Batch b, Py_ssize_t o, Py_ssize_t length) except -1 nogil
@cython.locals(kind=uint64_t, factor=uint64_t, offset=uint64_t, whole=uint64_t, rest=uint64_t)
cdef uint64_t _timestamp(Batch b, Py_ssize_t interface, uint64_t units) except? 1 nogil
