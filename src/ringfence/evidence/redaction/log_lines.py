"""Lines of a phone system's log, redacted.

How it works: first pairs of name and value, as Asterisk's security log and AMI have
them: what is not known to be harmless is masked. Then URIs, then addresses, names
and long hexadecimal words wherever they stand. A line need not keep its length.
Asterisk writes Challenge, Response, ExpectedResponse and ReceivedHash into it: from
those a password is guessed without another packet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Final

from ringfence.evidence.redaction.names import Names
from ringfence.evidence.redaction.people import People
from ringfence.evidence.redaction.pseudonyms import Pseudonyms
from ringfence.evidence.redaction.spelling import mask
from ringfence.evidence.redaction.values import Values

# A longer line is masked from there on.
MAX_LINE: Final = 16_384
_PAIR = re.compile(
    rb"\b([A-Za-z][A-Za-z0-9_-]{1,40})(=|: ?)"
    rb"(\"(?:[^\"\\]|\\.){0,4096}\"|'[^']{0,4096}'|[^\s,;\"']{1,4096})"
)
_URI = re.compile(rb"\b(?:sips?|tel):[^\s<>\"',]{1,1024}")
_BEFORE_URI = re.compile(rb"\"((?:[^\"\\]|\\.){0,1024})\"(?=\s*<)")
_HEX_WORD = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Fa-f]{16,}(?![0-9A-Za-z])")
_ENDPOINT = re.compile(rb"(IPV?[46]/[A-Za-z]{2,4}/)([0-9A-Fa-f.:]+)(/[0-9]{1,5})\Z", re.IGNORECASE)

_KEPT: Final = frozenset(
    b"""securityevent eventtv eventversion severity service event action status privilege
    acltype cause-txt cause attempttransport requesttype usingpassword""".split()
)
_SECRETS: Final = frozenset(
    b"""challenge receivedchallenge response expectedresponse receivedhash expectedhash
    receivedresponse nonce cnonce opaque secret password passwd md5secret md5_cred auth
    authorization token key pin""".split()
)
_ACCOUNTS: Final = frozenset(
    b"accountid endpoint peer aor user username account exten callerid accountcode".split()
)
_ADDRESSES: Final = frozenset(b"localaddress remoteaddress address".split())
# Sections of names that pairs are not made of: addresses in URIs, times.
_NO_NAMES: Final = frozenset(b"sip sips tel via from to http https".split())


def redact_log_lines(lines: Iterable[str], people: People, pseudonyms: Pseudonyms) -> Iterator[str]:
    """Each line without credentials, real users and private addresses."""
    redactor = _Line(Names(people, pseudonyms))
    for line in lines:
        yield redactor.redact(line)


class _Line:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._accused = [str(ip_address(packed)).encode() for packed in names.people.accused]

    def redact(self, line: str) -> str:
        octets = line.encode("utf-8", "replace")
        octets = octets[:MAX_LINE] + mask(octets[MAX_LINE:])
        claimed = any(address in octets for address in self._accused)
        values = Values(self._names, claimed=claimed)

        made: set[bytes] = set()

        def pair(found: re.Match[bytes]) -> bytes:
            value = self._value(found[1], found[3], claimed=claimed)
            if value != found[3]:
                made.add(value.strip(b"\"'"))
            return found[1] + found[2] + value

        octets = _PAIR.sub(pair, octets)
        octets = _BEFORE_URI.sub(
            lambda found: b'"' + self._names.display_name(found[1], claimed=claimed) + b'"', octets
        )
        octets = _URI.sub(lambda found: values.uri(found.group()), octets)
        octets = _HEX_WORD.sub(lambda found: self._hex_word(found.group(), made), octets)
        return self._names.kept(octets, short_words=True).decode("utf-8", "replace")

    def _hex_word(self, word: bytes, made: set[bytes]) -> bytes:
        """A digest that no name stands before; pseudonyms are not replaced again."""
        return word if word in made else self._names.secret(word)

    def _value(self, spelled_name: bytes, spelled: bytes, *, claimed: bool) -> bytes:
        quote = spelled[:1] if spelled[:1] in b"\"'" else b""
        text = spelled[1:-1] if quote else spelled
        name = spelled_name.lower()
        if name in _NO_NAMES:
            return spelled
        if name in _SECRETS:
            made = self._names.secret(text)
        elif name in _ACCOUNTS:
            made = self._names.account(text, claimed=claimed)
        elif name in _ADDRESSES:
            made = self._address(text)
        elif name in _KEPT or not quote:
            return spelled
        else:
            made = mask(text)
        return quote + made + quote

    def _address(self, text: bytes) -> bytes:
        """IPV4/UDP/192.0.2.1/5060 as Asterisk writes it."""
        found = _ENDPOINT.match(text)
        if found is None:
            return self._names.kept(text)
        return found[1] + self._names.host(found[2], claimed=False) + found[3]
