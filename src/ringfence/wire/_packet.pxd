cimport cython
from libc.stdint cimport uint64_t

from ringfence.wire._batch cimport Batch, _note_media, _stream_hash
from ringfence.wire._columns cimport (
    R_ENCRYPTED_IP, R_FRAGMENT, R_HEP_DAMAGED, R_IP_DAMAGED, R_LAYERS_TOO_MANY,
    R_LINK_CUT, R_LINK_UNKNOWN, R_MEDIA, R_NOT_IP, R_TCP_EMPTY, R_TCP_OTHER,
    R_TRANSPORT_OTHER, R_UDP_DAMAGED, R_UDP_OTHER, STOP_FRAGMENT, STOP_HEP,
    STOP_TCP, T_SCTP, T_TCP, T_TLS, T_UDP,
)
from ringfence.wire._octets cimport be16, be32, be64, word
from ringfence.wire._sip cimport _message

cdef int _MAX_LAYERS
cdef int _ETHERNET
cdef int _IP
cdef int _PPP
cdef int _SLL
cdef int _SLL2
cdef int _LOOPBACK
cdef int _TRANSPORT
cdef int _DONE
cdef int _LINK_NONE
cdef int _CISCO_HDLC
cdef unsigned int _HEP3
cdef unsigned int _SNAP
cdef uint64_t _MAPPED

cpdef int packet(Batch b, Py_ssize_t o, Py_ssize_t e, int link) except -1
cpdef int datagram(Batch b, int protocol, Py_ssize_t o, Py_ssize_t e) except -1
cpdef int hep(Batch b, Py_ssize_t o, Py_ssize_t e) except -1
cpdef int message_piece(Batch b, Py_ssize_t o, Py_ssize_t e) except -1
cdef int _packet(Batch b, Py_ssize_t o, Py_ssize_t e, int link) except -1 nogil
cdef int _network(Batch b, Py_ssize_t o, Py_ssize_t e, int ethertype) except -1 nogil
@cython.locals(_=int)
cdef int _layers(Batch b, Py_ssize_t o) except -1 nogil
cdef int _first_layer(int link) except -1 nogil
@cython.locals(layer=int)
cdef Py_ssize_t _rarer_layer(Batch b, Py_ssize_t o) except -2 nogil
cdef Py_ssize_t _refuse(Batch b, int reason) except -2 nogil
cdef Py_ssize_t _skip(Batch b, Py_ssize_t o, Py_ssize_t n) except -2 nogil
cdef Py_ssize_t _ethertype(Batch b, Py_ssize_t o, Py_ssize_t rest) except -2 nogil
cdef Py_ssize_t _ethernet(Batch b, Py_ssize_t o) except -2 nogil
cdef Py_ssize_t _llc(Batch b, Py_ssize_t o) except -2 nogil
cdef Py_ssize_t _sll(Batch b, Py_ssize_t o) except -2 nogil
cdef Py_ssize_t _sll2(Batch b, Py_ssize_t o) except -2 nogil
cdef Py_ssize_t _loopback(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(protocol="unsigned int", n=Py_ssize_t)
cdef Py_ssize_t _ppp(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(_=int, label="unsigned int", version=int)
cdef Py_ssize_t _mpls(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(n=Py_ssize_t)
cdef Py_ssize_t _erspan(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(version=int)
cdef Py_ssize_t _ip(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(head=int, length=Py_ssize_t, n=Py_ssize_t, fragment="unsigned int")
cdef Py_ssize_t _ipv4(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(length=Py_ssize_t)
cdef Py_ssize_t _ipv6(Batch b, Py_ssize_t o) except -2 nogil
cdef Py_ssize_t _fragment(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(protocol=int)
cdef Py_ssize_t _other_protocol(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(n=Py_ssize_t)
cdef Py_ssize_t _extension(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(field="unsigned int")
cdef Py_ssize_t _ipv6_fragment(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(flags="unsigned int", protocol="unsigned int", n=Py_ssize_t)
cdef Py_ssize_t _gre(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(length=Py_ssize_t)
cdef Py_ssize_t _sctp(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(length=Py_ssize_t, first=int)
cdef Py_ssize_t _udp(Batch b, Py_ssize_t o) except -2 nogil
cdef Py_ssize_t _udp_tunnel(Batch b, Py_ssize_t o, int first) except -2 nogil
@cython.locals(first=int, following=int)
cdef Py_ssize_t _gtp(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(version=int, n=Py_ssize_t, family=int, protocol=int)
cdef Py_ssize_t _hep1(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(high=uint64_t, low=uint64_t)
cdef int _hep_address(Batch b, Py_ssize_t o, int family, int destination) except -1 nogil
@cython.locals(
    total=Py_ssize_t, e=Py_ssize_t, protocol=int, payload=Py_ssize_t, payload_end=Py_ssize_t,
    seconds=uint64_t, microseconds=uint64_t, length=Py_ssize_t, kind="unsigned int", v=Py_ssize_t,
    size=Py_ssize_t,
)
cdef Py_ssize_t _hep3(Batch b, Py_ssize_t o) except -2 nogil
@cython.locals(v=Py_ssize_t)
cdef Py_ssize_t _hep_compressed(Batch b, int protocol) except -2 nogil
cdef int _hep_transport(int protocol) except -1 nogil
cdef Py_ssize_t _hep_done(Batch b, Py_ssize_t o, int protocol, Py_ssize_t e) except -2 nogil
@cython.locals(n=Py_ssize_t, flags=int, h=uint64_t)
cdef int _tcp(Batch b, Py_ssize_t o) except -1 nogil
