"""SIP messages that seeds and hostile inputs are made of; addresses of documentation only."""

from __future__ import annotations

SDP = (
    b"v=0\r\no=- 1 1 IN IP4 203.0.113.7\r\ns=-\r\nc=IN IP4 203.0.113.7\r\nt=0 0\r\n"
    b"m=audio 49170/2 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
    b"m=video 0 RTP/AVP 31\r\nc=IN IP6 2001:db8::7\r\n"
)
CREDENTIALS = (
    b'Digest username="100", realm="pbx.example.com", nonce="84a4cc6f3082121f", '
    b'uri="sip:pbx.example.com", response="6629fae49393a05397450978507c4ef1", '
    b'algorithm=MD5, cnonce="0a4f113b", qop=auth, nc=00000001, opaque="5ccc\\"069"'
)
CHALLENGE = (
    b'Digest realm="pbx.example.com", nonce="84a4cc6f3082121f", algorithm=SHA-256, '
    b'qop="auth,auth-int", stale=FALSE, opaque=""'
)
VIA = b"Via: SIP/2.0/UDP 203.0.113.7"
SIPVICIOUS_TAG = b"3130303a70617373013132333435"  # 100:pass, 01, a number
COMPACT = (
    b"SIP/2.0 180 Ringing\nv: SIP/2.0/TCP [2001:db8::7];branch=z9hG4bK1\nf:sip:a@b\n"
    b"t:<tel:+12125550100;ext=1>\ni:1\nCSeq : 2 INVITE\nl : 4\n\nbody"
)
FOLDED = (
    b"\r\n\r\nINVITE  sip:100;x=%00@192.0.2.1?Subject=a SIP/2.0 \r\nVia: SIP / 2.0 / UDP\r\n"
    b" 203.0.113.7 ; branch = z9hG4bK ,\r\n\tSIP/2.0/TCP 192.0.2.4\r\n"
    b'FROM : "a \\" b" <sip:a@b> ; tag = 1\r\nTo: a b<sip:c@d>\r\nCSeq: 4294967296 ACK\r\n'
    b"Content-Length: 99999999999\r\nContent-Length: -5\r\n\r\n"
)
ODD = (
    b"OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm;branch=foo\r\nno colon here\r\n"
    b'Call-ID: 50000\r\nCSeq: 42 OPTIONS\r\nMax-Forwards: 300\r\nWarning: 1 a "b"\r\n\r\n'
)


def request(
    method: bytes = b"INVITE", *more: bytes, body: bytes = b"", uri: bytes = b"sip:100@192.0.2.1"
) -> bytes:
    """A request from 203.0.113.7 to 192.0.2.1, with further header lines."""
    lines = (
        method + b" " + uri + b" SIP/2.0",
        VIA + b":5060;branch=z9hG4bK-3141592653;rport",
        b"Max-Forwards: 70",
        b'From: "Alice" <sip:200@192.0.2.1>;tag=' + SIPVICIOUS_TAG,
        b"To: <sip:100@192.0.2.1>",
        b"Call-ID: 843817637684230@203.0.113.7",
        b"CSeq: 1 " + method,
        b"Contact: <sip:200@203.0.113.7:5060;transport=udp>;expires=3600",
        b"User-Agent: friendly-scanner",
        *more,
        b"Content-Length: " + str(len(body)).encode(),
    )
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def response(status: bytes = b"200 OK", *more: bytes, method: bytes = b"INVITE") -> bytes:
    """An answer to `request`."""
    lines = (
        b"SIP/2.0 " + status,
        VIA + b":5060;branch=z9hG4bK-3141592653;received=203.0.113.7;rport=5060",
        b"From: sip:200@192.0.2.1;tag=" + SIPVICIOUS_TAG,
        b"To: <sip:100@192.0.2.1>;tag=as5f1c2b",
        b"Call-ID: 843817637684230@203.0.113.7",
        b"CSeq: 1 " + method,
        b"Server: PBX 1.0",
        *more,
        b"Content-Length: 0",
    )
    return b"\r\n".join(lines) + b"\r\n\r\n"


def samples() -> list[bytes]:
    """One of each shape: sound, compact, folded, cut, odd."""
    offer = request(b"INVITE", b"Content-Type: application/sdp", body=SDP)
    return [
        offer,
        request(b"REGISTER", b"Authorization: " + CREDENTIALS, b"Expires: 3600"),
        request(b"OPTIONS", b"Accept: application/sdp", uri=b"sip:[2001:db8::1]:5062;lr"),
        request(b"BYE", b"Route: <sip:proxy.example.com;lr>, <sip:192.0.2.9>"),
        response(b"401 Unauthorized", b"WWW-Authenticate: " + CHALLENGE, method=b"REGISTER"),
        response(b"407 Proxy Authentication Required", b"Proxy-Authenticate: " + CHALLENGE),
        response(b"200 OK", b"Contact: sip:100@192.0.2.1", b"Expires: 60", method=b"REGISTER"),
        response(b"404 Not Found"),
        COMPACT,
        FOLDED,
        ODD,
        offer[:200],
        offer + b"surplus",
    ]
