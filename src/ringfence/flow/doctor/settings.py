"""Whether the settings hold, and whether anybody is told."""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.flow.settings import missing_fields
from ringfence.model.finding import FAIL, OK, WARN, Finding
from ringfence.model.settings import Settings, SettingsError

_TRIAL = "ringfence alert test"


def check_settings(
    settings: Settings | SettingsError, file: str, *, is_hidden: bool = False
) -> Iterator[Finding]:
    """The file, the alarms, the mail; a hidden file is for root and the guard alone."""
    if is_hidden:
        yield Finding("settings", WARN, f"{file} is for root and the guard alone",
                      "sudo ringfence doctor")  # fmt: skip
        return
    if isinstance(settings, SettingsError):
        yield Finding("settings", FAIL, str(settings), "until then neither guard nor letters work")
        return
    missing = missing_fields(settings)
    if any(name.startswith("victim.") for name in missing):
        yield Finding("settings", OK, f"{file} holds; letters will show what is missing of you",
                      "ringfence settings show")  # fmt: skip
    else:
        yield Finding("settings", OK, f"{file} holds")
    yield _alarms(settings)
    yield _mail(settings)


def _alarms(settings: Settings) -> Finding:
    alerts = settings.alerts
    if not (alerts.email or alerts.syslog or alerts.urls):
        return Finding("alarms", WARN, "nobody is told of an attack",
                       f"write [alerts] in the settings; then: {_TRIAL}")  # fmt: skip
    if alerts.email and not settings.mail.server:
        return Finding("alarms", FAIL, "alarms go by mail, and there is no mail server",
                       "write [mail] server; then: ringfence settings check-mail")  # fmt: skip
    if alerts.email and not (settings.mail.sender or settings.victim.email):
        return Finding("alarms", FAIL, "alarms go by mail, and nobody sends them",
                       "write victim.email or mail.sender in the settings")  # fmt: skip
    ways = [*(["mail"] if alerts.email else []), *(["the log server"] if alerts.syslog else []),
            *([f"{len(alerts.urls)} of Apprise"] if alerts.urls else [])]  # fmt: skip
    return Finding("alarms", OK, f"alarms go by {', '.join(ways)}; try it: {_TRIAL}")


def _mail(settings: Settings) -> Finding:
    if not settings.mail.server:
        return Finding("mail", OK, "no mail server: letters are written, and you send them")
    return Finding(
        "mail", OK, f"letters go by {settings.mail.server}; try it: ringfence settings check-mail"
    )
