"""Settings, as the doctor sees them."""

from __future__ import annotations

from ringfence.flow.doctor.settings import check_settings
from ringfence.model.settings import Alerts, MailServer, Settings, SettingsError, Victim
from tests.flow.machines import said

FILE = "/etc/ringfence/settings.toml"
MAIL = MailServer(server="smtp.office.example")
ME = Victim(email="anna@office.example")


def test_nobody_is_told() -> None:
    assert said(check_settings(Settings(), FILE)) == [
        f"ok settings: {FILE} holds; letters will show what is missing of you",
        "warn alarms: nobody is told of an attack",
        "ok mail: no mail server: letters are written, and you send them",
    ]


def test_alarms_by_mail_need_a_server_and_a_sender() -> None:
    by_mail = Alerts(email="anna@office.example")
    assert said(check_settings(Settings(alerts=by_mail), FILE))[1] == (
        "fail alarms: alarms go by mail, and there is no mail server"
    )
    assert said(check_settings(Settings(alerts=by_mail, mail=MAIL), FILE))[1] == (
        "fail alarms: alarms go by mail, and nobody sends them"
    )
    assert said(check_settings(Settings(alerts=by_mail, mail=MAIL, victim=ME), FILE))[1:] == [
        "ok alarms: alarms go by mail; try it: ringfence alert test",
        "ok mail: letters go by smtp.office.example; try it: ringfence settings check-mail",
    ]


def test_no_secret_of_a_service_is_shown() -> None:
    alerts = Alerts(urls=("slack://T0KEN/SECRET",), syslog="/dev/log")
    found = said(check_settings(Settings(alerts=alerts), FILE))
    assert found[1] == (
        "ok alarms: alarms go by the log server, 1 of Apprise; try it: ringfence alert test"
    )
    assert "SECRET" not in "".join(found)


def test_settings_that_do_not_hold() -> None:
    (found,) = check_settings(SettingsError(f"{FILE}: guard.prots: no such field"), FILE)
    assert found.state == "fail"
    assert "guard.prots" in found.says


def test_settings_that_this_user_may_not_read() -> None:
    (found,) = check_settings(Settings(), FILE, is_hidden=True)
    assert (found.state, found.do) == ("warn", "sudo ringfence doctor")
