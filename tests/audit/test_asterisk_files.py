"""Managers, web server, logs and mailboxes of Asterisk."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.audit import asterisk_conf, asterisk_files
from ringfence.audit.asterisk_conf import Conf
from ringfence.model.secret import Kind


def _conf(text: str) -> Conf:
    return asterisk_conf.read(Path("x.conf"), text)


def test_mailboxes() -> None:
    found = asterisk_files.mailboxes(
        _conf(
            "[general]\nformat=wav\n[default]\n200 => -1234,Ann Lee,a@example.com,,x=y\n201=>,Bo\n"
        )
    )
    assert [(box.number, box.pin.text, box.pin.kind, box.name, box.mail) for box in found] == [
        ("200", "1234", Kind.VOICEMAIL, "Ann Lee", "a@example.com")
    ]


def test_managers() -> None:
    (one,) = asterisk_files.managers(
        _conf("[general]\nenabled=yes\n[admin]\nsecret=x\nread=all\n[b]\n")
    )
    assert (one.kind, one.text, one.column) == (Kind.MANAGER, "x", "manager.conf [admin] secret")


def test_a_password_of_ari_that_is_a_hash_is_left_out() -> None:
    conf = _conf(
        "[a]\ntype=user\npassword=x\n[b]\ntype=user\npassword=$6$y\npassword_format=crypt\n"
    )
    assert [one.text for one in asterisk_files.rest_users(conf)] == ["x"]


@pytest.mark.parametrize(("text", "listens"), [
    ("[general]\nenabled=yes\n", ["5038 on 0.0.0.0"]),
    ("[general]\nenabled=yes\nport=5039\nbindaddr=127.0.0.1\n", ["5039 on 127.0.0.1"]),
    ("[general]\nenabled=yes\ntlsenable=yes\ntlsbindaddr=[2001:db8::1]:6000\n",
     ["5038 on 0.0.0.0", "6000 on 2001:db8::1"]),
    ("[general]\nenabled=no\n", []),
    ("[other]\n", []),
])  # fmt: skip
def test_where_the_manager_listens(text: str, listens: list[str]) -> None:
    assert [one.value for one in asterisk_files.manager_settings(_conf(text))] == listens


def test_where_the_web_server_listens() -> None:
    conf = _conf("[general]\nenabled=yes\nbindaddr=0.0.0.0\ntlsenable=yes\ntlsbindaddr=192.0.2.1\n")
    assert [one.value for one in asterisk_files.web_settings(conf)] == [
        "8088 on 0.0.0.0", "8089 on 192.0.2.1",
    ]  # fmt: skip


@pytest.mark.parametrize(("line", "logged"), [
    ("console => notice,warning", "no"), ("security => security", "yes"), ("full => *", "yes"),
    ("json => [json]notice,security", "yes"), ("s.security => notice", "no"),
    ("", "no"),
])  # fmt: skip
def test_whether_refusals_are_logged(line: str, logged: str) -> None:
    found = list(asterisk_files.log_settings(_conf(f"[general]\n[logfiles]\n{line}\n")))
    assert [one.value for one in found] == [logged]
