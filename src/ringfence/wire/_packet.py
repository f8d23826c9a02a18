"""One captured packet: layers taken off until a message, media, or a reason why not.

How it works: `packet` starts with the link layer and calls one function a
layer. Each takes the offset where its header starts and returns the offset
where the next layer starts, having set `b.layer` (what comes next) and `b.end`
(where the packet ends); -1 means the packet is used up and has been counted.
Rules: every header is checked against `b.end` before it is read; tunnels loop,
they never recurse; lengths in headers may shorten `b.end`, never extend it.
"""

from __future__ import annotations

try:
    import cython
except ModuleNotFoundError:  # the interpreted twin needs no Cython
    from ringfence.wire import _uncompiled as cython

if not cython.compiled:
    from ringfence.wire._batch import Batch, _note_media, _stream_hash
    from ringfence.wire._columns import (
        R_ENCRYPTED_IP,
        R_FRAGMENT,
        R_HEP_DAMAGED,
        R_IP_DAMAGED,
        R_LAYERS_TOO_MANY,
        R_LINK_CUT,
        R_LINK_UNKNOWN,
        R_MEDIA,
        R_NOT_IP,
        R_TCP_EMPTY,
        R_TCP_OTHER,
        R_TRANSPORT_OTHER,
        R_UDP_DAMAGED,
        R_UDP_OTHER,
        STOP_FRAGMENT,
        STOP_HEP,
        STOP_TCP,
        T_SCTP,
        T_TCP,
        T_TLS,
        T_UDP,
    )
    from ringfence.wire._octets import be16, be32, be64
    from ringfence.wire._sip import _message

# Layers that may be stacked in one packet (VLAN in MPLS in GRE in ...): deeper
# nesting than this is an attack on the decoder, not a network.
MAX_LAYERS = 24
_MAX_LAYERS = MAX_LAYERS

# What comes next; values below 65536 are EtherTypes.
_ETHERNET = 65536
_IP = 65537
_PPP = 65538
_SLL = 65539
_SLL2 = 65540
_LOOPBACK = 65541
_TRANSPORT = 65542
_DONE = 65543
_LINK_NONE = 65544
_CISCO_HDLC = 65545

_HEP3 = int.from_bytes(b"HEP3", "big")
_SNAP = 0xAAAA0300
# An IPv4 address as the low half of ::ffff:a.b.c.d (RFC 4291 2.5.5.2).
_MAPPED = 0xFFFF00000000


def packet(b: Batch, o: int, e: int, link: int) -> int:
    """Decode octets[o:e], captured on `link` (LINKTYPE_ number); 0 or a STOP_ code."""
    return _packet(b, o, e, link)


def datagram(b: Batch, protocol: int, o: int, e: int) -> int:
    """Decode the reassembled IP payload octets[o:e]; 0 or a STOP_ code."""
    b.protocol = protocol
    b.end = e
    b.stop = 0
    b.layer = _TRANSPORT
    return _layers(b, o)


def hep(b: Batch, o: int, e: int) -> int:
    """Decode octets[o:e], one HEP packet out of a TCP stream; 0 or a STOP_ code."""
    b.end = e
    b.stop = 0
    if o + 8 > e or be32(b.octets, o) != _HEP3:
        b.counts[R_HEP_DAMAGED] += 1
        return 0
    return b.stop if _hep3(b, o) < 0 else 0


def message_piece(b: Batch, o: int, e: int) -> int:
    """Decode octets[o:e] as one message, its packet's fields set before; 1 if a row came."""
    return _message(b, o, e)


def _packet(b: Batch, o: int, e: int, link: int) -> int:
    b.end = e
    b.layer = _first_layer(link)
    b.ip_version = 0
    b.notes = 0
    if b.layer == _LINK_NONE:
        b.counts[R_LINK_UNKNOWN] += 1
        return 0
    return _layers(b, o)


