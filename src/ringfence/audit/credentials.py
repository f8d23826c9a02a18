"""Every secret of a phone system against every rule: what is weak, what is shared, what he has.

How it works: a secret alone is judged by `broken_by`, of its kind's own rules; then all of one
extension and all of the system are compared; then the attacker's guesses are laid over it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from ringfence.audit.candidates import limit_for
from ringfence.audit.guesses import Guesses
from ringfence.audit.hashes import crack
from ringfence.audit.pins import pin_rules
from ringfence.audit.public import Fact, facts_of, relations
from ringfence.audit.rules import judged
from ringfence.audit.strength import Estimator, at_least
from ringfence.audit.words import is_common, is_default, is_walk, is_word
from ringfence.model.pbx import Extension, Pbx, Place
from ringfence.model.secret import DIGITS, Kind, Secret
from ringfence.model.text import count, shown
from ringfence.model.weakness import Severity, Weakness

# Guesses that a secret of this kind has to withstand, as a power of ten. An answer that was
# overheard is tried offline, 10 ** 10 a second; zxcvbn counts ten for each random sign.
ENOUGH = {
    Kind.PASSWORD: 9.0,
    Kind.TRUNK: 9.0,
    Kind.MANAGER: 9.0,
    Kind.LOGIN: 9.0,
    Kind.WEB: 8.0,
    Kind.SERVICE: 8.0,
    Kind.PIN: 6.0,  # one of other signs than digits
    Kind.VOICEMAIL: 6.0,
    Kind.AUTH_ID: 6.0,
}
# Who withstands so much in spite of holding three digits of his number holds them by chance.
_STRONG_ANYHOW = 12.0
_LONGEST = 4096  # signs of a secret that are looked at
_LONGEST_WORD = 64  # no list has a longer one


def weigh(
    pbx: Pbx, guesses: Guesses | None, breached: Callable[[str], bool] | None = None
) -> list[Weakness]:
    """All weaknesses of its secrets, worst first."""
    look = _Look(Estimator(), breached, guesses or Guesses(), limit_for(_hashes(pbx)))
    found = [w for extension in pbx.extensions for w in _extension(extension, look)]
    found += _across(pbx.extensions)
    for trunk in pbx.trunks:
        named = Extension("", replace(trunk.place, name=trunk.place.name or trunk.name))
        found += _others(named, trunk.secrets, f"trunk {shown(trunk.name)}", look)
    system = Extension("", Place(pbx.sources[0] if pbx.sources else ""))
    found += _others(system, pbx.managers, "the phone system", look)
    return sorted(found, key=urgency)


def urgency(weakness: Weakness) -> tuple[bool, int, bool, str, str]:
    """What is to be seen to first sorts first."""
    w = weakness
    return not w.guessed, -w.severity, not w.tried, w.extension.zfill(12), w.rule


def broken_by(secret: Secret, facts: tuple[Fact, ...], estimator: Estimator) -> tuple[str, ...]:
    """The rules that a secret breaks by itself, as one of whom these facts are known."""
    text = secret.text[:_LONGEST]
    if not text:
        return ()
    digits = secret.kind in DIGITS and text.isascii() and text.isdigit()
    found = [relation.rule for relation in relations(text, facts, digits=digits)]
    if digits:
        found += ["default"] if text in _FACTORY_PINS else pin_rules(text)
        return tuple(found)
    found += _wordly(text[:_LONGEST_WORD]) if len(text) <= _LONGEST_WORD else ()
    if found:
        return tuple(found)
    enough = ENOUGH[secret.kind]
    if len(text) < enough:
        return ("short",)
    public = tuple(fact.text for fact in facts)
    return () if estimator.withstands(text, public, enough) else ("weak",)


# What mailboxes are born with.
_FACTORY_PINS = frozenset({"0000", "1234", "1111", "123456", "000000", "12345", "00000"})


def _wordly(text: str) -> list[str]:
    """Rules of words: each of them alone is enough."""
    found = []
    if is_default(text):
        found.append("default")
    elif is_common(text):
        found.append("common")
    elif is_word(text):
        found.append("dictionary")
    if is_walk(text):
        found.append("walk")
    return found


@dataclass(slots=True)
class _Look:
    """What one audit has in hand."""

    estimator: Estimator
    breached: Callable[[str], bool] | None
    guesses: Guesses
    tries: int  # candidates for each hash
    asked: dict[str, bool] = field(default_factory=dict, repr=False)

    def is_breached(self, secret: Secret) -> bool:
        """Whether it stands among stolen passwords; asked once for each."""
        if self.breached is None or not secret.text or secret.kind in {*DIGITS, Kind.AUTH_ID}:
            return False
        if secret.text not in self.asked:
            self.asked[secret.text] = self.breached(secret.text)
        return self.asked[secret.text]


def _extension(extension: Extension, look: _Look) -> Iterator[Weakness]:
    facts = facts_of(extension)
    tried = look.guesses.tried(extension)
    for secret in extension.secrets:
        for weakness in _secret(secret, extension, facts, look):
            yield replace(weakness, tried=tried)
        if rule := _guessed(secret, extension, look.guesses):
            yield replace(judged(rule, secret.kind, extension, column=secret.column), tried=True)
    for weakness in _within(extension):
        yield replace(weakness, tried=tried)


def _others(
    named: Extension, secrets: Iterable[Secret], whose: str, look: _Look
) -> Iterator[Weakness]:
    """Secrets of a trunk or of the system itself."""
    for secret in secrets:
        if secret.text or secret.hashed is not None:
            yield from _secret(secret, named, facts_of(named), look, whose)
            if look.guesses.knows(secret):
                yield judged("on-his-list", secret.kind, named, column=secret.column, whose=whose)


def _secret(
    secret: Secret, extension: Extension, facts: tuple[Fact, ...], look: _Look, whose: str = ""
) -> Iterator[Weakness]:
    """What is wrong with one secret by itself."""
    if secret.hashed is not None and not secret.text:
        yield from _hashed(secret, extension, look, whose)
        return
    if not secret.text:
        if secret.kind is not Kind.AUTH_ID:
            yield judged("missing", secret.kind, extension, column=secret.column, whose=whose)
        return
    rules = broken_by(secret, facts, look.estimator)
    if not rules and look.is_breached(secret):
        rules = ("breached",)
    strong = None
    for rule in rules:
        weakness = judged(rule, secret.kind, extension, column=secret.column, whose=whose)
        if rule.startswith("holds-") and secret.kind not in DIGITS:
            if strong is None:
                public = tuple(fact.text for fact in facts)
                strong = at_least(secret.text[:24], public) >= _STRONG_ANYHOW
            weakness = replace(weakness, severity=Severity.LOW) if strong else weakness
        yield weakness


def _hashed(secret: Secret, extension: Extension, look: _Look, whose: str) -> Iterator[Weakness]:
    if secret.hashed is None:
        return
    candidate = crack(secret.hashed, extension, look.tries)
    if candidate is not None:
        said = whose or f"extension {shown(extension.number)}"
        says = f"The {secret.kind} of {said} is {candidate.says}, as its hash shows."
        yield judged(
            candidate.rule, secret.kind, extension, says, column=secret.column, whose=whose
        )


def _guessed(secret: Secret, extension: Extension, guesses: Guesses) -> str:
    """The rule by which the attacker has this secret; empty where he has not."""
    if secret.kind is Kind.AUTH_ID:
        return ""  # he asked for it: that is what `tried` says
    if guesses.holds(secret, extension):
        return "guessed"
    if secret.kind is Kind.PASSWORD and guesses.took(extension):
        return "taken"
    return "on-his-list" if guesses.knows(secret) else ""


def _within(extension: Extension) -> Iterator[Weakness]:
    """Secrets of one extension that are the same."""
    by_text: dict[str, list[Secret]] = defaultdict(list)
    for secret in extension.secrets:
        if secret.text:
            by_text[secret.text].append(secret)
    for same in by_text.values():
        kinds = sorted({secret.kind for secret in same}, key=list(Kind).index)
        if len(same) > 1:
            names = " and ".join(
                kinds if len(kinds) > 1 else sorted({shown(s.column) for s in same})
            )
            says = f"Extension {shown(extension.number)} has the same secret as {names}."
            first = min(same, key=lambda secret: list(Kind).index(secret.kind))
            yield judged("same-within", first.kind, extension, says, first.column)


def _across(extensions: Iterable[Extension]) -> Iterator[Weakness]:
    """Secrets that several extensions have: one finding for each, which names them all."""
    holders: dict[str, dict[str, tuple[Extension, Secret]]] = defaultdict(dict)
    for extension in extensions:
        for secret in extension.secrets:
            if secret.text:
                holders[secret.text].setdefault(extension.number, (extension, secret))
    for same in holders.values():
        if len(same) > 1:
            (extension, secret), *_ = same.values()
            others = tuple(same)[1:]
            says = (
                f"The {secret.kind} of extension {shown(extension.number)} is the same as that "
                f"of {count(len(others), 'other extension')}."
            )
            yield judged("same-across", secret.kind, extension, says, secret.column, others)


def _hashes(pbx: Pbx) -> int:
    return sum(
        secret.hashed is not None and not secret.text
        for extension in pbx.extensions
        for secret in extension.secrets
    )
