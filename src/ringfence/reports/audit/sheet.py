"""The sheet for users: a strip for each extension, to print, cut and hand over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ringfence.model.new_secret import NewSecret
from ringfence.model.secret import Kind
from ringfence.reports.audit.html import page

_USES = {
    Kind.PASSWORD: "for the phone’s own settings, and for an app",  # noqa: RUF001  typographic
    Kind.AUTH_ID: "the name that goes with the password",
    Kind.PIN: "typed on the phone",
    Kind.VOICEMAIL: "typed on the phone to hear messages",
    Kind.WEB: "for the page of the phone in a browser",
    Kind.LOGIN: "for the pages of the phone system",
    Kind.SERVICE: "as the administrator tells",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One secret on a strip."""

    kind: str
    use: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Strip:
    """What one user is handed."""

    extension: str
    name: str
    lines: tuple[Line, ...]


def render_sheet(secrets: Sequence[NewSecret], made_at: str) -> str:
    """The whole file. It holds secrets."""
    values: dict[str, object] = {"strips": strips(secrets), "made_at": made_at}
    return page("sheet.html.j2", values, ("reports.audit.paper",))


def strips(secrets: Sequence[NewSecret]) -> list[Strip]:
    """The secrets by extension, in the order of the numbers."""
    found: dict[tuple[str, str], list[Line]] = {}
    for one in secrets:
        line = Line(one.kind.value, _USES.get(one.kind, ""), one.text)
        found.setdefault((one.extension, one.name), []).append(line)
    order = sorted(found.items(), key=lambda item: (len(item[0][0]), item[0]))
    return [Strip(number, name, tuple(lines)) for (number, name), lines in order]
