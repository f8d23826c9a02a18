"""Contact cards: what servers send for jCard, and JSContact."""

from __future__ import annotations

import pytest

from ringfence.attribute.card import read_card
from tests.attribute.answers import Json, entity, fn, kind, mail, tel


def test_card_is_read_with_places() -> None:
    given = entity(
        "E1",
        ["abuse"],
        fn("Desk"),
        kind("Group"),
        mail("abuse@hosting.example"),
        tel("+1-555-010-0100"),
    )
    card = read_card(given, "entities[0]")
    assert (card.name, card.kind) == ("Desk", "group")
    assert [(m.text, m.where) for m in card.mails] == [
        ("abuse@hosting.example", "entities[0].vcardArray[3]")
    ]
    assert [(p.text, p.where) for p in card.phones] == [
        ("+1-555-010-0100", "entities[0].vcardArray[4]")
    ]


@pytest.mark.parametrize(
    "types", ["abuse", "ABUSE", ["work", "abuse"], "work,abuse", ["abuse", None]]
)
def test_type_is_text_list_or_both(types: object) -> None:
    card = read_card(entity("E1", [], mail("a@b.example", type=types)), "")
    assert "abuse" in card.mails[0].types


@pytest.mark.parametrize(
    "params", [{"pref": "1"}, {"pref": 1}, {"pref": ["1"]}, {"type": ["pref"]}]
)
def test_preference_of_vcard_3_and_4(params: dict[str, object]) -> None:
    assert read_card(entity("E1", [], mail("a@b.example", **params)), "").mails[0].pref == 1


def test_preference_that_is_no_number_is_none() -> None:
    given = entity("E1", [], mail("a@b.example", pref="9" * 5000), mail("c@d.example", pref="x"))
    assert [m.pref for m in read_card(given, "").mails] == [None, None]


def test_several_values_of_one_property() -> None:
    given = entity("E1", [], ["email", {}, "text", "a@b.example", "c@d.example"])
    assert [m.text for m in read_card(given, "").mails] == ["a@b.example", "c@d.example"]


def test_values_that_are_lists() -> None:
    given = entity("E1", [], mail(["a@b.example"]), tel(["+1-555-010-0100"], ["work", "voice"]))
    card = read_card(given, "")
    assert card.mails[0].text == "a@b.example"
    assert card.phones[0].types == {"work", "voice"}


@pytest.mark.parametrize(
    "address",
    [
        ["adr", {"cc": "NL"}, "text", ["", "", "", "", "", "", ""]],
        ["adr", {}, "text", ["", "", "1 Street", "Town", "", "", "NL"]],
        ["adr", {"label": "1 Street\nTown\nNL"}, "text", ["", "", "", "", "", "", ""]],
        ["adr", {"label": "1 Street\\nTown\\nNL"}, "text", None],
    ],
)
def test_country_of_an_address(address: list[object]) -> None:
    assert read_card(entity("E1", [], address), "").country == "NL"


@pytest.mark.parametrize(
    "cards",
    [
        None,
        [],
        {},
        "vcard",
        ["vcard"],
        ["vcard", None],
        ["vcard", {}],
        ["vcard", [None, 1, [], [1]]],
        ["vcard", [["email"]]],
        ["vcard", [["email", None, None, None]]],
        [[["email", {}, "text", {}]]],
        ["vcard", [["tel", [], "text", {"a": 1}]]],
        ["vcard", [["adr", {"label": {}}, "text", 3]]],
    ],
)
def test_broken_card_is_an_empty_one(cards: object) -> None:
    card = read_card({"vcardArray": cards}, "")
    assert (card.mails, card.phones, card.forms) == ((), (), ())


def test_properties_without_the_word_vcard() -> None:
    inner: Json = {"vcardArray": [mail("a@b.example")]}
    assert read_card(inner, "").mails[0].text == "a@b.example"
    flat: Json = {"vcardArray": ["vcard", fn("x"), mail("a@b.example")]}
    assert read_card(flat, "").mails[0].where == "vcardArray[1]"


def test_web_form_of_a_card() -> None:
    given = entity("E1", ["abuse"], ["contact-uri", {}, "uri", "https://hosting.example/abuse"])
    assert read_card(given, "").forms[0].text == "https://hosting.example/abuse"


def test_jscontact_is_read_where_jcard_ended() -> None:
    given: Json = {
        "jscard": {
            "name": {"full": "Desk"},
            "kind": "org",
            "emails": {
                "e1": {"address": "abuse@hosting.example", "contexts": {"work": True}, "pref": 1}
            },
            "phones": {"p1": {"number": "tel:+1-555-010-0100", "features": {"voice": True}}},
            "addresses": {"a1": {"countryCode": "ZA"}},
            "links": {"l1": {"uri": "https://hosting.example/abuse", "kind": "contact"}},
            "organizations": {"o1": {"name": "Example"}},
        }
    }
    card = read_card(given, "entities[0]")
    assert (card.name, card.organisation, card.kind, card.country) == (
        "Desk",
        "Example",
        "org",
        "ZA",
    )
    assert (card.mails[0].where, card.mails[0].pref) == ("entities[0].jscard.emails.e1", 1)
    assert card.phones[0].text == "+1-555-010-0100"
    assert card.forms[0].text == "https://hosting.example/abuse"


def test_redacted_name_gives_way_to_the_organisation() -> None:
    card = read_card(
        entity("E1", [], fn("REDACTED FOR PRIVACY"), ["org", {}, "text", "Example"]), ""
    )
    assert (card.name, card.organisation) == (None, "Example")


def test_property_for_abuse_of_its_own() -> None:
    given = entity("E1", [], ["abuse-mailbox", {}, "text", "abuse@hosting.example"])
    assert read_card(given, "").mails[0].types == {"abuse"}


def test_names_of_properties_and_parameters_in_capitals() -> None:
    given = entity("E1", [], ["EMAIL", {"TYPE": "ABUSE", "PREF": "1"}, "TEXT", "a@h.example"])
    (found,) = read_card(given, "").mails
    assert (set(found.types), found.pref) == ({"abuse"}, 1)


def test_url_of_a_form_and_of_a_home_page() -> None:
    given = entity(
        "E1",
        [],
        ["url", {}, "uri", "https://hosting.example/"],
        ["url", {}, "uri", "https://hosting.example/report"],
    )
    assert [f.text for f in read_card(given, "").forms] == ["https://hosting.example/report"]
