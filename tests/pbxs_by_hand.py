"""Phone systems made by hand, a maker whose secrets are known, and their weaknesses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from ringfence.model.pbx import Extension, Pbx, Place, System
from ringfence.model.secret import Hashed, Kind, Secret
from ringfence.model.weakness import Severity, Weakness

OLD = "Planted-0ld-Secret"
OLD_PIN = "4711"


class KnownMaker:
    """Makes secrets that a test knows: NewSecret1, 10000001, newid1 and so on."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = count(1)

    def pin(self, extension: Extension) -> str:  # noqa: ARG002  as of every maker
        return str(10_000_000 + next(self._numbers))

    def auth_id(self, extension: Extension) -> str:  # noqa: ARG002  as of every maker
        return f"newid{next(self._numbers)}"

    def password(self, extension: Extension) -> str:  # noqa: ARG002  as of every maker
        return f"NewSecret{next(self._numbers)}"


class UnfitMaker(KnownMaker):
    """First what a spreadsheet, a shell, a settings file or a database would obey."""

    def __init__(self) -> None:
        super().__init__()
        self._unfit = iter(
            ["=cmd|x", "-rf", "@SUM(1)", "a;b", "a'b", 'a"b', "a<b", "a\nb", "", "ö"]
        )

    def password(self, extension: Extension) -> str:
        return next(self._unfit, "") or super().password(extension)


def secret(kind: Kind = Kind.PASSWORD, text: str = OLD, column: str = "password") -> Secret:
    return Secret(kind, text, column=column)


def hashed(
    hexdigest: str, column: str = "ha1", user: str = "201", realm: str = "sip.example.com",
    algorithm: str = "MD5",
) -> Secret:  # fmt: skip
    return Secret(Kind.PASSWORD, hashed=Hashed(algorithm, user, realm, hexdigest), column=column)


def extension(
    number: str = "201", *secrets: Secret, source: str = "source", line: int = 2, name: str = "Ada",
    auth_id: str = "", place_name: str = "",
) -> Extension:  # fmt: skip
    place = Place(source, line, place_name or number)
    return Extension(number, place, name, auth_id, secrets=secrets)


def pbx(system: System, *extensions: Extension, sources: tuple[str, ...] = ()) -> Pbx:
    found = sources or tuple(dict.fromkeys(one.place.source for one in extensions))
    return Pbx(system, found, extensions)


def weak(one: Extension, kind: Kind = Kind.PASSWORD, column: str = "password") -> Weakness:
    """This secret of an extension broke a rule."""
    return Weakness(
        "is-number", Severity.CRITICAL, "It is weak.", "Change it.", one.place, one.number, kind,
        column,
    )  # fmt: skip
