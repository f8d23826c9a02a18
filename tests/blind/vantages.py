"""The same people and the same attacks where the capture is poor: cut, doubled, begun late."""

from __future__ import annotations

from tests.blind import makes
from tests.blind.label import Call, Capture
from tests.blind.net import source_of
from tests.blind.offices import Office, ask, home_number, office, out_of_dialog, phone, server
from tests.blind.roster import HOUR, scene
from tests.blind.speak import credentials, request
from tests.blind.talk import Leg, register
from tests.blind.tools import DISGUISED, SIPCLI, SIPPTS, SIPVICIOUS, disguise, tool
from tests.wire_cases.compile import Packet


def _cut(octets: int) -> object:
    def cut(packets: list[Packet]) -> list[Packet]:
        return [Packet(p.time_ns, p.link, p.octets[:octets], p.original) for p in packets]

    return cut


def _twice(packets: list[Packet]) -> list[Packet]:
    doubled = [
        *packets,
        *(Packet(p.time_ns + 22_000, p.link, p.octets, p.original) for p in packets),
    ]
    return sorted(doubled, key=lambda p: p.time_ns)


def _busy(c: Capture, make: makes.Make = makes.ASTERISK) -> Office:
    here = office(c.net, make, "192.0.2.10", 14, nat="203.0.113.40")
    here.come_in(8 * HOUR, 100)
    here.stay(8 * HOUR, 11 * HOUR)
    here.work(8.2 * HOUR, 11 * HOUR, 30)
    return here


@scene()
def office_cut_at_two_hundred_octets(c: Capture) -> None:
    _busy(c)
    c.alter = _cut(200)  # type: ignore[assignment]


@scene()
def office_cut_at_six_hundred_octets(c: Capture) -> None:
    _busy(c, makes.FREESWITCH)
    c.alter = _cut(600)  # type: ignore[assignment]


@scene()
def svwar_cut_at_five_hundred_octets(c: Capture) -> None:
    here = _busy(c)
    t = tool(c.net, SIPVICIOUS, "198.51.100.130", here.pbx, 5060, "127.0.1.1")
    for k in range(100):
        t.svwar(9 * HOUR + 0.1 * k, str(100 + k), 401)
    c.alter = _cut(500)  # type: ignore[assignment]
    c.attacker("198.51.100.130", "enumeration", may="scan password_guessing")


@scene()
def svcrack_on_a_mirror_port(c: Capture) -> None:
    """Every packet twice; the password is found once."""
    here = _busy(c)
    here.pbx.users["250"] = "2507"
    t = tool(c.net, SIPVICIOUS, "198.51.100.131", here.pbx, 5060, "127.0.1.1")
    t.svcrack(9 * HOUR, "250", [str(n) for n in range(2400, 2600)])
    c.alter = _twice
    c.attacker("198.51.100.131", "password_guessing", may="scan", taken="250", proof="nonce")


@scene()
def calls_that_outlast_the_capture(c: Capture) -> None:
    """Three toll calls are still going when the capture ends: their length is that of the sound."""
    here = _busy(c)
    thief = phone(
        c.net,
        makes.PJSUA,
        "198.51.100.132",
        "203",
        here.pbx,
        port=5070,
        password=here.phones[2].password,
    )
    at, _ = register(c.net, 25 * HOUR, thief, here.pbx)
    calls = []
    for n, number in enumerate(
        ("0025290771234", "0021698123456", "0037190123456", "0025290771299")
    ):
        leg = (
            Leg(c.net, at + 20 * n, thief, here.pbx, number)
            .invite()
            .challenged()
            .says(100, 183, 200)
            .talk(600 - 20 * n)
        )
        if n == 0:
            leg.bye()
        calls.append(Call(number, "+" + number[2:], 600 - 20 * n))
    c.attacker(
        "198.51.100.132",
        "toll_fraud",
        may="password_guessing",
        taken="203",
        calls=tuple(calls),
        proof="dialog",
    )


@scene()
def toll_calls_whose_ports_come_back(c: Capture) -> None:
    """Two lines, thirty calls one after the other, the PBX uses the same four media ports again and again."""
    here = _busy(c)
    thief = phone(
        c.net,
        makes.BARESIP,
        "198.51.100.133",
        "203",
        here.pbx,
        port=5070,
        password=here.phones[2].password,
    )
    at, _ = register(c.net, 25 * HOUR, thief, here.pbx)
    calls = []
    for n in range(14):
        number = f"0025290{n % 3}71{n:03}"
        leg = Leg(c.net, at + 5, thief, here.pbx, number)
        leg.media = (16384 + 2 * (n % 2), 10000 + 2 * (n % 2))
        at = (
            leg.invite()
            .challenged()
            .says(100, 183, 200)
            .talk(100 + 3 * n)
            .bye("uac" if n % 2 else "uas")
            .t
        )
        calls.append(Call(number, "+" + number[2:], 100 + 3 * n))
    c.attacker(
        "198.51.100.133",
        "toll_fraud",
        may="password_guessing",
        taken="203",
        calls=tuple(calls),
        proof="dialog",
    )


