"""A mailbox as a registry writes it: cleaned, and judged whether a letter can go there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringfence.model.domain import ascii_domain

# RFC 5321 4.5.3.1: the longest path.
MAX_LENGTH = 254
_OBFUSCATED = (
    (re.compile(r"\s*[\[({<]\s*(?:at|@)\s*[\])}>]\s*", re.IGNORECASE), "@"),
    (re.compile(r"\s*[\[({<]\s*(?:dot|\.)\s*[\])}>]\s*", re.IGNORECASE), "."),
)
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# Bounded, so that a text of nothing but @ costs no more than its length.
_ANY = re.compile(r"[^\s<>()\[\],;:\"'|@]{1,64}@[^\s<>()\[\],;:\"'|@]{3,253}")
# Names that stand for "there is none", or that throw away what they get.
_NOBODY = re.compile(
    r"(?:removed|redacted|hidden|withheld|private|unknown|none|null|nil|no-?body|nomail|no-?e?-?mail"
    r"|no-?reply|do-?not-?reply|not-?available|unread|bit-?bucket|devnull|blackhole|placeholder|search-\w+-not-\w+"
    r"|example|invalid|test)",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"redacted|removed|withheld|not disclosed|not available|data protected|gdpr masked|hidden upon",
    re.IGNORECASE,
)
_NO_REPLY = re.compile(r"(?:^|[._+-])(?:no-?reply|do-?not-?reply)(?:$|[._+-])", re.IGNORECASE)
_OBFUSCATED_IN_TEXT = re.compile(r"(?<=[\w-]) ?[\[(] ?at ?[\])] ?(?=\w)", re.IGNORECASE)
# Domains that RFC 2606 and RFC 6762 give to nobody.
_NO_DOMAINS = ("invalid", "local", "localhost", "localdomain", "test", "arpa")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address, and why no letter can go there; an IDN is in its ASCII form."""

    address: str
    why_not: str | None = None

    @property
    def local(self) -> str:
        """What stands before the @, in small letters."""
        return self.address.rpartition("@")[0].lower()

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2].lower()


def is_redacted(text: str) -> bool:
    """Whether a name or a mailbox is only the word for having been taken out."""
    return "@" not in text and _WORDS.search(text) is not None


def read_mailboxes(text: str) -> list[Mailbox]:
    """The mailboxes of a value: usually one, also "Desk <a@b>, c@d", mailto:, and none at all."""
    cleaned = _clean(text)
    if not cleaned:
        return []
    if "@" not in cleaned:
        why = "redacted" if is_redacted(cleaned) else "no e-mail address"
        return [Mailbox(cleaned[:MAX_LENGTH], why)]
    if not _is_plain(cleaned):
        return [Mailbox(cleaned[:MAX_LENGTH], "holds characters that no address has")]
    parts = re.split(r"[,;\s]+(?=[^\s@]{1,80}@)", cleaned) if cleaned.count("@") > 1 else [cleaned]
    return [_read_one(part) for part in parts[:20] if part.strip(" ,;")]


def find_mailboxes(text: str) -> list[tuple[int, Mailbox]]:
    """Mailboxes in running text, with the place where each begins."""
    found = []
    for match in _ANY.finditer(text):
        box = _read_one(match[0].rstrip(".,;:!?*"))
        if box.why_not is None or _NOBODY.fullmatch(box.local):
            found.append((match.start(), box))
    return found


def deobfuscated(text: str) -> str:
    """Running text in which "abuse (at) hosting.example" is a mailbox again."""
    return _OBFUSCATED_IN_TEXT.sub("@", text)


def _clean(text: str) -> str:
    cleaned = text.strip().strip("\"'").strip()
    if cleaned[:7].lower() == "mailto:":
        cleaned = cleaned[7:].partition("?")[0]
    if "@" not in cleaned:
        for pattern, meant in _OBFUSCATED:
            cleaned = pattern.sub(meant, cleaned)
    return cleaned


def _is_plain(text: str) -> bool:
    """Nothing that moves a cursor, turns text around or begins a new header line."""
    return all(c.isprintable() for c in text)


def _read_one(text: str) -> Mailbox:
    part = text.strip(" ,;")
    if " " in part and part.count("@") == 1 and (inner := _ANY.search(part)):
        part = inner[0]  # "Abuse: abuse@hosting.example", "abuse@hosting.example (desk)"
    if match := re.search(r"<([^<>]+)>", part):
        part = match[1].strip()
    part = part.strip("<>").rstrip(".").strip()
    local, _, domain = part.rpartition("@")
    ascii_domain = _ascii(domain)
    if not local or ascii_domain is None or not _LOCAL.fullmatch(local) or len(local) > 64:
        return Mailbox(part[:MAX_LENGTH], "is not written like an address")
    address = f"{local}@{ascii_domain}"
    if len(address) > MAX_LENGTH:
        return Mailbox(address[:MAX_LENGTH], "is longer than an address may be")
    if _NOBODY.fullmatch(local) or _NO_REPLY.search(local):
        return Mailbox(address, "a placeholder: nobody reads it")
    if ascii_domain.rpartition(".")[2] in _NO_DOMAINS:
        return Mailbox(address, "a domain that nobody can have")
    return Mailbox(address)


def _ascii(domain: str) -> str | None:
    """A domain as DNS knows it; None for what is none, and for a name without a dot."""
    name = ascii_domain(domain)
    return name if name and "." in name else None
