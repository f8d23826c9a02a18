"""Whole look-ups, with servers that play registry, WHOIS and DNS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_network

import pytest

from ringfence.attribute.bootstrap import Bootstrap
from ringfence.attribute.client import HttpClient
from ringfence.attribute.dns_text import text_records
from ringfence.attribute.doors import Doors, origin_of
from ringfence.attribute.errors import AttributionError
from ringfence.attribute.lookup import LookUp
from ringfence.attribute.memory import Memory
from ringfence.attribute.pacing import Pacer
from ringfence.attribute.registries import BY_NAME
from ringfence.attribute.special import why_special
from ringfence.attribute.whois import WhoisClient
from ringfence.model.responsible import (
    COPY,
    FOUND,
    NOT_FOUND,
    NOT_LOOKED_UP,
    UNREACHABLE,
    Responsible,
    WhoOptions,
)
from tests.attribute.answers import Json, entity, fn, kind, mail, mails, network, octets, remark
from tests.attribute.scene import FakeTime, nobody
from tests.attribute.server import Play, Registry, dns_server, registry, whois_server

DESK = entity("D", ["abuse"], mail("abuse@hosting.example"))
OWNER = entity("O", ["registrant"], fn("Example Hosting Ltd"), kind("org"))
WHOIS = (
    b"inetnum: 203.0.113.0 - 203.0.113.255\norg-name: Whois Ltd\nabuse-mailbox: whois@h.example\n"
)
CYMRU = {
    "5.113.0.203.origin.asn.cymru.com": ["64500 | 203.0.113.0/24 | DE | ripencc | 2011-08-11"],
    "as64500.asn.cymru.com": ["64500 | DE | ripencc | 2011-08-11 | EXAMPLE-AS"],
}
ABUSIX = {"5.113.0.203.abuse-contacts.abusix.zone": ["abusix@h.example"]}
RIPESTAT = "/data/abuse-contact-finder/data.json?resource=203.0.113.5&sourceapp=ringfence"


@dataclass
class World:
    """All servers that a look-up may ask, on loopback."""

    rdap: Registry
    stat: Registry
    whois_port: int
    dns_port: int
    whois: list[str] = field(default_factory=list)
    dns: list[str] = field(default_factory=list)
    time: FakeTime = field(default_factory=FakeTime)
    base: str = ""
    nirs: dict[str, str] = field(default_factory=dict)

    def look_up(self, options: WhoOptions | None = None, memory: Memory | None = None) -> LookUp:
        """A way to ask in this world."""
        clock = self.time.clock
        origins = [origin_of(self.rdap.url), origin_of(self.stat.url)]
        doors = Doors(origins=frozenset([*origins, ("whois", "127.0.0.1", self.whois_port)]))
        memory = memory or Memory(clock)
        pacer = Pacer(clock)
        return LookUp(
            options or WhoOptions(),
            Bootstrap({}, {"ripe": self.base}, ((ip_network("203.0.112.0/20"), "ripe"),)),
            HttpClient(doors, memory, clock, pacer, nobody),
            WhoisClient(
                doors,
                memory,
                clock,
                pacer,
                nobody,
                dict.fromkeys(BY_NAME, ("127.0.0.1", self.whois_port)),
            ),
            text_records(["127.0.0.1"], self.dns_port),
            memory,
            clock,
            ripestat=self.stat.url,
            nirs=self.nirs,
            special=partial(why_special, exercise=True),
        )

    def plays(self, document: Json, address: str = "203.0.113.5", **more: object) -> None:
        """The registry says this."""
        self.rdap.play(f"/ip/{address}", Play(octets(document), **more))  # type: ignore[arg-type]


@contextmanager
def world(texts: dict[str, list[str]] | None = None, whois: bytes = WHOIS) -> Iterator[World]:
    asked_whois: list[str] = []
    asked_dns: list[str] = []

    def reply(question: str) -> bytes:
        asked_whois.append(question)
        return whois

    with ExitStack() as stack:
        rdap, stat = stack.enter_context(registry()), stack.enter_context(registry())
        one = World(
            rdap,
            stat,
            stack.enter_context(whois_server(reply)),
            stack.enter_context(dns_server(CYMRU if texts is None else texts, asked_dns)),
            asked_whois,
            asked_dns,
        )
        one.base = f"{rdap.url}/"
        yield one


def outcomes(found: Responsible) -> dict[str, str]:
    return {asked.source: asked.outcome for asked in found.asked}


def test_registry_alone_answers_everything() -> None:
    with world() as there:
        there.plays(network(OWNER, DESK, country="DE", port43="whois.ripe.net"))
        found = there.look_up()("203.0.113.5")
        assert (found.state, mails(found.contacts)) == (FOUND, ["abuse@hosting.example"])
        assert found.says == "Example Hosting Ltd answers for it: write to abuse@hosting.example"
        assert found.network is not None
        assert (found.network.asn, found.network.as_name) == (64500, "EXAMPLE-AS")
        assert found.network.registry == "ripe"
        assert (len(there.rdap.seen), there.stat.seen, there.whois) == (1, [], [])


def test_hundred_attackers_in_ten_networks_make_ten_questions() -> None:
    with world({}) as there:
        ask = there.look_up(WhoOptions(cymru=False))
        for net in range(10):
            for host in range(10):
                document = network(
                    DESK, startAddress=f"203.0.{112 + net}.0", endAddress=f"203.0.{112 + net}.255"
                )
                there.plays(document, f"203.0.{112 + net}.{host}")
        found = [ask(f"203.0.{112 + n % 10}.{n // 10}") for n in range(100)]
        assert len(there.rdap.seen) == 10
        assert {f.state for f in found} == {FOUND}
        assert sum(f.remembered for f in found) == 90
        assert there.time.waited == [1.0] * 9, "one question a second"


def test_nothing_of_one_subject_is_left_for_the_next() -> None:
    """A party to blame must never inherit a contact, a holder or a number."""
    with world() as there:
        ask = there.look_up(WhoOptions(ripestat=False, abusix=False, whois=False))
        there.plays(network(OWNER, DESK, country="DE"))
        bare = network(
            startAddress="203.0.114.0", endAddress="203.0.114.255", name="BARE", handle="B"
        )
        there.plays(bare, "203.0.114.5")
        first, second = ask("203.0.113.5"), ask("203.0.114.5")
        again = there.look_up(WhoOptions(ripestat=False, abusix=False, whois=False))("203.0.114.5")
        assert first.contacts != ()
        assert second.contacts == ()
        assert second.network is not None
        assert (second.network.holder, second.network.country, second.network.asn) == (
            "BARE",
            None,
            None,
        )
        assert (second.network, second.contacts) == (again.network, again.contacts)
        assert mails(ask("203.0.113.5").contacts) == ["abuse@hosting.example"]


def test_desk_of_the_network_around_a_customers_one() -> None:
    with world() as there:
        customer = entity("C1", ["registrant"], fn("Customer"), kind("org"))
        up = {"rel": "up", "href": f"{there.rdap.url}/ip/203.0.112.0/20"}
        there.plays(network(customer, links=[up]))
        around = network(DESK, startAddress="203.0.112.0", endAddress="203.0.127.255")
        there.rdap.play("/ip/203.0.112.0/20", Play(octets(around)))
        found = there.look_up()("203.0.113.5")
        assert mails(found.contacts) == ["abuse@hosting.example"]
        assert found.contacts[0].because.endswith("of the network around it (203.0.112.0/20)")
        assert found.network is not None
        assert found.network.holder == "Customer"
        assert there.stat.seen == []


def test_link_upwards_into_the_house_is_not_followed() -> None:
    with world() as there, registry() as inside:
        up = {"rel": "up", "href": f"{inside.url}/secret"}
        there.plays(network(OWNER, links=[up]))
        found = there.look_up()("203.0.113.5")
        assert inside.seen == []
        assert found.state == FOUND


def test_ripestat_is_asked_where_the_registry_names_no_desk() -> None:
    with world() as there:
        there.plays(network(OWNER, entity("T", ["technical"], mail("bob@hosting.example"))))
        there.stat.play(RIPESTAT, Play(octets({"data": {"abuse_contacts": ["stat@h.example"]}})))
        found = there.look_up()("203.0.113.5")
        assert mails(found.contacts) == ["stat@h.example", "bob@hosting.example"]
        assert there.whois == []


def test_abusix_is_asked_where_ripestat_knows_nothing() -> None:
    with world(ABUSIX | CYMRU) as there:
        there.plays(network(OWNER))
        there.stat.play(RIPESTAT, Play(octets({"data": {"abuse_contacts": []}})))
        assert mails(there.look_up()("203.0.113.5").contacts) == ["abusix@h.example"]


def test_whois_is_asked_last() -> None:
    with world() as there:
        there.plays(network(OWNER))
        found = there.look_up()("203.0.113.5")
        assert mails(found.contacts) == ["whois@h.example"]
        assert there.whois == ["-B 203.0.113.5"]
        assert found.network is not None
        assert found.network.holder == "Example Hosting Ltd", "RDAP's holder stays"


def test_desk_that_cannot_be_used_makes_others_be_asked() -> None:
    with world() as there:
        there.plays(network(entity("D", ["abuse"], mail("removed@lacnic.net"))))
        found = there.look_up()("203.0.113.5")
        assert mails(found.contacts) == ["whois@h.example"]
        assert mails(found.contacts, usable=False) == ["removed@lacnic.net"]


def test_each_step_can_be_switched_off() -> None:
    off = WhoOptions(ripestat=False, abusix=False, whois=False, cymru=False)
    with world(ABUSIX | CYMRU) as there:
        there.plays(network(OWNER))
        found = there.look_up(off)("203.0.113.5")
        assert (there.stat.seen, there.whois, there.dns) == ([], [], [])
        told = outcomes(found)
        assert [s for s, o in told.items() if o == "not asked: switched off"] == [
            "RIPEstat",
            "abuse-contacts.abusix.zone",
            "whois ripe",
            "asn.cymru.com",
        ]


def test_nic_br_shows_no_mailbox_so_its_whois_is_asked_and_cert_br_told() -> None:
    nicbr = (
        b"inetnum: 203.0.113.0/24\nabuse-c: FAN\n\nnic-hdl-br: FAN\ne-mail: seg@exemplo.example\n"
    )
    with world(whois=nicbr) as there:
        there.plays(
            network(
                entity("1", ["registrant"], fn("Exemplo Ltda"), kind("org")),
                entity("FAN", ["technical", "abuse"], fn("Fulano")),
                port43="whois.registro.br",
                remarks=[{"type": "object truncated due to server policy", "description": ["x"]}],
            )
        )
        found = there.look_up()("203.0.113.5")
        assert mails(found.contacts) == ["seg@exemplo.example", "cert@cert.br"]
        assert there.stat.seen == [], "the registry itself first"
        assert found.best is not None
        assert found.best.email == "seg@exemplo.example"
        assert [c.email for c in found.contacts if c.grade == COPY] == ["cert@cert.br"]


MIRROR = network(
    entity(
        "JNIC1-AP",
        ["technical"],
        fn("Japan Network Information Center"),
        mail("hostmaster@nic.ad.jp"),
    ),
    port43="whois.apnic.net",
)


def test_mirror_of_a_national_registry_makes_its_whois_be_asked() -> None:
    jpnic = (
        b"a. [Network Number] 203.0.113.0/26\ng. [Organization] Example KK\n"
        b"[Abuse] abuse@example-kk.example\n"
    )
    with world(whois=jpnic) as there:
        there.plays(MIRROR)
        found = there.look_up()("203.0.113.5")
        assert there.whois == ["203.0.113.5/e"]
        assert mails(found.contacts) == ["abuse@example-kk.example"]
        assert mails(found.contacts, usable=False) == ["hostmaster@nic.ad.jp"]
        assert found.network is not None
        assert found.network.holder == "Example KK"


def test_mirror_of_a_national_registry_makes_its_rdap_be_asked_first() -> None:
    with world() as there:
        there.plays(MIRROR)
        there.nirs = {"jpnic": f"{there.rdap.url}/jpnic/"}
        closer = network(OWNER, DESK, startAddress="203.0.113.0", endAddress="203.0.113.63")
        there.rdap.play("/jpnic/ip/203.0.113.5", Play(octets(closer)))
        found = there.look_up()("203.0.113.5")
        assert there.whois == []
        assert mails(found.contacts) == ["abuse@hosting.example"]
        assert found.network is not None
        assert found.network.prefixes == ("203.0.113.0/26",)
        assert found.network.holder == "Example Hosting Ltd"


@pytest.mark.parametrize(
    ("play", "says"),
    [
        (Play(b"<html>busy</html>", 200), "HTML"),
        (Play(b"<html>busy</html>", 429), "429"),
        (Play(b"", 500), "500"),
        (Play(octets({"notices": {"title": "Quota exceeded"}})), "fewer questions"),
        (
            Play(octets(network(startAddress="198.51.100.0", endAddress="198.51.100.255"))),
            "another network",
        ),
        (Play(status=302, headers={"Location": "http://10.0.0.1/"}), "no registry"),
    ],
)
def test_registry_that_fails_or_lies_is_told_and_others_are_asked(play: Play, says: str) -> None:
    with world() as there:
        there.rdap.play("/ip/203.0.113.5", play)
        found = there.look_up()("203.0.113.5")
        assert says in next(iter(outcomes(found).values()))
        assert found.network is not None
        assert (found.state, found.network.holder) == (FOUND, "Whois Ltd")


def test_quota_told_with_status_200_is_obeyed_by_the_next_question() -> None:
    with world({}) as there:
        quota = Play(octets({"notices": {"title": "Quota exceeded"}}))
        for last in (5, 6):
            there.rdap.play(f"/ip/203.0.113.{last}", quota)
        ask = there.look_up(WhoOptions(ripestat=False, abusix=False, whois=False, cymru=False))
        first, second = ask("203.0.113.5"), ask("203.0.113.6")
        assert (first.state, second.state) == (UNREACHABLE, UNREACHABLE)
        assert len(there.rdap.seen) == 1
        assert "left alone" in next(iter(outcomes(second).values()))


def test_silent_registry_is_not_waited_for_at_each_address() -> None:
    with world({}) as there:
        ask = there.look_up(WhoOptions(ripestat=False, abusix=False, whois=False, cymru=False))
        assert isinstance(ask.client, HttpClient)
        ask.client.timeout_s = 0.2
        for last in range(6):
            there.rdap.play(f"/ip/203.0.113.{last}", Play(vice="silent"))
        found = [ask(f"203.0.113.{last}") for last in range(6)]
        assert len(there.rdap.seen) == 2
        assert "it was silent just now" in next(iter(outcomes(found[-1]).values()))
        there.time.later(61)
        there.plays(network(OWNER, DESK), "203.0.113.9")
        assert ask("203.0.113.9").state == FOUND


def test_nobody_answers() -> None:
    with world({}, whois=b"") as there:
        there.rdap.play("/ip/203.0.113.5", Play(status=500))
        found = there.look_up()("203.0.113.5")
        assert (found.state, found.network, found.contacts) == (UNREACHABLE, None, ())


def test_nobody_holds_it() -> None:
    with world({}, whois=b"%ERROR:101: no entries found\n") as there:
        found = there.look_up()("203.0.113.5")
        assert (found.state, found.says) == (NOT_FOUND, "no registry knows who holds it")


def test_address_that_iana_gave_to_no_registry() -> None:
    with world({}) as there:
        found = there.look_up()("198.51.100.1")
        assert found.state == NOT_FOUND
        assert there.rdap.seen == []


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "fe80::1", "224.0.0.1", "100.64.0.1"])
def test_special_addresses_are_never_looked_up(address: str) -> None:
    with world(ABUSIX | CYMRU) as there:
        found = there.look_up()(address)
        assert (found.state, found.asked) == (NOT_LOOKED_UP, ())
        assert found.says.startswith("not looked up: ")
        assert (there.rdap.seen, there.stat.seen, there.whois, there.dns) == ([], [], [], [])


def test_documentation_is_not_looked_up_outside_of_an_exercise() -> None:
    with world() as there:
        ask = there.look_up()
        ask.special = why_special
        assert ask("203.0.113.5").state == NOT_LOOKED_UP
        assert there.rdap.seen == []


def test_offline_asks_nobody_and_tells_what_is_remembered() -> None:
    with world() as there:
        there.plays(network(OWNER, DESK))
        memory = Memory(there.time.clock)
        assert there.look_up(memory=memory)("203.0.113.5").state == FOUND
        questions = len(there.rdap.seen), len(there.dns)
        offline = there.look_up(WhoOptions(offline=True), memory)
        known, unknown = offline("203.0.113.9"), offline("203.0.114.1")
        assert (known.state, known.remembered, known.address) == (FOUND, True, "203.0.113.9")
        assert (unknown.state, unknown.says) == (
            NOT_LOOKED_UP,
            "not looked up: offline, and nothing about it is remembered",
        )
        assert (len(there.rdap.seen), len(there.dns)) == questions


def test_exercise_asks_its_own_server_only() -> None:
    with world(ABUSIX | CYMRU) as there:
        there.rdap.play("/play/ip/203.0.113.5", Play(octets(network(OWNER))))
        found = there.look_up(WhoOptions(registry=f"{there.rdap.url}/play"))("203.0.113.5")
        assert found.network is not None
        assert found.network.holder == "Example Hosting Ltd"
        assert (there.stat.seen, there.whois, there.dns) == ([], [], [])


def test_web_form_or_telephone_where_there_is_no_mailbox() -> None:
    off = WhoOptions(ripestat=False, abusix=False, whois=False, cymru=False)
    with world() as there:
        there.plays(
            network(OWNER, remarks=[remark("abuse reports: https://hosting.example/abuse")])
        )
        assert there.look_up(off)("203.0.113.5").says.endswith(
            "use the form https://hosting.example/abuse"
        )
        there.plays(
            network(entity("O", ["registrant"], fn("Ex"), ["tel", {}, "text", "+31205550100"]))
        )
        assert there.look_up(off)("203.0.113.5").says.endswith("phone +31205550100")
        there.plays(network(OWNER))
        assert there.look_up(off)("203.0.113.5").says.endswith("no contact can be used")


def test_what_is_no_address_is_an_error() -> None:
    with world() as there, pytest.raises(AttributionError, match="no address like"):
        there.look_up()("pbx.example")
