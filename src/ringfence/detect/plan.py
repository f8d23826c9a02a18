"""How numbers are dialled here: read off what our server makes of what its users dial.

`0` for a line and `030…` behind it look like a call to Greece; the leg that the
server sends on says +4930…, so they are a call to Berlin. How it works: a call to our
server and one of its own shortly after, whose numbers end alike, are one call. What
was taken off and put on in several such calls is a rule of its dialling plan; a
country code that is put on is that of the country at home. A plan only clears: it
makes no number foreign that was not read as foreign before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from ringfence.detect.numbering import NANP, is_country_code
from ringfence.detect.numbers import is_international, keys_of

if TYPE_CHECKING:
    from ringfence.detect.deeds import Address, Deeds
    from ringfence.detect.profile import Call

# The server sends a call on within this time, route after route.
_PASSED_ON_NS = 20 * 10**9
# Digits at the end that make two strings one number; local numbers have six, seven.
_ALIKE_DIGITS = 6
# So many different numbers show a rule, and so many calls that somebody uses the plan.
_RULE_NUMBERS = 3
_USER_NUMBERS = 2
# Legs that may belong to one call are looked at, the nearest first: ends are distinct.
_MAX_LEGS = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """Dialled strings and what they were sent on as; `rules` are (taken off, put on)."""

    passed_on: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[tuple[str, str], ...] = ()
    home_code: str = ""

    def is_used_by(self, dialled: Iterable[str]) -> bool:
        """Whether several of these strings were sent on: their sender dials by this plan."""
        return sum(text in self.passed_on for text in dialled) >= _USER_NUMBERS

    def stays_home(self, dialled: str, *, by_rule: bool) -> bool:
        """Whether the server makes a call at home of this string."""
        sent = self.passed_on.get(dialled)
        if sent is None and by_rule:
            sent = self._apply(keys_of(dialled))
        if not sent:
            return False
        digits = sent.lstrip("+")
        if self.home_code and digits.startswith(self.home_code):
            return self.home_code != "1" or digits[1:4] not in NANP
        return sent.startswith("0") and not is_international(sent)

    def _apply(self, keys: str) -> str | None:
        """What the longest rule that fits makes of keys; no number of E.164 begins with 0."""
        for off, on in self.rules:
            rest = keys.removeprefix(off)
            if keys.startswith(off) and not (on and rest.startswith("0")):
                return on + rest
        return None


NO_PLAN = Plan()


def learn_plan(sources: Collection[Deeds], ours: Collection[Address]) -> Plan:
    """The dialling plan that calls through our servers show."""
    legs: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for call in _calls(d for d in sources if d.address in ours):
        _keep_leg(call, legs)
    passed_on: dict[str, str] = {}
    for call in _calls(d for d in sources if d.address not in ours):
        if sent := _sent_on(call, legs):
            passed_on.setdefault(call.number, sent)
    rules = _rules(passed_on)
    codes: Counter[str] = Counter()
    for (_, on), numbers in rules.items():
        if code := on.strip("+0"):
            codes[code] += numbers
    home_code = codes.most_common(1)[0][0] if codes else ""
    return Plan(passed_on, tuple(sorted(rules, key=lambda rule: -len(rule[0]))), home_code)


def _calls(sources: Iterable[Deeds]) -> Iterator[Call]:
    for d in sources:
        yield from d.profile.calls.values()


def _keep_leg(call: Call, legs: dict[str, list[tuple[int, str]]]) -> None:
    keys = keys_of(call.number)
    if len(keys) >= _ALIKE_DIGITS:
        its = legs[keys[-_ALIKE_DIGITS:]]
        if len(its) < _MAX_LEGS:
            its.append((call.asked_ns, keys))


def _sent_on(call: Call, legs: Mapping[str, list[tuple[int, str]]]) -> str:
    """What the server asked for, soon after this call reached it; "" when it asked nobody."""
    keys = keys_of(call.number)
    if len(keys) <= _ALIKE_DIGITS:
        return ""
    for asked_ns, sent in legs.get(keys[-_ALIKE_DIGITS:], ()):
        if 0 <= asked_ns - call.asked_ns <= _PASSED_ON_NS:
            return sent
    return ""


def _rules(passed_on: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """What several numbers had taken off and put on, with how many numbers."""
    seen: Counter[tuple[str, str]] = Counter()
    for dialled, sent in passed_on.items():
        keys = keys_of(dialled)
        ends = zip(reversed(keys), reversed(sent), strict=False)
        alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], ends))
        off, on = keys[: len(keys) - alike], sent[: len(sent) - alike]
        if on in {"", "0", "00", "+"} or is_country_code(on.removeprefix("+")):
            seen[off, on] += 1
    return {rule: n for rule, n in seen.items() if n >= _RULE_NUMBERS and rule[0] != rule[1]}
