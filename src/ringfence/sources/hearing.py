"""Whether a source is still heard: silence, lines that stopped matching, settings that are missing.

How it works: counts are noted from time to time, and compared with what was noted
when the last line was understood. What is said names the setting to change.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ringfence.model.heard import Heard
from ringfence.model.text import shown

# A PBX with one phone logs a registration an hour; a busy one something each second.
SILENT_S = 3600.0
# So many lines about other things are usual on a quiet evening, in a full log.
MANY_LINES = 2000
# A new format is seen at once, one odd line is no new format.
MANY_ODD = 20

# What is asked for and answers is heard, also when it has nothing to tell.
ASKED = ("3cx.events",)

# By origin: what has to be switched on, and where.
SETTINGS = {
    "asterisk.log": (
        "logger.conf, [logfiles]: security => security; then `logger reload` (docs/guard.md)"
    ),
    "asterisk.events": "manager.conf: read = security for our user; then `manager reload`",
    "freeswitch.log": (
        'SIP profile: <param name="log-auth-failures" value="true"/>, log level warning or '
        "lower; then `sofia profile NAME rescan`"
    ),
    "freeswitch.events": "event_socket.conf.xml: listen-ip, password, apply-inbound-acl",
    "kamailio.log": "kamailio.cfg: the xlog lines of docs/guard.md",
    "3cx.events": "3CX: Integrations > API, an application that may read the event log",
}


class Hearing:
    """One source over time."""

    def __init__(self, name: str, now_s: float) -> None:
        self.name = name
        self._last = Heard("")
        self._line_at = now_s  # the last line of any kind
        self._understood_at = now_s
        self._then = Heard("")  # counts when the last line was understood

    def note(self, heard: Heard, now_s: float) -> None:
        """What was heard until now."""
        if heard.lines > self._last.lines:
            self._line_at = now_s
        if heard.understood > self._last.understood:
            self._understood_at = now_s
            self._then = heard
        self._last = heard

    def warnings(self, now_s: float, trouble: str = "") -> tuple[str, ...]:
        """What an administrator should know, a sentence each; nothing when all is well."""
        if trouble:
            return (f"{shown(self.name)} is not heard: {shown(trouble)}",)
        found = [self._silence(now_s), self._deafness(), self._oddness()]
        return tuple(sentence for sentence in found if sentence)

    def _silence(self, now_s: float) -> str:
        if now_s - self._line_at < SILENT_S or self._last.origin in ASKED:
            return ""
        setting = SETTINGS.get(self._last.origin, "")
        return (
            f"{shown(self.name)}: silent since {_hour(self._line_at)}; is the PBX still writing "
            f"there? {setting}"
        ).rstrip()

    def _deafness(self) -> str:
        """Many lines, and none of them is about a login."""
        lines = self._last.lines - self._then.lines
        if lines < MANY_LINES:
            return ""
        setting = SETTINGS.get(self._last.origin, "")
        if not self._last.understood:
            return (
                f"{shown(self.name)}: {lines:,} lines, and not one about a login: this PBX does "
                f"not log them. {setting}"
            ).rstrip()
        return (
            f"{shown(self.name)}: {lines:,} lines, none understood since "
            f"{_hour(self._understood_at)}. {setting}"
        ).rstrip()

    def _oddness(self) -> str:
        """Lines about logins that could not be read, more than could."""
        odd = self._last.ours - self._then.ours - (self._last.understood - self._then.understood)
        if odd < MANY_ODD:
            return ""
        reason = self._last.not_understood[0][0] if self._last.not_understood else "no reason"
        return (
            f"{shown(self.name)}: {odd:,} lines about logins since {_hour(self._understood_at)}, "
            f"and none was understood: {reason}"
        )


def _hour(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%H:%M}Z"
