"""Toll fraud: prefix hunters, stolen accounts, open dial plans."""

from __future__ import annotations

from tests.blind import makes
from tests.blind.label import Call, Capture, Said
from tests.blind.net import source_of
from tests.blind.offices import Office, office, phone, server
from tests.blind.roster import HOUR, scene
from tests.blind.talk import Leg, register
from tests.blind.tools import DISGUISED, SIPCLI, disguise, tool

PREFIXES = (
    "00",
    "000",
    "0",
    "900",
    "9900",
    "9011",
    "011",
    "+",
    "",
    "8",
    "800",
    "80011",
    "99",
    "990011",
    "0011",
    "1011",
    "700",
    "7",
    "600",
    "500",
)


def _busy(c: Capture) -> Office:
    here = office(c.net, makes.ASTERISK, "192.0.2.10", 18, nat="203.0.113.40")
    here.come_in(8 * HOUR, 100)
    here.work(8.2 * HOUR, 11 * HOUR, 30)
    return here


@scene()
def prefix_hunt_without_an_account(c: Capture) -> None:
    """Twenty prefixes of one Israeli mobile number, 401 each, acknowledged."""
    here = _busy(c)
    t = tool(c.net, SIPCLI, "198.51.100.80", here.pbx, 5071)
    for k, prefix in enumerate(PREFIXES):
        t.invite(9 * HOUR + 4 * k, prefix + "972592277524", user="1000", challenge=401, echo=True)
    c.attacker("198.51.100.80", "toll_fraud", may="scan enumeration", proof="dialog")


@scene()
def patient_prefix_hunt_nobody_answers(c: Capture) -> None:
    """One INVITE every twenty minutes for ten hours, prefixes of one number, no answer, six retransmissions."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.10")
    t = tool(c.net, disguise("Asterisk PBX 1.6.0.26-FONCORE"), "198.51.100.81", pbx, 5060)
    for k in range(30):
        t.invite(
            1200 * k,
            PREFIXES[k % 20] + ("1" if k > 19 else "") + "441613940099",
            user="100",
            again=6,
        )
    c.attacker("198.51.100.81", "toll_fraud", may="scan", proof="none")


@scene()
def prefix_hunt_with_a_stolen_account(c: Capture) -> None:
    """At night with 215's password: 404 for eleven prefixes, the twelfth is answered, then ten calls."""
    here = _busy(c)
    here.pbx.users["215"] = "215"
    thief = phone(c.net, makes.PJSUA, "198.51.100.82", "215", here.pbx, port=5082, password="215")
    at, _ = register(c.net, 26 * HOUR, thief, here.pbx)
    for prefix in PREFIXES[:11]:
        at = (
            Leg(c.net, at + 3, thief, here.pbx, prefix + "5355551234")
            .invite()
            .challenged()
            .says(100, 404)
            .t
        )
    calls = []
    for n in range(10):
        number = f"80011535555{n}234"
        at = (
            Leg(c.net, at + 3, thief, here.pbx, number)
            .invite()
            .challenged()
            .says(100, 183, 200)
            .talk(180 + 7 * n)
            .bye("uas")
            .t
        )
        calls.append(Call(number, "", 180 + 7 * n))
    c.attacker(
        "198.51.100.82",
        "toll_fraud",
        may="password_guessing",
        taken="215",
        calls=tuple(calls),
        proof="dialog",
    )


@scene()
def stolen_account_at_night_without_a_guess(c: Capture) -> None:
    """Phished: 206 registers at 2:40 from abroad and holds six lines to +371 and +370 for an hour."""
    here = _busy(c)
    thief = phone(
        c.net,
        makes.LINPHONE,
        "198.19.44.4",
        "206",
        here.pbx,
        port=41999,
        inside=("192.168.43.5", 41999),
        password=here.phones[5].password,
    )
    register(c.net, 26.6 * HOUR, thief, here.pbx)
    calls = []
    for n in range(36):
        number = ("0037190", "0037090", "00882", "0025290")[n % 4] + f"{n % 6 + 1}45{n % 5}67"
        Leg(c.net, 26.7 * HOUR + 100 * n, thief, here.pbx, number).invite().challenged().says(
            100, 183, 200
        ).talk(560, rtp=n % 6 == 0).bye()
        calls.append(Call(number, "", 560))
    c.attacker(
        "198.19.44.4",
        "toll_fraud",
        may="password_guessing flood",
        taken="206",
        calls=tuple(calls),
        proof="dialog",
    )