def _network(b: Batch, o: int, e: int, ethertype: int) -> int:
    """Decode octets[o:e], whose link header was taken off; 0 or a STOP_ code."""
    b.end = e
    b.layer = ethertype
    b.ip_version = 0
    b.notes = 0
    return _layers(b, o)


def _layers(b: Batch, o: int) -> int:
    for _ in range(_MAX_LAYERS):
        if b.layer == _ETHERNET:
            o = _ethernet(b, o)
        elif b.layer == 0x0800:
            o = _ipv4(b, o)
        elif b.layer == _TRANSPORT:
            if b.protocol == 17:
                o = _udp(b, o)
            elif b.protocol == 6:
                return _tcp(b, o)
            else:
                o = _other_protocol(b, o)
        else:
            o = _rarer_layer(b, o)
        if o < 0:
            return b.stop
    b.counts[R_LAYERS_TOO_MANY] += 1
    return 0


def _first_layer(link: int) -> int:
    if link == 1:
        return _ETHERNET
    if link == 113:
        return _SLL
    if link == 276:
        return _SLL2
    if link == 0 or link == 108:
        return _LOOPBACK
    if link == 101 or link == 12 or link == 14 or link == 228 or link == 229:
        return _IP
    if link == 9 or link == 50:
        return _PPP
    if link == 104:
        return _CISCO_HDLC
    return _LINK_NONE


def _rarer_layer(b: Batch, o: int) -> int:
    layer = b.layer
    if layer == _IP:
        return _ip(b, o)
    if layer == 0x86DD:
        return _ipv6(b, o)
    if layer == 0x8100 or layer == 0x88A8 or layer == 0x9100 or layer == 0x9200:
        return _ethertype(b, o + 2, 4)
    if layer == 0x8864:
        b.layer = _PPP
        return _skip(b, o, 6)
    if layer == _PPP:
        return _ppp(b, o)
    if layer == 0x8847 or layer == 0x8848:
        return _mpls(b, o)
    if layer == _SLL:
        return _sll(b, o)
    if layer == _SLL2:
        return _sll2(b, o)
    if layer == _LOOPBACK:
        return _loopback(b, o)
    if layer == _CISCO_HDLC:
        return _ethertype(b, o + 2, 4)
    if layer == 0x6558:
        b.layer = _ETHERNET
        return o
    if layer == 0x88BE or layer == 0x22EB:
        return _erspan(b, o)
    return _refuse(b, R_NOT_IP)


def _refuse(b: Batch, reason: int) -> int:
    b.counts[reason] += 1
    b.stop = 0
    return -1


def _skip(b: Batch, o: int, n: int) -> int:
    if o + n > b.end:
        return _refuse(b, R_LINK_CUT)
    return o + n


def _ethertype(b: Batch, o: int, rest: int) -> int:
    """The two octets at o name the next layer, which starts at o - 2 + rest."""
    if o + 2 > b.end or o - 2 + rest > b.end:
        return _refuse(b, R_LINK_CUT)
    b.layer = be16(b.octets, o)
    if b.layer < 1536:
        return _llc(b, o - 2 + rest)
    return o - 2 + rest


def _ethernet(b: Batch, o: int) -> int:
    return _ethertype(b, o + 12, 4)


def _llc(b: Batch, o: int) -> int:
    """IEEE 802.2 with SNAP: AA AA 03, organisation, EtherType; nothing else carries IP."""
    if o + 8 > b.end or be32(b.octets, o) != _SNAP:
        return _refuse(b, R_NOT_IP)
    b.layer = be16(b.octets, o + 6)
    if b.layer < 1536:
        return _refuse(b, R_NOT_IP)
    return o + 8


def _sll(b: Batch, o: int) -> int:
    if o + 16 > b.end:
        return _refuse(b, R_LINK_CUT)
    b.layer = be16(b.octets, o + 14)
    if b.layer < 1536:
        return _llc(b, o + 16)
    return o + 16


