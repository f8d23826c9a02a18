from __future__ import annotations

from ipaddress import ip_address

import pytest

from ringfence.attribute.errors import BadAnswerError
from ringfence.attribute.ripestat import ask_ripestat, read_finding
from tests.attribute.answers import Json, mails, octets
from tests.attribute.scene import client_of
from tests.attribute.server import Play, registry

PATH = "/data/abuse-contact-finder/data.json?resource=203.0.113.5&sourceapp=ringfence"


def test_contacts_and_registry_are_read() -> None:
    data = {"abuse_contacts": ["abuse@hosting.example"], "authoritative_rir": "ripe"}
    with registry() as server:
        server.play(PATH, Play(octets({"data": data})))
        found = ask_ripestat(ip_address("203.0.113.5"), client_of(server.url), server.url)
    assert (mails(found.contacts), found.registry) == (["abuse@hosting.example"], "ripe")
    assert found.contacts[0].where == "data.abuse_contacts[0]"


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ({"anti_abuse_contacts": {"abuse_c": [{"email": "a@h.example"}]}}, ["a@h.example"]),
        ({"abuse_contacts": "a@h.example"}, ["a@h.example"]),
        ({"abuse_contacts": None, "authoritative_rir": 7}, []),
        ({"abuse_contacts": [None, {}, 3]}, []),
        ({"anti_abuse_contacts": {"abuse_c": ["a@h.example", None]}}, ["a@h.example"]),
    ],
)
def test_forms_of_the_answer(data: Json, wanted: list[str]) -> None:
    assert mails(read_finding({"data": data}, "s").contacts) == wanted


@pytest.mark.parametrize("document", [{}, {"data": []}, {"data": None}])
def test_answer_without_data_is_named(document: Json) -> None:
    with pytest.raises(BadAnswerError, match="without data"):
        read_finding(document, "stat.ripe.net")