@scene()
def open_dial_plan_is_found(c: Capture) -> None:
    """Guests may call: 00 and 9011 fail, 900 is answered; then calls to a Cuban range without credentials."""
    pbx = server(c.net, makes.FREESWITCH, "192.0.2.11")
    for n in range(8):
        register(
            c.net,
            9.0 * n,
            phone(c.net, makes.YEALINK, "203.0.113.41", str(300 + n), pbx, port=20000 + n),
            pbx,
        )
    t = tool(c.net, DISGUISED, "198.51.100.83", pbx, 5060)
    for k, prefix in enumerate(("00", "9011", "011", "000")):
        t.invite(HOUR + 9 * k, prefix + "5352801234", 100, 404, user="anonymous", echo=True)
    calls, at = [], HOUR + 100
    guest = phone(c.net, DISGUISED, "198.51.100.83", "anonymous", pbx, known=False)
    for n in range(8):
        number = f"9005352801{230 + n}"
        at = (
            Leg(c.net, at + 5, guest, pbx, number)
            .invite()
            .says(100, 183, 200)
            .talk(300 + n)
            .bye()
            .t
        )
        calls.append(Call(number, f"+5352801{230 + n}", 300 + n))
    c.attacker("198.51.100.83", "toll_fraud", may="scan", calls=tuple(calls), proof="dialog")


@scene()
def toll_calls_over_tcp_with_retries(c: Capture) -> None:
    """A gateway in disguise: INVITE over TCP to premium numbers in Britain, 403 each."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.10", transport="TCP")
    t = tool(c.net, disguise("Cisco-SIPGateway/IOS-15.2"), "198.51.100.84", pbx, 38111)
    for k, prefix in enumerate(PREFIXES):
        t.invite(10 + 6 * k, prefix + "449098790000", 100, 403, user="2001", echo=True)
    c.attacker("198.51.100.84", "toll_fraud", may="scan enumeration", proof="tcp")


@scene()
def many_addresses_one_number(c: Capture) -> None:
    """Thirty addresses in four days, one INVITE each, all to prefixes of one number; 401, ACK."""
    here = _busy(c)
    make = disguise("pplsip2")
    for n in range(30):
        t = tool(c.net, make, f"198.18.{n}.{200 - n}", here.pbx, 5060 + n, "10.10.10.10")
        t.invite(
            11000.0 * n,
            PREFIXES[n % 20] + "972595897084",
            user=str(100 + n % 3),
            challenge=401,
            echo=True,
        )
    c.attacker(
        "198.18.0.0/16",
        "toll_fraud",
        may="scan enumeration",
        proof="dialog",
        least="suspect",
        share=0.9,
        count=30,
    )


@scene()
def toll_fraud_seen_at_one_side(c: Capture) -> None:
    """Only what came in from the thief: credentials, ACKs, sound and BYEs of a night."""
    here = _busy(c)
    thief = phone(
        c.net,
        makes.ZOIPER,
        "198.19.44.9",
        "203",
        here.pbx,
        port=5069,
        password=here.phones[2].password,
    )
    register(c.net, 26.6 * HOUR, thief, here.pbx)
    for n in range(25):
        Leg(
            c.net, 26.7 * HOUR + 130 * n, thief, here.pbx, f"000252908{n % 4}5500{n % 10}"
        ).invite().challenged().says(100, 200).talk(110).bye()
    c.alter = lambda packets: [p for p in packets if source_of(p) != "192.0.2.10"]
    c.said.append(_outside("198.19.44.9"))
    c.unclear("203.0.113.40", "198.51.100.20")


def _outside(address: str) -> Said:
    return Said(
        address,
        "attacker",
        frozenset({"toll_fraud"}),
        frozenset({"scan", "password_guessing"}),
        least="suspect",
    )


@scene()
def a_thief_behind_a_users_telephone(c: Capture) -> None:
    """At 3:00 the office's own registered phone 209 is made to call 40 premium numbers: unclear who."""
    here = _busy(c)
    at = 27 * HOUR
    for n in range(40):
        at = here.out(at + 2, here.phones[8], f"00979{n % 7}1234{n % 10}", talk=60)
    c.unclear("203.0.113.40", "192.0.2.10")


