"""RDAP answers as registries send them, and as liars would."""

from __future__ import annotations

import time
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.attribute.answer import MAX_DEPTH, MAX_PARTIES, Answer, national, read_answer
from ringfence.attribute.contacts import contacts_of
from ringfence.attribute.errors import (
    AttributionError,
    BadAnswerError,
    NotRegisteredError,
    PausedError,
)
from ringfence.attribute.loose import read_json
from ringfence.model.responsible import Network
from tests.attribute.answers import Json, entity, fn, kind, mail, network, octets, read, remark

ASKED = ip_address("203.0.113.5")


def net(document: Json, source: str = "rdap.arin.net") -> Network:
    found = read(document, source).network
    assert found is not None
    return found


def asked(document: Json) -> Answer:
    return read_answer(document, "rdap.arin.net", ASKED)


def test_network_is_read() -> None:
    owner = entity("ORG-1", ["registrant"], fn("Example Hosting Ltd"), kind("org"))
    found = net(network(owner, country="DE", arin_originas0_originautnums=[64500]))
    assert found == Network(
        "203.0.113.0",
        "203.0.113.255",
        ("203.0.113.0/24",),
        "Example Hosting Ltd",
        "EXAMPLE",
        "NET-203-0-113-0-1",
        "DE",
        "arin",
        64500,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"startAddress": "203.000.113.000", "endAddress": "203.000.113.255"},
        {
            "startAddress": None,
            "endAddress": None,
            "cidr0_cidrs": [{"v4prefix": "203.0.113.0", "length": 24}],
        },
        {
            "startAddress": "",
            "endAddress": "x",
            "cidr0_cidrs": {"v4prefix": "203.0.113.0", "length": "24"},
        },
        {"startAddress": "203.0.113.0/32", "endAddress": "203.0.113.255/32"},
    ],
)
def test_addresses_of_any_form(fields: Json) -> None:
    assert net(network(**fields)).prefixes == ("203.0.113.0/24",)


def test_range_that_is_no_prefix_is_several() -> None:
    found = net(network(startAddress="203.0.113.4", endAddress="203.0.113.9"))
    assert found.prefixes == ("203.0.113.4/30", "203.0.113.8/31")


def test_last_address_that_repeats_the_first_gives_way_to_the_handle() -> None:
    given = network(
        startAddress="2001:db8:c000:0:0:0:0:0",
        endAddress="2001:db8:c000:0:0:0:0:0",
        handle="2001:db8:c000::/48",
    )
    assert net(given).prefixes == ("2001:db8:c000::/48",)


@pytest.mark.parametrize(
    ("parties", "remarks", "holder"),
    [
        (
            [
                entity("A-MNT", ["registrant"], fn("A-MNT")),
                entity("O", ["registrant"], fn("Org"), kind("org")),
            ],
            [],
            "Org",
        ),
        (
            [entity("N", ["technical"], fn("National Registry"), kind("group"))],
            [remark("Example KK", "Tokyo", title="description")],
            "Example KK",
        ),
        ([entity("ORG-1", None, fn("ORG-1"), kind("org"))], [], "ORG-1"),
        ([entity("ORG-1", None, fn("Example"), kind("org"))], [], "Example"),
        ([], [], "EXAMPLE"),
    ],
)
def test_holder_is_who_registered_it(parties: list[Json], remarks: list[Json], holder: str) -> None:
    assert net(network(*parties, remarks=remarks)).holder == holder


def test_country_of_the_registrant_where_the_network_has_none() -> None:
    address = ["adr", {"label": "1 Way\nTown\nUnited States"}, "text", [""] * 7]
    assert net(network(entity("O", ["registrant"], fn("Org"), address))).country == "US"


@pytest.mark.parametrize("country", ["EU", "ZZ", "", None, 7, ["DE"]])
def test_country_that_is_none(country: object) -> None:
    assert net(network(country=country)).country is None


@pytest.mark.parametrize(
    ("fields", "asn"),
    [
        ({"lacnic_originAutnum": ["AS64500"]}, 64500),
        ({"nicbr_autnum": 64500}, 64500),
        ({"arin_originas0_originautnums": []}, None),
        ({"arin_originas0_originautnums": None}, None),
    ],
)
def test_number_of_the_network(fields: Json, asn: int | None) -> None:
    assert net(network(**fields)).asn == asn


