"""Small captures, as people attach them to a question: a handful of messages, few parties."""

from __future__ import annotations

from itertools import pairwise

from tests.blind import makes
from tests.blind.label import Capture
from tests.blind.offices import Office, ask, home_number, out_of_dialog, phone, server, subscriber
from tests.blind.roster import HOUR, scene
from tests.blind.speak import request
from tests.blind.talk import Leg, ping, register, repeat
from tests.blind.tools import DISGUISED, SIPCLI, SIPPTS, SIPVICIOUS, disguise, tool


@scene()
def one_invite_that_nobody_answers(c: Capture) -> None:
    """The classic question: why is there no answer? Seven packets."""
    pbx = server(c.net, makes.ASTERISK, "203.0.113.5")
    one = phone(c.net, makes.YEALINK, "192.0.2.33", "201", pbx)
    Leg(c.net, 1, one, pbx, "03012345678").invite().again(6)


@scene()
def three_wrong_registers_then_a_call(c: Capture) -> None:
    """A subscriber of a provider: wrong password thrice, then a call that is refused, too."""
    provider = server(c.net, makes.CARRIER, "198.51.100.8")
    one = phone(
        c.net,
        makes.ATA,
        "192.0.2.34",
        "voi18062",
        provider,
        password="right",
        domain="sip.provider.example",
    )
    one.password = "wrong"
    for k in range(3):
        register(c.net, 1 + 9.0 * k, one, provider)
    for number in ("35104723", "35104724"):
        Leg(c.net, 60, one, provider, number).invite().challenged(407).says(403)


@scene()
def direct_call_between_two_softphones(c: Capture) -> None:
    one = phone(
        c.net, makes.LINPHONE, "192.168.1.2", "anna", server(c.net, makes.PJSUA, "192.168.1.3")
    )
    other = server(c.net, makes.PJSUA, "192.168.1.3")
    Leg(c.net, 1, one, other, "bob", domain="192.168.1.3").invite().says(100, 180).wait(3).says(
        200
    ).talk(12).bye("uas")


@scene()
def call_through_four_hops(c: Capture) -> None:
    """One call captured at every hop of two proxies, with Record-Route; then fifty more."""
    hops = [
        phone(c.net, makes.SNOM, "192.0.2.35", "dave", server(c.net, makes.KAMAILIO, "192.0.2.36")),
        server(c.net, makes.KAMAILIO, "192.0.2.36"),
        server(c.net, makes.KAMAILIO, "198.51.100.36"),
        server(c.net, makes.CISCO, "203.0.113.36"),
    ]
    for n in range(51):
        t = 1 + 30.0 * n
        call_id = hops[0].make.call_id(c.rng, "192.0.2.35")
        for a, b in pairwise(hops):
            leg = Leg(
                c.net,
                t,
                a,
                b,
                f"user{n % 9}",
                from_user="dave",
                domain="example.net",
                call_id=call_id,
                more=[("Record-Route", "<sip:192.0.2.36;lr>")],
            )
            leg.invite().says(100, 180).wait(4).says(200).wait(9).bye()
            t += 0.02


@scene()
def overlap_dialling_of_a_gateway(c: Capture) -> None:
    """Digits as they are keyed: INVITE 0, 03, 030, 0301 … each 484 until the number is whole."""
    gateway = server(c.net, makes.CUBE, "10.7.0.2")
    pbx = server(c.net, makes.ASTERISK, "10.7.0.5")
    for n in range(25):
        number = home_number(c.rng) if n % 3 else "00" + subscriber(c.rng, "AT")
        t = 20.0 * n
        for k in range(1, len(number)):
            t = (
                Leg(c.net, t, gateway, pbx, number[:k], from_user="22").invite().says(100, 484).t
                + 0.3
            )
        Leg(c.net, t, gateway, pbx, number, from_user="22").invite().says(100, 180).wait(4).says(
            200
        ).talk(20).bye()


@scene()
def proxy_looks_for_a_gateway_that_works(c: Capture) -> None:
    """Least-cost routing: each call is offered to five carriers, 503, 503, 480, 404, then 200."""
    proxy = server(c.net, makes.KAMAILIO, "192.0.2.37")
    carriers = [server(c.net, makes.CARRIER, f"198.51.100.{40 + n}") for n in range(5)]
    for n in range(60):
        number, t = home_number(c.rng).replace("0", "+49", 1), 15.0 * n
        for k, carrier in enumerate(carriers):
            leg = Leg(c.net, t, proxy, carrier, number, from_user="+49301234567").invite().says(100)
            if k < 4:
                t = leg.says((503, 503, 480, 404)[(k + n) % 4]).t
            else:
                leg.says(183, 200).talk(30).bye()


