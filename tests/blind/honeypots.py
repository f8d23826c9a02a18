"""Scanners: what a listening port hears in the night, whatever it answers."""

from __future__ import annotations

from tests.blind import makes
from tests.blind.label import Capture
from tests.blind.net import source_of
from tests.blind.offices import office, server
from tests.blind.roster import HOUR, scene
from tests.blind.tools import DISGUISED, SIPCLI, SIPPTS, SIPSAK, SIPVICIOUS, disguise, tool

FORGED = (
    "Yealink SIP-T42S 66.84.0.15",
    "Grandstream GXP1625 1.0.4.33",
    "Avaya one-X Deskphone",
    "Polycom VVX",
    "Linksys/SPA942",
)


@scene()
def svmap_at_a_silent_address(c: Capture) -> None:
    nobody = server(c.net, makes.ASTERISK, "192.0.2.1")
    for n in range(1, 255):
        nobody.address = f"192.0.2.{n}"
        tool(c.net, SIPVICIOUS, "203.0.113.9", nobody, 5070, "127.0.1.1").svmap(3 + 0.02 * n)
    c.attacker("203.0.113.9", "scan", proof="none")


@scene()
def svmap_once_at_an_office(c: Capture) -> None:
    here = office(c.net, makes.ASTERISK, "192.0.2.10", 20, nat="203.0.113.40")
    here.come_in(9 * HOUR, 60)
    here.work(9.1 * HOUR, 10 * HOUR, 40)
    tool(c.net, SIPVICIOUS, "198.18.7.7", here.pbx, 5088, "127.0.1.1").svmap(9.5 * HOUR, 200)
    c.attacker("198.18.7.7", "scan", proof="none")


@scene()
def disguised_svmap_on_a_network(c: Capture) -> None:
    """svmap, changed: a phone's User-Agent, tags that tell nothing."""
    make = disguise(FORGED[0], SIPVICIOUS)
    for n in range(1, 60):
        pbx = server(c.net, makes.ASTERISK, f"192.0.2.{n}")
        tool(c.net, make, "203.0.113.9", pbx, 5060, "192.168.1.9").svmap(
            n * 0.1, *((200,) if n == 20 else ()), name="100", own_tag=True)  # fmt: skip
    c.attacker("203.0.113.9", "scan", proof="none")


@scene()
def honeypot_says_nothing(c: Capture) -> None:
    """Two days, sixty strangers: OPTIONS of known tools, and INVITEs to one number abroad."""
    pot = server(c.net, makes.ASTERISK, "192.0.2.66")
    for n in range(30):
        address = f"198.18.{n}.{10 + n}"
        for k in range(1 + n % 4):
            tool(c.net, SIPVICIOUS, address, pot, 5061 + n, "127.0.0.1").svmap(5000 * n + 3600 * k)
        c.attacker(address, "scan", proof="none")
    for n in range(30):
        address = f"198.19.{n}.{10 + n}"
        t = tool(c.net, SIPCLI, address, pot, 5060 + n)
        for k in range(4):
            t.invite(
                5100 * n + 20 * k,
                ("00", "011", "900", "+")[k] + "972592774107",
                user="1000",
                again=5,
            )
        c.attacker(address, "toll_fraud", may="scan", proof="none")