def _sll2(b: Batch, o: int) -> int:
    if o + 20 > b.end:
        return _refuse(b, R_LINK_CUT)
    b.layer = be16(b.octets, o)
    if b.layer < 1536:
        return _llc(b, o + 20)
    return o + 20


def _loopback(b: Batch, o: int) -> int:
    """Four octets of address family, in either order; what follows tells v4 from v6."""
    if o + 5 > b.end:
        return _refuse(b, R_LINK_CUT)
    b.layer = _IP
    return o + 4


def _ppp(b: Batch, o: int) -> int:
    if o + 2 <= b.end and be16(b.octets, o) == 0xFF03:
        o += 2
    if o + 2 > b.end:
        return _refuse(b, R_LINK_CUT)
    protocol = be16(b.octets, o)
    n = 2
    if protocol & 0x0100:
        protocol >>= 8
        n = 1
    if protocol == 0x0021 or protocol == 0x0057:
        b.layer = _IP
        return o + n
    if protocol == 0x0281:
        b.layer = 0x8847
        return o + n
    return _refuse(b, R_NOT_IP)


def _mpls(b: Batch, o: int) -> int:
    for _ in range(_MAX_LAYERS):
        if o + 5 > b.end:
            return _refuse(b, R_LINK_CUT)
        label = be32(b.octets, o)
        o += 4
        if label & 0x100:
            version = b.octets[o] >> 4
            if version == 4 or version == 6:
                b.layer = _IP
                return o
            b.layer = _ETHERNET
            return _skip(b, o, 4) if version == 0 else o
    return _refuse(b, R_LAYERS_TOO_MANY)


def _erspan(b: Batch, o: int) -> int:
    """Mirror port in GRE: type II has 8 octets before the frame, type III 12 (and 8 more)."""
    n = 8
    if b.layer == 0x22EB:
        if o + 12 > b.end:
            return _refuse(b, R_LINK_CUT)
        n = 20 if b.octets[o + 11] & 1 else 12
    b.layer = _ETHERNET
    return _skip(b, o, n)


def _ip(b: Batch, o: int) -> int:
    if o >= b.end:
        return _refuse(b, R_LINK_CUT)
    version = b.octets[o] >> 4
    if version == 4:
        return _ipv4(b, o)
    if version == 6:
        return _ipv6(b, o)
    return _refuse(b, R_NOT_IP)


def _ipv4(b: Batch, o: int) -> int:
    """RFC 791. A total length of 0 is what segmentation offload leaves."""
    if o + 20 > b.end:
        return _refuse(b, R_IP_DAMAGED)
    head = b.octets[o]
    length = be16(b.octets, o + 2)
    n = (head & 15) * 4
    if head >> 4 != 4 or n < 20 or (length != 0 and length < n):
        return _refuse(b, R_IP_DAMAGED)
    if length != 0 and o + length < b.end:
        b.end = o + length
    if o + n > b.end:
        return _refuse(b, R_IP_DAMAGED)
    b.ip_version = 4
    b.protocol = b.octets[o + 9]
    b.source_high = 0
    b.source_low = _MAPPED + be32(b.octets, o + 12)
    b.destination_high = 0
    b.destination_low = _MAPPED + be32(b.octets, o + 16)
    b.layer = _TRANSPORT
    fragment = be16(b.octets, o + 6)
    if fragment & 0x3FFF:
        b.help_ident = be16(b.octets, o + 4)
        b.help_offset = (fragment & 0x1FFF) * 8
        b.help_more = 1 if fragment & 0x2000 else 0
        return _fragment(b, o + n)
    return o + n


