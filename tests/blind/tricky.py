"""Innocents of the second look: relays, consoles, wholesale, people who mistype."""

from __future__ import annotations

from tests.blind import makes
from tests.blind.label import Capture
from tests.blind.net import LINUX_SLL
from tests.blind.offices import (
    Office,
    ask,
    home_number,
    office,
    out_of_dialog,
    phone,
    server,
    subscriber,
)
from tests.blind.roster import HOUR, scene
from tests.blind.speak import challenge_header, credentials, new_nonce, request
from tests.blind.talk import Leg, ping, register, repeat, subscribe
from tests.blind.tools import SIPPTS, SIPSAK, tool


@scene()
def a_human_looks_for_the_right_prefix(c: Capture) -> None:
    """A new clerk dials a customer in Norway with 00, 000, +, 0+, 47… until it rings, twice that day."""
    here = office(c.net, makes.FREESWITCH, "192.168.10.2", 14)
    here.come_in(8 * HOUR, 60)
    clerk = here.phones[4]
    for hour, number in ((9, "4722123456"), (13, "4681234567")):
        at = hour * HOUR
        for prefix in ("00", "+", "0+", "000"):
            leg = Leg(c.net, at, clerk, here.pbx, prefix + number).invite().challenged().says(100)
            at = leg.says(180, 200).talk(240).bye().t if prefix == "000" else leg.says(404).t + 25
    here.work(8.5 * HOUR, 15 * HOUR, 40)


@scene()
def attendant_console_watches_everybody(c: Capture) -> None:
    """One console subscribes to 150 extensions of an old list; sixty are gone: 404."""
    here = office(c.net, makes.ASTERISK, "192.168.10.2", 90)
    here.come_in(7 * HOUR, 300, subscriptions=False)
    console = here.phones[0]
    for k in range(3):
        for n in range(150):
            subscribe(
                c.net,
                8 * HOUR + 3600 * k + 0.15 * n,
                console,
                here.pbx,
                "dialog",
                str(201 + n),
                200 if n < 90 else 404,
            )
    here.work(8.2 * HOUR, 11 * HOUR, 30)


@scene()
def wholesale_customer_with_few_answers(c: Capture) -> None:
    """A carrier's switch: a customer known by address sends 1 500 calls abroad in an hour, 40 % answered."""
    switch = server(c.net, makes.FREESWITCH, "192.0.2.80")
    customer = server(c.net, makes.CARRIER, "203.0.113.200")
    out = server(c.net, makes.CARRIER, "198.51.100.110")
    for n in range(1500):
        number = subscriber(c.rng, c.rng.choice(("MX", "IN", "PH", "GB", "FR", "BR", "ID", "VN")))
        a = (
            Leg(
                c.net,
                2.4 * n,
                customer,
                switch,
                "7788" + number,
                from_user=subscriber(c.rng, c.rng.choice(("US", "GB", "FR"))),
            )
            .invite()
            .says(100)
        )
        b = Leg(c.net, a.t, switch, out, number, from_user=a.from_user).invite().says(100)
        status = c.rng.choices((200, 404, 480, 486, 503, 487), (40, 14, 16, 10, 8, 12))[0]
        if status == 200:
            b.says(183).wait(8).says(200)
            a.t = b.t
            seconds = c.rng.expovariate(1 / 150) + 2
            a.says(183, 200).talk(seconds, rtp=n % 20 == 0).bye()
            b.wait(seconds).bye()
        elif status == 487:
            b.says(183).wait(20).cancel()
            a.t = b.t
            a.says(183).cancel()
        else:
            b.says(status)
            a.t = b.t
            a.says(status)


@scene()
def nonces_that_go_stale(c: Capture) -> None:
    """Kamailio takes each nonce once: every cached answer is refused with stale=true, the next taken."""
    pbx = server(c.net, makes.KAMAILIO, "192.0.2.81")
    for n in range(25):
        one = phone(
            c.net,
            makes.DESK[n % 6],
            "203.0.113.60",
            str(100 + n),
            pbx,
            port=9000 + n,
            inside=(f"192.168.5.{n + 9}", 5060),
        )
        t, _ = register(c.net, n, one, pbx, expires=120)
        me, uri = f"<sip:{one.user}@192.0.2.81>", "sip:192.0.2.81"
        for k in range(60):
            t = n + 100.0 * (k + 1)
            assert one.challenge is not None
            for stale in (True, False):
                one.cseq += 1
                login = credentials(
                    one, one.user, one.password, "REGISTER", uri, 401, one.challenge
                )
                asked = request(
                    one,
                    "REGISTER",
                    uri,
                    f"{me};tag={one.make.tag(c.rng)}",
                    me,
                    one.reg_call_id,
                    one.cseq,
                    [login, ("Expires", "120")],
                )
                if stale:
                    one.challenge = new_nonce(pbx, c.net.begin_s + t)
                    name, value = challenge_header(pbx, 401, one.challenge)
                    t = ask(c.net, t, one, pbx, asked, 401, more=[(name, value + ", stale=true")])
                else:
                    ask(
                        c.net,
                        t,
                        one,
                        pbx,
                        asked,
                        200,
                        more=[("Contact", f"{one.contact()};expires=120")],
                    )


