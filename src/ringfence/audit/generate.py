"""New secrets that break no rule, against the whole phone system."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence

from ringfence.audit.credentials import broken_by
from ringfence.audit.pins import SHORTEST
from ringfence.audit.public import facts_of
from ringfence.audit.strength import Estimator
from ringfence.model.pbx import Extension, Pbx
from ringfence.model.secret import DIGITS, Kind, Secret

# No signs that look like others, on paper and in every letter face (0 O o, 1 l I i, 5 S s, 2 Z z,
# 8 B, u v, r n m), and none that a settings file, a CSV or an XML reads as its own (; # , " & < $).
SIGNS = "ACDEFGHJKLMNPQRTUVWXY" + "abcdefghjkpqtwxy" + "34679"
# What a phone's keypad writes by pressing a key again and again, in small letters.
KEYPAD_SIGNS = "abcdefghjkpqtwxy34679"
_KEYS = {
    sign: key
    for key, signs in enumerate(
        ("abc2", "def3", "ghi4", "jkl5", "mno6", "pqrs7", "tuv8", "wxyz9"), 2
    )
    for sign in signs
}
PIN_DIGITS = 8
ID_SIGNS = 12
PASSWORD_SIGNS = 20
LONGEST = 128
# Draws before it is given up: of PINs with six digits some six in ten are good.
_DRAWS = 10_000


class Exhausted(ValueError):  # noqa: N818  what happened, not what went wrong
    """No secret of this length is left that breaks no rule."""


class Generator:
    """Draws secrets; each is unlike all that the phone systems have and all drawn before.

    `draw` chooses one of a sequence; only tests hand over another than the system's own.
    """

    def __init__(
        self, pbxes: Iterable[Pbx] = (), draw: Callable[[Sequence[str]], str] = secrets.choice
    ) -> None:
        self._draw = draw
        self._estimator = Estimator()
        self._taken: set[str] = set()
        self._numbers: set[str] = set()
        for pbx in pbxes:
            self._take(pbx)

    def __repr__(self) -> str:
        return f"Generator({len(self._taken)} secrets known)"

    def for_kind(self, kind: Kind, extension: Extension) -> str:
        """A new secret of this kind, of the usual length."""
        if kind in DIGITS:
            return self.pin(extension, kind=kind)
        return self.auth_id(extension) if kind is Kind.AUTH_ID else self.password(extension, kind)

    def pin(self, extension: Extension, digits: int = PIN_DIGITS, *, kind: Kind = Kind.PIN) -> str:
        """Digits that are no date, sequence, pattern, nor a part of the extension's numbers."""
        _check(digits, SHORTEST)
        return self._new(kind, extension, lambda: self._drawn("0123456789", digits))

    def auth_id(self, extension: Extension, signs: int = ID_SIGNS) -> str:
        """A name that does not follow from the number: a letter first, small letters, digits."""
        _check(signs, 8)
        letters = [sign for sign in KEYPAD_SIGNS if sign.isalpha()]

        def one() -> str:
            return self._draw(letters) + self._drawn(KEYPAD_SIGNS, signs - 1)

        return self._new(Kind.AUTH_ID, extension, one)

    def password(
        self,
        extension: Extension,
        kind: Kind = Kind.PASSWORD,
        signs: int = PASSWORD_SIGNS,
        *,
        keypad: bool = False,
    ) -> str:
        """Letters and digits without look-alikes; `keypad`: typable on a phone, no key twice."""
        _check(signs, 12)
        if keypad:
            return self._new(kind, extension, lambda: self._typable(signs))
        return self._new(kind, extension, lambda: self._drawn(SIGNS, signs))

    def _new(self, kind: Kind, extension: Extension, one: Callable[[], str]) -> str:
        facts = facts_of(extension)
        for _ in range(_DRAWS):
            text = one()
            if text in self._taken or text in self._numbers:
                continue
            if not broken_by(Secret(kind, text), facts, self._estimator):
                self._taken.add(text)
                return text
        raise Exhausted(f"no {kind} of this length is left that breaks no rule: take a longer one")

    def _drawn(self, signs: Sequence[str], number: int) -> str:
        return "".join(self._draw(signs) for _ in range(number))

    def _typable(self, number: int) -> str:
        """Two signs of one key behind each other need a pause, which people forget."""
        found = ""
        while len(found) < number:
            key = _KEYS[found[-1]] if found else 0
            found += self._draw([sign for sign in KEYPAD_SIGNS if _KEYS[sign] != key])
        return found

    def _take(self, pbx: Pbx) -> None:
        held = [*pbx.managers, *(secret for trunk in pbx.trunks for secret in trunk.secrets)]
        for extension in pbx.extensions:
            held += extension.secrets
            self._numbers.update((extension.number, extension.auth_id))
        self._taken.update(secret.text for secret in held)


def _check(number: int, least: int) -> None:
    if not least <= number <= LONGEST:
        raise ValueError(f"{number} signs: between {least} and {LONGEST}, please")