@scene()
def honeypot_says_yes_to_all(c: Capture) -> None:
    """It lets everybody in: registrations without a password, OPTIONS, calls that are answered."""
    pot = server(c.net, makes.ASTERISK, "192.0.2.67")
    for n in range(12):
        address = f"198.18.40.{10 + n}"
        t = tool(c.net, SIPVICIOUS, address, pot, 5060 + n, "127.0.1.1")
        for k in range(40):
            t.svwar(900 * n + 0.05 * k, str(100 + k), 200)
        c.attacker(address, "enumeration", may="scan password_guessing", proof="none")
    for n in range(4):
        address = f"198.18.41.{10 + n}"
        t = tool(c.net, DISGUISED, address, pot, 5060)
        for k in range(25):
            t.register(
                900 * n + 5 * k,
                ("100", "1000", "admin", "test", "200", "sip")[k % 6]
                + (str(k // 6) if k > 5 else ""),
                200,
            )
        c.attacker(address, "enumeration", may="scan password_guessing", proof="none")


@scene()
def honeypot_challenges_all(c: Capture) -> None:
    """401 to everything: lone REGISTERs from a botnet with the same words, svwar INVITEs."""
    pot = server(c.net, makes.KAMAILIO, "192.0.2.68")
    for n in range(80):
        t = tool(
            c.net, disguise("Linksys/SPA942"), f"198.18.50.{1 + n}", pot, 5060 + 3 * n, "10.0.0.5"
        )
        for k in range(2):
            t.register(600 * n + 20 * k, str(100 + (n * 2 + k) % 150), 401, challenge=True)
    c.attacker(
        "198.18.50.0/24",
        "enumeration",
        may="scan password_guessing",
        proof="none",
        least="suspect",
        share=0.9,
        count=80,
    )
    t = tool(c.net, SIPVICIOUS, "198.18.51.1", pot, 5060, "127.0.1.1")
    for k in range(60):
        t.svwar(7000 + 0.1 * k, str(1000 + k), 100, 407, method="INVITE")
    c.attacker("198.18.51.1", "enumeration", may="scan toll_fraud", proof="dialog")


@scene()
def honeypot_says_forbidden(c: Capture) -> None:
    """403 to everybody: three scanners with different tools over a day, and a curious sipsak."""
    pot = server(c.net, makes.FREESWITCH, "192.0.2.69")
    t = tool(c.net, SIPPTS, "198.18.60.1", pot, 6060)
    for k in range(50):
        t.register(100 + 0.2 * k, str(100 + k), 403)
    c.attacker("198.18.60.1", "enumeration", may="scan", proof="none")
    t = tool(c.net, disguise(FORGED[2]), "198.18.60.2", pot, 5060)
    for k, number in enumerate(
        (
            "00",
            "000",
            "0000",
            "9",
            "900",
            "011",
            "9011",
            "+",
            "",
            "99",
            "8",
            "800",
            "100",
            "90011",
            "0011",
        )
    ):
        t.invite(8000 + 3 * k, number + "441632960999", 403, user="1001", echo=True)
    c.attacker("198.18.60.2", "toll_fraud", may="scan enumeration", proof="dialog")
    tool(c.net, SIPSAK, "198.18.60.3", pot, 44444).options(9000, 403, user="info")
    c.unclear("198.18.60.3")


@scene()
def slow_scan_of_two_hundred(c: Capture) -> None:
    """One hand, two hundred addresses, one OPTIONS each over a day; the PBX answers 200."""
    here = office(c.net, makes.ASTERISK, "192.0.2.10", 10, nat="203.0.113.40")
    here.come_in(9 * HOUR, 60)
    here.work(9.1 * HOUR, 11 * HOUR, 20)
    make = disguise("PolycomVVX-VVX_300-UA/5.4.0")
    for n in range(200):
        address = f"198.18.{80 + n % 40}.{3 + n}"
        tool(c.net, make, address, here.pbx, 5060, "192.168.0.100").options(
            420 * n + c.rng.uniform(0, 300), 200
        )
    c.attacker("198.18.64.0/18", "scan", may="enumeration", least="suspect", share=0.9, count=200)


@scene()
def nmap_and_sippts_sweep_a_subnet(c: Capture) -> None:
    """One looks at every address of a /25 by UDP, another at extensions over TCP."""
    for n in range(1, 120):
        host = server(c.net, makes.FREESWITCH, f"192.0.2.{n}")
        tool(c.net, SIPPTS, "203.0.113.200", host, 5060).options(
            n * 0.3, *((200,) if n in (10, 55) else ())
        )
    c.attacker("203.0.113.200", "scan", proof="none")
    pbx = server(c.net, makes.CHAN_SIP, "192.0.2.10", transport="TCP")
    t = tool(c.net, SIPPTS, "203.0.113.201", pbx, 40001)
    for k in range(80):
        t.register(200 + 0.1 * k, str(200 + k), 401 if k % 10 == 0 else 404, challenge=k % 10 == 0)
    c.attacker("203.0.113.201", "enumeration", may="scan", proof="tcp")


@scene()
def svwar_at_a_leaky_server_amid_an_office(c: Capture) -> None:
    here = office(c.net, makes.KAMAILIO, "192.0.2.10", 30, nat="203.0.113.40")
    here.come_in(9 * HOUR, 60)
    here.work(9.1 * HOUR, 10 * HOUR, 60)
    t = tool(c.net, SIPVICIOUS, "198.51.100.222", here.pbx, 5060, "127.0.1.1")
    for k in range(200):
        user = str(100 + k)
        t.svwar(9.5 * HOUR + 0.03 * k, user, 401 if user in here.pbx.users else 404)
    c.attacker("198.51.100.222", "enumeration", may="scan", proof="none")


@scene()
def svwar_seen_from_outside_only(c: Capture) -> None:
    """Only what comes in was captured."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.10")
    t = tool(
        c.net,
        disguise("eyeBeam release 1105a", SIPVICIOUS),
        "198.51.100.222",
        pbx,
        5060,
        "127.0.1.1",
    )
    for k in range(120):
        t.svwar(0.03 * k, str(1000 + k), 401)
    c.alter = lambda packets: [p for p in packets if source_of(p) != "192.0.2.10"]
    c.attacker("198.51.100.222", "enumeration", may="scan", proof="none")


@scene()
def ipv6_scanner_of_extensions(c: Capture) -> None:
    pbx = server(c.net, makes.ASTERISK, "2001:db8::10")
    t = tool(c.net, SIPPTS, "2001:db8:bad::66", pbx, 5062)
    for k in range(90):
        t.register(1.5 * k, str(100 + k), 401, challenge=True)
    c.attacker("2001:db8:bad::66", "enumeration", may="scan", proof="none")


@scene()
def patient_enumerator_in_a_phones_clothes(c: Capture) -> None:
    """One REGISTER every seven minutes for a day, a new extension each time, a new Call-ID, one UA."""
    here = office(c.net, makes.ASTERISK, "192.0.2.10", 15, nat="203.0.113.40")
    here.come_in(0, 60)
    here.stay(0, 20 * HOUR, 3500)
    t = tool(
        c.net,
        disguise("Yealink SIP-T23G 44.84.0.140"),
        "198.51.100.190",
        here.pbx,
        5060,
        "192.168.1.22",
    )
    for k in range(180):
        t.register(200 + 420 * k, str(200 + k), 401, challenge=True)
    c.attacker("198.51.100.190", "enumeration", may="scan", proof="none")
