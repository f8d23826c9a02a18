"""Alarms through Apprise to a real webhook and a real mail server on loopback."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ringfence.model.alarm import ATTACK, BREAK_IN, AlertError
from ringfence.respond.alerts.services import check_service, scheme_of, send_service
from ringfence.respond.alerts.text import alarm_of
from tests.mail_server import Desk, mail_server
from tests.respond.alerts.test_text import EVIL, GUESSER

pytest.importorskip("apprise", reason="pip install 'ringfence[alerts]'")

SECRET = "horsebattery"  # of nobody


class Webhook(HTTPServer):
    """What arrived, and what is answered."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[dict[str, str]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        octets = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(json.loads(octets))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = Webhook()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def address(server: Webhook) -> str:
    return f"json://user:{SECRET}@127.0.0.1:{server.server_port}/path"


def test_webhook_gets_the_alarm(webhook: Webhook) -> None:
    send_service(address(webhook), "Attack: scan", "Who: 203.0.113.7\nGot in: no", ATTACK)
    (body,) = webhook.bodies
    assert body["title"] == "Attack: scan"
    assert body["message"] == "Who: 203.0.113.7\nGot in: no"
    assert body["type"] == "warning"


def test_webhook_gets_strangers_names_as_text_only(webhook: Webhook) -> None:
    for name in EVIL:
        alarm = alarm_of(replace(GUESSER, accounts_taken=(name,)), BREAK_IN, 1)
        send_service(address(webhook), alarm.subject, alarm.text, alarm.severity)
    for body in webhook.bodies:
        assert "@" not in body["message"] + body["title"]
        assert "<" not in body["message"] + body["title"]
        assert "evil.example" not in body["message"]


def test_mail_arrives_with_the_headers_that_we_wrote() -> None:
    desk = Desk()
    with mail_server(desk) as port:
        for name in EVIL[:3]:
            alarm = alarm_of(replace(GUESSER, accounts_taken=(name,)), BREAK_IN, 1)
            send_service(
                f"mailto://127.0.0.1:{port}?from=guard@office.example&to=anna@office.example"
                "&mode=insecure",
                alarm.subject, alarm.text, alarm.severity,
            )  # fmt: skip
    assert [letter.receivers for letter in desk.letters] == [("anna@office.example",)] * 3
    for letter in desk.letters:
        mail = message_from_bytes(letter.octets, policy=policy.default)
        assert mail["Bcc"] is None
        assert "BREAK-IN" in mail["Subject"]
        shown = b"".join(
            part.get_payload(decode=True) or b""  # type: ignore[misc]
            for part in mail.walk() if not part.is_multipart()
        )  # fmt: skip
        assert b"<script" not in shown
        assert b"<img" not in shown
        assert b"203.0.113.7" in shown


# How chats are written to; what each makes of a text it does with its own markup.
CHATS = {
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#phones",
    "discord": "discord://" + "1" * 24 + "/" + "a" * 64,
    "tgram": "tgram://123456789:abcdefg_hijklmnop/12315544",
    "msteams": "workflows://host:443/" + "w" * 32 + "/" + "s" * 32,
}


@pytest.mark.parametrize("chat", CHATS)
def test_chats_get_no_markup_mention_or_link_that_a_stranger_wrote(
    chat: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Apprise's own plug-ins make the payload; what would go out is caught before the line."""
    import requests

    sent: list[str] = []

    def catch(*_: object, **options: object) -> requests.Response:
        sent.append(str(options.get("data") or options.get("json")))
        answer = requests.Response()
        answer.status_code, answer._content = 200, b'{"ok": true, "result": []}'
        return answer

    for method in ("post", "get", "request"):
        monkeypatch.setattr(requests, method, catch)
    for name in EVIL:
        before = len(sent)
        alarm = alarm_of(replace(GUESSER, accounts_taken=(name,), reason=name), BREAK_IN, 1)
        with contextlib.suppress(AlertError):  # our answer is none of its own
            send_service(CHATS[chat], alarm.subject, alarm.text, alarm.severity)
        payload = "".join(sent[before:])
        assert "203.0.113.7" in payload
        for mark in (
            "@everyone", "@here", "<!", "<@", "<script", "<img", "evil.example", "](", "*bold*",
            "`", "||", ":rotating_light:", "\\u202e", "\\u001b",
        ):  # fmt: skip
            assert mark not in payload


@pytest.mark.parametrize("status", [403, 500])
def test_service_that_refuses_is_told_without_its_secrets(
    webhook: Webhook, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    webhook.status = status
    with caplog.at_level(logging.DEBUG), pytest.raises(AlertError) as caught:
        send_service(address(webhook), "s", "t", ATTACK)
    assert str(caught.value) == "json: the service did not take it, or is not reached"
    assert caught.value.later
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "an address begins like"),
        ("horsebattery", "an address begins like"),
        ("nonsense://horsebattery", "nonsense: Apprise does not know it"),
        ("slack://horsebattery", "slack: Apprise does not know it, or something is missing"),
        ("dbus://", "nobody sits"),
        ("json://" + "a" * 3000, "an address begins like"),
    ],
)
def test_address_that_is_wrong_is_not_tried_again_and_not_shown(url: str, says: str) -> None:
    with pytest.raises(AlertError, match=says) as caught:
        check_service(url)
    assert not caught.value.later
    assert SECRET not in str(caught.value)


def test_scheme_is_all_that_is_shown() -> None:
    assert scheme_of("Slack://T/B/secret") == "slack"
    assert scheme_of("secret") == ""


def test_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringfence.respond.alerts.services.find_spec", lambda _: None)
    with pytest.raises(AlertError, match=r"pip install 'ringfence\[alerts\]'"):
        check_service("json://127.0.0.1")
