"""Which contact comes first, which ones cannot be used, and where each was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.attribute.answer import read_answer
from ringfence.attribute.contacts import (
    contacts_of,
    desk_rank,
    form_contact,
    mail_contact,
    ranked,
    sounds_right,
)
from ringfence.attribute.loose import read_json
from ringfence.attribute.mailbox import Mailbox
from ringfence.model.responsible import ABUSE_ROLE, ANYBODY
from tests.attribute.answers import contacts, entity, fn, kind, mail, mails, remark, tel

UNANSWERED = remark(
    "ARIN has attempted to validate the data for this POC, but has received no response from"
    " the POC since 2025-09-04",
    title="Unvalidated POC",
)

# What a person reads in the answers of shared/data/rdap: the file; the mailbox to write to;
# its place; its telephone; the other usable mailboxes in their order; unusable ones; web
# forms; who holds the network. Written from the answers, not from what the code said.
EXPECTED = [
    ("afrinic_autnum_37271.json", "abuse@workonline.africa", "entities[0].vcardArray[6]",
     "+27-21-200-9000", ["noc@workonline.africa", "peterp@workonline.africa",
     "communications@workonline.africa"], [], [], "Workonline Communications(Pty) Ltd"),
    ("afrinic_entity_PP17.json", "peterp@workonline.africa", "vcardArray[4]",
     "+27-82-064-3322", [], [], [], None),
    ("afrinic_entity_WOL.json", "abuse@workonline.africa", "entities[1].vcardArray[6]",
     "+27-21-200-9000", ["noc@workonline.africa", "benm@workonline.africa",
     "communications@workonline.africa"], [], [], None),
    ("afrinic_ip6_2001-43f8-7b0_old_roles-null.json", "jpmuga@tespok.co.ke",
     "entities[0].vcardArray[4]", "+254 020 2245036", ["mwangi@isoc.org", "Barry@tespok.co.ke",
     "support@kixp.or.ke", "support@tespok.co.ke"], [], [], "ORG-TA38-AFRINIC"),
    ("afrinic_ip_196.11.239.0_old_roles-null.json", "abuse@mtnbusiness.co.za", "remarks[0]", None,
     ["ip-maint@mtnbusiness.co.za", "teixei_a@mtn.co.za"], [], [], "ORG-VSA1-AFRINIC"),
    ("apnic-jpnic_autnum_2515.json", None, None, None, [], ["hostmaster@nic.ad.jp"], [],
     "Japan Network Information Center"),
    ("apnic-jpnic_ip6_2001-240--32_no-abuse-role.json", None, None, None, [],
     ["hostmaster@nic.ad.jp"], [], "Japan Network Information Center"),
    ("apnic-krnic_ip_210.107.0.0_irt-krnic.json", "abuse@bora.net", "entities[0].remarks[0]",
     "+82-2-2089-7755", ["security@bora.net", "ipadm@nic.bora.net"], ["hostmaster@nic.or.kr"], [],
     "DACOM Corp."),
    ("apnic_autnum_9269.json", "abuse@hkbn.net", "entities[0].vcardArray[5]", None,
     ["hostmaster@hkbn.com.hk", "abuse@hkbn.com.hk", "nocsn@hkbn.com.hk"], [], [],
     "Hong Kong Broadband Network Ltd"),
    ("apnic_ip_1.1.1.0-24_2023.json", "helpdesk@apnic.net", "entities[0].vcardArray[5]", None,
     ["resolver-abuse@cloudflare.com", "research@apnic.net"], [], [],
     "APNIC and Cloudflare DNS Resolver project"),
    ("apnic_ip_101.203.88.0_history.json", "abuse@bbix.net", "records[51].content.remarks[1]", None,
     [], ["hostmaster@nic.ad.jp"], [], "BBIX, Inc."),
    ("arin_autnum_13335.json", "abuse@cloudflare.com", "entities[0].entities[0].vcardArray[5]",
     "+1-650-319-8930", ["noc@cloudflare.com", "rir@cloudflare.com"], [],
     ["https://www.cloudflare.com/abuse"], "Cloudflare, Inc."),
    ("arin_autnum_16509.json", "abuse@amazonaws.com", "entities[0].entities[2].vcardArray[5]",
     "+1-206-555-0000", ["amzn-noc-contact@amazon.com", "aws-rpki-routing-poc@amazon.com",
     "aws-routing-poc@amazon.com", "ipmanagement@amazon.com"], [], [], "Amazon.com, Inc."),
    ("arin_entity_GOVI.json", "support@govital.net", "entities[0].vcardArray[5]",
     "+1-519-254-5115", ["steve@govital.net"], [], [], None),
    ("arin_ip6_2001-4860--32_google.json", "arin-contact@google.com", "entities[1].vcardArray[5]",
     "+1-650-253-0000", ["network-abuse@google.com"], [], ["https://www.google.com/contact/"],
     "Google LLC"),
    ("arin_ip_104.16.0.0-12_cloudflare_2026_trimmed.json", "abuse@cloudflare.com",
     "entities[0].entities[1].vcardArray[5]", "+1-650-319-8930", ["noc@cloudflare.com"], [],
     ["https://www.cloudflare.com/abuse"], "Cloudflare, Inc."),
    ("arin_ip_13.64.0.0-11_microsoft_nested-abuse.json", "abuse@microsoft.com",
     "entities[0].entities[2].vcardArray[5]", "+1-425-882-8080", ["IOC@microsoft.com",
     "iphostmaster@microsoft.com"], [], ["https://cert.microsoft.com"], "Microsoft Corporation"),
    ("arin_ip_192.198.0.0.json", "daniel.petsinger@radiolinkinternet.com",
     "entities[0].entities[0].vcardArray[5]", "+1-507-417-4176", [], [], [], "Radio Link Internet"),
    ("arin_ip_74.125.0.0-16_google_nested-abuse.json", "arin-contact@google.com",
     "entities[0].entities[0].vcardArray[5]", "+1-650-253-0000", [], [], [], "Google Inc."),
    ("lacnic_ip6_2801-10-c000_CO_old.json", "sistemas.red@uco.edu.co", "entities[0].vcardArray[5]",
     "57 4 5699090", [], [], [], "Universidad Catolica de Oriente"),
    ("lacnic_ip_200.40.0.0-17_2026_trimmed.json", "ipadmin@antel.net.uy",
     "entities[2].vcardArray[5]", "+598 29002877", ["uai@antel.com.uy"], [], [],
     "Administracion Nacional de Telecomunicaciones"),
    ("nicbr_entity_GJM3.json", None, None, None, [], [], [], None),
    ("nicbr_ip_200.160.0.0-20_2026_trimmed.json", None, None, None, [], [], [],
     "Núcleo de Inf. e Coord. do Ponto BR - NIC.BR"),
    ("rdap_entity_ipwhois.json", "arin-contact@google.com", "vcardArray[5]", "+1-650-253-0000",
     [], [], [], None),
    ("ripe_autnum_49037.json", "abuse@webrocket.am", "entities[4].vcardArray[5]", None,
     ["ripe@webrocket.am", "mikhail.majorov@gmail.com"], [], [], "PROSTIE RESHENIA LLC"),
    ("ripe_ip6_2a00-2381-ffff_old.json", "zzdnsr@bt.com", "entities[0].vcardArray[4]", None,
     ["steve.a.marshall@bt.com", "lee.bailey-hague@bt.com"], [], [], "BT-WORLD-IPVSIX-LAUNCH"),
    ("ripe_ip_130.59.0.0-16_legacy.json", "abuse@switch.ch", "entities[4].vcardArray[5]", None,
     [], [], [], "SWITCH-LAN"),
    ("ripe_ip_193.0.0.0-21_2026_trimmed.json", "abuse@ripe.net", "entities[4].vcardArray[6]",
     "+31 20 535 4444", [], [], [],
     "Reseaux IP Europeens Network Coordination Centre (RIPE NCC)"),
]  # fmt: skip
HOSTS = {
    "afrinic": "rdap.afrinic.net",
    "apnic": "rdap.apnic.net",
    "arin": "rdap.arin.net",
    "lacnic": "rdap.lacnic.net",
    "nicbr": "rdap.registro.br",
    "rdap": "rdap.arin.net",
    "ripe": "rdap.db.ripe.net",
}


@pytest.mark.parametrize(
    ("file", "best", "where", "phone", "others", "unusable", "forms", "holder"),
    EXPECTED,
    ids=[row[0] for row in EXPECTED],
)
def test_answers_that_registries_gave(
    shared_data: Path,
    file: str,
    best: str | None,
    where: str | None,
    phone: str | None,
    others: list[str],
    unusable: list[str],
    forms: list[str],
    holder: str | None,
) -> None:
    path = shared_data / "rdap" / file
    if not path.is_file():
        pytest.skip(f"{file} is not there")
    host = HOSTS[file.replace("-", "_").split("_")[0]]
    answer = read_answer(read_json(path.read_bytes(), host), host)
    found = contacts_of(answer)
    usable = mails(found)
    assert usable == ([best] if best else []) + others
    assert mails(found, usable=False) == unusable
    assert [c.form for c in found if c.form] == forms
    first = next((c for c in found if c.email and c.usable), None)
    assert (first and first.where, first and first.phone) == (where, phone)
    assert (answer.network and answer.network.holder) == holder


def test_every_answer_of_the_collection_is_expected(shared_data: Path) -> None:
    folder = shared_data / "rdap"
    if not folder.is_dir():
        pytest.skip("no answers there")
    others = {
        "nir_jpnic_html_133.1.2.5.json",
        "nir_krnic_html_115.1.2.3.json",
        "whois43_ten_rir_responses.json",
        "ripe_error_404.json",
    }
    there = {path.name for path in folder.glob("*.json")}
    assert there - others - {row[0] for row in EXPECTED} == set()


# ---- traps, one each ----------------------------------------------------------


def test_type_abuse_wins_over_every_role() -> None:
    desk = entity(
        "D", ["abuse"], mail("office@h.example", type="email"), mail("x@h.example", type="abuse")
    )
    assert mails(contacts(desk)) == ["x@h.example", "office@h.example"]


def test_preferred_mailbox_wins_over_the_first() -> None:
    desk = entity("IRT-X", ["abuse"], mail("helpdesk@h.example"), mail("real@h.example", pref="1"))
    assert mails(contacts(desk)) == ["real@h.example", "helpdesk@h.example"]


def test_lowest_preference_wins() -> None:
    desk = entity("IRT-X", ["abuse"], mail("b@h.example", pref="2"), mail("a@h.example", pref="1"))
    assert mails(contacts(desk))[0] == "a@h.example"


def test_abuse_role_nested_in_the_registrant_and_repeated_is_one_contact() -> None:
    desk = entity(
        "D", ["abuse"], mail("abuse@h.example"), tel("+1-555-010-0100", ["work", "voice"])
    )
    owner = entity("O", ["registrant"], fn("Example"), entities=[desk])
    (found,) = contacts(owner, desk)
    assert (found.where, found.also_at) == (
        "entities[0].entities[0].vcardArray[1]",
        ("entities[1].vcardArray[1]",),
    )
    assert found.phone == "+1-555-010-0100"


def test_same_party_as_technical_and_abuse_has_both_roles() -> None:
    card = (mail("noc@h.example"),)
    (found,) = contacts(entity("P", ["technical"], *card), entity("P", ["abuse"], *card))
    assert found.grade == ABUSE_ROLE
    assert set(found.roles) == {"abuse", "technical"}


def test_without_roles_names_decide() -> None:
    owner = entity(
        "ORG",
        None,
        kind("org"),
        mail("sales@h.example"),
        mail("noc@h.example"),
        mail("security@h.example"),
        mail("cert@h.example"),
        mail("abuse@h.example"),
    )
    assert mails(contacts(owner)) == [
        "abuse@h.example",
        "cert@h.example",
        "security@h.example",
        "noc@h.example",
        "sales@h.example",
    ]


def test_desk_that_answers_the_registry_no_more_comes_after_one_that_does() -> None:
    silent = entity("A", ["abuse"], mail("network-abuse@h.example"), remarks=[UNANSWERED])
    alive = entity("B", ["abuse"], mail("contact@h.example"), status=["validated"])
    found = contacts(silent, alive)
    assert mails(found) == ["contact@h.example", "network-abuse@h.example"]
    assert "no answer from it since 2025-09-04" in found[1].because


def test_desk_that_answers_no_more_is_still_better_than_a_technician() -> None:
    silent = entity("A", ["abuse"], mail("abuse@h.example"), remarks=[UNANSWERED])
    other = entity("B", ["technical"], mail("bob@h.example"))
    assert mails(contacts(other, silent))[0] == "abuse@h.example"


def test_mailbox_that_the_registry_found_dead_is_unusable() -> None:
    desk = entity(
        "IRT-X",
        ["abuse"],
        mail("abuse@h.example", pref="1"),
        remarks=[remark("abuse@h.example is invalid")],
    )
    found = contacts(desk, entity("B", ["technical"], mail("bob@h.example")))
    assert mails(found) == ["bob@h.example"]
    assert found[-1].why_not == "the registry says that it does not work"


@pytest.mark.parametrize(
    "written",
    [
        "removed@lacnic.net",
        "DATA REDACTED",
        "hostmaster@nic.or.kr",
        "hostmaster@nic.ad.jp",
        "hm-changed@vnnic.vn",
        "ipas@cnnic.cn",
        "hostmaster@apnic.net",
    ],
)
def test_unusable_contact_is_shown_with_the_next_best(written: str) -> None:
    found = contacts(
        entity("IRT-X", ["abuse"], mail(written, pref="1")),
        entity("T", ["technical"], mail("tech@h.example")),
    )
    assert mails(found) == ["tech@h.example"]
    assert found[-1].email == written
    assert found[-1].why_not


def test_telephone_of_a_national_registry_is_no_way_to_the_network() -> None:
    found = contacts(
        entity("JNIC1-AP", ["abuse"], mail("hostmaster@nic.ad.jp"), tel("+81-3-5550-0100"))
    )
    assert [c.usable for c in found] == [False, False]


def test_party_for_abuse_without_any_address_is_shown_as_such() -> None:
    (found,) = contacts(
        entity("FAN", ["technical", "abuse"], fn("Somebody")), source="rdap.registro.br"
    )
    assert (found.usable, found.name, found.email) == (False, "Somebody", None)
    assert found.why_not == "the answer shows neither mailbox nor telephone"


def test_telephone_alone_is_a_contact_and_fax_is_none() -> None:
    owner = entity("O", ["registrant"], tel("+31205550100"), tel("+31205550199", "fax"))
    (found,) = contacts(owner)
    assert (found.phone, found.email, found.grade) == ("+31205550100", None, ANYBODY)


def test_telephone_that_stands_with_a_mailbox_is_not_repeated() -> None:
    desk = entity("D", ["abuse"], mail("abuse@h.example"), tel("+31 20 555 0100"))
    owner = entity("O", ["registrant"], tel("tel:+31205550100"))
    assert [c.email for c in contacts(desk, owner)] == ["abuse@h.example"]


def test_remark_names_the_desk_where_no_party_does() -> None:
    found = contacts(
        entity("O", None, mail("admin@h.example")),
        remarks=[remark("please send abuse reports to team@h.example or https://h.example/abuse")],
    )
    assert mails(found) == ["team@h.example", "admin@h.example"]
    assert [c.form for c in found if c.form] == ["https://h.example/abuse"]
    assert found[0].where == "remarks[0]"


def test_mailbox_with_an_idn_is_in_its_ascii_form() -> None:
    (found,) = contacts(entity("D", ["abuse"], mail("abuse@bücher.example")))
    assert found.email == "abuse@xn--bcher-kva.example"


def test_same_mailbox_in_other_letters_is_one() -> None:
    desk = entity("D", ["abuse"], mail("Abuse@H.example"), mail("abuse@h.example"))
    assert len(contacts(desk)) == 1


def test_form_must_be_a_page_of_the_web() -> None:
    assert form_contact("https://h.example/abuse", "s", "w").usable
    for bad in (
        "javascript:alert(1)",
        "https://10.0.0.1/x",
        "https://h\u202e.example/",
        "http://x",
    ):
        assert not form_contact(bad, "s", "w").usable
    assert not form_contact("https://[bad/", "s", "w").usable


def test_names_of_desks() -> None:
    ranks = [
        desk_rank(n)
        for n in ("abuse", "netabuse", "abuse-cert", "csirt", "it.security", "noc2", "bob")
    ]
    assert ranks == [0, 0, 0, 1, 2, 3, 4]
    assert sounds_right(Mailbox("noc@h.example"))
    assert not sounds_right(Mailbox("nocturnal@h.example"))


def test_order_does_not_depend_on_the_order_given() -> None:
    one = mail_contact(Mailbox("abuse@h.example"), "s", "a", ABUSE_ROLE, "x")
    other = mail_contact(Mailbox("bob@h.example"), "s", "b", ANYBODY, "x")
    assert ranked([one, other]) == ranked([other, one])


def test_contacts_are_bounded() -> None:
    desk = entity("D", ["abuse"], *[mail(f"a{n}@h.example") for n in range(150)])
    more = entity("E", ["abuse"], *[mail(f"b{n}@h.example") for n in range(150)])
    assert len(contacts(desk, more)) == 100
