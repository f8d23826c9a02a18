"""Names as DNS and SMTP know them."""

from __future__ import annotations

import pytest

from ringfence.model.domain import ascii_domain, smtp_mailbox


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hosting.Example", "hosting.example"),
        ("hosting.example.", "hosting.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("localhost", "localhost"),
        ("192.0.2.1", None),
        ("a b.example", None),
        ("-a.example", None),
        ("a..example", None),
        ("\N{RIGHT-TO-LEFT OVERRIDE}a.example", None),
        ("a" * 64 + ".example", None),
        ("ä." * 5000, None),
        ("", None),
    ],
)
def test_domain_is_read(text: str, name: str | None) -> None:
    assert ascii_domain(text) == name


@pytest.mark.parametrize(
    ("text", "mailbox"),
    [
        ("anna@office.example", "anna@office.example"),
        ("Anna.B+sip@Office.Example", "Anna.B+sip@office.example"),
        ("jürgen@bücher.example", "jürgen@xn--bcher-kva.example"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_mailbox_is_read(text: str, mailbox: str) -> None:
    assert smtp_mailbox(text) == mailbox


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anna",
        "@office.example",
        "anna@",
        "Anna <anna@office.example>",
        "anna@office.example, ben@office.example",
        "anna@office.example\r\nBcc: ben@office.example",
        "an na@office.example",
        "anna@office.example ",
        ".anna@office.example",
        "an\N{ZERO WIDTH SPACE}na@office.example",
        "an\u3164na@office.example",
        '"an na"@office.example',
        "a" * 65 + "@office.example",
        "anna@" + ("b" * 60 + ".") * 4 + "example",
    ],
)
def test_what_smtp_would_not_take_as_one_mailbox(text: str) -> None:
    assert smtp_mailbox(text) is None
