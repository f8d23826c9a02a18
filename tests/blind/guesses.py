"""Guessing: fast, slow, spread, disguised; and what comes after a password is found."""

from __future__ import annotations

from tests.blind import makes
from tests.blind.label import Call, Capture
from tests.blind.makes import Make
from tests.blind.net import source_of
from tests.blind.offices import Office, office, phone, server
from tests.blind.roster import HOUR, scene
from tests.blind.talk import Leg, register
from tests.blind.tools import DISGUISED, SIPPTS, SIPVICIOUS, disguise, tool

WORDS = [str(n) for n in range(1000, 1400)]
PHONES = (
    "Yealink SIP-T42S 66.84.0.15",
    "Grandstream GXP1625 1.0.4.33",
    "Zoiper r42 v5.5",
    "Linksys/SPA942-6.1.5",
    "MicroSIP/3.20.7",
    "Bria 5 release 5.8",
    "snom370/8.7.3.25",
    "Cisco-CP7960G/8.0",
)


def _busy(c: Capture, make: Make = makes.ASTERISK, count: int = 20) -> Office:
    here = office(c.net, make, "192.0.2.10", count, nat="203.0.113.40")
    here.come_in(8 * HOUR, 100)
    here.stay(8 * HOUR, 12 * HOUR)
    here.work(8.2 * HOUR, 12 * HOUR, 40)
    return here


@scene()
def svcrack_succeeds_and_calls_somalia(c: Capture) -> None:
    """Amid a busy office: 1001 falls at the 240th word; two minutes later the same address calls."""
    here = _busy(c)
    here.pbx.users["1001"] = "1239"
    t = tool(c.net, SIPVICIOUS, "198.51.100.66", here.pbx, 5060, "127.0.1.1")
    at, _ = t.svcrack(9 * HOUR, "1001", WORDS)
    thief = phone(c.net, makes.PJSUA, "198.51.100.66", "1001", here.pbx, port=5071, password="1239")
    at, _ = register(c.net, at + 120, thief, here.pbx)
    for n, seconds in enumerate((240, 410, 355)):
        number = f"00252906620{n}1"
        leg = Leg(c.net, at + 10, thief, here.pbx, number).invite().challenged().says(100, 183, 200)
        at = leg.talk(seconds).bye().t
    calls = tuple(
        Call(f"00252906620{n}1", f"+252906620{n}1", s) for n, s in enumerate((240, 410, 355))
    )
    c.attacker(
        "198.51.100.66",
        "password_guessing toll_fraud",
        may="scan",
        taken="1001",
        calls=calls,
        proof="dialog",
    )


@scene()
def svcrack_in_disguise_at_chan_sip_fails(c: Capture) -> None:
    here = _busy(c, makes.CHAN_SIP)
    t = tool(
        c.net,
        disguise("Avaya IP Phone 1120E", SIPVICIOUS),
        "198.51.100.67",
        here.pbx,
        5063,
        "192.168.2.100",
    )
    t.svcrack(9 * HOUR, "201", WORDS[:250], gap_s=0.2)
    c.attacker("198.51.100.67", "password_guessing", may="scan enumeration", proof="nonce")


@scene()
def sippts_at_freeswitch_many_accounts(c: Capture) -> None:
    """Ten words for each of thirty extensions, 403 after each; two fall."""
    here = _busy(c, makes.FREESWITCH)
    for user, password in (("1010", "1010"), ("1023", "1234")):
        here.pbx.users[user] = password
    t = tool(c.net, SIPPTS, "198.51.100.68", here.pbx, 5070)
    at = 10 * HOUR
    for n in range(30):
        user = str(1000 + n)
        for word in (
            user,
            "1234",
            "0000",
            "password",
            "1111",
            "admin",
            user + user,
            "123456",
            "test",
            "4321",
        ):
            at, status = t.guess(at + 0.1, user, word)
            if status == 200:
                break
    c.attacker(
        "198.51.100.68",
        "password_guessing",
        may="scan enumeration",
        taken="1010 1023",
        proof="nonce",
    )


