"""Secrets planted wherever a message, a packet, a file name or a log line can hold one.

How it works: a text has marks, {kind:label} or {kind:label|spelling}: each label gets
a value of its own, each spelling is one way to write it (hex, base64, percent, folded,
quoted pairs, another case). `leaks` then looks for every value in every spelling, in
the raw octets and in what is put together from them.
"""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address

_MARK = re.compile(r"\{(\w+):([\w-]+)(?:\|(\w+))?\}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Planter:
    """Makes values and remembers them."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311  the same each time
        self.secrets: dict[str, bytes] = {}

    def value(self, kind: str, label: str) -> bytes:
        """The value of this label; the same each time."""
        key = f"{kind}:{label}"
        if key not in self.secrets:
            self.secrets[key] = self._make(kind)
        return self.secrets[key]

    def fill(self, text: str) -> bytes:
        """The text with its marks replaced; lines end in CRLF."""
        octets = text.lstrip("\n").replace("\n", "\r\n").encode()
        return re.sub(_MARK.pattern.encode(), self._replace, octets)

    def _replace(self, found: re.Match[bytes]) -> bytes:
        value = self.value(found[1].decode(), found[2].decode())
        return SPELLINGS[(found[3] or b"plain").decode()](value)

    def _make(self, kind: str) -> bytes:
        pick = self._random
        made = {
            "word": lambda: "Qz" + "".join(pick.choices(_LETTERS, k=12)),
            "number": lambda: "".join(pick.choices("123456789", k=11)),
            "hex": lambda: "".join(pick.choices("0123456789abcdef", k=32)),
            "host": lambda: (
                f"{(name := ''.join(pick.choices(_LETTERS, k=10)))}.{name[::-1]}.example"
            ),
            "inside": lambda: ".".join(["10", *(str(pick.randint(100, 255)) for _ in range(3))]),
            "inside6": lambda: str(ip_address(b"\xfd" + pick.randbytes(15))),
            "user": lambda: f"198.51.100.{pick.randint(100, 255)}",  # of a user, in public
        }
        return made[kind]().encode()


def _percent(value: bytes) -> bytes:
    return b"".join(b"%%%02X" % octet for octet in value)


def _alternate(value: bytes) -> bytes:
    """Every second octet escaped."""
    return b"".join(b"%%%02x" % o if at % 2 else bytes((o,)) for at, o in enumerate(value))


def _octal(value: bytes) -> bytes:
    return b"".join(b"\\" + bytes((octet,)) for octet in value)


SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "upper": bytes.upper,
    "lower": bytes.lower,
    "swapped": bytes.swapcase,
    "reversed": lambda value: value[::-1],
    "hex": lambda value: value.hex().encode(),
    "HEX": lambda value: value.hex().upper().encode(),
    "base64": base64.b64encode,
    "base64url": base64.urlsafe_b64encode,
    "percent": _percent,
    "alternate": _alternate,
    "quoted": _octal,
    "dashes": lambda value: value.replace(b".", b"-"),
}


def spellings(value: bytes) -> Iterable[bytes]:
    """Everything that gives the value away."""
    for form in (value, value.lower(), value.upper(), value.swapcase(), value[::-1]):
        yield form
        yield form.hex().encode()
        yield form.hex().upper().encode()
        yield _percent(form)
        yield _percent(form).lower()
        yield _alternate(form)
        yield _octal(form)
        for shift in range(3):  # base64 depends on what stands before
            packed = base64.b64encode(bytes(shift) + form)
            inner = packed[4 if shift else 0 : -4]
            if len(inner) >= 8:
                yield inner
                yield inner.replace(b"+", b"-").replace(b"/", b"_")
    if value.count(b".") == 3 and value.replace(b".", b"").isdigit():
        packed = ip_address(value.decode()).packed
        yield value.replace(b".", b"-")
        yield packed
        yield packed.hex().encode()
        yield packed.hex().encode().hex().encode()
    elif value.count(b":") > 1:
        address = ip_address(value.decode())
        yield address.packed
        yield address.exploded.encode()


def leaks(planter: Planter, texts: Iterable[bytes], spared: Iterable[str] = ()) -> list[str]:
    """Labels of secrets that can be found in the texts, and how."""
    texts = list(texts)
    found = []
    for label, value in planter.secrets.items():
        if label in spared:
            continue
        for form in spellings(value):
            if any(form in text for text in texts):
                found.append(f"{label}: {form!r}")
                break
    return found
