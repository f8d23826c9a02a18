cimport cython
from libc.stdint cimport uint64_t

from ringfence.detect._fields cimport (
    ADDRESS_HIGH, ADDRESS_LOW, HOSTS, MESSAGES, PICKED, REGISTERS, REPEATED, RESPONSES, ROW_WIDTH, SUCCEEDED, WORTH,
)
from ringfence.detect._spans cimport (
    fold,
)
from ringfence.detect._tally cimport (
    Tally,
)
from ringfence.wire._batch cimport (
    Batch,
)
from ringfence.wire._columns cimport (
    DESTINATION_HIGH, DESTINATION_LOW, METHOD, SLOT_WIDTH, SOURCE_HIGH, SOURCE_LOW, WIDE_WIDTH,
)

cdef int _MAX_PROBES
cdef uint64_t _MANY_MESSAGES
cdef uint64_t _UNHEARD_REGISTERS
cdef uint64_t _FEW_HOSTS


@cython.locals(n=Py_ssize_t)
cpdef Py_ssize_t touched(Tally t, Batch b, Py_ssize_t first, Py_ssize_t end, uint64_t[::1] rounds, uint64_t[::1] out) except -1
@cython.locals(n=Py_ssize_t, this=uint64_t, last=Py_ssize_t, base=Py_ssize_t, wide=Py_ssize_t, i=Py_ssize_t)
cdef Py_ssize_t _touched(Tally t, Batch b, Py_ssize_t row, Py_ssize_t end, uint64_t[::1] rounds, uint64_t[::1] out) except -1 nogil
@cython.locals(o=Py_ssize_t, slot=uint64_t, i=Py_ssize_t, _=int)
cdef Py_ssize_t _row_of(Tally t, uint64_t high, uint64_t low, Py_ssize_t last) except -2 nogil
@cython.locals(asked=uint64_t)
cdef int _may_weigh(Tally t, Py_ssize_t o) except -1 nogil
