"""`model/text.shown`: strangers' text, safe on a terminal and in a log.

Invariant: for any text the result is one line of printable characters, no longer
than ten times the text, the same when it is shown again; printable ASCII is
unchanged.
"""

from __future__ import annotations

from fuzz.harness import hold
from ringfence.model.text import shown

TOKENS = (
    b"\x1b[2J",
    b"\x1b]0;",
    b"\xe2\x80\xae",
    b"\xef\xbb\xbf",
    b"\xf0\x9f\x93\x9e",
    b"\\x1b",
    b"\xff",
)


def check(octets: bytes) -> object:
    """As people read octets: UTF-8 where it is, escapes or surrogates where it is not."""
    for errors in ("backslashreplace", "surrogateescape", "replace"):
        text = octets.decode("utf-8", errors)
        safe = shown(text)
        hold(safe.isprintable() and len(safe.splitlines()) <= 1, "not one visible line")
        hold(len(safe) <= 10 * len(text), "longer than escapes make it")
        hold(shown(safe) == safe, "showing again changes it")
        hold(safe == text or not (text.isascii() and text.isprintable()), "plain text is changed")
    return shown(octets.decode("utf-8", "backslashreplace"))


def seeds() -> list[bytes]:
    """Terminal escapes, right-to-left marks, broken UTF-8."""
    return [
        b"friendly-scanner", b"\x1b[31mred\x1b[0m\r\n", "a\u202eb\u200b\ufeff".encode(),
        "Zo\u00eb \U0001f4de".encode(), b"\xff\xfe\xc0\x80\xed\xa0\x80",
        "\u2028\u2029\x85\xa0".encode(),
        "\U000e0041\ue000".encode(),
    ]  # fmt: skip
