"""Attacks of the second look: patient, spread, dressed up, past the server."""

from __future__ import annotations

from tests.blind import makes
from tests.blind.label import Call, Capture
from tests.blind.net import LINUX_SLL
from tests.blind.offices import Office, ask, office, out_of_dialog, phone, server
from tests.blind.roster import HOUR, scene
from tests.blind.speak import challenge_header, credentials, new_nonce, request
from tests.blind.talk import Leg, register
from tests.blind.tools import DISGUISED, SIPPTS, SIPVICIOUS, disguise, tool


def _busy(c: Capture, make: makes.Make = makes.ASTERISK, count: int = 16) -> Office:
    here = office(c.net, make, "192.0.2.10", count, nat="203.0.113.40")
    here.come_in(8 * HOUR, 100)
    here.stay(8 * HOUR, 13 * HOUR)
    here.work(8.2 * HOUR, 12 * HOUR, 30)
    return here


@scene()
def spread_enumeration_at_a_leaky_server(c: Capture) -> None:
    """A hundred addresses, three extensions each, in turn through 100 … 399, in a day."""
    here = _busy(c, makes.KAMAILIO)
    here.pbx.leaky = True
    for n in range(100):
        t = tool(
            c.net,
            disguise("eyeBeam release 1102q stamp 51814"),
            f"198.18.{n}.{250 - n}",
            here.pbx,
            5060 + n,
            "192.168.1.2",
        )
        for k in range(3):
            user = str(100 + 3 * n + k)
            known = user in here.pbx.users
            t.register(800 * n + 15 * k, user, 401 if known else 404, challenge=known)
    c.attacker(
        "198.18.0.0/17",
        "enumeration",
        may="scan",
        proof="none",
        least="suspect",
        share=0.9,
        count=100,
    )


@scene()
def guesser_with_the_manners_of_a_phone(c: Capture) -> None:
    """Full headers, one Call-ID an account, rising CSeq, a guess a minute; but eight accounts in turn."""
    here = _busy(c)
    for user in range(201, 209):
        one = phone(
            c.net, makes.YEALINK, "198.51.100.99", str(user), here.pbx, port=5060, known=False
        )
        for k in range(35):
            register(
                c.net, 9 * HOUR + (user - 201) * 2200 + 61 * k, one, here.pbx, password=f"{user}{k}"
            )
    c.attacker("198.51.100.99", "password_guessing", may="scan enumeration", proof="nonce")


@scene()
def one_account_guessed_then_robbed_at_night(c: Capture) -> None:
    """Looks like a bad PIN, 90 tries of 204 by Zoiper, one fits; at 3:00 seven calls to +979 and +252."""
    here = _busy(c)
    one = phone(c.net, makes.ZOIPER, "198.51.100.103", "204", here.pbx, port=5066, known=False)
    for k in range(90):
        register(c.net, 20 * HOUR + 40 * k, one, here.pbx, password=f"guess{k}")
    one.password = here.pbx.users["204"]
    register(c.net, 21 * HOUR + 100, one, here.pbx)
    at, calls = 27 * HOUR, []
    for n in range(7):
        number = ("00979112345", "0025290771234")[n % 2] + str(n)
        at = (
            Leg(c.net, at + 5, one, here.pbx, number)
            .invite()
            .challenged()
            .says(100, 183, 200)
            .talk(500 + n)
            .bye()
            .t
        )
        calls.append(Call(number, "+" + number[2:], 500 + n))
    c.attacker(
        "198.51.100.103",
        "toll_fraud",
        may="password_guessing",
        taken="204",
        calls=tuple(calls),
        proof="dialog",
    )


@scene()
def guesses_with_one_nonce(c: Capture) -> None:
    """FreeSWITCH: one challenge, then 200 passwords with the same nonce, all 403."""
    here = _busy(c, makes.FREESWITCH)
    t = tool(c.net, DISGUISED, "198.51.100.104", here.pbx, 5060)
    me, uri = "<sip:205@192.0.2.10>", "sip:192.0.2.10"
    given = new_nonce(here.pbx, c.net.begin_s)
    first = request(t.agent, "REGISTER", uri, f"{me};tag=a1", me, "fixed-call", 1)
    at = t.fire(9 * HOUR, first, 401, more=[challenge_header(here.pbx, 401, given)])
    for k in range(200):
        login = credentials(t.agent, "205", f"p{k}", "REGISTER", uri, 401, given, k + 1)
        asked = request(
            t.agent,
            "REGISTER",
            uri,
            f"{me};tag={makes.dec(c.rng, 8)}",
            me,
            makes.dec(c.rng, 12),
            2,
            [login],
        )
        at = t.fire(at + 1.1, asked, 403)
    c.attacker("198.51.100.104", "password_guessing", may="scan", proof="nonce")