def _ipv6(b: Batch, o: int) -> int:
    """RFC 8200. A payload length of 0 is a jumbogram or offload: take what is there."""
    if o + 40 > b.end or b.octets[o] >> 4 != 6:
        return _refuse(b, R_IP_DAMAGED)
    length = be16(b.octets, o + 4)
    if length != 0 and o + 40 + length < b.end:
        b.end = o + 40 + length
    b.ip_version = 6
    b.protocol = b.octets[o + 6]
    b.source_high = be64(b.octets, o + 8)
    b.source_low = be64(b.octets, o + 16)
    b.destination_high = be64(b.octets, o + 24)
    b.destination_low = be64(b.octets, o + 32)
    b.layer = _TRANSPORT
    return o + 40


def _fragment(b: Batch, o: int) -> int:
    b.counts[R_FRAGMENT] += 1
    b.help_start = o
    b.help_end = b.end
    b.stop = STOP_FRAGMENT
    return -1


def _other_protocol(b: Batch, o: int) -> int:
    protocol = b.protocol
    if protocol == 4:
        b.layer = 0x0800
        return o
    if protocol == 41:
        b.layer = 0x86DD
        return o
    if protocol == 47:
        return _gre(b, o)
    if protocol == 137:
        b.layer = 0x8847
        return o
    if protocol == 0 or protocol == 43 or protocol == 60 or protocol == 135 or protocol == 51:
        return _extension(b, o)
    if protocol == 44 and b.ip_version == 6:
        return _ipv6_fragment(b, o)
    if protocol == 50:
        return _refuse(b, R_ENCRYPTED_IP)
    if protocol == 132:
        return _sctp(b, o)
    return _refuse(b, R_TRANSPORT_OTHER)


def _extension(b: Batch, o: int) -> int:
    """IPv6 extension header or AH (RFC 4302, whose length counts in fours)."""
    if o + 8 > b.end:
        return _refuse(b, R_IP_DAMAGED)
    n = (b.octets[o + 1] + 2) * 4 if b.protocol == 51 else (b.octets[o + 1] + 1) * 8
    b.protocol = b.octets[o]
    if o + n > b.end:
        return _refuse(b, R_IP_DAMAGED)
    return o + n


def _ipv6_fragment(b: Batch, o: int) -> int:
    if o + 8 > b.end:
        return _refuse(b, R_IP_DAMAGED)
    field = be16(b.octets, o + 2)
    b.protocol = b.octets[o]
    if field & 0xFFF9 == 0:  # an atomic fragment, RFC 6946
        return o + 8
    b.help_ident = be32(b.octets, o + 4)
    b.help_offset = field & 0xFFF8
    b.help_more = field & 1
    return _fragment(b, o + 8)


def _gre(b: Batch, o: int) -> int:
    """RFC 2784, 2890 and the version 1 of PPTP (RFC 2637)."""
    if o + 4 > b.end:
        return _refuse(b, R_IP_DAMAGED)
    flags = be16(b.octets, o)
    protocol = be16(b.octets, o + 2)
    n = 4
    if flags & 0xC000:
        n += 4  # checksum and offset
    if flags & 0x2000:
        n += 4  # key
    if flags & 0x1000:
        n += 4  # sequence
    if flags & 7 == 1 and flags & 0x0080:
        n += 4  # acknowledgement
    if o + n > b.end:
        return _refuse(b, R_IP_DAMAGED)
    if protocol == 0x880B:
        b.layer = _PPP
    elif protocol == 0x88BE and flags & 0x1000 == 0:
        b.layer = _ETHERNET  # ERSPAN type I: the frame follows at once
    else:
        b.layer = protocol
    return o + n


def _sctp(b: Batch, o: int) -> int:
    """RFC 9260: only whole messages in one DATA chunk are read."""
    if o + 28 > b.end:
        return _refuse(b, R_TRANSPORT_OTHER)
    b.source_port = be16(b.octets, o)
    b.destination_port = be16(b.octets, o + 2)
    b.transport = T_SCTP
    o += 12
    while o + 16 <= b.end:
        length = be16(b.octets, o + 2)
        if length < 4:
            break
        if b.octets[o] == 0 and b.octets[o + 1] & 3 == 3 and 16 < length <= b.end - o:
            if _message(b, o + 16, o + length):
                b.stop = 0
                return -1
        o += (length + 3) & ~3
    return _refuse(b, R_TRANSPORT_OTHER)