@scene()
def inbound_trunk_numbers_dialled_by_a_stranger(c: Capture) -> None:
    """A stranger plays our carrier: INVITEs to our DIDs with 9011 behind them, 404 each."""
    here = _busy(c)
    t = tool(c.net, disguise("Sippy", DISGUISED), "198.19.101.20", here.pbx, 5060)
    for k in range(24):
        t.invite(
            10 * HOUR + 5 * k,
            f"49301234501{PREFIXES[k % 20]}972592277{500 + k // 20}",
            100,
            404,
            user="+4930998877",
            echo=True,
            from_host="198.19.101.20",
        )
    c.attacker("198.19.101.20", "toll_fraud", may="scan enumeration", proof="dialog")


@scene()
def honeypot_takes_the_calls(c: Capture) -> None:
    """Every INVITE is answered with 200 and sound; four gangs, each its number."""
    pot = server(c.net, makes.ASTERISK, "192.0.2.70")
    for g, number in enumerate(("972592774107", "442037691880", "48221530777", "46812410999")):
        guest = phone(
            c.net,
            disguise(("sipcli/v1.8", "Cisco-SIPGateway/IOS-12.x", "pplsip", "Z 3.9")[g]),
            f"198.18.7{g}.9",
            "1000",
            pot,
            known=False,
            port=5060 + g,
        )
        calls = []
        for k in range(5):
            dialled = PREFIXES[k] + number
            Leg(c.net, 4000.0 * g + 30 * k, guest, pot, dialled).invite().says(100, 200).talk(
                12
            ).bye("uas")
            calls.append(Call(dialled, "", 12))
        c.attacker(f"198.18.7{g}.9", "toll_fraud", may="scan", calls=tuple(calls), proof="dialog")


def _night(
    c: Capture, calls: int, every_s: float, seconds: float, numbers: tuple[str, ...], who: str
) -> None:
    """A stolen account alone in the capture, from its registration on."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.10")
    thief = phone(c.net, makes.PJSUA, "198.19.44.14", "206", pbx, port=41999)
    at, _ = register(c.net, 26 * HOUR, thief, pbx)
    for n in range(calls):
        number = f"00{numbers[n % len(numbers)]}{n % 100:02}"
        leg = Leg(c.net, at + 20 + every_s * n, thief, pbx, number).invite().challenged()
        leg.says(100, 183, 200).talk(seconds, rtp=n % 5 == 0).bye(who)


@scene()
def six_lines_to_somalia_all_night(c: Capture) -> None:
    """Nobody else is in the capture: one handset, six calls at a time to +252, forty in all."""
    _night(c, 40, 100, 560, ("25290771", "25290772", "25261512"), "uac")
    c.attacker(
        "198.19.44.14", "toll_fraud", may="password_guessing", taken="206", proof="dialog",
        minutes=40 * 560 / 60,
    )  # fmt: skip


@scene()
def one_line_to_premium_numbers_all_night(c: Capture) -> None:
    """+979 and +882, one call after the other, fifty of them; the far end hangs up."""
    _night(c, 50, 330, 320, ("97911234567", "88213001"), "uas")
    c.attacker(
        "198.19.44.14", "toll_fraud", may="password_guessing", taken="206", proof="dialog",
        minutes=50 * 320 / 60,
    )  # fmt: skip


@scene()
def a_weekend_of_two_hundred_calls(c: Capture) -> None:
    """Four lines to Latvia, Cuba and Somalia from Friday night to Sunday."""
    _night(c, 200, 120, 430, ("371812345", "5352801", "25290771", "21698123"), "uac")
    c.attacker(
        "198.19.44.14", "toll_fraud", may="password_guessing", taken="206", proof="dialog",
        minutes=200 * 430 / 60,
    )  # fmt: skip