@scene()
def wrong_guesses_meet_silence(c: Capture) -> None:
    """The server challenges, then drops wrong answers; four hundred of them for twenty accounts."""
    here = _busy(c)
    t = tool(c.net, disguise("Fanvil X3S 2.4.5", SIPPTS), "198.51.100.105", here.pbx, 5060)
    uri = "sip:192.0.2.10"
    for k in range(400):
        user = str(300 + k % 20)
        me, call_id = f"<sip:{user}@192.0.2.10>", makes.hexa(c.rng, 32)
        given = new_nonce(here.pbx, c.net.begin_s)
        first = request(t.agent, "REGISTER", uri, f"{me};tag=a{k}", me, call_id, 1)
        at = t.fire(9 * HOUR + 4 * k, first, 401, more=[challenge_header(here.pbx, 401, given)])
        login = credentials(t.agent, user, f"p{k}", "REGISTER", uri, 401, given)
        t.fire(
            at + 0.1, request(t.agent, "REGISTER", uri, f"{me};tag=a{k}", me, call_id, 2, [login])
        )
    c.attacker("198.51.100.105", "password_guessing", may="scan enumeration flood", proof="nonce")


@scene()
def prefix_hunter_who_hangs_up_early(c: Capture) -> None:
    """With a stolen account: as soon as it rings he cancels, notes the prefix, tries the next country."""
    here = _busy(c)
    thief = phone(
        c.net,
        makes.PJSUA,
        "198.51.100.106",
        "209",
        here.pbx,
        port=5070,
        password=here.phones[8].password,
    )
    at, _ = register(c.net, 26 * HOUR, thief, here.pbx)
    for number in ("5352801234", "252906621111", "37122334455"):
        for prefix in ("00", "000", "9011", "011", "900", "0"):
            leg = (
                Leg(c.net, at + 7, thief, here.pbx, prefix + number).invite().challenged().says(100)
            )
            at = leg.says(183).wait(2).cancel().t if prefix == "000" else leg.says(404).t
    c.attacker("198.51.100.106", "toll_fraud", may="password_guessing", taken="209", proof="dialog")


@scene()
def nmap_asks_once_over_tcp(c: Capture) -> None:
    _busy(c)
    pbx = server(c.net, makes.ASTERISK, "192.0.2.10", transport="TCP")
    t = tool(c.net, makes.SIPP, "198.51.100.107", pbx, 51813)
    t.agent.make = makes.Make(
        "nmap",
        "",
        "Via From To Call-ID CSeq Max-Forwards Content-Length Contact Accept",
        lambda r: "foo",
        lambda r: "root",
        lambda r, h: "50000",
    )
    asked = request(
        t.agent,
        "OPTIONS",
        "sip:nm",
        "<sip:nm@nm>;tag=root",
        "<sip:nm2@nm2>",
        "50000",
        42,
        [("Accept", "application/sdp")],
        via="SIP/2.0/TCP nm;branch=foo",
        contact="<sip:nm@nm>",
    )
    t.fire(9 * HOUR, asked, 404)
    c.attacker("198.51.100.107", "scan", proof="tcp", least="suspect")


@scene()
def botnet_sprays_words_over_accounts(c: Capture) -> None:
    """Forty addresses, five accounts each, no account twice from one; FreeSWITCH says 403 each time."""
    here = _busy(c, makes.FREESWITCH)
    for n in range(40):
        t = tool(
            c.net,
            disguise("Telephone 1.5.2"),
            f"198.18.{n}.{33 + n}",
            here.pbx,
            5060,
            "192.168.1.5",
        )
        for k in range(5):
            t.guess(900 * n + 31 * k, str(100 + (5 * n + k) % 130), "changeme")
    c.attacker(
        "198.18.0.0/17",
        "password_guessing",
        may="scan enumeration",
        proof="nonce",
        least="suspect",
        share=0.9,
        count=40,
    )


@scene()
def subscribe_sweep(c: Capture) -> None:
    """Extensions found by SUBSCRIBE: 404 or 401, a hundred and twenty in two minutes."""
    here = _busy(c)
    stranger = phone(c.net, DISGUISED, "198.51.100.108", "anonymous", here.pbx, known=False)
    for k in range(120):
        user = str(190 + k)
        asked = out_of_dialog(
            stranger,
            "SUBSCRIBE",
            f"sip:{user}@192.0.2.10",
            user,
            "192.0.2.10",
            [("Event", "presence"), ("Expires", "0")],
        )
        ask(c.net, 9 * HOUR + k, stranger, here.pbx, asked, 401 if user in here.pbx.users else 404)
    c.attacker("198.51.100.108", "enumeration", may="scan", proof="none")