@scene()
def one_guess_in_ten_minutes(c: Capture) -> None:
    """A day and a half, six extensions in turn, another Call-ID each time; one gives way at last."""
    here = _busy(c)
    here.pbx.users["205"] = "Start123"
    t = tool(
        c.net,
        disguise("Grandstream HT802 1.0.29.8"),
        "198.51.100.69",
        here.pbx,
        5060,
        "192.168.100.10",
    )
    taken = False
    for k in range(210):
        user = str(201 + k % 6)
        word = "Start123" if k == 202 else f"Word{k}!"
        _, status = t.guess(HOUR + 600 * k + c.rng.uniform(0, 90), user, word)
        taken |= status == 200
    assert taken
    c.attacker(
        "198.51.100.69", "password_guessing", may="scan enumeration", taken="205", proof="nonce"
    )


@scene()
def sixty_addresses_guess_at_one_account(c: Capture) -> None:
    """One to three guesses each over eight hours, every one in another phone's clothes."""
    here = _busy(c)
    for n in range(60):
        t = tool(
            c.net,
            disguise(PHONES[n % 8]),
            f"198.18.{20 + n}.{5 + n}",
            here.pbx,
            5060 + n,
            "10.0.0.7",
        )
        for k in range(1 + n % 3):
            t.guess(7 * HOUR + 480 * n + 25 * k, "207", f"pw{n}{k}")
    c.attacker(
        "198.18.0.0/17",
        "password_guessing",
        may="scan",
        proof="nonce",
        least="suspect",
        share=0.9,
        count=60,
    )


@scene()
def spread_guessing_succeeds_and_a_stranger_calls(c: Capture) -> None:
    """Forty addresses try 208; one gets in, and an hour later a new address calls Latvia with it."""
    here = _busy(c)
    here.pbx.users["208"] = "Sommer2024"
    here.phones[7].password = "Sommer2024"
    for n in range(40):
        address = f"198.18.{20 + n}.{5 + n}"
        t = tool(c.net, disguise(PHONES[n % 8]), address, here.pbx, 5060 + n, "10.0.0.7")
        for k in range(2):
            word = "Sommer2024" if (n, k) == (33, 1) else f"pw{n}{k}"
            t.guess(12.5 * HOUR + 240 * n + 25 * k, "208", word)
    thief = phone(
        c.net, makes.ZOIPER, "198.19.3.3", "208", here.pbx, port=51000, password="Sommer2024"
    )
    at, _ = register(c.net, 16.5 * HOUR, thief, here.pbx)
    calls = []
    for n in range(6):
        number = f"003718130{n}55{n}"
        at = (
            Leg(c.net, at + 4, thief, here.pbx, number)
            .invite()
            .challenged()
            .says(100, 183, 200)
            .talk(120 + 20 * n)
            .bye()
            .t
        )
        calls.append(Call(number, "+" + number[2:], 120 + 20 * n))
    c.attacker(
        "198.18.0.0/17",
        "password_guessing",
        may="scan",
        taken="208",
        least="suspect",
        share=0.9,
        count=40,
    )
    c.attacker(
        "198.19.3.3",
        "toll_fraud",
        may="password_guessing",
        taken="208",
        calls=tuple(calls),
        proof="dialog",
    )


@scene()
def spraying_one_password_over_all_extensions(c: Capture) -> None:
    """`1234` for 100 … 279, once each, at Kamailio; three fit."""
    here = _busy(c, makes.KAMAILIO)
    for user in ("133", "178", "260"):
        here.pbx.users[user] = "1234"
    t = tool(c.net, SIPPTS, "198.51.100.70", here.pbx, 5060)
    for n in range(100, 280):
        t.guess(11 * HOUR + 2.0 * n, str(n), "1234")
    c.attacker(
        "198.51.100.70",
        "password_guessing",
        may="scan enumeration",
        taken="133 178 260",
        proof="nonce",
    )


