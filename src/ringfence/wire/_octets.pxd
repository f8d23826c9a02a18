# Octet primitives of the kernels, inlined into them; `_octets.py` is the twin.
# Each function that reads memory checks its whole range first: an unchecked
# memcpy behind a checked first octet would not be enough.
from libc.stdint cimport int32_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memchr, memcpy, memset

cdef extern from *:
    int __builtin_ctzll(unsigned long long) nogil
    uint16_t __builtin_bswap16(uint16_t) nogil
    uint32_t __builtin_bswap32(uint32_t) nogil
    uint64_t __builtin_bswap64(uint64_t) nogil


cdef inline int outside() except -1 nogil:
    with gil:
        raise IndexError("range outside the buffer")


cdef inline Py_ssize_t find(const unsigned char[::1] d, Py_ssize_t o, Py_ssize_t e, int octet) except -1 nogil:
    cdef const void *at
    if o >= e:
        return e
    if o < 0 or e > d.shape[0]:
        outside()
    at = memchr(&d[o], octet, <size_t>(e - o))
    if at == NULL:
        return e
    return o + (<const unsigned char *>at - &d[o])


cdef inline uint64_t word(const unsigned char[::1] d, Py_ssize_t o, Py_ssize_t e) except? 1 nogil:
    cdef uint64_t w = 0
    if o < 0 or o > e or e > d.shape[0]:
        outside()
    if o + 8 <= e:
        memcpy(&w, &d[o], 8)
    elif o + 8 <= d.shape[0]:  # still inside the buffer: read eight, keep fewer
        memcpy(&w, &d[o], 8)
        w &= (<uint64_t>1 << (8 * (e - o))) - 1
    elif o < e:
        memcpy(&w, &d[o], <size_t>(e - o))
    return w


cdef inline uint32_t be16(const unsigned char[::1] d, Py_ssize_t o) except? 1 nogil:
    cdef uint16_t w
    if o < 0 or o + 2 > d.shape[0]:
        outside()
    memcpy(&w, &d[o], 2)
    return __builtin_bswap16(w)


cdef inline uint32_t be32(const unsigned char[::1] d, Py_ssize_t o) except? 1 nogil:
    cdef uint32_t w
    if o < 0 or o + 4 > d.shape[0]:
        outside()
    memcpy(&w, &d[o], 4)
    return __builtin_bswap32(w)


cdef inline uint64_t be64(const unsigned char[::1] d, Py_ssize_t o) except? 1 nogil:
    cdef uint64_t w
    if o < 0 or o + 8 > d.shape[0]:
        outside()
    memcpy(&w, &d[o], 8)
    return __builtin_bswap64(w)


cdef inline uint32_t le32(const unsigned char[::1] d, Py_ssize_t o) except? 1 nogil:
    cdef uint32_t w
    if o < 0 or o + 4 > d.shape[0]:
        outside()
    memcpy(&w, &d[o], 4)
    return w


cdef inline uint64_t le64(const unsigned char[::1] d, Py_ssize_t o) except? 1 nogil:
    cdef uint64_t w
    if o < 0 or o + 8 > d.shape[0]:
        outside()
    memcpy(&w, &d[o], 8)
    return w


cdef inline uint64_t lower(uint64_t w) noexcept nogil:
    cdef uint64_t low = w & <uint64_t>0x7F7F7F7F7F7F7F7FULL
    cdef uint64_t past_z = low + <uint64_t>0x2525252525252525ULL
    cdef uint64_t from_a = low + <uint64_t>0x3F3F3F3F3F3F3F3FULL
    return w | ((~w & (from_a ^ past_z) & <uint64_t>0x8080808080808080ULL) >> 2)


cdef inline int colon(uint64_t w) noexcept nogil:
    cdef uint64_t x = w ^ <uint64_t>0x3A3A3A3A3A3A3A3AULL
    cdef uint64_t zeros = (x - <uint64_t>0x0101010101010101ULL) & ~x & <uint64_t>0x8080808080808080ULL
    if zeros == 0:
        return 8
    return __builtin_ctzll(zeros) >> 3


cdef inline uint64_t keep(uint64_t w, Py_ssize_t n) noexcept nogil:
    if n >= 8:
        return w
    return w & ((<uint64_t>1 << (8 * n)) - 1)


cdef inline uint64_t mix(uint64_t h, uint64_t w) noexcept nogil:
    h = (h ^ w) * <uint64_t>0x9E3779B97F4A7C15ULL
    return h ^ (h >> 29)


cdef inline uint64_t times(uint64_t a, uint64_t b) noexcept nogil:
    return a * b


cdef inline int clear(int32_t[::1] slots, Py_ssize_t o, Py_ssize_t n) except -1 nogil:
    if o < 0 or n < 0 or o + n > slots.shape[0]:
        outside()
    if n > 0:
        memset(&slots[o], 0, <size_t>n * 4)
    return 0
