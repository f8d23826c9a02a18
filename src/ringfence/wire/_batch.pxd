cimport cython
from libc.stdint cimport int32_t, uint64_t

from ringfence.wire._columns cimport REASONS, SLOT_WIDTH, WIDE_WIDTH
from ringfence.wire._octets cimport mix

cdef uint64_t _MEDIA_BUCKETS
cdef uint64_t _MEDIA_FLOW
cdef uint64_t _MEDIA_GAP_NS
cdef uint64_t _IGNORED_STREAMS


cdef class Batch:
    cdef const unsigned char[::1] octets
    cdef public int32_t[::1] slots
    cdef public uint64_t[::1] wide
    cdef public uint64_t[::1] counts
    cdef public uint64_t[::1] media
    cdef public uint64_t[::1] interfaces
    cdef public uint64_t[::1] ignored
    cdef public Py_ssize_t capacity
    cdef public Py_ssize_t n
    cdef public uint64_t base
    cdef public uint64_t packets
    cdef public Py_ssize_t interface_count
    cdef public Py_ssize_t record_header
    cdef public int big_endian
    cdef public uint64_t fraction_ns
    cdef public int link
    cdef public int stop
    cdef public int want_acknowledgements
    cdef public uint64_t first_time
    cdef public uint64_t last_time
    cdef public uint64_t time
    cdef public int interface
    cdef public uint64_t position
    cdef public uint64_t source_high
    cdef public uint64_t source_low
    cdef public uint64_t destination_high
    cdef public uint64_t destination_low
    cdef public Py_ssize_t source_port
    cdef public Py_ssize_t destination_port
    cdef public int ip_version
    cdef public int transport
    cdef public int layer
    cdef public int protocol
    cdef public Py_ssize_t end
    cdef public int cut
    cdef public uint64_t notes
    cdef public Py_ssize_t help_start
    cdef public Py_ssize_t help_end
    cdef public uint64_t help_sequence
    cdef public uint64_t help_acknowledged
    cdef public int help_flags
    cdef public uint64_t help_ident
    cdef public int help_offset
    cdef public int help_more
    cpdef start_packet(self)


cpdef uint64_t stream_hash(Batch b) except? 1
cdef uint64_t _stream_hash(Batch b) except? 1 nogil
cpdef uint64_t media_hash(uint64_t high, uint64_t low, uint64_t port) except? 1
cdef uint64_t _media_hash(uint64_t high, uint64_t low, uint64_t port) except? 1 nogil
cpdef int note_media(Batch b, uint64_t stream) except -1
@cython.locals(key=uint64_t, bucket=Py_ssize_t, oldest=Py_ssize_t, o=Py_ssize_t, i=int)
cdef int _note_media(Batch b, uint64_t stream) except -1 nogil
