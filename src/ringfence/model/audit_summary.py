"""What an audit comes to: who can be entered today, what to change first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ringfence.model.text import count
from ringfence.model.weakness import Audit, Severity, Weakness

NAMES = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "high",
    Severity.MEDIUM: "medium",
    Severity.LOW: "low",
}


@dataclass(frozen=True, slots=True)
class Weak:
    """One extension with all that is wrong about it, worst first."""

    number: str
    source: str
    weaknesses: tuple[Weakness, ...]

    @property
    def worst(self) -> Weakness:
        return self.weaknesses[0]

    @property
    def enterable(self) -> bool:
        """Whether somebody who tries gets in today."""
        return any(enters(one) for one in self.weaknesses)

    @property
    def guessed(self) -> bool:
        return any(one.guessed for one in self.weaknesses)

    @property
    def tried(self) -> bool:
        return any(one.tried for one in self.weaknesses)


@dataclass(frozen=True, slots=True)
class Summary:
    """The audit by extension, worst first."""

    weak: tuple[Weak, ...]
    whole: tuple[Weakness, ...]  # of no extension
    counts: dict[str, int]  # by name of severity, worst first

    @property
    def enterable(self) -> tuple[Weak, ...]:
        """Those that can be entered today."""
        return tuple(one for one in self.weak if one.enterable)

    @property
    def guessed(self) -> tuple[Weak, ...]:
        """Those whose secret the attacker of the case has guessed, or may at any time."""
        return tuple(one for one in self.weak if one.guessed)


def summed_up(audit: Audit) -> Summary:
    """The same, by extension."""
    found: dict[tuple[str, str], list[Weakness]] = {}
    whole = []
    for one in sorted(audit.weaknesses, key=_order):
        if one.extension:
            found.setdefault((one.place.source, one.extension), []).append(one)
        else:
            whole.append(one)
    weak = [Weak(number, source, tuple(ones)) for (source, number), ones in found.items()]
    counts = {
        name: sum(one.severity == severity for one in audit.weaknesses)
        for severity, name in NAMES.items()
    }
    return Summary(tuple(weak), tuple(whole), counts)


def enters(one: Weakness) -> bool:
    """Whether it lets somebody into an extension today."""
    return bool(one.extension) and (one.guessed or one.severity == Severity.CRITICAL)


def headline(audit: Audit, summary: Summary) -> str:
    """The one sentence that has to be read."""
    number = len(summary.enterable)
    if number:
        of = f"{number:,} of {count(audit.extensions, 'extension')}"
        return f"{of} can be entered today."
    if summary.counts["critical"]:
        return "The phone system itself stands open today."
    if audit.weaknesses:
        return "No extension can be entered at the first try, but there are weaknesses."
    return "Nothing weak was found."


def figures(audit: Audit, summary: Summary) -> str:
    """How many of what was found, in one sentence."""
    if not audit.weaknesses:
        return "No rule is broken."
    worst = ", ".join(f"{number:,} {name}" for name, number in summary.counts.items() if number)
    where = []
    if summary.weak:
        where.append(f"in {count(len(summary.weak), 'extension')}")
    if summary.whole:
        where.append(f"{len(summary.whole):,} of the whole phone system")
    return f"{count(len(audit.weaknesses), 'weakness', 'weaknesses')}: {worst}; {', '.join(where)}."


def looked_at(audit: Audit) -> str:
    """What the audit rests on, in one sentence."""
    parts = [
        count(audit.extensions, "extension"),
        count(audit.secrets, "secret") + " weighed",
    ]
    if audit.hashes:
        parts.append(count(audit.hashes, "hash", "hashes") + " tried")
    if audit.answers:
        parts.append(count(audit.answers, "answer") + " from the wire tried")
    return f"{', '.join(parts)}."


def only(audit: Audit, wanted: Iterable[str]) -> Audit:
    """Of the weaknesses those whose rule, extension, secret or severity is named."""
    names = {name.strip().lower() for name in wanted}
    if not names:
        return audit
    kept = tuple(one for one in audit.weaknesses if names & _called(one))
    return replace(audit, weaknesses=kept)


def _called(one: Weakness) -> set[str]:
    kind = one.kind.value.lower() if one.kind else ""
    return {one.rule.lower(), one.extension.lower(), kind, NAMES[one.severity]} - {""}


def _order(one: Weakness) -> tuple[bool, int, bool]:
    return (not one.guessed, -one.severity, not one.tried)