@scene()
def trunk_side_of_a_session_border(c: Capture) -> None:
    """Captured at the carrier's side only: one PBX, its calls in and out, no phones; begins late."""
    here = office(c.net, makes.ASTERISK, "192.0.2.10", 20, nat="203.0.113.40")
    here.work(0, 4 * HOUR, 160, abroad=0.4)
    c.alter = lambda packets: [
        p for p in packets[300:] if {source_of(p), _target_of(p)} == {"192.0.2.10", "198.51.100.20"}
    ]


@scene()
def trunk_side_calls_out_only(c: Capture) -> None:
    """The same, and only what the PBX sends."""
    here = office(c.net, makes.FREESWITCH, "192.0.2.10", 20, nat="203.0.113.40")
    here.work(0, 4 * HOUR, 120, abroad=0.2)
    c.alter = lambda packets: [
        p for p in packets if (source_of(p), _target_of(p)) == ("192.0.2.10", "198.51.100.20")
    ]


def _target_of(packet: Packet) -> str:
    from ipaddress import ip_address

    return str(ip_address(packet.octets[30:34]))


@scene()
def tcp_office_from_the_middle(c: Capture) -> None:
    """Twelve phones over TCP, connections opened long ago, one PBX, registrations and calls."""
    pbx = server(c.net, makes.CHAN_SIP, "192.0.2.14", transport="TCP")
    desks = [
        phone(
            c.net, makes.POLYCOM, "203.0.113.66", str(100 + n), pbx, port=30000 + n, transport="TCP"
        )
        for n in range(12)
    ]
    here = Office(c.net, pbx, desks, server(c.net, makes.CARRIER, "198.51.100.20"))
    here.come_in(0, 60)
    here.stay(100, 2 * HOUR, 900)
    here.work(100, 2 * HOUR, 30)
    c.alter = lambda packets: packets[700:]


@scene()
def registrar_of_five_hundred_homes(c: Capture) -> None:
    """A provider's registrar: homes on five hundred addresses, ten of them unpaid: 403 for each try."""
    registrar = server(c.net, makes.KAMAILIO, "192.0.2.15")
    for n in range(500):
        home = phone(
            c.net,
            makes.FRITZ if n % 3 else makes.GIGASET,
            f"198.18.{n // 250}.{1 + n % 250}",
            f"4930{n:06}",
            registrar,
            domain="tel.example",
            password="p",
        )
        if n % 50 == 7:
            asks = 30
            for k in range(asks):
                home.cseq += 1
                me = f"<sip:{home.user}@tel.example>"
                asked = request(
                    home,
                    "REGISTER",
                    "sip:tel.example",
                    f"{me};tag={home.make.tag(c.rng)}",
                    me,
                    home.reg_call_id,
                    home.cseq,
                    [("Expires", "600")],
                )
                ask(c.net, n + 120.0 * k, home, registrar, asked, 403)
        else:
            register(c.net, n * 2.0, home, registrar)
            register(c.net, 1800 + n * 2.0, home, registrar, cached=True)


@scene()
def pbx_with_thirty_lines_at_a_closed_provider(c: Capture) -> None:
    """Thirty numbers of one PBX, contract ended: each registers every two minutes, 403 Forbidden."""
    provider = server(c.net, makes.FREESWITCH, "198.51.100.6")
    for n in range(30):
        line = phone(
            c.net,
            makes.ASTERISK,
            "192.0.2.16",
            f"493055512{n:02}",
            provider,
            known=False,
            domain="sip.closed.example",
        )
        for k in range(40):
            register(c.net, 120.0 * k + 0.3 * n, line, provider)
    # The PBX is ours; whoever reads this must repair it, not block it.


@scene()
def agents_log_in_and_out(c: Capture) -> None:
    """Hot desks: thirty phones, whoever sits there registers his own account; Expires: 0 at the end."""
    pbx = server(c.net, makes.ASTERISK, "192.168.10.2")
    for desk in range(30):
        for shift in range(3):
            agent = phone(
                c.net,
                makes.CISCO,
                f"192.168.10.{50 + desk}",
                str(7000 + (desk * 3 + shift * 11) % 60),
                pbx,
                password="pin",
            )
            register(c.net, 8 * HOUR * shift + 9 * desk, agent, pbx)
            if desk % 6 == 0:
                register(c.net, 8 * HOUR * shift + 9 * desk - 5, agent, pbx, password="wrong")
            register(
                c.net, 8 * HOUR * shift + 7.9 * HOUR + desk, agent, pbx, expires=0, cached=True
            )


@scene()
def one_guess_each_from_a_network_of_ipv6(c: Capture) -> None:
    """Eighty addresses of one /64, a guess each, extensions 100 … 119 in turn."""
    pbx = server(c.net, makes.ASTERISK, "2001:db8:1::5")
    for n in range(10):
        register(
            c.net, 5.0 * n, phone(c.net, makes.SNOM, f"2001:db8:2::{n + 1}", str(100 + n), pbx), pbx
        )
    for n in range(80):
        t = tool(c.net, DISGUISED, f"2001:db8:bad:7::{0x1000 + 577 * n:x}", pbx, 5060)
        t.guess(100 + 30.0 * n, str(100 + n % 20), f"word{n}")
    c.attacker(
        "2001:db8:bad:7::/64",
        "password_guessing",
        may="scan enumeration",
        proof="nonce",
        least="suspect",
        share=0.9,
        count=80,
    )


