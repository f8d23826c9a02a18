# Seeded hashes and short searches of the tally, inlined into it; `_spans.py` is the twin.
# As in `_octets.pxd`, the whole range is checked before any of it is read; what is read
# beyond it, eight octets at a time, is still inside the buffer, and thrown away.
from libc.stdint cimport uint64_t

from ringfence.wire._octets cimport outside

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    #if defined(__GNUC__)
    #define RINGFENCE_INLINE static inline __attribute__((always_inline))
    #else
    #define RINGFENCE_INLINE static inline
    #endif

    RINGFENCE_INLINE uint64_t ringfence_fold(uint64_t a, uint64_t b) {
    #ifdef __SIZEOF_INT128__
        unsigned __int128 product = (unsigned __int128)a * b;
        return (uint64_t)product ^ (uint64_t)(product >> 64);
    #else
        uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
        uint64_t low = al * bl, cross = ah * bl + (low >> 32);
        uint64_t carry = (uint32_t)cross + al * bh;
        return (a * b) ^ (ah * bh + (cross >> 32) + (carry >> 32));
    #endif
    }

    RINGFENCE_INLINE uint64_t ringfence_spread(
        const unsigned char *d, Py_ssize_t o, Py_ssize_t e, Py_ssize_t size, uint64_t seed
    ) {
        uint64_t other = seed * 0x9E3779B97F4A7C15ULL, h = seed ^ (uint64_t)(e - o), w[2];
        for (; o + 16 <= e; o += 16) {
            memcpy(w, d + o, 16);
            h = ringfence_fold(h ^ w[0], other ^ w[1]);
        }
        if (o < e) {
            Py_ssize_t n = e - o;
            if (o + 16 <= size) {
                memcpy(w, d + o, 16);
                w[0] &= n >= 8 ? ~(uint64_t)0 : ((uint64_t)1 << (8 * n)) - 1;
                w[1] &= n <= 8 ? 0 : ((uint64_t)1 << (8 * (n - 8))) - 1;
            } else {
                w[0] = w[1] = 0;
                memcpy(w, d + o, (size_t)n);
            }
            h = ringfence_fold(h ^ w[0], other ^ w[1]);
        }
        return h ? h : 1;
    }

    RINGFENCE_INLINE Py_ssize_t ringfence_seek(
        const unsigned char *d, Py_ssize_t o, Py_ssize_t e, Py_ssize_t size, uint64_t octet
    ) {
        const uint64_t ones = 0x0101010101010101ULL;
        uint64_t wanted = octet * ones, w;
        for (; o < e && o + 8 <= size; o += 8) {
            memcpy(&w, d + o, 8);
            w ^= wanted;
            w = (w - ones) & ~w & (ones << 7);
            if (w) {
                o += __builtin_ctzll(w) >> 3;
                return o < e ? o : e;
            }
        }
        for (; o < e; o++)
            if (d[o] == octet)
                return o;
        return e;
    }
    """
    uint64_t ringfence_fold(uint64_t a, uint64_t b) noexcept nogil
    uint64_t ringfence_spread(const unsigned char *d, Py_ssize_t o, Py_ssize_t e, Py_ssize_t size, uint64_t seed) noexcept nogil
    Py_ssize_t ringfence_seek(const unsigned char *d, Py_ssize_t o, Py_ssize_t e, Py_ssize_t size, uint64_t octet) noexcept nogil


cdef inline uint64_t fold(uint64_t a, uint64_t b) noexcept nogil:
    return ringfence_fold(a, b)


cdef inline uint64_t spread(const unsigned char[::1] d, Py_ssize_t o, Py_ssize_t e, uint64_t seed) except? 1 nogil:
    if o >= e:
        return 0
    if o < 0 or e > d.shape[0]:
        outside()
    return ringfence_spread(&d[0], o, e, d.shape[0], seed)


cdef inline Py_ssize_t seek(const unsigned char[::1] d, Py_ssize_t o, Py_ssize_t e, uint64_t octet) except -1 nogil:
    if o >= e:
        return e
    if o < 0 or e > d.shape[0]:
        outside()
    return ringfence_seek(&d[0], o, e, d.shape[0], octet)
