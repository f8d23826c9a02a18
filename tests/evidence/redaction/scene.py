"""An attack on an office with secrets in every place, over any carrier."""

from __future__ import annotations

import io
from collections.abc import Iterator
from ipaddress import ip_address

from ringfence.evidence.redaction.people import People
from ringfence.evidence.redaction.pseudonyms import Pseudonyms
from ringfence.evidence.redaction.slice import Redacted, redact_slice
from ringfence.wire.decoder import Decoder
from ringfence.wire.pcapng_writer import PcapngWriter
from ringfence.wire.records import PacketKeeper
from ringfence.wire.table import MessageTable
from tests.evidence.redaction.planted import Planter
from tests.wire_cases.compile import Packet, packets_of
from tests.wire_cases.reading import tables

KEY = bytes(range(32))
ATTACKER, SERVER = "203.0.113.66", "192.0.2.10"

# A user's phone: from this, redaction learns who is real.
USER = """
REGISTER sip:{host:domain} SIP/2.0
Via: SIP/2.0/UDP {user:phone}:5060;branch=z9hG4bKu1
From: "{word:name}" <sip:{word:account}@{host:domain}>;tag=u1
To: "{word:name}" <sip:{word:account}@{host:domain}>
Call-ID: one@{user:phone}
CSeq: 2 REGISTER
Contact: <sip:{word:account}@{user:phone}:5060>
Authorization: Digest username="{word:account}", realm="{host:realm}", nonce="{hex:nonce0}", uri="sip:{host:domain}", response="{hex:response0}"
Content-Length: 0


"""

