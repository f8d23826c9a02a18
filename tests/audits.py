"""An audit made by hand, with sentences as its rules write them and a hostile source."""

from __future__ import annotations

from ringfence.model.pbx import Place
from ringfence.model.secret import Kind
from ringfence.model.weakness import Audit, Severity, Weakness

SOURCE = "extensions.csv"
HOSTILE = "\x1b[2J<script>alert(1)</script>\u202e[bold]"


def weakness(
    extension: str = "201",
    rule: str = "is-number",
    severity: Severity = Severity.CRITICAL,
    kind: Kind | None = Kind.PASSWORD,
    line: int = 2,
    **more: object,
) -> Weakness:
    """One, with whatever matters to a test."""
    told: dict[str, object] = {
        "says": "It is the number of the extension.",
        "do": "Set a new one: ringfence generate.",
        "place": Place(SOURCE, line, extension),
        **more,
    }
    return Weakness(
        rule=rule, severity=severity, extension=extension, kind=kind, **told  # type: ignore[arg-type]
    )  # fmt: skip


def audit(*weaknesses: Weakness, extensions: int = 250) -> Audit:
    """Of these weaknesses."""
    return Audit(weaknesses, (SOURCE,), extensions, extensions * 3, 0)


def night() -> Audit:
    """The audit after an attack: one guessed, some weak, the phone system open."""
    return Audit(
        weaknesses=(
            weakness("240", guessed=True, tried=True, line=41, column="AuthPassword"),
            weakness("201", column="AuthPassword"),
            weakness(
                "201", "same-within", Severity.HIGH, Kind.VOICEMAIL,
                says="It is the same as the authentication password.", column="VMPin",
            ),
            weakness(
                "202", "same-across", Severity.HIGH, Kind.PIN, 3, tried=True,
                says="The same PIN opens other extensions, too.",
                others=tuple(str(number) for number in range(203, 215)), column="PIN",
            ),
            weakness(
                "217", "too-short", Severity.MEDIUM, Kind.PIN, 18, says="It has only four digits."
            ),
            weakness("218", "old", Severity.LOW, Kind.WEB, 19, says="It is the maker's default."),
            weakness(
                "", "guests-may-call", Severity.CRITICAL, None, 7,
                says="Anybody may call without a password.",
                do="Set allowguest=no in sip.conf, then sip reload.",
                place=Place("sip.conf", 7, "general"),
            ),
        ),
        sources=(SOURCE, "sip.conf"),
        extensions=250, secrets=740, hashes=10, answers=3,
        not_checked=("voicemail.conf was not among the sources: PINs of mailboxes",),
    )  # fmt: skip


def hostile() -> Audit:
    """Everything that a stranger can name tries to break out."""
    one = weakness(
        HOSTILE, HOSTILE, says=HOSTILE, do=HOSTILE, place=Place(HOSTILE, 1, HOSTILE),
        column=HOSTILE, others=(HOSTILE,),
    )  # fmt: skip
    return Audit((one,), (HOSTILE,), 1, 1, 0, not_checked=(HOSTILE,))
