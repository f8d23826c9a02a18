"""Values of headers, redacted as they are spelled: URIs, addresses, Via, credentials.

How it works: each function takes octets as they stand in the message, folds already
blanks, cuts them as the decoders of `wire` do, and returns as many octets. What it
does not understand it masks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ringfence.evidence.redaction.names import Names
from ringfence.evidence.redaction.pseudonyms import WORD
from ringfence.evidence.redaction.spelling import around, each, in_quotes, mask
from ringfence.evidence.redaction.vocabulary import (
    AUTH_SCHEMES,
    DIGEST_VALUES,
    METHODS,
    PARAMETERS,
    SCHEMES,
    TOKENS,
    TRANSPORTS,
    URI_VALUES,
)
from ringfence.wire.grammar import quoted_end

Rule = Callable[[bytes], bytes]

_SCHEME = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)([ \t]*:[ \t]*)")
_HOST_END = re.compile(rb"[;?]")
_PLACE = re.compile(rb"([ \t]*)(\[[^\]]*\]|[^:\[\]]*)([ \t]*(?::[ \t]*[0-9]{0,10})?[ \t]*)\Z")
_NUMBER = re.compile(rb"[0-9]{1,10}(?:\.[0-9]{1,3})?\Z")
_HEX_COUNT = re.compile(rb"[0-9A-Fa-f]{8}\Z")
_TOKEN = re.compile(rb"[^ \t,;=/\"()<>\[\]{}?:]+")
_FEW_DIGITS = re.compile(rb"[0-9]{1,3}(\.[0-9]{1,3})?\Z")
_SENT = re.compile(
    rb"([^/ \t]+)([ \t]*/[ \t]*)([^/ \t]+)([ \t]*/[ \t]*)([^ \t]+)([ \t]+)(.*)\Z", re.DOTALL
)
_BRACKET = re.compile(rb'["<]')
_AUTH = re.compile(rb"([^ \t]+)([ \t]+|\Z)(.*)\Z", re.DOTALL)


def tokens(value: bytes) -> bytes:
    """Words of the vocabulary and small numbers stay; others are masked."""
    return _TOKEN.sub(_token, value)


def _token(found: re.Match[bytes]) -> bytes:
    word = found.group()
    if word.lower() in TOKENS or _FEW_DIGITS.match(word) or word in (b"*", b"-"):
        return word
    return mask(word)


def method(word: bytes, names: Names) -> bytes:
    """A method; one that nobody knows becomes another word."""
    return word if word in METHODS else names.pseudonyms.text(WORD, word)


class Values:
    """The rules for values, for what one side wrote."""

    def __init__(self, names: Names, *, claimed: bool) -> None:
        self._names = names
        self._claimed = claimed
        self._uri_rules: dict[bytes, Rule] = {
            name: _one_of(URI_VALUES) for name in (b"transport", b"user", b"method", b"lr", b"ob")
        }
        self._address_rules: dict[bytes, Rule] = {
            b"tag": lambda text: names.tag(text, claimed=claimed),
            b"expires": _number,
            b"q": _number,
            b"reg-id": _number,
            b"counter": _number,
            b"index": _number,
            b"limit": _number,
            b"method": _one_of(URI_VALUES),
            b"privacy": tokens,
            b"party": tokens,
            b"screen": tokens,
            b"reason": tokens,
        }
        self._via_rules: dict[bytes, Rule] = {
            b"branch": lambda text: names.branch(text, claimed=claimed),
            b"received": self._place,
            b"rport": _number,
        }
        for rules in (self._uri_rules, self._via_rules):
            rules[b"maddr"] = self._place
            rules[b"ttl"] = _number
            rules[b"rport"] = _number
        self._digest_rules: dict[bytes, Rule] = {
            b"username": lambda text: names.account(text, claimed=claimed),
            b"realm": names.realm,
            b"uri": self.uri,
            b"algorithm": _one_of(DIGEST_VALUES),
            b"qop": _one_of(DIGEST_VALUES),
            b"stale": _one_of(DIGEST_VALUES),
            b"nc": lambda text: text if _HEX_COUNT.match(text) else mask(text),
            **dict.fromkeys(
                (b"nonce", b"cnonce", b"opaque", b"response", b"nextnonce"), names.secret
            ),
        }

    def uri(self, text: bytes) -> bytes:
        """A URI that stands alone, without <...>."""
        scheme = _SCHEME.match(text)
        if scheme is None or scheme.group(1).lower() not in SCHEMES:
            return b"*" if text == b"*" else self._without_scheme(text)
        rest = text[scheme.end() :]
        name = scheme.group(1).lower()
        if name == b"tel":
            return scheme.group() + self._names.account(rest, claimed=self._claimed)
        if name not in (b"sip", b"sips"):
            return scheme.group() + mask(rest)
        return scheme.group() + self._sip(rest)

    def address(self, value: bytes) -> bytes:
        """One name-addr or addr-spec with its parameters."""
        less = _find_bracket(value)
        if less < 0:
            uri, semicolon, rest = value.partition(b";")
            return around(uri, self.uri) + self._parameters(semicolon + rest, self._address_rules)
        more = value.find(b">", less)
        end = more if more >= 0 else len(value)
        return (
            around(value[:less], self._display)
            + b"<"
            + around(value[less + 1 : end], self.uri)
            + value[end : end + 1]
            + self._parameters(value[end + 1 :], self._address_rules)
        )

    def addresses(self, value: bytes) -> bytes:
        """Several of them, with commas between."""
        return each(value, b",", self.address)

    def route(self, value: bytes) -> bytes:
        """Several of them that tell a way: a display name has no business there."""
        return each(value, b",", self._hop)

    def vias(self, value: bytes) -> bytes:
        """The hops of one Via header."""
        return each(value, b",", lambda part: around(part, self._via))

    def call_id(self, value: bytes) -> bytes:
        return self._names.call_id(value, claimed=self._claimed)

    def agent(self, value: bytes) -> bytes:
        """User-Agent: evidence when the accused claims it, the owner's own business else."""
        return self._names.kept(value) if self._claimed else mask(value)

    def digest(self, value: bytes) -> bytes:
        """Credentials or a challenge."""
        parts = _AUTH.match(value)
        if parts is None:
            return mask(value)
        scheme, gap, rest = parts.groups()
        if scheme.lower() not in AUTH_SCHEMES:
            return mask(value)
        if scheme.lower() != b"digest" and b"=" not in rest.rstrip(b"="):
            return scheme + gap + self._names.secret(rest)  # one word of base64
        return scheme + gap + self.digest_parameters(rest)

    def digest_parameters(self, value: bytes) -> bytes:
        """name=value with commas between."""
        rules = dict(self._digest_rules)
        if b"userhash" in value.lower():  # a hash of the name: guessed in no time
            rules[b"username"] = self._names.secret
        return each(value, b",", lambda part: self._parameter(part, rules))

    def _hop(self, value: bytes) -> bytes:
        less = max(_find_bracket(value), 0)
        return mask(value[:less]) + self.address(value[less:])

    def _without_scheme(self, text: bytes) -> bytes:
        return self._sip(text) if b"@" in text or b"." in text else mask(text)

    def _sip(self, rest: bytes) -> bytes:
        userinfo, at, place = rest.partition(b"@")
        if not at:
            userinfo, place = b"", rest
        user, colon, password = userinfo.partition(b":")
        end = _HOST_END.search(place)
        cut = end.start() if end else len(place)
        parameters, question, headers = place[cut:].partition(b"?")
        return (
            around(user, self._user(place[:cut]))
            + colon
            + (self._names.secret(password) if password else b"")
            + at
            + self._place(place[:cut])
            + self._parameters(parameters, self._uri_rules)
            + question
            + mask(headers)
        )

    def _user(self, place: bytes) -> Rule:
        """Svmap scans as 100@1.1.1.1, whoever 100 is here: a mark of the tool, no name."""
        is_mark = self._claimed and place.strip() == b"1.1.1.1"
        names, claimed = self._names, self._claimed

        def user(text: bytes) -> bytes:
            return text if is_mark and text == b"100" else names.account(text, claimed=claimed)

        return user

    def _place(self, text: bytes) -> bytes:
        """Host and port."""
        found = _PLACE.match(text)
        if found is None:
            return self._names.host(text, claimed=self._claimed) if b":" in text else mask(text)
        blanks, host, port = found.groups()
        core = host.strip(b" \t")
        behind = host[len(core) :] if core and host.startswith(core) else b""
        bare = core[1:-1] if core[:1] == b"[" else core
        made = self._names.host(bare, claimed=self._claimed)
        if core[:1] == b"[":
            made = b"[" + made + b"]"
        if len(made) + len(behind) != len(host):
            return mask(text)
        return blanks + made + behind + port

    def _display(self, text: bytes) -> bytes:
        def rule(name: bytes) -> bytes:
            return self._names.display_name(name, claimed=self._claimed) if name else name

        return in_quotes(text, rule)

    def _via(self, value: bytes) -> bytes:
        before, semicolon, rest = value.partition(b";")
        sent = _SENT.match(before)
        if sent is None:
            return mask(value)
        name, slash, version, slash2, transport, gap, place = sent.groups()
        return (
            (name if name.upper() == b"SIP" else mask(name))
            + slash
            + (version if _NUMBER.match(version) else mask(version))
            + slash2
            + (transport if transport.lower() in TRANSPORTS else mask(transport))
            + gap
            + around(place, self._place)
            + self._parameters(semicolon + rest, self._via_rules)
        )

    def _parameters(self, text: bytes, rules: Mapping[bytes, Rule]) -> bytes:
        """;name=value, any number of them."""
        if not text:
            return text
        return each(text, b";", lambda part: self._parameter(part, rules))

    def _parameter(self, part: bytes, rules: Mapping[bytes, Rule]) -> bytes:
        spelled, equals, value = part.partition(b"=")
        name = spelled.strip(b" \t").lower()
        if name not in PARAMETERS:
            spelled = around(spelled, lambda text: self._names.pseudonyms.text(WORD, text))
        rule = rules.get(name, mask)
        return spelled + equals + around(value, lambda text: in_quotes(text, rule))


def parameters(value: bytes) -> bytes:
    """A value of vocabulary words with parameters; those in quotes are masked."""
    return each(value, b";", lambda part: mask(part) if b'"' in part else tokens(part))


def _one_of(words: frozenset[bytes]) -> Rule:
    def rule(text: bytes) -> bytes:
        return text if text.lower() in words or text in words else mask(text)

    return rule


def _number(text: bytes) -> bytes:
    return text if _NUMBER.match(text) else mask(text)


def _find_bracket(value: bytes) -> int:
    """Offset of the first "<" outside of quotes; as `address.decode_address` finds it."""
    at = 0
    while stop := _BRACKET.search(value, at):
        if stop.group() == b"<":
            return stop.start()
        at = quoted_end(value, stop.end())
        if at < 0:
            return value.find(b"<", stop.end())
    return -1
