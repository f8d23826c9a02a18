"""The audit as its readers get it: what the page and the paper both say, in order."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.audit_summary import (
    NAMES,
    Summary,
    Weak,
    figures,
    headline,
    looked_at,
    summed_up,
)
from ringfence.model.text import count
from ringfence.model.weakness import Audit, Severity, Weakness
from ringfence.reports.report import Fact, Opening, Step

# More than anybody reads; the JSON has all of them.
MAX_ENTRIES = 10_000
# Named in one sentence.
_MAX_NAMED = 8
_TONES = {
    Severity.CRITICAL: "alarm",
    Severity.HIGH: "warn",
    Severity.MEDIUM: "warn",
    Severity.LOW: "calm",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One weakness as a line."""

    tone: str
    badge: str
    about: str  # the secret, or the setting's rule
    says: str
    do: str
    rule: str
    where: str
    others: str


@dataclass(frozen=True, slots=True)
class Part:
    """One extension."""

    number: str
    tone: str
    badge: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule, and how often it is broken."""

    rule: str
    badge: str
    tone: str
    times: int
    extensions: int


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All that is told."""

    opening: Opening
    steps: tuple[Step, ...]
    parts: tuple[Part, ...]
    whole: tuple[Entry, ...]
    rules: tuple[RuleLine, ...]
    not_checked: tuple[str, ...]
    sources: tuple[str, ...]
    omitted: int  # weaknesses of extensions that are not listed
    made_at: str
    tool: str


def compose(audit: Audit, made_at: str, tool: str, most: int = MAX_ENTRIES) -> AuditReport:
    """Find the words. At most so many weaknesses of extensions are listed."""
    summary = summed_up(audit)
    parts, omitted = _parts(summary, most)
    return AuditReport(
        opening=_opening(audit, summary),
        steps=_steps(summary),
        parts=parts,
        whole=tuple(_entry(one) for one in summary.whole[:most]),
        rules=_rules(audit),
        not_checked=audit.not_checked,
        sources=audit.sources,
        omitted=omitted + max(0, len(summary.whole) - most),
        made_at=made_at,
        tool=tool,
    )


def _opening(audit: Audit, summary: Summary) -> Opening:
    enterable = len(summary.enterable)
    alarm = bool(enterable or summary.counts["critical"])
    tone = "alarm" if alarm else "warn" if audit.weaknesses else "calm"
    facts = (
        Fact(
            "Can be entered today",
            count(enterable, "extension"),
            f"of {audit.extensions:,}",
            "alarm" if enterable else "calm",
        ),
        Fact(
            "In the attacker’s hands",  # noqa: RUF001  typographic on purpose
            count(len(summary.guessed), "extension"),
            "their secret is among his guesses" if summary.guessed else "none of his guesses fits",
            "alarm" if summary.guessed else "calm",
        ),
        Fact(
            "With a weak secret",
            count(len(summary.weak), "extension"),
            count(sum(len(one.weaknesses) for one in summary.weak), "broken rule"),
            "warn" if summary.weak else "calm",
        ),
        Fact(
            "The phone system itself",
            count(len(summary.whole), "weakness", "weaknesses"),
            "in its settings",
            _tone(summary.whole),
        ),
    )
    sentences = [figures(audit, summary), f"Looked at: {looked_at(audit)}"]
    if not audit.extensions:
        sentences.append("No extension was found in the sources: see what could not be checked.")
    return Opening(tone, headline(audit, summary), tuple(sentences), facts)


def _steps(summary: Summary) -> tuple[Step, ...]:
    """What to do, in order."""
    steps = []
    if summary.guessed:
        steps.append(
            Step(
                f"Change now: {_named(summary.guessed)}",
                "The attacker has tried the very secret that is set there. End the calls of these"
                " extensions, then change the secrets, then look at what they dialled.",
            )
        )
    next_ones = tuple(one for one in summary.enterable if not one.guessed)
    if next_ones:
        steps.append(
            Step(
                f"Change today: {_named(next_ones)}",
                "Whoever tries the usual things gets in.",
            )
        )
    open_doors = tuple(one for one in summary.whole if one.severity >= Severity.HIGH)
    steps += [Step(one.do, one.says) for one in open_doors[:_MAX_NAMED]]
    if summary.weak:
        steps.append(
            Step(
                "Let Ringfence write the change file",
                "New secrets for every extension with a weak one, in the form that the phone system"
                " loads, with a sheet to hand to each user. The phones have to be provisioned anew"
                " at the same time: until then they cannot register.",
                ("ringfence audit SOURCE --fix new-secrets",),
            )
        )
    if summary.weak or summary.whole:
        steps.append(
            Step(
                "Audit once more",
                "After the change, with a fresh export: only that shows that it is done.",
            )
        )
    return tuple(steps)


def _parts(summary: Summary, most: int) -> tuple[tuple[Part, ...], int]:
    parts: list[Part] = []
    omitted = 0
    room = most
    for weak in summary.weak:
        if len(weak.weaknesses) > room:
            omitted += len(weak.weaknesses)
            room = 0
            continue
        room -= len(weak.weaknesses)
        parts.append(_part(weak))
    return tuple(parts), omitted


def _part(weak: Weak) -> Part:
    if weak.guessed:
        badge = "guessed: change now"
    elif weak.enterable:
        badge = "can be entered"
    else:
        badge = NAMES[weak.worst.severity]
    if weak.tried and not weak.guessed:
        badge += ", the attacker tried it"
    tone = "alarm" if weak.enterable else _TONES[weak.worst.severity]
    return Part(weak.number, tone, badge, tuple(_entry(one) for one in weak.weaknesses))


def _entry(one: Weakness) -> Entry:
    line = f", line {one.place.line:,}" if one.place.line else ""
    more = len(one.others) - _MAX_NAMED
    others = ", ".join(one.others[:_MAX_NAMED]) + (f" and {more:,} more" if more > 0 else "")
    return Entry(
        tone="alarm" if one.guessed else _TONES[one.severity],
        badge="guessed" if one.guessed else NAMES[one.severity],
        about=one.kind.value if one.kind else "setting",
        says=one.says,
        do=one.do,
        rule=one.rule,
        where=f"{one.place.source}{line}",
        others=others,
    )


def _rules(audit: Audit) -> tuple[RuleLine, ...]:
    found: dict[str, list[Weakness]] = {}
    for one in audit.weaknesses:
        found.setdefault(one.rule, []).append(one)
    lines = []
    for rule, ones in found.items():
        worst = max(one.severity for one in ones)
        met = {(one.place.source, one.extension) for one in ones if one.extension}
        lines.append((worst, RuleLine(rule, NAMES[worst], _TONES[worst], len(ones), len(met))))
    lines.sort(key=lambda pair: (-pair[0], -pair[1].times, pair[1].rule))
    return tuple(line for _, line in lines)


def _tone(ones: tuple[Weakness, ...]) -> str:
    return _TONES[max(one.severity for one in ones)] if ones else "calm"


def _named(ones: tuple[Weak, ...]) -> str:
    names = ", ".join(one.number for one in ones[:_MAX_NAMED])
    more = len(ones) - _MAX_NAMED
    return f"{names} and {more:,} more" if more > 0 else names
