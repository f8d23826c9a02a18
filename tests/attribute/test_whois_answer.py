"""WHOIS answers in the dialects of the registries."""

from __future__ import annotations

import json
import time
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.attribute.errors import (
    AttributionError,
    BadAnswerError,
    NotRegisteredError,
    PausedError,
)
from ringfence.attribute.whois_answer import WhoisAnswer, read_span, read_whois
from tests.attribute.answers import mails

ASKED = ip_address("203.0.113.5")

RIPE = """\
% This is the RIPE Database query service.

% Information related to '203.0.113.0 - 203.0.113.255'

% Abuse contact for '203.0.113.0 - 203.0.113.255' is 'abuse@hosting.example'

inetnum:        203.0.113.0 - 203.0.113.255
netname:        EXAMPLE
descr:          Example
country:        DE
org:            ORG-EX1-RIPE
admin-c:        AA1-RIPE
tech-c:         AA1-RIPE
notify:         changes@hosting.example
source:         RIPE

organisation:   ORG-EX1-RIPE
org-name:       Example Hosting Ltd
abuse-c:        AR1-RIPE
source:         RIPE

role:           Abuse desk
nic-hdl:        AR1-RIPE
e-mail:         desk@hosting.example
abuse-mailbox:  abuse@hosting.example

person:         Ann Admin
phone:          +49 30 555 0100
nic-hdl:        AA1-RIPE
e-mail:         ann@hosting.example

% Information related to '203.0.113.0/24AS64500'

route:          203.0.113.0/24
origin:         AS64500
"""

ARIN = """\
# start

NetRange:       203.0.112.0 - 203.0.119.255
CIDR:           203.0.112.0/21
NetName:        PROVIDER

OrgName:        Provider Inc.
OrgAbuseEmail:  abuse@provider.example

# start

NetRange:       203.0.113.0 - 203.0.113.255
NetName:        CUSTOMER
NetHandle:      NET-203-0-113-0-1
OriginAS:       AS64500

OrgName:        Customer Inc.
Country:        US

OrgTechEmail:  tech@customer.example
OrgAbusePhone:  +1-555-010-0100
OrgAbuseEmail:  abuse@customer.example
OrgNOCEmail:  noc@customer.example
"""

NICBR = """\
% Copyright (c) Nic.br

inetnum:     203.0.113.0/24
aut-num:     AS64500
abuse-c:     FAN
owner:       Exemplo Ltda
country:     BR
owner-c:     OWN
tech-c:      FAN

nic-hdl-br:  FAN
person:      Fulano
e-mail:      seguranca@exemplo.example
created:     19970101

nic-hdl-br:  OWN
person:      Beltrano
e-mail:      dono@exemplo.example
"""

JPNIC = """\
[ JPNIC database provides information regarding IP address and ASN. Its use   ]

Network Information:
a. [Network Number]             203.0.113.0/24
b. [Network Name]               EXAMPLE-JP
g. [Organization]               Example KK
m. [Administrative Contact]     JP00000001
n. [Technical Contact]          JP00000001

Group Contact Information:
[Group Handle]                  JP00000001
[Group Name]                    Example NOC
[E-Mail]                        noc@example-kk.example
[TEL]                           +81-3-5550-0100
"""

KRNIC = """\
query : 203.0.113.5

# ENGLISH

[ Network Information ]
IPv4 Address       : 203.0.112.0 - 203.0.119.255 (/21)
Organization Name  : Example Telecom

[ Network Contact Information ]
Name               : IP Manager
Phone              : +82-2-555-0100
E-Mail             : ip@telecom.example

More specific assignment information is as follows.

[ Network Information ]
IPv4 Address       : 203.0.113.0 - 203.0.113.63 (/26)
Organization Name  : Example Customer

[ Network Abuse Contact Information ]
Name               : Abuse
E-Mail             : abuse@customer.example
"""


def answer(text: str, registry: str | None = None) -> WhoisAnswer:
    return read_whois(text, "whois.example", registry, ASKED)


def test_ripe_names_the_desk_in_a_comment() -> None:
    found = answer(RIPE, "ripe")
    assert mails(found.contacts) == [
        "abuse@hosting.example",
        "desk@hosting.example",
        "ann@hosting.example",
    ]
    assert found.contacts[0].where == "line 5: abuse contact"
    assert found.network is not None
    assert (found.network.holder, found.network.name) == ("Example Hosting Ltd", "EXAMPLE")
    assert (found.network.country, found.network.prefixes) == ("DE", ("203.0.113.0/24",))


def test_arin_narrowest_network_counts() -> None:
    found = answer(ARIN, "arin")
    assert found.network is not None
    assert (found.network.holder, found.network.asn) == ("Customer Inc.", 64500)
    assert mails(found.contacts) == [
        "abuse@customer.example",
        "noc@customer.example",
        "tech@customer.example",
    ]
    assert found.contacts[0].phone == "+1-555-010-0100"


def test_nic_br_desk_is_behind_a_handle() -> None:
    found = answer(NICBR, "nicbr")
    assert mails(found.contacts) == ["seguranca@exemplo.example", "dono@exemplo.example"]
    assert found.network is not None
    assert (found.network.holder, found.network.asn) == ("Exemplo Ltda", 64500)


def test_jpnic_labels_in_brackets() -> None:
    found = answer(JPNIC, "jpnic")
    assert found.network is not None
    assert (found.network.holder, found.network.name) == ("Example KK", "EXAMPLE-JP")
    assert found.handles == ("JP00000001",)
    assert mails(found.contacts) == ["noc@example-kk.example"]


def test_krnic_narrower_assignment_and_its_desk() -> None:
    found = answer(KRNIC, "krnic")
    assert found.network is not None
    assert (found.network.holder, found.network.first) == ("Example Customer", "203.0.113.0")
    assert mails(found.contacts)[0] == "abuse@customer.example"


