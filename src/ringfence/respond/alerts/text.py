"""The words of an alarm: what, who, whether they got in, what was done, how to undo it.

An alarm goes to mail, chats, telephones and logs, each with a markup of its own, and each
service reads it as it likes. So what a stranger may have written is made harmless for all
of them at once: everything that could be markup, a mention, a link or a control is written
as %XX of its octets (RFC 3986), which SIP itself uses, and which can be read back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ringfence.model.alarm import (
    ATTACK,
    BREAK_IN,
    EFFECTIVE,
    MOVED,
    NOT_EFFECTIVE,
    NOTE,
    WARNING,
    Alarm,
    Attack,
)
from ringfence.model.endpoint import plain_address
from ringfence.model.text import count, shown

# A telephone shows this much of a subject; an account's name may be of any length.
MAX_SUBJECT, MAX_CLAIM, MAX_SENTENCE = 140, 40, 300
MAX_NAMED = 5
# Attacks that one message names, of those that were held back together.
MAX_LISTED = 12

_WORDS = {
    "scan": "scan", "enumeration": "search for accounts", "password_guessing": "password guessing",
    "toll_fraud": "toll fraud", "flood": "flood", "exploit": "exploit attempts",
    "spoofed_call": "spoofed calls",
}  # fmt: skip
_LOUD = {BREAK_IN: "BREAK-IN", ATTACK: "Attack", WARNING: "Warning", NOTE: "Over"}
# Letters and digits of any script, and what no service takes for markup. A point or a
# colon only within numbers, or where no word follows: evil.example becomes a link by itself.
_PLAIN = re.compile(r"[ ,;+()'\"?=-]|(?<=\d)[.:](?=\d)|[.:](?=\s|\Z)")


def harmless(text: str, limit: int = MAX_CLAIM) -> str:
    """What a stranger may have written, so that no channel does anything but show it."""
    cut = text if len(text) <= limit else f"{text[: limit - 1]}…"
    cut = cut.replace("\n", " ")
    return "".join(c if _is_plain(cut, at) else _percent(c) for at, c in enumerate(cut))


def alarm_of(attack: Attack, severity: str, number: int) -> Alarm:
    """The alarm about one attack."""
    update = f"Update {number - 1}: " if number > 1 else ""
    subject = f"{update}{_LOUD[severity]}: {_headline(attack)}"
    return Alarm(attack.key, number, severity, _line(subject, MAX_SUBJECT), tuple(_body(attack)))


def digest_of(attacks: Sequence[Attack], severity: str) -> Alarm:
    """One alarm about several attacks that were held back."""
    lines = [f"{_headline(attack)}" for attack in attacks[:MAX_LISTED]]
    if len(attacks) > MAX_LISTED:
        lines.append(f"and {len(attacks) - MAX_LISTED:,} more")
    lines += ["", "All of them: ringfence guard status"]
    subject = f"{count(len(attacks), 'attack')} since the last message"
    return Alarm("", 1, severity, subject, tuple(lines))


def trial() -> Alarm:
    """What `ringfence alert test` sends."""
    return Alarm(
        "", 1, NOTE, "Trial: alarms of ringfence arrive here",
        ("This is a trial. Nobody attacks.", "Sent by: ringfence alert test"),
    )  # fmt: skip


def _headline(attack: Attack) -> str:
    who = _who(attack)
    if attack.accounts_taken:
        taken = _names(attack.accounts_taken)
        what = f"account {taken} taken by {who}"
    elif attack.calls_answered:
        what = f"{count(attack.calls_answered, 'call')} through, by {who}"
    else:
        what = f"{_kinds(attack)} from {who}"
        if _is_drill(attack):
            what += " (a drill of yours?)"
    if attack.dry_run or not attack.done:
        return f"{what}; NOT blocked"
    if attack.effect == NOT_EFFECTIVE:
        return f"{what}; the block does NOT work"
    if attack.effect == MOVED:
        return f"{what}; goes on from another address"
    return f"{what}; {harmless(attack.done, MAX_SENTENCE)}"


def _body(attack: Attack) -> list[str]:
    since = f" since {attack.began}" if attack.began else ""
    seen = f", {count(attack.messages, 'message')}" if attack.messages else ""
    lines = [f"Drill: {harmless(attack.drill, MAX_SENTENCE)}"] if _is_drill(attack) else []
    lines.append(f"What: {_kinds(attack)}{since}{seen}")
    if attack.reason:
        lines.append(f"Why: {harmless(attack.reason, MAX_SENTENCE)}")
    forged = "" if attack.proven else " (may be forged: the address has not answered)"
    lines += [
        f"Who: {_who(attack)}{forged}",
        f"Got in: {_got_in(attack)}",
        f"Done: {_done(attack)}",
    ]
    lines += [f"Next: {_line(command, MAX_SENTENCE)}" for command in attack.to_do[:MAX_NAMED]]
    if attack.done and not attack.dry_run:
        lines.append(f"Works: {_works(attack)}")
        if attack.undo:
            lines.append(f"Undo: {_line(attack.undo, MAX_SENTENCE)}")
    if attack.case_id:
        lines.append(f"Case: ringfence case show {harmless(attack.case_id)}")
    return [_line(line, 2 * MAX_SENTENCE) for line in lines]


def _is_drill(attack: Attack) -> bool:
    """Who got in does not drill, whatever he knows."""
    return bool(attack.drill) and not attack.got_in


def _got_in(attack: Attack) -> str:
    if not attack.got_in:
        return "no"
    parts = []
    if attack.accounts_taken:
        parts.append(f"account {_names(attack.accounts_taken)}")
    if attack.calls_answered:
        calls = f"{count(attack.calls_answered, 'call')} answered, {attack.minutes:.0f} minutes"
        parts.append(f"{calls}, {harmless(attack.cost)}" if attack.cost else calls)
    return (
        f"YES: {'; '.join(parts)}; change its password now"
        if attack.accounts_taken
        else (f"YES: {'; '.join(parts)}")
    )


def _done(attack: Attack) -> str:
    done = harmless(attack.done, MAX_SENTENCE)
    if attack.dry_run:
        would = f"; would be: {done}" if done else ""
        return f"nothing, the guard only watches (--enforce lets it act){would}"
    return done or "nothing"


def _works(attack: Attack) -> str:
    says = harmless(attack.effect_says, MAX_SENTENCE)
    if attack.effect == EFFECTIVE:
        return f"yes, {says}" if says else "yes"
    if attack.effect in (NOT_EFFECTIVE, MOVED):
        return f"NO: {says or 'packets of it still arrive'}"
    return "not known yet"


def _kinds(attack: Attack) -> str:
    return ", ".join(_WORDS.get(kind, harmless(kind)) for kind in attack.kinds) or "attack"


def _who(attack: Attack) -> str:
    named = [_address(address) for address in attack.addresses[:1]]
    others = len(attack.addresses) - 1
    return "".join(named) + (f" and {others:,} more" if others > 0 else "") or "somebody"


def _address(text: str) -> str:
    address = plain_address(text)
    return str(address) if address is not None else harmless(text)


def _names(names: Sequence[str]) -> str:
    named = ", ".join(harmless(name) for name in names[:MAX_NAMED])
    more = len(names) - MAX_NAMED
    return f"{named} and {more:,} more" if more > 0 else named


def _line(text: str, limit: int) -> str:
    """One line: nothing in it ends a header or a line of a log."""
    text = shown(text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _is_plain(text: str, at: int) -> bool:
    c = text[at]
    return (c.isalnum() and shown(c) == c) or c == "…" or _PLAIN.match(text, at) is not None


def _percent(c: str) -> str:
    return "".join(f"%{octet:02X}" for octet in c.encode("utf-8", "surrogatepass"))
