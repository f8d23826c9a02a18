"""Alarms through Apprise: mail, Slack, Teams, Telegram, webhooks and a hundred more.

Apprise is imported only when an alarm is sent. An address of it holds tokens and passwords:
no message, journal or log of ours shows more of it than its scheme, and its own log, which
may hold them, is not listened to.
"""

from __future__ import annotations

import logging
import re
from importlib.util import find_spec

from ringfence.model.alarm import ATTACK, BREAK_IN, NOTE, WARNING, AlertError

MAX_URL = 2000
# A service that does not answer holds the next one up for so long (seconds).
_CONNECT_S, _READ_S = 10, 20
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}(?=://)")
# Schemes that reach this machine's desktop or run something of it: nobody sits before a PBX.
_LOCAL = {"dbus", "glib", "gnome", "kde", "qt", "macosx", "windows", "growl"}


def scheme_of(url: str) -> str:
    """slack, mailtos, json …; "" where it is none. All that may be shown of an address."""
    found = _SCHEME.match(url)
    return found.group().lower() if found else ""


def check_service(url: str) -> None:
    """Whether Apprise knows it and its form is right. Raises AlertError, without the address."""
    _service(url)


def send_service(url: str, subject: str, text: str, severity: str) -> None:
    """Hand over one alarm. Raises AlertError."""
    service, kinds = _service(url)
    try:
        # As plain text: Apprise escapes it in the form that the service wants.
        sent = service.notify(  # type: ignore[attr-defined]
            title=subject, body=text, notify_type=kinds[severity], body_format="text"
        )
    except Exception as error:  # noqa: BLE001  a plug-in of a service may raise anything
        raise AlertError(f"{scheme_of(url)}: {type(error).__name__}") from None
    if not sent:
        raise AlertError(f"{scheme_of(url)}: the service did not take it, or is not reached")


def _service(url: str) -> tuple[object, dict[str, object]]:
    scheme = scheme_of(url)
    if not scheme or len(url) > MAX_URL:
        raise AlertError(
            "an address begins like slack:// (https://github.com/caronc/apprise lists them)",
            later=False,
        )
    if scheme in _LOCAL:
        raise AlertError(f"{scheme}: nobody sits before a phone system's screen", later=False)
    if find_spec("apprise") is None:
        raise AlertError(f"{scheme}: pip install 'ringfence[alerts]'", later=False)
    import apprise

    logging.getLogger("apprise").disabled = True
    asset = apprise.AppriseAsset(
        app_id="Ringfence", app_desc="Ringfence", app_url="",
        async_mode=False, secure_logging=True, interpret_emojis=False, interpret_escapes=False,
        plugin_paths=[],
    )  # fmt: skip
    service = apprise.Apprise.instantiate(_bounded(url), asset=asset, suppress_exceptions=True)
    if service is None:
        raise AlertError(
            f"{scheme}: Apprise does not know it, or something is missing in the address",
            later=False,
        )
    kinds = apprise.NotifyType
    return service, {
        NOTE: kinds.INFO, WARNING: kinds.WARNING, ATTACK: kinds.WARNING, BREAK_IN: kinds.FAILURE,
    }  # fmt: skip


def _bounded(url: str) -> str:
    """With Apprise's own bounds of time, where the owner wrote none."""
    more = [
        f"{name}={s}"
        for name, s in (("cto", _CONNECT_S), ("rto", _READ_S))
        if f"{name}=" not in url
    ]
    return f"{url}{'&' if '?' in url else '?'}{'&'.join(more)}" if more else url