@scene()
def five_neighbours_share_the_work(c: Capture) -> None:
    """Five addresses of a /24, twenty extensions each, one request a minute, another agent each time."""
    here = _busy(c)
    agents = (
        "Yealink SIP-T21P",
        "snom300/8.7",
        "Aastra 6731i",
        "Linksys/SPA921",
        "Bria 4",
        "X-Lite release 4.9",
    )
    for n in range(5):
        for k in range(20):
            t = tool(
                c.net,
                disguise(agents[(n + k) % 6]),
                f"198.19.101.{50 + n}",
                here.pbx,
                5060,
                "192.168.1.5",
            )
            t.register(9 * HOUR + 300 * k + 60 * n, str(300 + 5 * k + n), 401, challenge=True)
    c.attacker(
        "198.19.101.0/24",
        "enumeration",
        may="scan password_guessing",
        proof="none",
        share=1.0,
        count=5,
    )


@scene()
def enumerator_with_an_agent_for_each_request(c: Capture) -> None:
    """Svwar's job in other words: random User-Agents, random tags, 401 for all, 150 extensions in ten minutes."""
    here = _busy(c)
    for k in range(150):
        t = tool(
            c.net,
            disguise(f"{makes.word(c.rng, 7)}/{k % 9}.{k % 7}"),
            "198.51.100.109",
            here.pbx,
            5060 + k,
        )
        t.register(9 * HOUR + 4 * k, str(1000 + k), 401, challenge=True)
    c.attacker("198.51.100.109", "enumeration", may="scan password_guessing", proof="none")


@scene()
def guesser_who_plays_a_gateway(c: Capture) -> None:
    """Fifty accounts, a steady Call-ID and rising CSeq for each, five guesses a second in turn."""
    here = _busy(c, makes.KAMAILIO)
    lines = [
        phone(c.net, makes.ATA, "198.51.100.111", str(195 + n), here.pbx, known=False)
        for n in range(50)
    ]
    for k in range(20):
        for n, one in enumerate(lines):
            register(c.net, 10 * HOUR + 10 * k + 0.2 * n, one, here.pbx, password=f"{k}{k}{k}{k}")
    c.attacker("198.51.100.111", "password_guessing", may="scan enumeration", proof="nonce")


@scene()
def ten_days_of_patience(c: Capture) -> None:
    """Each of forty accounts once a day, eleven days, from one address; nobody there ever got in."""
    here = _busy(c)
    t = tool(
        c.net, disguise("Cisco/SPA303-7.6.2e"), "198.51.100.112", here.pbx, 5060, "192.168.1.2"
    )
    for day in range(11):
        for n in range(40):
            t.guess(86400 * day + 2100 * n + c.rng.uniform(0, 600), str(201 + n), f"Season{day}!")
    c.attacker("198.51.100.112", "password_guessing", may="scan enumeration", proof="nonce")


@scene(LINUX_SLL)
def attack_seen_twice_through_a_port_forwarding(c: Capture) -> None:
    """Captured on `any` with DNAT: every request twice, to the public and to the private address."""
    here = office(c.net, makes.ASTERISK, "192.0.2.10", 10, nat="203.0.113.40")
    here.come_in(8 * HOUR, 60)
    t = tool(c.net, SIPVICIOUS, "198.51.100.113", here.pbx, 5060, "127.0.1.1")
    t.svcrack(9 * HOUR, "201", [f"{n}" for n in range(1000, 1150)])
    from ipaddress import ip_address

    from tests.wire_cases.compile import Packet

    old, new = ip_address("192.0.2.10").packed, ip_address("192.168.1.10").packed

    def both(packets: list[Packet]) -> list[Packet]:
        seen = []
        for p in packets:
            head = p.octets[16:36].replace(old, new)
            seen += [
                p,
                Packet(p.time_ns + 9_000, p.link, p.octets[:16] + head + p.octets[36:], p.original),
            ]
        return seen

    c.alter = both
    c.attacker("198.51.100.113", "password_guessing", may="scan", proof="nonce")