@scene()
def own_server_sends_messages_to_all(c: Capture) -> None:
    """MESSAGE to sixty users with the news of the day; a third is not there: 480, 404."""
    pbx = server(c.net, makes.FREESWITCH, "192.168.10.2")
    for n in range(60):
        one = phone(c.net, makes.GRANDSTREAM, f"192.168.10.{20 + n}", str(200 + n), pbx)
        if n % 3:
            register(c.net, n * 0.2, one, pbx)
        asked = out_of_dialog(
            pbx,
            "MESSAGE",
            f"sip:{one.user}@{one.address}",
            one.user,
            one.address,
            [("Content-Type", "text/plain")],
            b"Fire drill at 15:00",
        )
        ask(c.net, 60 + n * 0.1, pbx, one, asked, 200 if n % 3 else (480, 404)[n % 2])


@scene()
def phone_pointed_at_the_wrong_server(c: Capture) -> None:
    """An installer mistyped an address: a stranger's phone asks our PBX every minute for six hours."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.38")
    for n in range(6):
        register(
            c.net,
            n,
            phone(c.net, makes.YEALINK, "203.0.113.38", str(20 + n), pbx, port=7000 + n),
            pbx,
        )
    lost = phone(
        c.net, makes.FRITZ, "198.51.100.61", "4989123456", pbx, known=False, domain="192.0.2.38"
    )
    for k in range(360):
        register(c.net, 60.0 * k, lost, pbx)
    c.in_trouble.append(("198.51.100.61", "4989123456"))


@scene()
def flapping_wifi_handsets(c: Capture) -> None:
    """Eight handsets register anew forty times in ten minutes, always with success."""
    pbx = server(c.net, makes.THREECX, "192.168.10.2")
    for n in range(8):
        one = phone(c.net, makes.GIGASET, f"192.168.10.{80 + n}", str(50 + n), pbx)
        for k in range(40):
            register(c.net, 15.0 * k + n + c.rng.random(), one, pbx)


@scene()
def buggy_phone_and_four_hundred(c: Capture) -> None:
    """A firmware bug: REGISTER each second for an hour, 400 each time; its neighbours are well."""
    pbx = server(c.net, makes.FREESWITCH, "192.168.10.2")
    for n in range(5):
        register(
            c.net, n, phone(c.net, makes.POLYCOM, f"192.168.10.{30 + n}", str(30 + n), pbx), pbx
        )
    bad = phone(c.net, makes.DOORPHONE, "192.168.10.99", "99", pbx)
    for k in range(3600):
        bad.cseq += 1
        me = "<sip:99@192.168.10.2>"
        asked = request(
            bad,
            "REGISTER",
            "sip:192.168.10.2",
            f"{me};tag={bad.make.tag(c.rng)}",
            me,
            bad.reg_call_id,
            bad.cseq,
            [("Expires", "-1")],
        )
        ask(c.net, 10.0 + k, bad, pbx, asked, 400)


@scene()
def guest_may_not_call_abroad(c: Capture) -> None:
    """A hotel room tries 00, 011, + and 9 00 for one number at home; barred, 403, and calls reception."""
    pbx = server(c.net, makes.ASTERISK, "10.20.0.2")
    trunk = server(c.net, makes.CARRIER, "198.51.100.20")
    rooms = [
        phone(c.net, makes.ATA, f"10.20.1.{20 + n}", str(1100 + n), pbx, port=5060)
        for n in range(10)
    ]
    Office(c.net, pbx, rooms, trunk).come_in(0, 30)
    at = HOUR
    for prefix in ("00", "011", "+", "900", "000", "0"):
        at = (
            Leg(c.net, at + 20, rooms[3], pbx, prefix + "4722334455")
            .invite()
            .challenged()
            .says(100, 403)
            .t
        )
    Leg(c.net, at + 20, rooms[3], pbx, "9").invite().challenged().says(100, 180).wait(4).says(
        200
    ).talk(60).bye()


@scene()
def keepalives_and_nothing_else(c: Capture) -> None:
    """Two peers that only ping each other, one of them silent for a third of the time."""
    a, b = server(c.net, makes.CUBE, "192.0.2.39"), server(c.net, makes.ASTERISK, "198.51.100.39")
    for k in range(200):
        ping(c.net, 60.0 * k, b, a, 200)
        if 60 < k < 130:
            repeat(
                c.net,
                60.0 * k + 30,
                a,
                b,
                out_of_dialog(a, "OPTIONS", "sip:198.51.100.39", "", "198.51.100.39").octets,
                5,
            )
        else:
            ping(c.net, 60.0 * k + 30, a, b, 200)


@scene()
def trunk_registers_and_is_slow(c: Capture) -> None:
    """A PBX registers with a provider that answers late: each request three times, then 200."""
    provider = server(c.net, makes.KAMAILIO, "198.51.100.45")
    mine = phone(
        c.net, makes.ASTERISK, "192.0.2.45", "4930777", provider, domain="sip.slow.example"
    )
    for k in range(60):
        me = "<sip:4930777@sip.slow.example>"
        mine.cseq += 1
        early = request(
            mine,
            "REGISTER",
            "sip:sip.slow.example",
            f"{me};tag={mine.make.tag(c.rng)}",
            me,
            mine.reg_call_id,
            mine.cseq,
            [("Expires", "300")],
        )
        repeat(c.net, 240.0 * k, mine, provider, early.octets, 3)
        register(c.net, 240.0 * k + 5, mine, provider)


@scene()
def one_svmap_packet_alone(c: Capture) -> None:
    pot = server(c.net, makes.ASTERISK, "192.0.2.90")
    tool(c.net, SIPVICIOUS, "198.51.100.201", pot, 5061, "127.0.1.1").svmap(1)
    c.attacker("198.51.100.201", "scan", proof="none")


@scene()
def ten_strangers_with_a_packet_each(c: Capture) -> None:
    """A morning of a silent port: what the tools say of themselves, one packet each."""
    pot = server(c.net, makes.ASTERISK, "192.0.2.91")
    for n, agent in enumerate(
        (
            "friendly-scanner",
            "sundayddr",
            "sipcli/v1.8",
            "VaxSIPUserAgent/3.5",
            "SIVuS VoIP Scanner",
            "pplsip",
            "sipvicious",
            "siparmyknife",
            "sipscan",
            "friendly-request",
        )
    ):
        address = f"198.18.120.{20 + n}"
        tool(c.net, disguise(agent), address, pot, 5060 + n).options(600.0 * n)
        if agent == "friendly-request":
            c.unclear(address)
        else:
            c.attacker(address, "scan", may="enumeration", proof="none", least="suspect")


@scene()
def one_call_to_israel_and_one_to_britain(c: Capture) -> None:
    """A silent port hears two callers, an INVITE each, dialling abroad through it."""
    pot = server(c.net, makes.ASTERISK, "192.0.2.92")
    tool(c.net, SIPCLI, "198.51.100.202", pot, 5070).invite(
        1, "00972592774107", user="1000", again=4
    )
    tool(c.net, DISGUISED, "198.51.100.203", pot, 5074).invite(
        900, "9011442037691880", user="100", again=4
    )
    c.attacker("198.51.100.202", "toll_fraud", may="scan", proof="none", least="suspect")
    c.attacker("198.51.100.203", "toll_fraud", may="scan", proof="none", least="suspect")


@scene()
def short_svwar_that_gives_up(c: Capture) -> None:
    """A short svwar stops after its test for a nonsense user and two extensions: all alike."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.93")
    t = tool(c.net, SIPVICIOUS, "198.51.100.204", pbx, 5060, "127.0.1.1")
    for k, user in enumerate(("5738291045", "100", "101")):
        t.svwar(1 + 0.1 * k, user, 401)
    c.attacker("198.51.100.204", "enumeration", may="scan", proof="none")


@scene()
def twelve_guesses_alone(c: Capture) -> None:
    """A dozen passwords for 100 in a minute by sippts, nobody else in the capture."""
    pbx = server(c.net, makes.FREESWITCH, "192.0.2.94")
    t = tool(c.net, SIPPTS, "198.51.100.205", pbx, 5060)
    for k in range(12):
        t.guess(1 + 5.0 * k, "100", f"pw{k}")
    c.attacker("198.51.100.205", "password_guessing", may="scan enumeration", proof="nonce")
