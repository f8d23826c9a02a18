"""Plain words for what the incident document says in codes, and for figures."""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.model.countries import NAMES
from ringfence.model.text import count, shown
from ringfence.reports.lanes import cut

# A stranger's text in the report is cut here: the document and the messages have all of it.
MAX_TEXT = 96
MAX_SENTENCE = 400

# Kinds of attack as a heading names them.
KINDS = {
    "scan": "scan",
    "enumeration": "account enumeration",
    "password_guessing": "password guessing",
    "toll_fraud": "toll fraud",
    "flood": "flood",
    "exploit": "exploit attempts",
    "spoofed_call": "forged calls",
}
# How an address is proven: the short form, and what it means to a reader.
PROOFS = {
    "tcp": (
        "Proven by TCP",
        (
            "Its messages came over TCP. That needs a handshake in both directions, which nobody "
            "completes from an address that is not his."
        ),
    ),
    "dialog": (
        "Proven by an echoed tag",
        (
            "It repeated a tag that only an answer sent to this address contained. Whoever "
            "used the address received what was sent there."
        ),
    ),
    "nonce": (
        "Proven by an echoed challenge",
        (
            "It answered a challenge whose random value had been sent to this address only. "
            "Whoever used the address received what was sent there."
        ),
    ),
    "none": (
        "Not proven: may be forged",
        (
            "Nothing sent to this address was seen to come back. Anybody can write any source "
            "address into a UDP packet, so this one may belong to somebody who knows nothing "
            "of it."
        ),
    ),
}
_LINES = {
    "mobile": "mobile",
    "fixed": "fixed line",
    "fixed_or_mobile": "fixed or mobile",
    "premium": "premium rate",
    "satellite": "satellite",
    "international_network": "international network",
    "invalid_range": "unassigned range",
    "toll_free": "toll free",
    "shared_cost": "shared cost",
    "personal": "personal number",
    "voip": "VoIP",
}


def told(text: str, most: int = MAX_TEXT) -> str:
    """A stranger's text: made visible, and cut."""
    return cut(shown(text[: most + 1]), most)  # no need to look at what is cut off


def listed(names: Sequence[str], most: int = 6) -> str:
    """a, b and c; from `most` on the rest is counted."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def money(amount: float, currency: str | None) -> str:
    """About 45 USD: whole ones from ten on."""
    return f"{amount:,.{0 if amount >= 10 else 2}f} {currency or ''}".rstrip()


def minutes(of: float) -> str:
    """13.7 minutes; whole ones from a hundred on."""
    figure = f"{of:,.{0 if of >= 100 else 1}f}"
    return f"{figure} minute" if figure == "1.0" else f"{figure} minutes"


def lasting(seconds: float | None) -> str:
    """8:01, 1:02:03; what was not seen has no length."""
    if seconds is None:
        return "not seen"
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}"


def octets(number: int) -> str:
    """376,117 bytes."""
    return count(number, "byte")


def moment(time: str | None) -> str:
    """2026-10-02 19:05:00 of an ISO time; "unknown" of none."""
    return time[:19].replace("T", " ") if time else "unknown"


def span(first: str, last: str) -> str:
    """From the one to the other; the day only once."""
    if not first or not last:
        return moment(first or last)
    end = last[11:19] if first[:10] == last[:10] else moment(last)
    return moment(first) if first[:19] == last[:19] else f"{moment(first)} to {end}"


def country(code: str | None) -> str:
    """United Kingdom of GB."""
    if code is None:
        return "unknown"
    return NAMES.get(code, told(code, 8))


def line(kind: str | None) -> str:
    """Words for a kind of line: satellite, premium rate."""
    return "unknown" if kind is None else _LINES.get(kind, told(kind, 32).replace("_", " "))


def decibans(weight: float) -> str:
    """One decimal and always a sign: with a true minus, which does not break."""
    return f"{weight:+.1f}".replace("-", "\N{MINUS SIGN}")


def odds(weight: float) -> str:
    """What decibans mean: 1,000 to 1."""
    if weight >= 60:
        return "more than a million to one"
    ratio = 10 ** (abs(weight) / 10)
    figure = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}".removesuffix(".0")
    return f"{figure} to 1" if weight >= 0 else f"1 to {figure}"
