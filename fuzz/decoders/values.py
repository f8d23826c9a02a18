"""Header values taken apart: addresses, URIs, Via, digests, session descriptions.

The first octet chooses which. Invariant: any octets give a value and anomalies of
the closed set, and nothing is raised; the value keeps the text that was read; no
list is longer than its bound; ports are 0 to 65535; escapes resolved never make
the octets longer.
"""

from __future__ import annotations

from collections.abc import Callable

from fuzz.decoders import parts
from fuzz.harness import hold
from fuzz.messages import CHALLENGE, CREDENTIALS, SDP
from ringfence.wire.address import decode_address, decode_addresses
from ringfence.wire.anomaly import Anomaly
from ringfence.wire.digest import decode_digests
from ringfence.wire.grammar import MAX_PARTS
from ringfence.wire.sdp import MAX_MEDIA, decode_sdp
from ringfence.wire.uri import MAX_PORT, decode_uri, unescape
from ringfence.wire.via import decode_vias

TOKENS = (
    *parts.TOKENS,
    b"SIP/2.0/UDP ",
    b"255.255.255.255",
    b"%00",
    b"a=sendonly\r\n",
    b"c=IN IP6 ",
)

_ALL = sum(Anomaly)


def check(octets: bytes) -> object:
    """The decoder that the first octet chooses."""
    return _DECODERS[octets[0] % len(_DECODERS)](octets[1:]) if octets else None


def _closed(notes: Anomaly) -> None:
    hold(notes.value & ~_ALL == 0, "an anomaly out of the set")


def _check_uri(octets: bytes) -> object:
    uri, notes = decode_uri(octets)
    _closed(notes)
    hold(uri.text == octets, "the text is lost")
    hold(uri.port is None or 0 <= uri.port <= MAX_PORT, "a port beyond 65535")
    hold(len(uri.params) <= MAX_PARTS and len(uri.headers) <= MAX_PARTS, "too many parameters")
    hold(len(unescape(octets)) <= len(octets), "longer without escapes")
    return uri, notes


def _check_address(octets: bytes) -> object:
    address, notes = decode_address(octets)
    _closed(notes)
    hold(address.text == octets, "the text is lost")
    hold(len(address.params) <= MAX_PARTS, "too many parameters")
    return address, notes


def _check_addresses(octets: bytes) -> object:
    addresses, notes = decode_addresses(octets)
    _closed(notes)
    hold(len(addresses) <= MAX_PARTS + 1, "too many addresses")
    hold(sum(len(one.text) for one in addresses) <= len(octets), "text out of nothing")
    return addresses, notes


def _check_vias(octets: bytes) -> object:
    vias, notes = decode_vias(octets)
    _closed(notes)
    hold(len(vias) <= MAX_PARTS + 1, "too many hops")
    for via in vias:
        hold(via.port is None or 0 <= via.port <= MAX_PORT, "a port beyond 65535")
        hold(via.rport is None or 0 <= via.rport < 100_000, "an rport of too many digits")
    return vias, notes, [(via.branch, via.received, via.rport) for via in vias]


def _check_credentials(octets: bytes) -> object:
    return _check_digests(b"authorization", octets)


def _check_challenge(octets: bytes) -> object:
    return _check_digests(b"www-authenticate", octets)


def _check_digests(key: bytes, octets: bytes) -> object:
    digests, notes = decode_digests(key, octets)
    _closed(notes)
    for digest in digests:
        hold(len(digest.params) <= MAX_PARTS + 1, "too many parameters")
        hold(len(digest.nonce or b"") <= len(octets), "a nonce out of nothing")
    return digests, notes


def _check_sdp(octets: bytes) -> object:
    description, notes = decode_sdp(octets)
    _closed(notes)
    hold(len(description.media) <= MAX_MEDIA, "too many media")
    for medium in description.media:
        hold(medium.port is None or 0 <= medium.port <= MAX_PORT, "a port beyond 65535")
    return description, notes, description.address


_DECODERS: tuple[Callable[[bytes], object], ...] = (
    _check_uri,
    _check_address,
    _check_addresses,
    _check_vias,
    _check_credentials,
    _check_challenge,
    _check_sdp,
)


def seeds() -> list[bytes]:
    """Sound and odd values of each kind."""
    uris = (
        b"sip:alice:secret@pbx.example.com:5060;transport=tcp?Subject=a&b=c",
        b"sips:[2001:db8::1]:5061",
        b"tel:+1-212-555-0100;phone-context=example.com", b"sip:%00%zz@a..b", b"mailto:a@b",
        b"2001:db8::1:5060",
    )  # fmt: skip
    addresses = (
        b'"A \\" B" <sip:a@b;lr>;tag=1;x', b"sip:a@b;tag=2", b"*", b"a b <sip:a@b",
        b'"open <sip:a@b>',
        b"<sip:a@b>;q=0.5,<tel:+1>;;, sip:c@d?x",
    )  # fmt: skip
    vias = (
        b"SIP/2.0/UDP 203.0.113.7:5060;rport=99999, SIP / 2.0 / TCP [2001:db8::1];received=[::1]",
        b"SIP/3/X 255.255.255.255;branch=",
    )
    made = [(0, uri) for uri in uris] + [(n, one) for one in addresses for n in (1, 2)]
    made += [(3, via) for via in vias] + [(4, CREDENTIALS), (4, b"Basic eA=="), (5, CHALLENGE)]
    made += [(6, SDP), (6, b"v=0\nm=audio 1\nc=IN IP6 ::1/1\na=sendonly\nx\n")]
    return [bytes((number,)) + octets for number, octets in made]
