cimport cython
from libc.stdint cimport int64_t, uint64_t

from ringfence.detect._fields cimport (
    C_ANSWERED, C_EARLY, C_ENDED, C_NUMBER, C_STATE, C_TAGS, C_TRANSACTION, CALL_WIDTH, CALLS_KEPT, CALLS_LEFT, ROW_WIDTH, TALKED_LEFT,
)
from ringfence.detect._spans cimport (
    fold,
)
from ringfence.wire._octets cimport (
    word,
)

cdef Py_ssize_t _WAYS
cdef uint64_t _BUCKET_MASK
cdef uint64_t _END_MASK
cdef Py_ssize_t _END_WAYS
cdef Py_ssize_t _MAX_NAME


cdef class Calls:
    cdef public uint64_t seed
    cdef public uint64_t other
    cdef public uint64_t[::1] keys
    cdef public uint64_t[::1] records
    cdef public uint64_t[::1] ends
    cdef public Py_ssize_t count


cpdef uint64_t key_of_call(Calls c, uint64_t call_hash) except? 1
cpdef uint64_t ended_unheard(Calls c, uint64_t call_hash) except? 1
cdef uint64_t _key_of_call(Calls c, uint64_t call_hash) except? 1 nogil
@cython.locals(slot=Py_ssize_t, r=Py_ssize_t)
cdef Py_ssize_t _enter_call(Calls c, uint64_t[::1] rows, uint64_t row, uint64_t key, uint64_t tags, uint64_t when) except -1 nogil
@cython.locals(field=Py_ssize_t)
cdef int _clear(Calls c, Py_ssize_t r) except -1 nogil
@cython.locals(bucket=Py_ssize_t, empty=Py_ssize_t, slot=Py_ssize_t, r=Py_ssize_t)
cdef Py_ssize_t _place_of_call(Calls c, uint64_t[::1] rows, uint64_t row, uint64_t key, uint64_t tags) except -1 nogil
@cython.locals(most=uint64_t, share=uint64_t, victim=Py_ssize_t, slot=Py_ssize_t, r=Py_ssize_t, o=Py_ssize_t)
cdef Py_ssize_t _leave_out(Calls c, uint64_t[::1] rows, Py_ssize_t bucket) except -1 nogil
cdef int _write_name(Calls c, Py_ssize_t r, const unsigned char[::1] octets, Py_ssize_t o, Py_ssize_t e) except -1 nogil
@cython.locals(bucket=Py_ssize_t, slot=Py_ssize_t, r=Py_ssize_t)
cdef int _confirm_call(Calls c, uint64_t row, uint64_t key) except -1 nogil
@cython.locals(bucket=Py_ssize_t, victim=Py_ssize_t, at=Py_ssize_t)
cdef int _keep_end(Calls c, uint64_t key, uint64_t when) except -1 nogil
@cython.locals(bucket=Py_ssize_t, slot=Py_ssize_t, r=Py_ssize_t, found=int)
cdef int _end_call(Calls c, uint64_t key, uint64_t tags, uint64_t when) except -1 nogil
cdef int _end_record(Calls c, Py_ssize_t r, uint64_t when) except -1 nogil
@cython.locals(first=uint64_t, bucket=Py_ssize_t, slot=Py_ssize_t, r=Py_ssize_t, at=Py_ssize_t)
cdef uint64_t _ended_at(Calls c, uint64_t key, uint64_t tags) except? 1 nogil
cdef uint64_t _earlier(uint64_t a, uint64_t b) noexcept nogil
@cython.locals(slot=Py_ssize_t, state=uint64_t, row=int64_t)
cpdef int follow_calls(Calls c, const int64_t[::1] moved) except -1
@cython.locals(at=Py_ssize_t, slot=Py_ssize_t, r=Py_ssize_t)
cpdef int join_calls(Calls c, Calls d, uint64_t[::1] rows, const int64_t[::1] moved) except -1
@cython.locals(theirs=Py_ssize_t, key=uint64_t, early=uint64_t, r=Py_ssize_t, field=Py_ssize_t)
cdef int _join_call(Calls c, Calls d, Py_ssize_t slot, uint64_t[::1] rows, uint64_t row) except -1 nogil
