"""Mailboxes as registries write them."""

from __future__ import annotations

import time

import pytest

from ringfence.attribute.mailbox import deobfuscated, find_mailboxes, is_redacted, read_mailboxes


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("abuse@hosting.example", "abuse@hosting.example"),
        ("  Abuse@HOSTING.example. ", "Abuse@hosting.example"),
        ("mailto:abuse@hosting.example?subject=x", "abuse@hosting.example"),
        ("Abuse desk <abuse@hosting.example>", "abuse@hosting.example"),
        ('"abuse@hosting.example"', "abuse@hosting.example"),
        ("abuse (at) hosting [dot] example", "abuse@hosting.example"),
        ("Abuse: abuse@hosting.example", "abuse@hosting.example"),
        ("abuse@hosting.example (Abuse desk)", "abuse@hosting.example"),
        ("abuse@bücher.example", "abuse@xn--bcher-kva.example"),
        ("abuse+rir@a-b.hosting.example", "abuse+rir@a-b.hosting.example"),
    ],
)
def test_mailbox_is_read(written: str, meant: str) -> None:
    (box,) = read_mailboxes(written)
    assert (box.address, box.why_not) == (meant, None)


def test_several_mailboxes_in_one_value() -> None:
    boxes = read_mailboxes("abuse@a.example, noc@b.example; cert@c.example")
    assert [b.address for b in boxes] == ["abuse@a.example", "noc@b.example", "cert@c.example"]


@pytest.mark.parametrize(
    "written",
    [
        "removed@lacnic.net",
        "DATA REDACTED",
        "REDACTED FOR PRIVACY",
        "noreply@hosting.example",
        "no-reply@hosting.example",
        "abuse-noreply@hosting.example",
        "unread@ripe.net",
        "bitbucket@ripe.net",
        "nobody@apnic.net",
        "abuse@hosting.invalid",
        "abuse@localhost",
        "abuse@[192.0.2.1]",
        "abuse@192.0.2.1",
        "abuse",
        "@hosting.example",
        "abuse@@hosting.example",
        "abuse@-hosting.example",
        "a" * 65 + "@hosting.example",
        "abuse@" + "a." * 130 + "example",
        "\u0430buse@hosting.example",  # a Cyrillic a
    ],
)
def test_mailbox_that_nobody_reads_is_unusable(written: str) -> None:
    assert all(box.why_not for box in read_mailboxes(written))


@pytest.mark.parametrize(
    "written",
    [
        "abuse@hosting.example\r\nBcc: all@hosting.example",
        "abuse@hosting.example\x1b[2J",
        "abuse@hosting.\u202eelpmaxe",
        "abuse\x00@hosting.example",
    ],
)
def test_header_injection_and_control_characters_are_refused(written: str) -> None:
    (box,) = read_mailboxes(written)
    assert box.why_not == "holds characters that no address has"


def test_nothing_is_no_mailbox() -> None:
    assert read_mailboxes("  ") == []


def test_mailboxes_in_running_text() -> None:
    found = find_mailboxes("Write to abuse@a.example, or (at night) <noc@b.example>.")
    assert [box.address for _, box in found] == ["abuse@a.example", "noc@b.example"]
    assert found[0][0] == 9


@pytest.mark.parametrize("text", ["@" * 8000, "a@" * 4000, "a" * 8000, "a@b." * 2000])
def test_text_made_to_be_slow_is_not(text: str) -> None:
    begun = time.process_time()
    find_mailboxes(text)
    read_mailboxes(text)
    assert time.process_time() - begun < 1.0


def test_parts_of_an_address() -> None:
    (box,) = read_mailboxes("Net.Abuse@Hosting.example")
    assert (box.local, box.domain) == ("net.abuse", "hosting.example")


def test_redacted_is_told_from_a_name() -> None:
    assert is_redacted("REDACTED FOR PRIVACY")
    assert not is_redacted("Example Hosting Ltd")


def test_mailbox_hidden_from_machines_in_running_text() -> None:
    assert (
        deobfuscated("abuse (at) h.example or noc[at]h.example")
        == "abuse@h.example or noc@h.example"
    )
    assert deobfuscated("look (at) night") == "look@night"
    assert find_mailboxes("look@night") == []