def test_referral_to_another_server() -> None:
    text = "NetRange: 198.51.100.0 - 198.51.100.255\n\nReferralServer:  whois://whois.ripe.net\n"
    assert answer(text).refers_to == "whois.ripe.net"


def test_block_of_another_registry_is_referred_or_refused() -> None:
    block = (
        "NetRange: 203.0.0.0 - 203.255.255.255\nNetName: APNIC-203\nNetType: Allocated to APNIC\n"
        "Organization: Asia Pacific Network Information Centre (APNIC)\n"
    )
    assert (
        answer(f"{block}\nReferralServer: whois://whois.apnic.net\n").refers_to == "whois.apnic.net"
    )
    with pytest.raises(NotRegisteredError):
        answer(block)
    part = (
        "NetRange: 203.0.112.0 - 203.0.119.255\n"
        "NetType: Early Registrations, Transferred to RIPE NCC\n"
    )
    with pytest.raises(NotRegisteredError, match="block of a registry"):
        answer(part)


def test_remark_names_the_desk() -> None:
    text = "inetnum: 203.0.113.0/24\nremarks: Please send abuse notification to d@h.example\n"
    assert mails(answer(text).contacts) == ["d@h.example"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("%ERROR:201: access denied for 192.0.2.1\n", PausedError),
        ("% Query rate limit exceeded. Reduced information.\n", PausedError),
        ("%ERROR:101: no entries found\n", NotRegisteredError),
        ("No match found for n + 203.0.113.5\n", NotRegisteredError),
        ("inetnum: 0.0.0.0 - 255.255.255.255\nnetname: IANA-BLK\n", NotRegisteredError),
        ("inetnum: 198.51.100.0 - 198.51.100.255\n", BadAnswerError),
        ("<html>hello</html>", BadAnswerError),
    ],
)
def test_refusals_and_placeholders(text: str, error: type[AttributionError]) -> None:
    with pytest.raises(error):
        answer(text)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("200.57.128/19", ("200.57.128.0", "200.57.159.255")),
        ("203.0.113.0 - 203.0.113.63 (/26)", ("203.0.113.0", "203.0.113.63")),
        ("2001:0db8::/32", ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")),
        ("203.0.113.9 - 203.0.113.1", None),
        ("203.0.113.0", None),
        ("x/24", None),
        ("203.0.113.0/99", None),
        ("203.0.113.0 - 2001:db8::", None),
    ],
)
def test_range_is_read(text: str, span: tuple[str, str] | None) -> None:
    found = read_span(text)
    assert (tuple(map(str, found)) if found else None) == span


# Mailboxes of real answers, best first; read by a person.
EXPECTED = {
    "196.11.240.215": ["abuse@mtnbusiness.co.za"],
    "62.239.237.1": ["protect@bt.com", "btcertcc@bt.com"],
    "210.107.73.73": ["abuse@bora.net", "security@bora.net", "ipadm@nic.bora.net"],
    "2001:4860:4860::8888": ["arin-contact@google.com"],
    "2801:10:c000::": ["sistemas.red@uco.edu.co"],
    "2a00:2381:ffff::1": ["protect@bt.com", "abuse@bt.net"],
    "74.125.225.229": ["arin-contact@google.com"],
    "2001:43f8:7b0::": [],
    "200.57.141.161": ["operacion.redes@triara.com"],
    "2001:240:10c:1::ca20:9d1d": [],
    "133.1.2.5": [],
    "115.1.2.3": ["kornet_ip@kt.com"],
}


@pytest.mark.parametrize("address", EXPECTED)
def test_answers_that_servers_gave(shared_data: Path, address: str) -> None:
    answers: dict[str, dict[str, str]] = {}
    for name in (
        "whois43_ten_rir_responses",
        "nir_jpnic_html_133.1.2.5",
        "nir_krnic_html_115.1.2.3",
    ):
        path = shared_data / "rdap" / f"{name}.json"
        if path.is_file():
            answers |= json.loads(path.read_text())
    if address not in answers:
        pytest.skip("no such answer there")
    found = read_whois(answers[address]["response"], "w", None, ip_address(address))
    assert mails(found.contacts) == EXPECTED[address]


_LINES = st.lists(
    st.sampled_from(
        [
            "",
            "inetnum: 203.0.113.0/24",
            "inetnum: 203.0.0.0/16",
            "abuse-c: A",
            "nic-hdl: A",
            "e-mail: a@h.example",
            "abuse-mailbox: x",
            "[Network Number] 203.0.113.0/24",
            "[ A ]",
            "% Abuse contact for 'x' is 'y@h.example'",
            "remarks: abuse: https://h.example/",
            "org: A",
            "OrgAbuseEmail: abuse@h.example",
            "NetRange: 203.0.113.0 - 203.0.113.7",
            ": ",
            "phone: +1",
        ]
    )
    | st.text(max_size=30),
    max_size=30,
)


@given(_LINES)
def test_any_text_is_a_value_or_a_named_error(lines: list[str]) -> None:
    try:
        found = answer("\n".join(lines))
    except AttributionError as error:
        assert "whois.example" in str(error)  # noqa: PT017  one of two good ends
    else:
        assert found.network is not None or found.refers_to


@pytest.mark.parametrize(
    "line",
    ["a" * 20_000, "[" * 20_000, " " * 20_000, "<" * 20_000, "a:" * 9000, "remarks: " + "@" * 9000],
)
def test_answer_made_to_be_slow_is_not(line: str) -> None:
    begun = time.process_time()
    answer("inetnum: 203.0.113.0/24\n" + f"{line}\n" * 20)
    assert time.process_time() - begun < 2.0
