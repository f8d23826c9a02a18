from __future__ import annotations

from ipaddress import ip_address

import pytest

from ringfence.attribute.abusix import ask_abusix
from ringfence.attribute.dns_text import text_records
from ringfence.attribute.errors import NotRegisteredError
from ringfence.model.responsible import OTHER_REGISTER
from tests.attribute.answers import mails
from tests.attribute.server import dns_server

ASKED = ip_address("203.0.113.5")
NAME = "5.113.0.203.abuse-contacts.abusix.zone"


def test_mailboxes_are_read_from_dns() -> None:
    with dns_server({NAME: ["abuse@hosting.example,noc@hosting.example"]}) as port:
        found = ask_abusix(ASKED, text_records(["127.0.0.1"], port))
    assert mails(found) == ["abuse@hosting.example", "noc@hosting.example"]
    assert {c.grade for c in found} == {OTHER_REGISTER}
    assert found[0].where == f"TXT {NAME}"


def test_placeholder_of_lacnic_is_unusable() -> None:
    found = ask_abusix(ASKED, lambda _: ["removed@lacnic.net"])
    assert mails(found) == []
    assert mails(found, usable=False) == ["removed@lacnic.net"]


def test_lie_in_a_record_is_unusable() -> None:
    found = ask_abusix(ASKED, lambda _: ["a@h.example\r\nBcc: b@h.example", "v=spf1 -all"])
    assert mails(found) == []


def test_unknown_address() -> None:
    with dns_server({}) as port, pytest.raises(NotRegisteredError):
        ask_abusix(ASKED, text_records(["127.0.0.1"], port))
