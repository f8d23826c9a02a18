"""One SIP message, redacted: as many octets, every header in its place.

How it works: the message is cut as `wire/message.py` cuts it, folds are made blanks
for the time being, and each header goes through the rule of its name. What has no
rule is masked whole; bodies but session descriptions are, too.
Rules: the length never changes, so that packets, Content-Length and offsets stay
right; nothing raises; what is kept stands in `vocabulary.py`, or an accused source
wrote it and `names.py` found no real user in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ringfence.evidence.redaction.description import redact_description
from ringfence.evidence.redaction.names import Names
from ringfence.evidence.redaction.people import People
from ringfence.evidence.redaction.pseudonyms import WORD, Pseudonyms
from ringfence.evidence.redaction.spelling import around, each, mask, unfolded
from ringfence.evidence.redaction.values import Values, method, parameters
from ringfence.evidence.redaction.vocabulary import HEADER_NAMES, REASONS
from ringfence.model.message import Header
from ringfence.wire.body import SDP, media_type
from ringfence.wire.errors import WireError
from ringfence.wire.grammar import decode_number
from ringfence.wire.headers import Head, split_head
from ringfence.wire.start_line import MAX_START_LINE, decode_start_line

Rule = Callable[[bytes], bytes]

# Headers kept with what came of them (some 8 MiB, each at most a packet long).
MAX_CACHED: Final = 8192
# As `wire/message.py` has it.
_MAX_JUNK: Final = 64
_BLANK: Final = 32
_REQUEST = re.compile(rb"([^ \t]+)([ \t]+)(.*[^ \t])([ \t]+)([^ \t]{4,16})([ \t]*)\Z", re.DOTALL)
_STATUS = re.compile(rb"([^ ]+)( +)([0-9]+)( ?)(.*)\Z", re.DOTALL)
_VERSION = re.compile(rb"(?i:sip)/[0-9]{1,3}\.[0-9]{1,3}\Z")
_NUMBER = re.compile(rb"-?[0-9]{1,10}(?:\.[0-9]{1,9})?(?:[ \t]+[0-9]{1,10}(?:\.[0-9]{1,9})?)?\Z")
_DIGITS = re.compile(rb"[0-9]{11,}\Z")
_CSEQ = re.compile(rb"(-?[0-9]+)([ \t]+)([^ \t]+)\Z")
_RACK = re.compile(rb"([0-9]{1,20}[ \t]+[0-9]{1,20})([ \t]+)([^ \t]+)\Z")
_DATE = re.compile(
    rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{1,2}"
    rb" (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    rb" [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT\Z"
)
_CONTROL = re.compile(rb"[^ \t\r\n]")
_KEEP_ALIVE = re.compile(rb"[ \t\r\n\0]*\Z")

# What an answer repeats from its request (RFC 3261 8.2.6): who asked wrote it.
_ECHOED: Final = frozenset((b"from", b"to", b"via", b"call-id", b"cseq"))
_NUMBERS: Final = frozenset(
    b"""max-forwards expires min-expires content-length rseq retry-after timestamp min-se
    session-expires flow-timer max-breadth""".split()
)
_PLAIN: Final = frozenset(
    b"""accept accept-encoding accept-language allow allow-events supported require unsupported
    proxy-require content-type content-encoding content-disposition mime-version event
    subscription-state privacy priority request-disposition answer-mode
    recv-info refer-sub content-language""".split()
)
_ROUTES: Final = frozenset(b"route record-route path service-route".split())
_ADDRESSES: Final = frozenset(
    b"""from to contact reply-to referred-by refer-to
    p-asserted-identity p-preferred-identity remote-party-id diversion history-info
    p-called-party-id p-associated-uri p-served-user""".split()
)
_DIGESTS: Final = frozenset(
    b"authorization proxy-authorization www-authenticate proxy-authenticate".split()
)


class MessageRedactor:
    """Redacts messages of one case under one key."""

    def __init__(self, people: People, pseudonyms: Pseudonyms) -> None:
        self.names = Names(people, pseudonyms)
        self._claimed = _Rules(self.names, claimed=True)
        self._others = _Rules(self.names, claimed=False)

    def redact(self, octets: bytes, *, by_accused: bool) -> bytes:
        """As many octets; `by_accused`: an accused source sent this request, or this answers it."""
        junk = next((at for at, o in enumerate(octets[:_MAX_JUNK]) if o > _BLANK), None)
        if junk is None:
            return mask_all(octets)
        line_end = octets.find(b"\n", junk, junk + MAX_START_LINE) + 1 or len(octets)
        try:
            start = decode_start_line(octets[junk:line_end], junk)
        except WireError:
            return mask_all(octets)
        head = split_head(octets, line_end)
        is_request = start.status is None
        asked = self._claimed if by_accused else self._others
        answered = asked if is_request else self._others
        made = [
            _CONTROL.sub(b"\0", octets[:junk]),
            asked.start_line(octets[junk:line_end], request=is_request),
        ]
        for header in head.headers:
            rules = asked if header.key in _ECHOED else answered
            made.append(rules.header(header))
        made.append(head.empty_line)
        made.append(self._body(head, octets[head.end :]))
        return b"".join(made)

    def _body(self, head: Head, rest: bytes) -> bytes:
        """The body, and what stands behind it."""
        first: dict[bytes, bytes] = {}
        for header in head.headers:
            first.setdefault(header.key, header.value)
        length = decode_number(first.get(b"content-length", b""))
        body = rest[:length]
        kind = first.get(b"content-type")
        is_sdp = media_type(kind) == SDP if kind is not None else body[:3] == b"v=0"
        if is_sdp and b"content-encoding" not in first:
            return redact_description(body, self.names) + mask_all(rest[len(body) :])
        return mask_all(body) + mask_all(rest[len(body) :])


def mask_all(octets: bytes) -> bytes:
    """Masks all of it, unless it is a keep-alive: blanks and line ends."""
    return octets if _KEEP_ALIVE.match(octets) else b"x" * len(octets)


class _Rules:
    """The rule of each header, for what one side wrote."""

    def __init__(self, names: Names, *, claimed: bool) -> None:
        self._names = names
        self._values = Values(names, claimed=claimed)
        values = self._values
        self._made: dict[bytes, bytes] = {}
        self._of: dict[bytes, Rule] = {
            **dict.fromkeys(_NUMBERS, self._number),
            **dict.fromkeys(_PLAIN, _plain),
            **dict.fromkeys(_ADDRESSES, values.addresses),
            **dict.fromkeys(_ROUTES, values.route),
            **dict.fromkeys(_DIGESTS, values.digest),
            b"from": values.address,
            b"to": values.address,
            b"authentication-info": values.digest_parameters,
            b"proxy-authentication-info": values.digest_parameters,
            b"via": values.vias,
            b"call-id": values.call_id,
            b"cseq": self._numbered(_CSEQ),
            b"rack": self._numbered(_RACK),
            b"date": _date,
            b"user-agent": values.agent,
        }

    def start_line(self, line: bytes, *, request: bool) -> bytes:
        """Request line or status line, with its end."""
        text = line.rstrip(b"\n").removesuffix(b"\r")
        made = self._request(text) if request else self._status(text)
        return made + line[len(text) :]

    def header(self, header: Header) -> bytes:
        """The lines of one header; most say the same in thousands of messages."""
        made = self._made.get(header.octets)
        if made is None:
            if len(self._made) >= MAX_CACHED:
                self._made.clear()
            made = self._made[header.octets] = self._header(header)
        return made

    def _header(self, header: Header) -> bytes:
        octets = header.octets
        core = octets.rstrip(b"\r\n")
        end = octets[len(core) :]
        name, colon, value = core.partition(b":")
        if not header.name or not colon:
            return unfolded(core, mask) + end
        rule = self._of.get(header.key, mask)
        made = unfolded(value, lambda text: around(text, rule))
        return unfolded(name, lambda text: around(text, self._name)) + colon + made + end

    def _name(self, name: bytes) -> bytes:
        """A header's name that nobody knows becomes another word."""
        if name.lower() in HEADER_NAMES:
            return name
        return self._names.pseudonyms.text(WORD, name)

    def _request(self, text: bytes) -> bytes:
        parts = _REQUEST.match(text)
        if parts is None:
            return mask(text)
        word, gap, target, gap2, version, end = parts.groups()
        if b" " in target or b"\t" in target:
            uri = each(target, b";", lambda part: b" ".join(map(mask, part.split(b" "))))
        elif target[:1] == b"<":
            closed = target[-1:] == b">" and len(target) > 1
            inner = target[1:-1] if closed else target[1:]
            uri = b"<" + self._values.uri(inner) + (b">" if closed else b"")
        else:
            uri = self._values.uri(target)
        return method(word, self._names) + gap + uri + gap2 + _version(version) + end

    def _status(self, text: bytes) -> bytes:
        parts = _STATUS.match(text)
        if parts is None:
            return mask(text)
        version, gap, digits, gap2, reason = parts.groups()
        said = reason if reason.strip().lower() in REASONS else mask(reason)
        if _DIGITS.match(digits):
            digits = self._names.secret(digits)
        return _version(version) + gap + digits + gap2 + said

    def _number(self, value: bytes) -> bytes:
        """A number; one that is too large stays too large."""
        digits, semicolon, rest = value.partition(b";")
        core = digits.strip()
        if _DIGITS.match(core):
            made = digits.replace(core, self._names.secret(core))
        else:
            made = digits if _NUMBER.match(core) else mask(digits)
        return made + semicolon + parameters(rest)

    def _numbered(self, shape: re.Pattern[bytes]) -> Rule:
        """Numbers and a method."""

        def rule(value: bytes) -> bytes:
            parts = shape.match(value)
            if parts is None:
                return mask(value)
            digits = self._names.secret(parts[1]) if _DIGITS.match(parts[1]) else parts[1]
            return digits + parts[2] + method(parts[3], self._names)

        return rule


def _plain(value: bytes) -> bytes:
    return each(value, b",", parameters)


def _date(value: bytes) -> bytes:
    return value if _DATE.match(value) else mask(value)


def _version(text: bytes) -> bytes:
    """SIP/2.0, or another number; a version of words is masked behind the slash."""
    return text if _VERSION.match(text) else text[:4] + mask(text[4:])
