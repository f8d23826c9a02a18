"""Names of machines and mailboxes as DNS and SMTP know them."""

from __future__ import annotations

import re

from ringfence.model.text import shown

# RFC 5321 4.5.3.1: the longest local part, and the longest path.
MAX_LOCAL = 64
MAX_MAILBOX = 254
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# The letters of RFC 5322's atom; beyond ASCII, those of RFC 6532.
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")


def ascii_domain(text: str) -> str | None:
    """A name in the form that DNS knows (xn--); None for what is none."""
    name = text.strip().rstrip(".").lower()
    if len(name) > 1000:
        return None
    if not name.isascii():
        import idna

        try:
            name = idna.encode(name, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return None
    labels = name.split(".")
    if len(name) > 253 or labels[-1].isdigit():
        return None
    return name if all(_LABEL.fullmatch(label) for label in labels) else None


def smtp_mailbox(text: str) -> str | None:
    """One mailbox as SMTP takes it, its domain in ASCII; None for anything else or more."""
    local, _, domain = text.rpartition("@")
    name = ascii_domain(domain) if domain == domain.strip() else None
    if name is None or not _LOCAL.fullmatch(local) or shown(local) != local:
        return None
    mailbox = f"{local}@{name}"
    fits = len(local.encode()) <= MAX_LOCAL and len(mailbox.encode()) <= MAX_MAILBOX
    return mailbox if fits else None