@scene()
def a_colleague_guesses_from_inside_the_nat(c: Capture) -> None:
    """Behind the office's own address somebody runs svcrack against three colleagues."""
    here = _busy(c)
    t = tool(c.net, SIPVICIOUS, "203.0.113.40", here.pbx, 61022, "192.168.10.99")
    at = 9 * HOUR
    for user in ("203", "207", "210"):
        at, _ = t.svcrack(at + 60, user, WORDS[:150])
    c.attacker("203.0.113.40", "password_guessing", may="scan enumeration")


@scene()
def a_quiet_colleague_inside_the_nat(c: Capture) -> None:
    """The same with sippts in a phone's clothes: 240 guesses at three accounts that work well."""
    here = _busy(c)
    t = tool(
        c.net,
        disguise("Yealink SIP-T46U 108.86.0.90", SIPPTS),
        "203.0.113.40",
        here.pbx,
        61022,
        "192.168.10.99",
    )
    for k in range(240):
        t.guess(9 * HOUR + 6 * k, ("203", "207", "210")[k % 3], f"w{k}")
    c.attacker("203.0.113.40", "password_guessing", may="scan enumeration", least="suspect")


@scene()
def the_attacker_moves_house(c: Capture) -> None:
    """svwar, then svcrack from one address; it is blocked, the work goes on from another, calls from a third."""
    here = _busy(c, makes.KAMAILIO)
    here.pbx.leaky = True
    here.pbx.users["150"] = "1180"
    one = tool(c.net, SIPVICIOUS, "198.51.100.71", here.pbx, 5060, "127.0.1.1")
    for n in range(100, 230):
        one.svwar(9 * HOUR + 0.05 * n, str(n), 401 if str(n) in here.pbx.users else 404)
    one.svcrack(9.1 * HOUR, "150", WORDS[:90])
    two = tool(c.net, SIPVICIOUS, "198.19.101.72", here.pbx, 5060, "127.0.1.1")
    two.svcrack(9.3 * HOUR, "150", WORDS[90:])
    three = phone(c.net, makes.BARESIP, "203.0.113.229", "150", here.pbx, password="1180")
    (
        Leg(c.net, 9.4 * HOUR, three, here.pbx, "0088213001234")
        .invite()
        .challenged()
        .says(100, 200)
        .talk(600)
        .bye()
    )
    c.attacker("198.51.100.71", "enumeration password_guessing", may="scan", proof="nonce")
    c.attacker(
        "198.19.101.72", "password_guessing", may="scan enumeration", taken="150", proof="nonce"
    )
    c.attacker(
        "203.0.113.229",
        "toll_fraud",
        may="password_guessing",
        taken="150",
        calls=(Call("0088213001234", "+88213001234", 600),),
        proof="dialog",
    )


@scene()
def guessing_over_tcp(c: Capture) -> None:
    pbx = server(c.net, makes.ASTERISK, "192.0.2.10", transport="TCP")
    for n in range(8):
        register(
            c.net,
            5.0 * n,
            phone(
                c.net,
                makes.POLYCOM,
                "203.0.113.40",
                str(300 + n),
                pbx,
                port=30000 + n,
                transport="TCP",
            ),
            pbx,
        )
    t = tool(c.net, SIPPTS, "198.51.100.73", pbx, 47000)
    for k in range(120):
        t.guess(60 + 0.5 * k, "300", f"pass{k}")
    c.attacker("198.51.100.73", "password_guessing", may="scan", proof="tcp")


@scene()
def guessing_over_ipv6(c: Capture) -> None:
    pbx = server(c.net, makes.KAMAILIO, "2001:db8:1::5")
    for n in range(8):
        register(
            c.net,
            5.0 * n,
            phone(c.net, makes.LINPHONE, f"2001:db8:2::{n + 1}", str(300 + n), pbx),
            pbx,
        )
    t = tool(c.net, DISGUISED, "2001:db8:bad::7", pbx, 5060)
    for k in range(150):
        t.guess(60 + 1.0 * k, str(300 + k % 8), f"pass{k}")
    c.attacker("2001:db8:bad::7", "password_guessing", may="scan enumeration", proof="nonce")