# What the attacker sends: (name, message). Names of real users stand in it, too.
ATTACKS = {
    "guess": """
REGISTER sip:{host:domain} SIP/2.0
Via: SIP/2.0/UDP {inside:nat}:5071;branch=z9hG4bK-41;received={inside:nat2};rport
From: "{word:account}" <sip:{word:account}@{host:domain}>;tag={word:account|hex}3a{word:guess|hex}0131323334
To: <sip:{word:account|alternate}:{word:password}@{host:domain}>
Call-ID: 771@{inside:nat}
CSeq: 1 REGISTER
Contact: <sip:{word:account|upper}@{inside:nat}:5071;maddr={inside:maddr}>;+sip.instance="<urn:uuid:{hex:uuid}>"
User-Agent: friendly-scanner {inside:agent} {word:account|base64}
Authorization: Digest username="{word:account}", realm="{host:realm}", nonce="{hex:nonce1}", uri="sip:{word:account}@{host:domain}", response="{hex:response1}", cnonce="{hex:cnonce1}", opaque="{hex:opaque1}", nc=00000001, qop=auth, auts="{word:auts}", x="{word:digestx}"
Proxy-Authorization: Basic {word:account|base64}
Proxy-Authorization: Digest username*=UTF-8''{word:account|percent}, response={hex:response2}
X-Guess: {word:unknown-header}
{word:header-name}: 1
Content-Length: 0


""",
    "scan": """
OPTIONS sip:100@{inside:target} SIP/2.0
Via: SIP/2.0/UDP {inside:nat|dashes}.example.net:5071;branch=z9hG4bK-42;{word:via-parameter}={word:via-value}
From: "sipvicious" <sip:100@1.1.1.1>;tag={inside:target|svmap}
To: "sipvicious" <sip:100@1.1.1.1>
Call-ID: {word:account|hex}@{inside6:nat6}
CSeq: 1 OPTIONS
Contact: sip:100@[{inside6:nat6}]:5071;x={word:contact-x}
Accept: application/sdp, {word:accept}
Max-Forwards: 70
Content-Length: 0


""",
    "call": """
INVITE sip:900442079460000@{host:domain} SIP/2.0
v: SIP/2.0/UDP {inside:nat}:5071;branch=z9hG4bK-43
f: "{word:name|quoted}" <sip:{word:account|percent}@{host:domain}>;tag=abc
t: <sip:900442079460000@{host:domain}>
i: 772@{inside:nat}
CSeq: 1 INVITE
m: "{word:name|lower}"
 <sip:{word:account}@{inside:nat}:5071>
P-Asserted-Identity: "{word:name}" <sip:{word:account}@{host:domain}>, <tel:{word:account}>
P-Preferred-Identity: {word:name} <sip:{word:account}@{host:domain}>
Remote-Party-ID: "{word:name|upper}" <sip:{word:account}@{host:domain}>;party=calling;x={word:rpid}
Diversion: <sip:{word:account}@{host:domain}>;reason=no-answer
History-Info: <sip:{word:account}@{host:domain}?Reason={word:history}>;index=1
Reply-To: <sip:{word:account}@{host:domain}>
b: <sip:{word:account}@{host:domain}>;cid="{word:cid}"
Refer-To: <sip:{word:account}@{host:domain}?Replaces={word:replaces}>
Call-Info: <https://{word:call-info}.example/{word:call-info2}>;purpose=icon
Alert-Info: <http://{word:alert}/ring>
Identity: {word:identity|base64};info=<https://{word:identity2}>
Geolocation: <cid:{word:geolocation}>
Organization: {word:organization}
s: {word:subject}
 {word:subject2}
In-Reply-To: {word:in-reply-to}
Warning: 399 {inside:warning} "{word:warning}"
Route: <sip:{inside:route};lr>
Record-Route: "{word:record-route}" <sip:{inside:record-route};lr;{word:uri-parameter}={word:uri-value}>
P-Charging-Vector: icid-value={word:icid}
User-to-User: {word:uui|hex};encoding=hex
Content-Disposition: session;{word:disposition}
Unsupported: {word:unsupported}
Date: {word:date}
Supported: timer, {word:supported}
this line is no header {word:no-header}
c: application/sdp;{word:type}
Content-Length: 780

v=0
o={word:sdp-user} {number:sdp-id} {number:sdp-version} IN IP4 {inside:sdp-origin}
s={word:sdp-name}
i={word:sdp-info}
u=https://{word:sdp-uri}
e={word:sdp-mail}@example.net
p=+{number:sdp-phone}
c=IN IP4 {inside:sdp-connection}
b={word:sdp-b}:1
t=0 0
k=clear:{word:sdp-key}
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{word:crypto|base64}
a=fingerprint:sha-256 {word:fingerprint|HEX}
a=ice-ufrag:{word:ufrag}
a=ice-pwd:{word:ice-pwd}
a={word:sdp-attribute}:{word:sdp-value}
m=audio 4000 RTP/AVP 0 101 {word:sdp-format}
c=IN IP6 {inside6:sdp-media}
a=candidate:1 1 udp 2130706431 {inside:candidate} 4000 typ host
a=rtcp:4001 IN IP4 {inside:rtcp}
a=rtpmap:0 {word:codec}/8000
a=ssrc:1 cname:{word:cname}
{word:sdp-line}
""",
    "digits": """
INFO sip:{word:account}@{host:domain} SIP/2.0
Via: SIP/2.0/UDP {inside:nat}:5071;branch=z9hG4bK-44
From: <sip:7@{host:domain}>;tag=abd
To: <sip:{word:account}@{host:domain}>;tag=as11
Call-ID: 773
CSeq: 2 INFO
Content-Type: application/dtmf-relay
Content-Length: 60

Signal={number:dtmf}
Duration=160
{word:dtmf-more}
""",
    "text": """
MESSAGE sip:{word:account}@{host:domain} SIP/2.0
Via: SIP/2.0/UDP {inside:nat}:5071;branch=z9hG4bK-45
From: <sip:7@{host:domain}>;tag=abe
To: <sip:{word:account}@{host:domain}>
Call-ID: 774
CSeq: 3 MESSAGE
Content-Type: multipart/mixed;boundary={word:boundary}
Content-Length: 100

--{word:boundary}
Content-Type: text/plain

{word:text} {word:text2|base64} {word:text3|hex}
--{word:boundary}
Content-Type: application/sdp

o={word:multi} 1 1 IN IP4 {inside:multi}
--{word:boundary}--
{word:surplus}
""",
}

# What the server sends to the attacker.
ANSWERS = {
    "challenge": """
SIP/2.0 401 {word:reason}
Via: SIP/2.0/UDP {inside:nat}:5071;branch=z9hG4bK-41;received={inside:nat2};rport=5071
From: "{word:account}" <sip:{word:account}@{host:domain}>;tag={word:account|hex}3a{word:guess|hex}0131323334
To: <sip:{word:account|alternate}:{word:password}@{host:domain}>;tag=as12
Call-ID: 771@{inside:nat}
CSeq: 1 REGISTER
Server: {word:server}
WWW-Authenticate: Digest realm="{host:realm}", nonce="{hex:nonce1}", opaque="{hex:opaque1}", domain="sip:{host:realm}", algorithm=MD5, x={word:challenge-x}
Proxy-Authenticate: Digest realm="{word:realm2}",nonce={hex:nonce2}
Contact: "{word:callee}" <sip:{word:callee-user}@{inside:callee}>
Content-Length: 0


""",
    "accepted": """
SIP/2.0 200 OK
Via: SIP/2.0/UDP {inside:nat}:5071;branch=z9hG4bK-43
From: "{word:name|quoted}" <sip:{word:account|percent}@{host:domain}>;tag=abc
To: <sip:900442079460000@{host:domain}>;tag=as13
Call-ID: 772@{inside:nat}
CSeq: 1 INVITE
Contact: <sip:{word:answering}@{user:other-phone}:5060;{word:p}={word:q}>
P-Asserted-Identity: "{word:answering-name}" <sip:{word:answering}@{user:other-phone}>
Authentication-Info: nextnonce="{hex:nextnonce}", rspauth="{hex:rspauth}", cnonce="{hex:cnonce1}", qop=auth, nc=00000001
Record-Route: <sip:{inside:proxy};lr>
Content-Type: application/sdp
Content-Length: 150

v=0
o=- 1 1 IN IP4 {inside:answer-origin}
s=-
c=IN IP4 {user:other-phone}
t=0 0
m=audio 4100 RTP/AVP 0
a=rtpmap:0 PCMU/8000
""",
}