@scene()
def honeypot_rings_for_ever(c: Capture) -> None:
    """It says 100 and 180 to all calls and 500 to the rest; ten callers with a number each, twice a day."""
    pot = server(c.net, makes.ASTERISK, "192.0.2.71")
    for n in range(10):
        t = tool(c.net, (SIPCLI, DISGUISED)[n % 2], f"198.18.90.{n + 1}", pot, 5060 + n)
        for k in range(8):
            t.invite(
                4000 * n + 5 * k,
                ("00", "000", "011", "9011", "900", "+", "8", "0")[k] + f"97259{2220000 + n}",
                100,
                180,
                user="101",
                again=4,
            )
        c.attacker(f"198.18.90.{n + 1}", "toll_fraud", may="scan", proof="none")
    for n in range(6):
        t = tool(c.net, disguise("Asterisk PBX 11.25", SIPPTS), f"198.18.91.{n + 1}", pot, 5060)
        for k in range(30):
            t.register(50000 + 3000 * n + 2 * k, str(100 + k), 500)
        c.attacker(f"198.18.91.{n + 1}", "enumeration", may="scan password_guessing", proof="none")


@scene()
def credentials_that_nobody_asked_for(c: Capture) -> None:
    """A worm sends one REGISTER with an invented nonce and the default password; thirty sources, 401 each."""
    here = _busy(c)
    for n in range(30):
        t = tool(c.net, disguise("TP-Link VoIP Gateway"), f"198.18.{n}.{99 + n}", here.pbx, 5060)
        for user in ("admin", "user", "1000"):
            me = f"<sip:{user}@192.0.2.10>"
            login = credentials(
                t.agent,
                user,
                user,
                "REGISTER",
                "sip:192.0.2.10",
                401,
                ("asterisk", "0123456789abcdef", ""),
            )
            asked = request(
                t.agent,
                "REGISTER",
                "sip:192.0.2.10",
                f"{me};tag={makes.dec(c.rng, 6)}",
                me,
                makes.dec(c.rng, 12),
                1,
                [login],
            )
            t.fire(
                8 * HOUR + 900 * n,
                asked,
                401,
                more=[
                    ("WWW-Authenticate", f'Digest realm="asterisk",nonce="{makes.hexa(c.rng, 32)}"')
                ],
            )
    c.attacker(
        "198.18.0.0/17",
        "password_guessing",
        may="scan enumeration",
        proof="none",
        least="suspect",
        share=0.9,
        count=30,
    )


@scene()
def a_friend_of_the_owner_tests_with_svmap(c: Capture) -> None:
    """From the office's LAN, once: an audit. An expert would still call it a scan of the LAN."""
    here = office(c.net, makes.ASTERISK, "192.168.10.2", 12)
    here.come_in(8 * HOUR, 60)
    here.work(8.1 * HOUR, 9 * HOUR, 20)
    for n in range(1, 200):
        target = here.pbx if n == 2 else server(c.net, makes.YEALINK, f"192.168.10.{n}")
        tool(c.net, SIPVICIOUS, "192.168.10.240", target, 5060, "127.0.1.1").svmap(
            8.5 * HOUR + 0.02 * n, *((200,) if n == 2 else ())
        )
    c.attacker("192.168.10.240", "scan", proof="none")


@scene()
def message_spam_to_extensions(c: Capture) -> None:
    """SPIM: MESSAGE with a link to 201 … 260 from a stranger, 404 or 401 each."""
    here = _busy(c)
    spammer = phone(c.net, DISGUISED, "198.51.100.134", "promo", here.pbx, known=False)
    for k in range(60):
        user = str(201 + k)
        asked = out_of_dialog(
            spammer,
            "MESSAGE",
            f"sip:{user}@192.0.2.10",
            user,
            "192.0.2.10",
            [("Content-Type", "text/plain")],
            b"You won. http://203.0.113.250/claim",
        )
        ask(
            c.net,
            9 * HOUR + 2 * k,
            spammer,
            here.pbx,
            asked,
            401 if user in here.pbx.users else 404,
        )
    c.attacker(
        "198.51.100.134",
        "",
        may="scan enumeration exploit spoofed_call flood",
        least="suspect",
        proof="none",
    )


@scene()
def outside_line_with_a_nought(c: Capture) -> None:
    """0 for the outside line, then 030…, 040…, 0221…: what looks like Greece and Romania is Berlin and Hamburg."""
    here = office(c.net, makes.ASTERISK, "192.168.10.2", 16)
    here.come_in(8 * HOUR, 60)
    at = 8.1 * HOUR
    for n in range(160):
        here.out(at, here.phones[n % 16], home_number(c.rng), talk=c.rng.uniform(20, 200))
        at += 90