def test_answer_about_a_number_or_a_party_is_read_too() -> None:
    number = {"objectClassName": "autnum", "startAutnum": 64500, "endAutnum": 64500, "name": "AS-X"}
    assert net(number).asn == 64500
    party = entity("E1", None, mail("abuse@hosting.example"))
    assert [c.where for c in contacts_of(read(party))] == ["vcardArray[1]"]


@pytest.mark.parametrize(
    ("links", "parent"),
    [
        (
            [{"rel": "up", "href": "https://rdap.arin.net/registry/ip/203.0.112.0/20"}],
            "https://rdap.arin.net/registry/ip/203.0.112.0/20",
        ),
        (
            {"rel": "rdap-up rdap-active", "href": "https://rdap.db.ripe.net/ip/x"},
            "https://rdap.db.ripe.net/ip/x",
        ),
        ([{"rel": "self", "href": "https://rdap.arin.net/x"}], None),
        ([{"rel": "up", "href": "file:///etc/passwd"}, None, {"rel": None}], None),
    ],
)
def test_link_to_the_network_around_it(links: object, parent: str | None) -> None:
    assert read(network(links=links)).parent == parent


def test_of_a_history_what_still_holds_counts() -> None:
    old = {
        "applicableUntil": "2020-01-01T00:00:00Z",
        "content": network(entity("A", ["abuse"], mail("old@h.example"))),
    }
    now = {
        "applicableUntil": None,
        "content": network(entity("A", ["abuse"], mail("new@h.example"))),
    }
    found = contacts_of(read({"records": [old, now]}))
    assert [(c.email, c.where) for c in found] == [
        ("new@h.example", "records[1].content.entities[0].vcardArray[1]")
    ]


# ---- lies and refusals ------------------------------------------------------


def test_answer_about_another_network_is_refused() -> None:
    with pytest.raises(BadAnswerError, match="another network"):
        asked(network(startAddress="198.51.100.0", endAddress="198.51.100.255"))
    with pytest.raises(BadAnswerError, match="another kind of address"):
        asked(network(startAddress="2001:db8::", endAddress="2001:db8::ff"))


def test_answer_without_a_network_is_refused() -> None:
    with pytest.raises(BadAnswerError, match="without a network"):
        asked({"objectClassName": "ip network"})


@pytest.mark.parametrize(
    "document",
    [
        network(startAddress="0.0.0.0", endAddress="255.255.255.255"),  # noqa: S104
        network(startAddress="202.0.0.0", endAddress="203.255.255.255"),
        network(name="NON-RIPE-NCC-MANAGED-ADDRESS-BLOCK"),
        network(name="ERX-NETBLOCK"),
        network(name="EU-ZZ-203-0-113"),
        network(remarks=[remark("This IP address range is not registered in the ARIN database.")]),
        network(
            remarks=[
                remark(
                    "These addresses have been further assigned to users in the RIPE NCC region."
                )
            ]
        ),
        network(
            entity("A", ["registrant"], fn("Asia Pacific Network Information Centre"), kind("org")),
            startAddress="203.0.0.0",
            endAddress="203.255.255.255",
        ),
    ],
)
def test_placeholder_is_no_holder(document: Json) -> None:
    with pytest.raises(NotRegisteredError):
        asked(document)


@pytest.mark.parametrize(
    "document",
    [
        {"notices": {"title": "Quota exceeded", "description": "too much"}},
        {"notices": [{"title": "Rate limit", "description": ["Rate limit exceeded, try later"]}]},
        {"errorCode": 429, "title": "Too Many Requests"},
        {"title": "error", "description": "you have exceeded your queries limit"},
    ],
)
def test_quota_notice_with_status_200_is_a_pause(document: Json) -> None:
    with pytest.raises(PausedError):
        asked(document)


def test_quota_word_in_a_real_answer_is_no_pause() -> None:
    terms = {"title": "Terms", "description": ["Excessive queries: too many are blocked"]}
    assert asked(network(notices=[terms])).network is not None