# A call that the server brings to the attacker, who has a user's account.
CALLED = """
INVITE sip:{word:account}@203.0.113.66:5071 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.10:5060;branch={hex:branch}
From: "{word:caller-name}" <sip:{word:caller}@{inside:server}>;tag={hex:fromtag}
To: <sip:{word:account}@203.0.113.66>
Call-ID: {hex:callid}@{inside:server}
CSeq: 102 INVITE
Contact: <sip:{word:caller}@{inside:server}:5060>
User-Agent: {word:pbx-agent}
Content-Length: 0


"""


def svmap(value: bytes) -> bytes:
    """The From tag with which svmap marks an address."""
    return (ip_address(value.decode()).packed.hex() + "13c4").encode().hex().encode() + b"01323334"


def messages(planter: Planter) -> Iterator[tuple[bytes, str]]:
    """Every message with who sent it: user, attacker, server."""
    from tests.evidence.redaction.planted import SPELLINGS

    SPELLINGS["svmap"] = svmap
    yield planter.fill(USER), "user"
    for text in ATTACKS.values():
        yield planter.fill(text), "attacker"
    for text in (*ANSWERS.values(), CALLED):
        yield planter.fill(text), "server"


def people(planter: Planter) -> People:
    """Whom the user's message names."""
    secrets = planter.secrets
    domain = secrets["host:domain"]
    return People(
        frozenset((ip_address(ATTACKER).packed,)),
        frozenset((ip_address(SERVER).packed,)),
        accounts=frozenset((secrets["word:account"].lower(),)),
        names=frozenset((secrets["word:name"].lower(),)),
        hosts=frozenset((domain, b".".join(domain.rsplit(b".", 2)[-2:]))),
        addresses=frozenset((ip_address(secrets["user:phone"].decode()).packed,)),
    )


def capture_of(packets: list[Packet]) -> bytes:
    """Packets of any link types as one pcapng."""
    writer = PcapngWriter("a test")
    return writer.start() + b"".join(
        writer.packet(p.link, "if", p.time_ns, p.octets, p.original) for p in packets
    )


def read(octets: bytes) -> Iterator[tuple[int, Decoder, MessageTable]]:
    """Tables of a capture, packets kept, as `flow.read_messages` gives them."""
    decoder = Decoder(64)
    decoder.keeper = PacketKeeper()
    for table in tables(decoder, octets):
        yield 0, decoder, table


def redact(capture: bytes, who: People, key: bytes = KEY) -> tuple[bytes, Redacted]:
    """The redacted slice of a capture."""
    stream = io.BytesIO()
    counts = redact_slice(read(capture), who, Pseudonyms(key), stream, "a test")
    return stream.getvalue(), counts


def rows(capture: bytes) -> list[tuple[int, ...]]:
    """What must not change: method, status, transport, ports, lengths, time."""
    names = ("method", "status", "transport", "source_port", "destination_port",
             "text_length", "head_length", "header_count", "cseq_number", "time")  # fmt: skip
    return [
        tuple(table.number(row, name) for name in names)
        for _, _, table in read(capture)
        for row in table.rows()
    ]


def texts(capture: bytes) -> list[bytes]:
    """The capture's octets, and every message as it is put together."""
    found = [capture]
    for _, _, table in read(capture):
        found += [table.message(row) for row in table.rows()]
    return found


def carried(text: str, payload: bytes) -> list[Packet]:
    """Packets of a wire case's layers around this payload."""
    lines = f"packet 1791158400.5\n{text}\n= {payload.hex()}\nexpect\n"
    return packets_of(lines)
