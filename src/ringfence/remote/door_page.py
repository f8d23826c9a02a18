"""The one page of the door: no script, nothing loaded from anywhere, all that varies escaped."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from ringfence.model.door import Answer

_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;"
    "color:#1b1f24;background:#fff}button{font:inherit;padding:.8rem 1.2rem;border:0;"
    "border-radius:.4rem;background:#0b5cad;color:#fff}"
)
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = (
    ("Content-Security-Policy", _POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("Cache-Control", "no-store"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)


def asks(answer: Answer) -> str:
    """The page with its button; opening nothing by itself."""
    text = f"Open the phone system for the address {answer.address} until {when(answer.until)}"
    return _page(
        "Phone system",
        f"<p>Hello {escape(answer.name)}.</p>"
        f'<form method="post"><button>{escape(text)}</button></form>'
        "<p>Press it on the network where your phone is: the phone system stays closed for "
        "every other address.</p>",
    )


def opens(answer: Answer) -> str:
    """What is said when it is done."""
    return _page(
        "The phone system is open for you",
        f"<p>The address {escape(answer.address)} may reach the phone system until "
        f"{escape(when(answer.until))}. Let your phone register again: switch it off and on.</p>",
    )


def refuses(why: str) -> str:
    """What is said when nothing was opened."""
    return _page("Nothing was opened", f"<p>{escape(why)}. Ask who runs the phone system.</p>")


def when(until: float) -> str:
    """With its date, as a door may be open for days."""
    return datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{body}</html>\n"
    )