def _udp(b: Batch, o: int) -> int:
    if o + 8 > b.end:
        return _refuse(b, R_UDP_DAMAGED)
    b.source_port = be16(b.octets, o)
    b.destination_port = be16(b.octets, o + 2)
    length = be16(b.octets, o + 4)
    if length >= 8 and o + length < b.end:
        b.end = o + length
    o += 8
    if o >= b.end:
        return _refuse(b, R_UDP_OTHER)
    b.transport = T_UDP
    first = b.octets[o]
    if first & 0xC0 == 0x80:
        if o + 12 <= b.end:
            _note_media(b, be32(b.octets, o + 8))
            return _refuse(b, R_MEDIA)
        return _refuse(b, R_UDP_OTHER)
    if _message(b, o, b.end):
        b.stop = 0
        return -1
    if o + 8 <= b.end:
        return _udp_tunnel(b, o, first)
    return _refuse(b, R_UDP_OTHER)


def _udp_tunnel(b: Batch, o: int, first: int) -> int:
    if be32(b.octets, o) == _HEP3:
        return _hep3(b, o)
    if b.destination_port == 2152 and first & 0xF0 == 0x30 and b.octets[o + 1] == 0xFF:
        return _gtp(b, o)
    if (b.destination_port == 4789 or b.destination_port == 8472) and first & 0xF7 == 0:
        if first & 0x08:
            b.layer = _ETHERNET
            return o + 8
    if (first == 1 or first == 2) and (b.octets[o + 1] == 16 or b.octets[o + 1] == 40):
        return _hep1(b, o)
    return _refuse(b, R_UDP_OTHER)


def _gtp(b: Batch, o: int) -> int:
    """GTP-U G-PDU (3GPP TS 29.281): 8 octets, 4 more and extensions when flagged."""
    first = b.octets[o]
    o += 8
    if first & 7:
        o += 4
        if o > b.end:
            return _refuse(b, R_UDP_OTHER)
        following = b.octets[o - 1]
        while following != 0 and first & 4:
            if o + 4 > b.end or b.octets[o] == 0:
                return _refuse(b, R_UDP_OTHER)
            o += b.octets[o] * 4
            if o > b.end:
                return _refuse(b, R_UDP_OTHER)
            following = b.octets[o - 1]
    b.layer = _IP
    return o


