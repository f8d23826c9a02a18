"""The rules of credentials as a table: how bad each is, what it says, what to do.

docs/audit.md has the same table for people, and a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from ringfence.audit.public import SAID
from ringfence.model.pbx import Extension
from ringfence.model.secret import DIGITS, Kind
from ringfence.model.text import shown
from ringfence.model.weakness import Severity, Weakness


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `says` goes on behind "The PIN of extension 200 "."""

    severity: Severity  # for the password that opens the line; others follow from it
    says: str


def _relations() -> dict[str, Rule]:
    found = {}
    for what, said in SAID.items():
        found[f"is-{what}"] = Rule(Severity.CRITICAL, f"is {said}")
        found[f"reverses-{what}"] = Rule(Severity.CRITICAL, f"is {said} backwards")
        found[f"repeats-{what}"] = Rule(Severity.CRITICAL, f"is {said} again and again")
        found[f"holds-{what}"] = Rule(Severity.HIGH, f"holds {said}, or a part of it")
        found[f"part-of-{what}"] = Rule(Severity.HIGH, f"is a part of {said}")
    return found


_FIXED = {
    "guessed": Rule(Severity.CRITICAL, "was guessed right by the attacker: change it now"),
    "taken": Rule(Severity.CRITICAL, "let the attacker in: change it now"),
    "on-his-list": Rule(Severity.CRITICAL, "is one of the words that the attacker tries"),
    "missing": Rule(Severity.CRITICAL, "is not set: nothing is asked for"),
    "default": Rule(Severity.CRITICAL, "is a default of makers and guides"),
    "common": Rule(Severity.CRITICAL, "is one of the passwords that everybody tries"),
    "is-auth-id": Rule(Severity.CRITICAL, "is its authentication ID"),
    "reverses-auth-id": Rule(Severity.CRITICAL, "is its authentication ID backwards"),
    "repeats-auth-id": Rule(Severity.CRITICAL, "is its authentication ID again and again"),
    "holds-auth-id": Rule(Severity.HIGH, "holds its authentication ID, or a part of it"),
    "breached": Rule(Severity.HIGH, "is known from passwords that were stolen elsewhere"),
    "same-within": Rule(Severity.HIGH, "is the same as another secret of this extension"),
    "same-across": Rule(Severity.HIGH, "is the same as that of other extensions"),
    "dictionary": Rule(Severity.HIGH, "is a word of a dictionary or a name"),
    "walk": Rule(Severity.HIGH, "is a walk over neighbouring keys"),
    "weak": Rule(Severity.MEDIUM, "withstands too few guesses"),
    "short": Rule(Severity.MEDIUM, "is too short"),
    "pin-short": Rule(Severity.MEDIUM, "has fewer than six digits"),
    "pin-repeats": Rule(Severity.HIGH, "repeats digits"),
    "pin-sequence": Rule(Severity.HIGH, "is a sequence of digits"),
    "pin-date": Rule(Severity.MEDIUM, "is a date or a year"),
    "pin-keypad": Rule(Severity.MEDIUM, "is a pattern on the keypad"),
    "pin-common": Rule(Severity.HIGH, "is one of the PINs that everybody tries"),
}
RULES = MappingProxyType({**_FIXED, **_relations()})

# Whoever has one of these has the line; the others open less.
_FULL = frozenset({Kind.PASSWORD, Kind.TRUNK, Kind.MANAGER, Kind.LOGIN})
_NOW = frozenset({"guessed", "taken", "on-his-list"})


def severity_of(rule: str, kind: Kind, *, disabled: bool = False) -> Severity:
    """How soon it has to be seen to, for a secret of this kind."""
    if rule in _NOW and not disabled:
        return Severity.CRITICAL
    less = 0 if kind in _FULL else 2 if kind is Kind.AUTH_ID else 1
    if kind in DIGITS and rule.startswith("pin-"):
        less = 0
    return Severity(max(Severity.LOW, RULES[rule].severity - less - disabled))


def judged(
    rule: str,
    kind: Kind,
    extension: Extension,
    says: str = "",
    column: str = "",
    others: tuple[str, ...] = (),
    whose: str = "",
) -> Weakness:
    """The finding that one secret breaks a rule. `whose`: of a trunk or the system itself."""
    whose_said = whose or f"extension {shown(extension.number)}"
    return Weakness(
        rule,
        severity_of(rule, kind, disabled=extension.disabled),
        says or f"The {kind} of {whose_said} {RULES[rule].says}.",
        advice(kind, now=rule in _NOW),
        extension.place,
        "" if whose else extension.number,
        kind,
        column,
        others,
        guessed=rule in _NOW,
    )


def advice(kind: Kind, *, now: bool = False) -> str:
    """What to do about a secret of this kind."""
    when = "Change it now" if now else "Set a new one"
    if kind in DIGITS:
        return f"{when}: six random digits or more (`ringfence generate` makes them)."
    if kind is Kind.AUTH_ID:
        return "Set one that does not follow from the number (`ringfence generate` makes it)."
    return f"{when}: twenty random letters and digits (`ringfence generate` makes them)."
