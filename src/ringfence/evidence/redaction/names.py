"""The rules for single names: accounts, display names, hosts, secrets, random tokens.

How it works: `claimed` says that an accused source wrote it. Then a name stays
unless a real user has it, and an address stays unless it is private or a user's.
What anybody else wrote becomes a pseudonym. Lengths never change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ringfence.evidence.redaction import pseudonyms as kinds
from ringfence.evidence.redaction.addresses import DOTTED, IPV6, read_address, readings, spell
from ringfence.evidence.redaction.people import HiddenNames, People, meaning
from ringfence.evidence.redaction.pseudonyms import Pseudonyms
from ringfence.evidence.redaction.spelling import escaped, hides_text, mask
from ringfence.evidence.redaction.tags import redact_tag
from ringfence.evidence.redaction.vocabulary import (
    DEFAULT_REALMS,
    NOBODYS_HOSTS,
    PRIVATE_SUFFIXES,
)
from ringfence.wire.uri import unescape

_TOKEN = re.compile(rb"[^ \t\r\n\0\"',;:<>()\[\]{}=/@&?|]+")
_COOKIE = re.compile(rb"z9hg4bk", re.IGNORECASE)
_HOST = re.compile(rb"[0-9A-Za-z._-]{1,254}\Z")
# A shorter word is a version number as often as an extension.
_LEAST_WORD = 4
# Of the three-digit extensions nine in ten may be taken: then one in five is a double.
_ATTEMPTS = 16
# Joints of a word that are looked at; a word of more says no name.
_MAX_CUTS = 12
_JOINTS = b"-_.+~!*#$%^"
_IPV4_PARTS = 4
_JOINT = re.compile(rb"[-_.+~!*#$%^]")
# A shorter word reads like hexadecimal or base64 by chance.
_LEAST_HIDDEN = 16
_ESCAPES = re.compile(rb"\\(.)", re.DOTALL)


class Names:
    """Single names under the owner's key."""

    def __init__(self, people: People, pseudonyms: Pseudonyms) -> None:
        self.people = people
        self.pseudonyms = pseudonyms
        self._hidden = HiddenNames(people)

    def account(self, text: bytes, *, claimed: bool) -> bytes:
        """A user part or user name as spelled; parameters behind ";" go through the same."""
        name, semicolon, rest = text.partition(b";")
        if claimed and not self.people.is_account(name):
            return self.opaque(name) + semicolon + self.kept(rest)
        simple = unescape(name)
        if simple.lower() == meaning(name):
            return self._replaced(kinds.ACCOUNT, name) + semicolon + mask(rest)
        return mask(name) + semicolon + mask(rest)  # blanks or quoted pairs in it

    def display_name(self, text: bytes, *, claimed: bool) -> bytes:
        """A display name without its quotes, as spelled."""
        if claimed and not self.people.is_name(text):
            return self.kept(text)
        plain = _ESCAPES.sub(rb"\1", text)
        if plain == text:
            return self._person(text)
        return _ESCAPES.sub(rb"xx", self.pseudonyms.text(kinds.ACCOUNT, text))

    def secret(self, text: bytes) -> bytes:
        """What proves knowledge of a password, or lets it be guessed."""
        return self.pseudonyms.text(kinds.SECRET, text)

    def address(self, packed: bytes, *, claimed: bool) -> bytes:
        """An address as octets."""
        if self.people.keeps(packed, claimed=claimed):
            return packed
        return self.pseudonyms.address(packed)

    def host(self, text: bytes, *, claimed: bool) -> bytes:
        """A host name or an address, without brackets."""
        packed = read_address(text)
        if packed is not None:
            made = self.address(packed, claimed=claimed)
            return text if made == packed else spell(made, text)
        if not text or text.lower() in NOBODYS_HOSTS:
            return text
        if not _HOST.match(text):
            return mask(text)
        if claimed and not self._is_inside(text):
            return self.kept(text)
        return self.pseudonyms.text(kinds.HOST, text)

    def realm(self, text: bytes) -> bytes:
        """A realm: servers choose it, clients repeat it, so it does not count who wrote it."""
        plain = text.strip().lower()
        if plain in DEFAULT_REALMS:
            return text
        packed = read_address(text)
        if packed is not None:
            return self.host(text, claimed=False)
        return self.pseudonyms.text(kinds.HOST, text)

    def branch(self, text: bytes, *, claimed: bool) -> bytes:
        """A branch; the magic cookie stays (RFC 3261 8.1.1.7)."""
        cookie = text[:7] if _COOKIE.match(text) else b""
        rest = text[len(cookie) :]
        return cookie + (self.opaque(rest) if claimed else self.secret(rest))

    def tag(self, text: bytes, *, claimed: bool) -> bytes:
        """A tag of From or To."""
        if not claimed:
            return self.secret(text)
        made = redact_tag(
            text,
            lambda user: self.account(user, claimed=True),
            self.secret,
            lambda packed: self.address(packed, claimed=True),
        )
        return made if made is not None else self.opaque(text)

    def call_id(self, text: bytes, *, claimed: bool) -> bytes:
        """A Call-ID with its host."""
        name, at, host = text.partition(b"@")
        bare = host.strip(b"[]")
        made = host.replace(bare, self.host(bare, claimed=claimed)) if bare else host
        return (self.opaque(name) if claimed else self.secret(name)) + at + made

    def opaque(self, text: bytes) -> bytes:
        """A random token of an accused source: kept, unless it hides something."""
        if hides_text(unescape(text)):
            return self.secret(text)
        plain = unescape(text)
        made = self.kept(plain)
        return text if made == plain else escaped(made, len(text))

    def kept(self, text: bytes, *, short_words: bool = False) -> bytes:
        """Text of an accused source, without the addresses and names of others in it.

        `short_words`: a word of fewer letters is taken for a name, too.
        """
        text = DOTTED.sub(self._dotted, text)
        text = IPV6.sub(self._ipv6, text) if b":" in text else text
        least = 1 if short_words else _LEAST_WORD
        text = _TOKEN.sub(lambda found: self._word(found.group(), least), text)
        made: list[bytes] = []
        at = 0
        for start, end in self._hidden.find(text):
            made += (text[at:start], self._person(text[start:end]))
            at = end
        return b"".join((*made, text[at:])) if made else text

    def _replaced(self, kind: bytes, text: bytes) -> bytes:
        """The pseudonym of what the text means, spelled as long as the text."""
        plain = unescape(text)
        made = self._person(plain) if kind == kinds.ACCOUNT else self.pseudonyms.text(kind, plain)
        return made if plain == text else escaped(made, len(text))

    def _person(self, plain: bytes) -> bytes:
        """A pseudonym that is nobody else's name here; short names are soon used up."""
        made = self.pseudonyms.text(kinds.ACCOUNT, plain)
        for attempt in range(_ATTEMPTS):
            if self.people.is_free(made):
                break
            made = self.pseudonyms.text(b"%b %d" % (kinds.ACCOUNT, attempt), plain)
        return made

    def _is_inside(self, host: bytes) -> bool:
        plain = host.lower().rstrip(b".")
        inside = b"." not in plain or plain.endswith(PRIVATE_SUFFIXES)
        return inside or self.people.is_host(plain)

    def _dotted(self, found: re.Match[bytes]) -> bytes:
        """Numbers with dots: the address in them, or all when several overlap."""
        between = found.group(1)
        parts = found.group().split(between)
        if len(parts) == _IPV4_PARTS:
            text = b".".join(parts)
            start, end, made = next(self._replaceable(text), (0, 0, b""))
            return (text[:start] + made + text[end:]).replace(b".", between)
        fours = [b".".join(parts[at : at + _IPV4_PARTS]) for at in range(len(parts) - 3)]
        if any(True for four in fours for _ in self._replaceable(four)):
            return self.secret(found.group())
        return found.group()

    def _replaceable(self, text: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Addresses in this that may not stay, and what stands for them."""
        for start, end, packed in readings(text):
            if not self.people.keeps(packed, claimed=True):
                yield start, end, spell(self.pseudonyms.address(packed), text[start:end])

    def _ipv6(self, found: re.Match[bytes]) -> bytes:
        text = found.group()
        packed = read_address(text)
        if packed is None or self.people.keeps(packed, claimed=True):
            return text
        return spell(self.pseudonyms.address(packed), text)

    def _word(self, text: bytes, least: int) -> bytes:
        if len(text) < least:
            return text
        if self.people.is_account(text):
            return self._replaced(kinds.ACCOUNT, text)
        if self.people.is_host(text):
            return self.pseudonyms.text(kinds.HOST, text)
        if len(text) >= _LEAST_HIDDEN and hides_text(text):
            return self.secret(text)
        return self._parts(text, least)

    def _parts(self, text: bytes, least: int) -> bytes:
        """The word with names of others in it replaced: scan-alice-7, alice.smith_2."""
        cuts = [0, *(m.start() for m in _JOINT.finditer(text)), len(text)]
        if len(cuts) == 2 or len(cuts) > _MAX_CUTS:
            return text
        for width in range(len(cuts) - 2, 0, -1):
            for start, end in zip(cuts, cuts[width:], strict=False):
                part = text[start:end].lstrip(_JOINTS)
                if len(part) >= least and part != text and self.people.is_account(part):
                    made = self._replaced(kinds.ACCOUNT, part)
                    return (
                        self._parts(text[: end - len(part)], least)
                        + made
                        + self._parts(text[end:], least)
                    )
        return text