def _hep1(b: Batch, o: int) -> int:
    """HEP version 1 and 2: fixed header, network order, version 2 with time behind it."""
    version = b.octets[o]
    n = b.octets[o + 1]
    family = b.octets[o + 2]
    if o + n + 12 > b.end or (family != 2 and family != 10 and family != 30):
        return _refuse(b, R_UDP_OTHER)
    if (family == 2) != (n == 16):
        return _refuse(b, R_UDP_OTHER)
    protocol = b.octets[o + 3]
    b.source_port = be16(b.octets, o + 4)
    b.destination_port = be16(b.octets, o + 6)
    _hep_address(b, o + 8, family, 0)
    _hep_address(b, o + 8 + (n - 8) // 2, family, 1)
    o += n
    if version == 2:
        o += 12  # seconds, microseconds, capture id: host order of the sender; ours is kept
    return _hep_done(b, o, protocol, b.end)


def _hep_address(b: Batch, o: int, family: int, destination: int) -> int:
    if family == 2:
        high = 0
        low = _MAPPED + be32(b.octets, o)
    else:
        high = be64(b.octets, o)
        low = be64(b.octets, o + 8)
    if destination:
        b.destination_high = high
        b.destination_low = low
    else:
        b.source_high = high
        b.source_low = low
    b.ip_version = 4 if family == 2 else 6
    return 0


def _hep3(b: Batch, o: int) -> int:
    """HEP version 3: chunks of vendor, type, length, value; only vendor 0 is read."""
    b.stop = 0  # that of the packet before, where this one came out of a TCP stream
    total = be16(b.octets, o + 4)
    if total < 6 or o + total > b.end:
        return _refuse(b, R_HEP_DAMAGED)
    e = o + total
    o += 6
    protocol = 17
    payload = 0
    payload_end = 0
    seconds = 0
    microseconds = 0
    while o + 6 <= e:
        length = be16(b.octets, o + 4)
        if length < 6 or o + length > e:
            return _refuse(b, R_HEP_DAMAGED)
        kind = be32(b.octets, o)
        v = o + 6
        size = length - 6
        if kind == 15:
            payload = v
            payload_end = o + length
        elif kind == 16:
            b.help_start = o
            b.stop = STOP_HEP
        elif size == 4:
            if kind == 3:
                _hep_address(b, v, 2, 0)
            elif kind == 4:
                _hep_address(b, v, 2, 1)
            elif kind == 9:
                seconds = be32(b.octets, v)
            elif kind == 10:
                microseconds = be32(b.octets, v)
        elif size == 16:
            if kind == 5:
                _hep_address(b, v, 10, 0)
            elif kind == 6:
                _hep_address(b, v, 10, 1)
        elif size == 2:
            if kind == 7:
                b.source_port = be16(b.octets, v)
            elif kind == 8:
                b.destination_port = be16(b.octets, v)
        elif size == 1 and kind == 2:
            protocol = b.octets[v]
        o += length
    if seconds and microseconds < 1000000:
        b.time = seconds * 1000000000 + microseconds * 1000
    if payload == 0 and b.stop == STOP_HEP:
        return _hep_compressed(b, protocol)
    if payload == 0:
        return _refuse(b, R_HEP_DAMAGED)
    return _hep_done(b, payload, protocol, payload_end)


def _hep_compressed(b: Batch, protocol: int) -> int:
    v = b.help_start + 6
    b.help_end = b.help_start + be16(b.octets, b.help_start + 4)
    b.help_start = v
    b.transport = _hep_transport(protocol)
    return -1


def _hep_transport(protocol: int) -> int:
    if protocol == 6:
        return T_TCP
    if protocol == 22:  # what Kamailio says for TLS and WebSocket
        return T_TLS
    if protocol == 132:
        return T_SCTP
    return T_UDP


def _hep_done(b: Batch, o: int, protocol: int, e: int) -> int:
    b.transport = _hep_transport(protocol)
    if protocol == 6 and (b.source_port == 5061 or b.destination_port == 5061):
        b.transport = T_TLS
    b.stop = 0
    if _message(b, o, e):
        return -1
    return _refuse(b, R_UDP_OTHER)


def _tcp(b: Batch, o: int) -> int:
    if o + 20 > b.end:
        b.counts[R_IP_DAMAGED] += 1
        return 0
    n = (b.octets[o + 12] >> 4) * 4
    flags = b.octets[o + 13]
    if n < 20 or o + n > b.end:
        b.counts[R_IP_DAMAGED] += 1
        return 0
    b.source_port = be16(b.octets, o)
    b.destination_port = be16(b.octets, o + 2)
    b.transport = T_TCP
    if o + n == b.end and flags & 7 == 0 and b.want_acknowledgements == 0:
        b.counts[R_TCP_EMPTY] += 1
        return 0
    h = _stream_hash(b)
    if b.ignored[h % 65536] == h and flags & 2 == 0:
        b.counts[R_TCP_OTHER] += 1
        return 0
    b.help_start = o + n
    b.help_end = b.end
    b.help_flags = flags
    b.help_sequence = be32(b.octets, o + 4)
    b.help_acknowledged = be32(b.octets, o + 8)
    b.stop = STOP_TCP
    return STOP_TCP