@scene()
def guessing_seen_from_outside_only(c: Capture) -> None:
    """Only what came in: 300 REGISTERs with credentials for one account, svcrack's tags."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.10")
    t = tool(
        c.net, disguise("Cisco-CP7941G/9.4.2", SIPVICIOUS), "198.51.100.74", pbx, 5060, "127.0.1.1"
    )
    t.svcrack(60, "501", WORDS[:300])
    c.alter = lambda packets: [p for p in packets if source_of(p) != "192.0.2.10"]
    c.attacker("198.51.100.74", "password_guessing", may="scan", proof="none")


@scene()
def answers_to_guessing_only(c: Capture) -> None:
    """Only what went out: the 401s and 200s of a PBX under attack, amid its office."""
    here = _busy(c)
    t = tool(c.net, SIPVICIOUS, "198.51.100.75", here.pbx, 5060, "127.0.1.1")
    t.svcrack(10 * HOUR, "201", WORDS[:300])
    c.alter = lambda packets: [p for p in packets if source_of(p) == "192.0.2.10"]
    # svcrack's tags come back in every 401.
    c.attacker(
        "198.51.100.75", "", may="password_guessing scan enumeration", least="suspect", share=0
    )
    c.unclear("198.51.100.75")


@scene()
def guessing_authentication_names_at_3cx(c: Capture) -> None:
    """Extension 100 with two hundred authentication names and PINs; 407 each."""
    here = _busy(c, makes.THREECX)
    t = tool(c.net, disguise("3CXPhone 6.0.26523.0"), "198.51.100.76", here.pbx, 5060)
    for k in range(200):
        t.guess(10 * HOUR + 4.0 * k, "100", f"{k:04}", auth_user=f"1{k:03}")
    c.attacker("198.51.100.76", "password_guessing", may="scan enumeration", proof="nonce")


@scene()
def guessing_through_invite(c: Capture) -> None:
    """INVITEs to 9011… with guessed credentials: 407, INVITE with a password, 403; eighty times."""
    here = _busy(c, makes.FREESWITCH)
    for k in range(80):
        thief = phone(
            c.net,
            makes.SIPP,
            "198.51.100.77",
            str(200 + k % 20),
            here.pbx,
            port=5060,
            known=False,
            password=f"x{k}",
        )
        Leg(
            c.net, 10 * HOUR + 3 * k, thief, here.pbx, "9011972599123456"
        ).invite().challenged().says(403)
    c.attacker(
        "198.51.100.77", "password_guessing toll_fraud", may="scan enumeration", proof="dialog"
    )


@scene()
def a_bad_pin_and_a_guesser_side_by_side(c: Capture) -> None:
    """A home worker mistypes for an hour; meanwhile a stranger works on the same account."""
    here = _busy(c)
    home = phone(
        c.net,
        makes.LINPHONE,
        "203.0.113.90",
        "211",
        here.pbx,
        port=40001,
        inside=("192.168.1.8", 40001),
    )
    home.password = "typo"
    for k in range(60):
        register(c.net, 9 * HOUR + 60 * k, home, here.pbx)
    t = tool(c.net, SIPPTS, "198.51.100.78", here.pbx)
    for k in range(150):
        t.guess(9.2 * HOUR + 9 * k, "211", f"z{k}")
    c.in_trouble.append(("203.0.113.90", "211"))
    c.attacker("198.51.100.78", "password_guessing", may="scan", proof="nonce")


@scene()
def default_accounts_tried_by_strangers(c: Capture) -> None:
    """Nine addresses in three days, each some well-known names with their usual passwords."""
    here = _busy(c, makes.CHAN_SIP)
    for n in range(9):
        t = tool(c.net, DISGUISED, f"198.19.{n}.77", here.pbx, 5060, "192.168.0.2")
        for k, (user, word) in enumerate(
            (
                ("100", "100"),
                ("admin", "admin"),
                ("1000", "1234"),
                ("test", "test"),
                ("sip", "sip"),
                ("asterisk", "asterisk"),
                ("trunk", "trunk"),
                ("guest", "guest"),
            )
        ):
            t.guess(7 * HOUR * n + 30 * k, user, word)
        c.attacker(f"198.19.{n}.77", "password_guessing", may="scan enumeration", proof="nonce")
