"""What a mail that came back is: a bounce, an automatic answer, a person, a desk that acted.

How it works: what machines write about themselves comes first (RFC 3464 for bounces,
RFC 3834 for automatic answers), then the shapes of those that follow neither. Of a
person it is said that they acted only where a clause says so, in a tense that is past,
without a word that denies, asks, promises or wishes. When in doubt, they answered.
"""

from __future__ import annotations

import re

from ringfence.cases.mail import Mail
from ringfence.model.follow_up import ACTED, ANSWERED, AUTOMATIC, BOUNCED

# What is looked at of a text: an answer stands at its beginning.
_MAX_LOOKED_AT = 20_000
_MAX_TICKETS = 5

_QUOTES_BEGIN = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|forwarded message|urspr)|_{10,}\s*$"
    r"|on .{5,120} wrote:\s*$|am .{5,120} schrieb .{0,120}:\s*$|le .{5,120} a .crit\s*:\s*$"
    r"|from:\s.{0,120}@|-- $)",
    re.IGNORECASE,
)
_POSTMASTER = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-daemon|mdaemon)@|^mailer-daemon$", re.IGNORECASE
)
_FAILED = re.compile(
    r"undeliver|delivery (?:status notification|has failed|failed|failure|to the following)"
    r"|mail delivery (?:failed|system)|returned mail|could ?n.t be delivered"
    r"|could not be delivered|user unknown|no such user|mailbox (?:unavailable|full|not found)"
    r"|recipient address rejected|this is the qmail-send program|\b5\.\d\.\d{1,3}\b|\b55[0-4][ -]",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"\bdelay(?:ed)?\b|will keep trying|not yet been delivered|warning only", re.IGNORECASE
)
_AUTOMATIC = re.compile(
    r"auto(?:mated|matic|matically)[ -](?:generated|reply|response|answer|message|e-?mail)"
    r"|this is an automat|do not (?:reply|respond) to this|out of (?:the )?office"
    r"|ticket (?:has been )?(?:received|created|opened)|(?:has|have) been (?:received|assigned)"
    r"|received your (?:e-?mail|message|report|complaint|request).{0,80}"
    r"(?:ticket|case|reference|number)|abwesenheit",
    re.IGNORECASE,
)
_ACTION = (
    r"(?:suspended|terminated|null[- ]?rout(?:ed|ing)|black-?holed|blocked|disabled|disconnected"
    r"|deactivated|quarantined|isolated|shut ?down|cancell?ed|closed down|unplugged|powered off"
    r"|(?:taken|took)(?: \w+){0,4} (?:down|offline)|firewalled|cleaned up|reimaged)"
)
_TOLD_CUSTOMER = (
    r"(?:(?:notified|informed|contacted|warned|alerted)(?: \w+){0,3} "
    r"(?:customer|client|subscriber|user|owner|tenant|reseller)"
    r"|(?:customer|client|subscriber|user|owner|tenant|reseller)s? (?:has|have|was|were)"
    r"(?: \w+){0,2} (?:notified|informed|contacted|warned|alerted))"
)
_DEED = re.compile(
    rf"\b(?:(?:has|have|had|was|were|is now|are now|is|are|been|got|we|i|team|already)\s+"
    rf"(?:(?:now|already|since|been|also|just|immediately|temporarily|permanently)\s+){{0,3}}"
    rf"{_ACTION}|{_TOLD_CUSTOMER})\b",
    re.IGNORECASE,
)
_ANY_DEED = re.compile(
    rf"\b(?:{_ACTION}|{_TOLD_CUSTOMER}|suspend|terminate|block|disable|disconnect|shut)\b",
    re.IGNORECASE,
)
# Words that make of a deed a wish, a threat, a question, or its contrary.
_DENIED = re.compile(
    r"\b(?:not|never|no|nor|neither|none|cannot|unable|unwilling|refuse[ds]?|declin\w+|without"
    r"|\w+n.t|nothing|fail(?:ed|s)?)\b",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"\b(?:will|would|shall|should|could|can|may|might|must|if|whether|once|unless|until|before"
    r"|when|whenever|please|request(?:ed)?|ask(?:ed)?|going to|in case|intend|plan(?:ning)?|want"
    r"|need|unclear|soon|consider(?:ing)?|to be|your|you|normally|usually|typically|generally"
    r"|policy|customers who|any (?:customer|user|account|server|host)s?)\b|\?",
    re.IGNORECASE,
)
# What surrounds a statement and changes nothing of it.
_HARMLESS = re.compile(
    r"\b(?:(?:we|i) (?:can|would like to|want to|wish to|hereby) (?:confirm|inform|tell|let|advise)"
    r"(?: you)?(?: know)?(?: that)?"
    r"|(?:inform|tell|advise|assure|notify) you(?: that)?|let you know(?: that)?"
    r"|thank you(?: very much)?(?: for)?|thanks for"
    r"|(?:following|per|after|to|of|on|upon|with|about|for|regarding|based on|thanks to)"
    r" your (?:abuse |recent )?(?:report|complaint|notice|notification|mail|e-?mail|message"
    r"|request|letter|ticket)s?)\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(
    r"[.!;:\n]+|(?<=\?)|,\s|\s(?:and|but|so|because|however|although)\s", re.IGNORECASE
)
_TICKET = re.compile(
    r"(?:ticket|case|incident|reference|ref|request|tracking|report)"
    r"(?:[ -]?(?:id|no|nr|number|#))?\s{0,2}[.:#=\[(]{0,3}\s{0,2}#?"
    r"((?:[A-Z]{1,8}[-_#]?)?\d[\w-]{1,28})\b",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\[(?:[\w .-]{0,24}[#:])\s?([\w-]{3,30})\]")
_OUR_NUMBER = re.compile(r"RF-\d{8}-[0-9a-f]{6}", re.IGNORECASE)


def outcome_of(mail: Mail) -> tuple[str, str]:
    """One of `follow_up.OUTCOMES`, and what it says: the reason of a bounce, else its text."""
    if bounce := _bounce(mail):
        return bounce
    text = own_words(mail)
    says = " ".join(text.split())
    if is_automatic(mail):
        return AUTOMATIC, says
    return (ACTED if acted(text) else ANSWERED), says


def own_words(mail: Mail) -> str:
    """The text without what it quotes, and without its signature."""
    kept = []
    for line in mail.text[:_MAX_LOOKED_AT].split("\n"):
        if _QUOTES_BEGIN.match(line[:300]):
            break
        if not line.lstrip().startswith((">", "|")):
            kept.append(line)
    text = "\n".join(kept).strip()
    if not text and any(p.headers.media_type == "application/ms-tnef" for p in mail.parts):
        return "(in winmail.dat, Outlook's own format: ask for plain text)"
    return text


def acted(text: str) -> bool:
    """Whether a clause says that something was done, and none that it was not."""
    found = False
    for paragraph in re.split(r"\n\s*\n", text):
        joined = _HARMLESS.sub(" ", " ".join(paragraph.split()))
        for clause in _CLAUSES.split(joined):
            if _DENIED.search(clause) and _ANY_DEED.search(clause):
                return False
            if _DEED.search(clause) and not _NOT_YET.search(clause):
                found = True
    return found


def is_automatic(mail: Mail) -> bool:
    """Whether a machine wrote it, by its headers (RFC 3834) or by its words."""
    headers = mail.headers
    submitted = headers.get("auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if any(headers.has(name) for name in ("x-autoreply", "x-autorespond", "x-auto-reply-from")):
        return True
    if headers.get("precedence").strip().lower() in ("auto_reply", "auto-reply", "bulk", "junk"):
        return True
    first = f"{headers.get('subject')[:300]}\n{own_words(mail)[:2000]}"
    return _AUTOMATIC.search(" ".join(first.split())) is not None


def tickets_of(mail: Mail) -> tuple[str, ...]:
    """Numbers under which the desk keeps it, the subject's first."""
    found: list[str] = []
    for whole in (mail.headers.get("subject")[:1000], own_words(mail)[:5000]):
        text = _OUR_NUMBER.sub(" ", whole)
        for pattern in (_BRACKETED, _TICKET):
            found += [n for n in pattern.findall(text) if any(c.isdigit() for c in n)]
    return tuple(dict.fromkeys(found))[:_MAX_TICKETS]


def _bounce(mail: Mail) -> tuple[str, str] | None:
    """A delivery report, and what it says of the first receiver; None for other mails."""
    for part in mail.of_type("message/delivery-status"):
        fields = _fields(part.text)
        action = fields.get("action", "failed").lower()
        why = fields.get("diagnostic-code") or fields.get("status") or action
        receiver = fields.get("final-recipient", "").rpartition(";")[2].strip()
        says = f"{action}: {receiver} {why}".replace("  ", " ")
        return (BOUNCED if action == "failed" else AUTOMATIC), says
    if mail.of_type("message/disposition-notification"):
        return AUTOMATIC, "a receipt: it was opened or deleted"
    sender = mail.headers.get("from")[:1000]
    address = sender.rpartition("<")[2].rstrip("> ").strip()
    daemon = bool(_POSTMASTER.search(address)) or "mailer-daemon" in sender.lower()
    nobody = mail.headers.has("return-path") and mail.headers.get("return-path").strip() in (
        "<>",
        "",
    )
    text = f"{mail.headers.get('subject')[:500]}\n{mail.text[:_MAX_LOOKED_AT]}"
    if mail.headers.has("x-failed-recipients") and (daemon or nobody):
        return BOUNCED, f"failed: {mail.headers.get('x-failed-recipients')}"
    if (daemon or nobody) and (failed := _FAILED.search(text)):
        if _DELAYED.search(mail.headers.get("subject")[:500]):
            return AUTOMATIC, "delayed: " + _line_around(text, failed.start())
        return BOUNCED, "failed: " + _line_around(text, failed.start())
    return None


def _fields(text: str) -> dict[str, str]:
    """Fields of a delivery report: those of the receiver that it failed for, or the first."""
    groups = []
    for group in re.split(r"\n\s*\n", text[:_MAX_LOOKED_AT])[:50]:
        fields: dict[str, str] = {}
        last = ""
        for line in group.split("\n"):
            if line[:1] in (" ", "\t") and last:
                fields[last] += f" {line.strip()}"
                continue
            name, colon, value = line.partition(":")
            if colon:
                last = name.strip().lower()
                fields.setdefault(last, value.strip())
        groups.append(fields)
    told = [fields for fields in groups if "action" in fields]
    failed = [fields for fields in told if fields["action"].lower() == "failed"]
    return next(iter(failed or told), {})


def _line_around(text: str, place: int) -> str:
    begin = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    return text[begin : end if end >= 0 else len(text)].strip()