@scene()
def digest_leak_from_a_telephone(c: Capture) -> None:
    """Sippts leak: a stranger rings a phone, waits for its BYE and asks it for credentials."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.10")
    phones = [
        phone(c.net, makes.GRANDSTREAM, f"192.0.2.{120 + n}", str(220 + n), pbx) for n in range(6)
    ]
    here = Office(c.net, pbx, phones, server(c.net, makes.CARRIER, "198.51.100.20"))
    here.come_in(0, 20)
    here.work(60, 1500, 12)
    thief = server(c.net, disguise("pplsip", SIPPTS), "198.51.100.114")
    for n, one in enumerate(phones):
        leg = (
            Leg(
                c.net,
                2000 + 90 * n,
                thief,
                one,
                one.user,
                from_user="100",
                uri=f"sip:{one.user}@{one.address}:5060",
            )
            .invite()
            .says(100, 180)
            .wait(4)
            .says(200)
            .wait(5)
        )
        assert leg.last is not None
        for k in range(2):
            more = (
                [
                    credentials(
                        one,
                        one.user,
                        one.password,
                        "BYE",
                        "sip:100@198.51.100.114:5060",
                        407,
                        ("asterisk", "aabbcc", ""),
                    )
                ]
                if k
                else []
            )
            bye = request(
                one,
                "BYE",
                "sip:100@198.51.100.114:5060",
                f"{leg.last.to};tag={leg.tags[1]}",
                leg.last.from_,
                leg.call_id,
                200 + k,
                more,
            )
            leg.t = ask(
                c.net,
                leg.t,
                one,
                thief,
                bye,
                200 if k else 407,
                more=[]
                if k
                else [
                    ("Proxy-Authenticate", 'Digest realm="asterisk", nonce="aabbcc", algorithm=MD5')
                ],
            )
    calls = tuple(Call(one.user) for one in phones)
    c.attacker(
        "198.51.100.114",
        "",
        may="scan enumeration toll_fraud spoofed_call exploit password_guessing",
        calls=calls,
        proof="dialog",
        least="suspect",
    )


@scene()
def number_sweep_of_six_digits(c: Capture) -> None:
    """A hidden prefix is looked for: INVITEs to 100000, 100007 … without an account, 404 or 484."""
    here = _busy(c, makes.FREESWITCH)
    t = tool(c.net, DISGUISED, "198.51.100.115", here.pbx, 5060)
    for k in range(200):
        t.invite(
            9 * HOUR + 1.3 * k,
            str(100000 + 7 * k),
            100,
            404 if k % 3 else 484,
            user="admin",
            echo=True,
        )
    c.attacker("198.51.100.115", "enumeration", may="scan toll_fraud", proof="dialog")


@scene()
def three_victims_on_one_mirror_port(c: Capture) -> None:
    """svmap, svwar and sippts against three PBXs of a data centre, each with its users."""
    attackers = ("198.51.100.116", "198.51.100.117")
    for n in range(3):
        pbx = server(
            c.net, (makes.ASTERISK, makes.FREESWITCH, makes.KAMAILIO)[n], f"192.0.2.{11 + n}"
        )
        for k in range(10):
            one = phone(
                c.net,
                makes.DESK[k % 6],
                f"203.0.113.{50 + n}",
                str(100 * (n + 1) + k),
                pbx,
                port=7000 + k,
                inside=(f"192.168.{n}.{k + 5}", 5060),
            )
            for turn in range(6):
                register(c.net, k + 600.0 * turn, one, pbx)
        one_tool = tool(c.net, SIPVICIOUS, attackers[0], pbx, 5060, "127.0.1.1")
        one_tool.svmap(1000 + 0.02 * n, 200)
        for k in range(60):
            one_tool.svwar(1100 + 20 * n + 0.1 * k, str(100 + k), 401)
        other = tool(c.net, SIPPTS, attackers[1], pbx, 5060)
        for k in range(40):
            other.guess(2000 + 200 * n + 3 * k, str(100 * (n + 1) + k % 10), f"p{k}")
    c.attacker(attackers[0], "scan enumeration", proof="none")
    c.attacker(attackers[1], "password_guessing", may="scan enumeration", proof="nonce")


@scene()
def svwar_by_options_and_a_shy_cracker(c: Capture) -> None:
    """Svwar -m OPTIONS; and svcrack that stops after nine words, an hour later three more, with other UAs."""
    here = _busy(c, makes.CHAN_SIP)
    t = tool(c.net, SIPVICIOUS, "198.51.100.118", here.pbx, 5060, "127.0.1.1")
    for k in range(70):
        t.svwar(
            9 * HOUR + 0.1 * k,
            str(180 + k),
            200 if str(180 + k) in here.pbx.users else 404,
            method="OPTIONS",
        )
    c.attacker("198.51.100.118", "enumeration", may="scan", proof="none")
    for n in range(2):
        shy = tool(
            c.net,
            disguise(("Zoiper 2.38", "snomD345")[n], SIPVICIOUS),
            "198.51.100.119",
            here.pbx,
            5060,
            "127.0.1.1",
        )
        shy.svcrack(10 * HOUR + 3600 * n, "203", [f"{n}{k}" for k in range(9 - 6 * n)], 5.0)
    c.attacker("198.51.100.119", "password_guessing", may="scan", proof="nonce")
