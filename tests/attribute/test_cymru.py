from __future__ import annotations

from ipaddress import ip_address

import pytest

from ringfence.attribute.cymru import Origin, as_name, ask_cymru
from ringfence.attribute.dns_text import text_records
from ringfence.attribute.errors import BadAnswerError
from tests.attribute.server import dns_server

ASKED = ip_address("203.0.113.5")
NAME = "AS64500.asn.cymru.com"


def test_number_and_name_of_the_network() -> None:
    texts = {
        "5.113.0.203.origin.asn.cymru.com": [
            "64496 | 203.0.112.0/21 | NL | ripencc | 2011-08-11",
            "64500 64501 | 203.0.113.0/24 | DE | ripencc | 2011-08-11",
        ],
        NAME.lower(): ["64500 | DE | ripencc | 2011-08-11 | EXAMPLE-AS Example Hosting, DE"],
    }
    with dns_server(texts) as port:
        found = ask_cymru(ASKED, text_records(["127.0.0.1"], port))
    assert found == Origin(64500, "203.0.113.0/24", "DE", "ripe", "EXAMPLE-AS Example Hosting, DE")


def test_ipv6_has_a_zone_of_its_own() -> None:
    asked: list[str] = []

    def records(name: str) -> list[str]:
        asked.append(name)
        return ["64500 | 2001:db8::/32 | DE | ripencc | 2011-08-11"]

    assert ask_cymru(ip_address("2001:db8::5"), records).prefix == "2001:db8::/32"
    assert asked[0].endswith(".origin6.asn.cymru.com")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "64500",
        "64500 | 198.51.100.0/24 | DE | ripencc |",
        "x | 203.0.113.0/24 | DE | ripencc |",
        "64500 | nonsense | DE | ripencc |",
        "9" * 40 + " | 203.0.113.0/24 | DE | ripencc |",
    ],
)
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(BadAnswerError):
        ask_cymru(ASKED, lambda _: [text])


def test_name_may_be_unknown() -> None:
    with dns_server({NAME.lower(): ["nonsense"]}) as port:
        ask = text_records(["127.0.0.1"], port)
        assert as_name(64500, ask) is None
        assert as_name(64501, ask) is None
