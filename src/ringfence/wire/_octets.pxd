# Octet primitives of the kernels, inlined into them; `_octets.py` is the twin.
# Each function that reads memory checks its whole range first: an unchecked
# memcpy behind a checked first octet would not be enough.
from libc.stdint cimport int32_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

cdef extern from *:
    int __builtin_ctzll(unsigned long long) nogil
    uint16_t __builtin_bswap16(uint16_t) nogil
    uint32_t __builtin_bswap32(uint32_t) nogil
    uint64_t __builtin_bswap64(uint64_t) nogil

# Out of line and cold: with it inside, the functions below are too long to be inlined.
cdef extern from *:
    """
    #ifdef __GNUC__
    __attribute__((noinline, cold, unused))
    #endif
    static int ringfence_outside(void) {
        PyGILState_STATE state = PyGILState_Ensure();
        PyErr_SetString(PyExc_IndexError, "range outside the buffer");
        PyGILState_Release(state);
        return -1;
    }
    """
    int outside "ringfence_outside" () except -1 nogil


# Lines are short: a call of memchr costs as much as its search. Sixteen octets at a
# time where the processor can (SSE2, all of x86-64), memchr for the rest and elsewhere.
cdef extern from *:
    """
    #ifdef __SSE2__
    #include <emmintrin.h>
    #endif
    #include <string.h>
    static inline Py_ssize_t ringfence_find(const unsigned char *d, Py_ssize_t n, int octet) {
        Py_ssize_t i = 0;
        const void *at;
    #ifdef __SSE2__
        const __m128i wanted = _mm_set1_epi8((char)octet);
        for (; i + 16 <= n && i < 128; i += 16) {
            const __m128i here = _mm_loadu_si128((const __m128i *)(d + i));
            const int hits = _mm_movemask_epi8(_mm_cmpeq_epi8(here, wanted));
            if (hits)
                return i + __builtin_ctz((unsigned int)hits);
        }
    #endif
        at = memchr(d + i, octet, (size_t)(n - i));
        return at ? (const unsigned char *)at - d : n;
    }
    """
    Py_ssize_t ringfence_find(const unsigned char *d, Py_ssize_t n, int octet) nogil


cdef inline Py_ssize_t find(const unsigned char[::1] d, Py_ssize_t o, Py_ssize_t e, int octet) except -1 nogil:
    if o >= e:
        return e
    if o < 0 or e > d.shape[0]:
        outside()
    return o + ringfence_find(&d[o], e - o, octet)


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


cdef inline uint64_t peek(const unsigned char[::1] d, Py_ssize_t o) noexcept nogil:
    cdef uint64_t w = 0
    if 0 <= o <= d.shape[0] - 8:
        memcpy(&w, &d[o], 8)
    elif 0 <= o < d.shape[0]:
        memcpy(&w, &d[o], <size_t>(d.shape[0] - o))
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


cdef inline int blank(uint64_t w) noexcept nogil:
    cdef uint64_t low = (w - <uint64_t>0x2121212121212121ULL) & ~w & <uint64_t>0x8080808080808080ULL
    if low == 0:
        return 8
    return __builtin_ctzll(low) >> 3


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


cdef inline int put(int32_t[::1] slots, Py_ssize_t o, Py_ssize_t first, Py_ssize_t second) except -1 nogil:
    cdef int32_t *at
    if o < 0 or o + 2 > slots.shape[0]:
        outside()
    at = &slots[o]
    at[0] = <int32_t>first
    at[1] = <int32_t>second
    return 0


cdef inline Py_ssize_t past_blanks(const unsigned char[::1] d, Py_ssize_t o, Py_ssize_t e) except -1 nogil:
    cdef const unsigned char *octets
    if o < 0 or e > d.shape[0]:
        outside()
    if o >= e:
        return o
    octets = &d[o] - o
    while octets[o] == 32 or octets[o] == 9:
        o += 1
        if o == e:
            break
    return o


cdef inline Py_ssize_t trimmed(const unsigned char[::1] d, Py_ssize_t o, Py_ssize_t e) except -1 nogil:
    cdef const unsigned char *octets
    if o < 0 or e > d.shape[0]:
        outside()
    if o >= e:
        return e
    octets = &d[o] - o
    while octets[e - 1] == 32 or octets[e - 1] == 9:
        e -= 1
        if e == o:
            break
    return e


cdef inline uint64_t value_of(const uint64_t[::1] table, Py_ssize_t slot, uint64_t w0, uint64_t w1, uint64_t w2, Py_ssize_t n) except? 1 nogil:
    cdef const uint64_t *name
    if slot < 0 or slot + 8 > table.shape[0]:
        outside()
    name = &table[slot]
    if (name[0] ^ w0) & name[4] or (name[3] >> 16) != <uint64_t>n:
        return 0
    if n > 8 and ((name[1] ^ w1) & name[5] or (name[2] ^ w2) & name[6]):
        return 0
    return name[3] & 0xFFFF