@scene()
def push_server_registers_for_others(c: Capture) -> None:
    """A push service keeps 120 mobile softphones registered from one address; nine passwords are old."""
    here = office(c.net, makes.ASTERISK, "192.0.2.82", 10, nat="203.0.113.61")
    here.come_in(0, 60)
    make = makes.Make(
        "acrobits",
        "Acrobits SIPIS/2.1",
        makes.PJSUA.order,
        makes.PJSUA.branch,
        makes.PJSUA.tag,
        makes.PJSUA.call_id,
    )
    for n in range(120):
        one = phone(
            c.net,
            make,
            "198.51.100.140",
            str(3000 + n),
            here.pbx,
            port=5060 + n % 4,
            password=f"p{n}",
        )
        if n % 13 == 5:
            one.password = "old"
        for k in range(12):
            register(c.net, 3 + n + 1200.0 * k, one, here.pbx, expires=1300)


@scene()
def qualify_to_phones_that_went_home(c: Capture) -> None:
    """The PBX pings two hundred stale contacts on forty addresses; nobody answers, all night."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.83")
    for n in range(200):
        one = phone(
            c.net, makes.LINPHONE, f"203.0.113.{60 + n % 40}", str(100 + n), pbx, port=40000 + n
        )
        if n % 10 == 0:
            register(c.net, n * 0.1, one, pbx)
        for k in range(30):
            asked = out_of_dialog(
                pbx, "OPTIONS", f"sip:{one.user}@{one.address}:{one.port}", one.user, one.address
            )
            if n % 10 == 0:
                ask(c.net, 60 + 60.0 * k + 0.1 * n, pbx, one, asked, 200)
            else:
                repeat(c.net, 60 + 60.0 * k + 0.1 * n, pbx, one, asked.octets, 2)


@scene()
def carrier_tests_a_block_of_numbers(c: Capture) -> None:
    """Before a port the carrier calls 100 numbers in a row; forty are not set up: 404."""
    here = office(c.net, makes.ASTERISK, "192.0.2.84", 20, nat="203.0.113.62")
    here.come_in(7 * HOUR, 60)
    assert here.trunk is not None
    for n in range(20):
        here.come(7.5 * HOUR + 60 * n, here.phones[n], "+49" + home_number(c.rng)[1:])
    for n in range(100):
        leg = (
            Leg(
                c.net,
                9 * HOUR + 8 * n,
                here.trunk,
                here.pbx,
                f"4930123450{n:02}",
                from_user="+498005551",
            )
            .invite()
            .says(100)
        )
        if n % 5 < 2:
            leg.says(404)
        else:
            leg.says(180).wait(3).cancel()


@scene()
def attack_relayed_by_our_own_border(c: Capture) -> None:
    """An SBC with two legs, both captured: svcrack-like guesses come through it, so do the users."""
    outside = server(c.net, makes.KAMAILIO, "192.0.2.85")
    inner = server(c.net, makes.KAMAILIO, "10.0.0.1")
    pbx = server(c.net, makes.ASTERISK, "10.0.0.5")
    outside.users = pbx.users
    for n in range(12):
        one = phone(c.net, makes.YEALINK, f"203.0.113.{70 + n}", str(200 + n), pbx)
        for k in range(4):
            register(c.net, n + 900.0 * k, one, outside)
            relay = phone(c.net, makes.KAMAILIO, "10.0.0.1", one.user, pbx, password=one.password)
            relay.password = pbx.users[one.user]
            register(c.net, n + 900.0 * k + 0.01, relay, pbx)
    t = tool(c.net, SIPPTS, "198.51.100.150", outside)
    inside = tool(c.net, SIPPTS, "10.0.0.1", pbx)
    for k in range(150):
        call_id = makes.hexa(c.rng, 32)
        t.guess(1000 + 2.0 * k, str(200 + k % 12), f"w{k}", call_id=call_id)
        inside.guess(1000.01 + 2.0 * k, str(200 + k % 12), f"w{k}", call_id=call_id)
    del inner
    c.attacker("198.51.100.150", "password_guessing", may="scan enumeration", proof="nonce")
    c.unclear("10.0.0.1")


@scene(LINUX_SLL)
def a_server_behind_a_port_forwarding(c: Capture) -> None:
    """Captured on `any`: every packet before and after the address is rewritten; an office, no attack."""
    here = office(c.net, makes.ASTERISK, "192.0.2.86", 12, nat="203.0.113.63")
    here.come_in(8 * HOUR, 60)
    here.work(8.1 * HOUR, 9 * HOUR, 20)

    from ipaddress import ip_address

    from tests.wire_cases.compile import Packet

    old, new = ip_address("192.0.2.86").packed, ip_address("192.168.1.86").packed

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


@scene()
def uptime_services_ask_every_five_minutes(c: Capture) -> None:
    """Three monitors of a status page, OPTIONS each five minutes for a day; 404 and 401."""
    here = office(c.net, makes.ASTERISK, "192.0.2.87", 8, nat="203.0.113.64")
    here.come_in(8 * HOUR, 60)
    here.work(8.1 * HOUR, 10 * HOUR, 15)
    for n in range(3):
        monitor = tool(c.net, SIPSAK, f"198.51.100.{160 + 30 * n}", here.pbx, 5060)
        for k in range(280):
            monitor.options(300.0 * k + 90 * n, 404 if n else 200, user="status")


@scene()
def fax_broadcast_with_retries(c: Capture) -> None:
    """A fax server sends a price list to 260 domestic numbers by night; dead and busy ones are tried thrice."""
    here = office(c.net, makes.ASTERISK, "192.168.10.2", 6)
    here.come_in(18 * HOUR, 60)
    fax = phone(c.net, makes.BARESIP, "192.168.10.60", "fax1", here.pbx)
    register(c.net, 19 * HOUR, fax, here.pbx)
    at = 22 * HOUR
    numbers = [home_number(c.rng) for _ in range(260)]
    retry: list[str] = []
    for number in numbers:
        status = c.rng.choices((200, 486, 404, 487), (70, 14, 8, 8))[0]
        at = here.out(at + 4, fax, number, status=status, talk=35)
        if status != 200:
            retry += [number, number]
    for number in retry:
        at = here.out(at + 4, fax, number, status=c.rng.choice((486, 404, 200)), talk=30)


@scene()
def cgnat_with_sixty_tenants_and_eight_bad_pins(c: Capture) -> None:
    """A mobile carrier's one address: sixty users of a hosted PBX, each a softphone of its own."""
    pbx = server(c.net, makes.THREECX, "192.0.2.88")
    bad = []
    for n in range(60):
        one = phone(
            c.net,
            makes.SOFT[n % 4],
            "203.0.113.65",
            str(1000 + 13 * n),
            pbx,
            port=1025 + 1009 * n % 60000,
            inside=(f"100.64.{n}.7", 5060),
        )
        if n % 8 == 3:
            one.password = "bad"
            bad.append(one.user)
        for k in range(30):
            register(
                c.net, HOUR * 8 + n * 3 + 240 * k + c.rng.uniform(0, 90), one, pbx, expires=300
            )
            if n % 8 != 3 and k % 10 == 4:
                Office(c.net, pbx, [one], server(c.net, makes.CARRIER, "198.51.100.20")).out(
                    HOUR * 8 + n * 3 + 240 * k + 100, one, home_number(c.rng), talk=50
                )
    c.in_trouble += [("203.0.113.65", user) for user in bad[:4]]


@scene()
def a_proxy_pings_its_two_thousand_users(c: Capture) -> None:
    """nathelper: OPTIONS without a body from one edge to every user behind it, half unanswered."""
    edge = server(c.net, makes.KAMAILIO, "192.0.2.89")
    for n in range(1200):
        one = phone(
            c.net, makes.ATA, f"198.18.{n % 200}.{1 + n // 200}", str(n), edge, port=1025 + n
        )
        if n % 4 == 0:
            register(c.net, 0.1 * n, one, edge)
        for k in range(2):
            if n % 2:
                asked = out_of_dialog(
                    edge,
                    "OPTIONS",
                    f"sip:{one.address}:{one.port}",
                    "",
                    one.address,
                    from_user="pinger",
                )
                c.net.udp(200 + 30 * k + 0.02 * n, edge.end, one.end, asked.octets)
            else:
                ping(c.net, 200 + 30 * k + 0.02 * n, edge, one)