def test_error_objects() -> None:
    with pytest.raises(NotRegisteredError):
        asked({"errorCode": 404, "title": "Not Found"})
    with pytest.raises(BadAnswerError, match="error 501"):
        asked({"errorCode": 501, "title": "501 Not Implemented"})


# ---- national registries ------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "nir"),
    [
        (network(entity("JNIC1-AP", ["technical"], mail("hostmaster@nic.ad.jp"))), "jpnic"),
        (network(entity("IRT-KRNIC-KR", ["abuse"], mail("hostmaster@nic.or.kr"))), "krnic"),
        (network(notices=[remark("Objects returned came from source", "TWNIC")]), "twnic"),
        (network(entity("IRT-CNNIC-CN", ["abuse"], mail("ipas@cnnic.cn"))), "cnnic"),
        (network(entity("IRT-X", ["abuse"], mail("abuse@hosting.example"))), None),
    ],
)
def test_mirror_of_a_national_registry_is_recognised(document: Json, nir: str | None) -> None:
    assert national(read(document, "rdap.apnic.net")) == nir


def test_national_registry_itself_needs_no_second_question() -> None:
    answer = read(network(port43="whois.registro.br"), "rdap.registro.br")
    assert answer.network is not None
    assert (answer.nir, answer.network.registry, national(answer)) == ("nicbr", "nicbr", None)


def test_mark_in_an_answer_of_another_region_means_nothing() -> None:
    assert (
        national(read(network(remarks=[remark("we peer with JPNIC")]), "rdap.db.ripe.net")) is None
    )


# ---- bounds -------------------------------------------------------------------


def test_entities_inside_entities_are_bounded_in_depth_and_number() -> None:
    deep: Json = entity("last", [])
    for level in range(50):
        deep = entity(f"E{level}", [], entities=[deep])
    many: list[Json] = [entity("E", []) for _ in range(900)]
    assert len(read(network(deep)).parties) == MAX_DEPTH
    assert len(read(network(*many)).parties) == MAX_PARTIES


def test_wide_tree_of_entities_is_read_in_time() -> None:
    leaf = [entity("E", ["abuse"], mail(f"a{n}@h.example")) for n in range(300)]
    tree: list[Json] = [entity("E", [], entities=leaf) for _ in range(300)]
    begun = time.process_time()
    contacts_of(read(network(*tree)))
    assert time.process_time() - begun < 5.0


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "entities",
                    "roles",
                    "vcardArray",
                    "remarks",
                    "description",
                    "title",
                    "handle",
                    "startAddress",
                    "endAddress",
                    "cidr0_cidrs",
                    "v4prefix",
                    "length",
                    "notices",
                    "errorCode",
                    "country",
                    "jscard",
                    "emails",
                    "address",
                    "status",
                    "records",
                    "content",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=40,
)


@given(_JSON, st.booleans())
def test_any_json_is_a_value_or_a_named_error(value: object, whole: bool) -> None:
    document = network(entities=value) if whole else {"entities": value, "notices": value}
    try:
        answer = read_answer(document, "rdap.example", ASKED if whole else None)
    except AttributionError as error:
        assert "rdap.example" in str(error)  # noqa: PT017  one of two good ends
    else:
        for contact in contacts_of(answer):
            assert contact.usable != bool(contact.why_not)


@given(st.lists(st.lists(_JSON, max_size=5), max_size=6), _JSON)
def test_any_card_is_a_value(properties: list[list[object]], roles: object) -> None:
    party = {"roles": roles, "vcardArray": ["vcard", [["email", *rest] for rest in properties]]}
    contacts_of(read(network(party)))


@given(st.binary(max_size=300))
def test_any_octets_are_a_value_or_a_named_error(given_octets: bytes) -> None:
    said = "rdap.example answered"
    try:
        read_answer(read_json(given_octets, "rdap.example"), "rdap.example", ASKED)
    except AttributionError as error:
        said = str(error)
    assert "rdap.example" in said


def test_whole_answer_survives_its_own_octets() -> None:
    document = network(entity("E1", ["abuse"], mail("abuse@hosting.example")))
    assert read(read_json(octets(document), "x")) == read(document)
