"""More innocents: what looks wrong and is not."""

from __future__ import annotations

import struct

from tests.blind import makes
from tests.blind.label import Capture
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
from tests.blind.speak import Agent, answer, challenge_header, credentials, new_nonce, request
from tests.blind.talk import Leg, ping, register


def _frame(octets: bytes, mask: bytes) -> bytes:
    head = bytes([0x81, (0x80 if mask else 0) | 126]) + struct.pack(">H", len(octets)) + mask
    if mask:
        octets = bytes(o ^ mask[n % 4] for n, o in enumerate(octets))
    return head + octets


def _browser(c: Capture, at: float, one: Agent, pbx: Agent) -> float:
    """WebSocket handshake."""
    hello = "GET /ws HTTP/1.1\r\nHost: pbx.example:8088\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n"
    welcome = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
    c.net.tcp(at, one.end, pbx.end, hello.encode())
    c.net.tcp(at + 0.02, pbx.end, one.end, welcome.encode())
    return at + 0.05


@scene()
def browsers_over_websocket(c: Capture) -> None:
    """JsSIP agents of a help desk behind one address; one has a wrong password, all day."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.20", port=8088, transport="TCP")
    make = makes.Make(
        "jssip", "JsSIP 3.10.0",
        "Via Max-Forwards To From Call-ID CSeq Authorization Contact Expires Allow Supported User-Agent Content-Length",
        lambda r: "z9hG4bK" + makes.dec(r, 7), lambda r: makes.word(r, 10, "abcdefghijklmnopqrstuvwxyz0123456789"),
        lambda r, h: makes.word(r, 22, "abcdefghijklmnopqrstuvwxyz0123456789"), rport=False, supported="path,gruu,outbound",
    )  # fmt: skip
    for n in range(12):
        user = f"agent{n:02}"
        one = Agent(
            c.rng,
            make,
            "203.0.113.30",
            51000 + n,
            user,
            "secret",
            (makes.word(c.rng, 12) + ".invalid", 0),
            "TCP",
        )
        bad = n == 5
        t = _browser(c, 8 * HOUR + 9 * n, one, pbx)
        given = new_nonce(pbx, c.net.begin_s + t)
        me, uri = f"<sip:{user}@pbx.example>", "sip:pbx.example"
        tag, call_id = make.tag(c.rng), make.call_id(c.rng, "")
        for k in range(1, 160 if bad else 12):
            more = [("Expires", "600")]
            if k > 1:
                more.append(
                    credentials(
                        one, user, "wrong" if bad else "secret", "REGISTER", uri, 401, given
                    )
                )
            via = f"SIP/2.0/WS {one.me[0]};branch={make.branch(c.rng)}"
            asked = request(one, "REGISTER", uri, f"{me};tag={tag}", me, call_id, k, more, via=via,
                            contact=f"<sip:{makes.word(c.rng, 8)}@{one.me[0]};transport=ws>")  # fmt: skip
            c.net.tcp(
                t, one.end, pbx.end, _frame(asked.octets, struct.pack(">I", c.rng.getrandbits(32)))
            )
            status = 401 if k == 1 or bad else 200
            given = new_nonce(pbx, c.net.begin_s + t) if status == 401 else given
            header = [challenge_header(pbx, 401, given)] if status == 401 else []
            c.net.tcp(
                t + 0.03,
                pbx.end,
                one.end,
                _frame(answer(pbx, asked, one.end, status, "t" + str(k), header), b""),
            )
            t += 60 if bad else (0.1 if k == 1 else 550)
    c.in_trouble.append(("203.0.113.30", "agent05"))


@scene()
def migration_to_a_server_that_knows_nobody(c: Capture) -> None:
    """Forty phones behind one address are sent to the new server, which has no accounts yet."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.21")
    phones = [
        phone(
            c.net,
            makes.YEALINK,
            "203.0.113.33",
            str(200 + n),
            pbx,
            port=11000 + n,
            inside=(f"192.168.8.{10 + n}", 5060),
            known=False,
        )
        for n in range(40)
    ]
    for k in range(15):
        for n, one in enumerate(phones):
            register(c.net, 60.0 * k + 0.7 * n, one, pbx)
    for one in phones:
        pbx.users[one.user] = one.password
    for n, one in enumerate(phones):
        register(c.net, 960 + 0.7 * n, one, pbx)


@scene()
def all_passwords_changed_at_once(c: Capture) -> None:
    """The provider rotated secrets; thirty phones insist on the old ones until the afternoon."""
    here = office(c.net, makes.FREESWITCH, "192.0.2.22", 30, nat="203.0.113.34")
    here.come_in(8 * HOUR, 60)
    for one in here.phones:
        here.pbx.users[one.user] = one.password + "!"
    for k in range(80):
        for one in here.phones:
            register(c.net, 9 * HOUR + 180 * k + c.rng.uniform(0, 100), one, here.pbx)
    c.in_trouble += [("203.0.113.34", one.user) for one in here.phones[:3]]
    for one in here.phones:
        one.password += "!"
    here.come_in(14 * HOUR, 60)
    here.work(14.1 * HOUR, 15 * HOUR, 25)


@scene()
def ring_group_of_twenty(c: Capture) -> None:
    """Each call rings twenty phones; nineteen are cancelled, some are DND."""
    here = office(c.net, makes.ASTERISK, "192.168.10.2", 20)
    assert here.trunk is not None
    here.come_in(8 * HOUR, 60)
    for n in range(30):
        caller = "+49" + home_number(c.rng)[1:]
        a = (
            Leg(c.net, 8.5 * HOUR + 240 * n, here.trunk, here.pbx, "49301234500", from_user=caller)
            .invite()
            .says(100, 180)
        )
        for k, one in enumerate(here.phones):
            b = Leg(
                c.net,
                a.t,
                here.pbx,
                one,
                one.user,
                from_user=caller,
                uri=f"sip:{one.user}@{one.address}:5060",
            ).invite()
            if k % 7 == 3:
                b.says(486)
                continue
            b.says(180).wait(8)
            if k == n % 20 and k % 7 != 3:
                b.says(200).talk(50).bye()
            else:
                b.cancel()
        a.wait(8.2).says(200).talk(50).bye()


@scene()
def human_tries_five_passwords_and_gets_in(c: Capture) -> None:
    """A new softphone: the user types, curses, restarts the program, gets it right and calls."""
    here = office(c.net, makes.ASTERISK, "192.0.2.23", 9, nat="203.0.113.35")
    here.come_in(8 * HOUR, 60)
    here.pbx.users["231"] = "Herbst-2024"
    t = 9 * HOUR
    for n, typed in enumerate(
        ("herbst", "Herbst", "Herbst2024", "Herbst_2024", "herbst-2024", "Herbst-2024")
    ):
        one = phone(
            c.net,
            makes.ZOIPER,
            "198.51.100.88",
            "231",
            here.pbx,
            port=50311 + (n > 3),
            inside=("192.168.0.17", 50311),
            password=typed,
        )
        for _ in range(2):
            t, _ = register(c.net, t, one, here.pbx)
            t += 4
        t += c.rng.uniform(20, 50)
    here.out(t + 60, one, home_number(c.rng), talk=100)
    register(c.net, t + 1800, one, here.pbx)
    here.work(9.2 * HOUR, 10 * HOUR, 15)


@scene()
def alg_that_moves_the_port_every_time(c: Capture) -> None:
    """A router gives every request another source port; 12 phones, one with a wrong password."""
    pbx = server(c.net, makes.CHAN_SIP, "192.0.2.24")
    phones = [
        phone(
            c.net, makes.SNOM, "203.0.113.36", str(30 + n), pbx, inside=(f"192.168.4.{n + 5}", 5060)
        )
        for n in range(12)
    ]
    phones[3].password = "gone"
    for k in range(40):
        for one in phones:
            one.port = c.rng.randrange(1024, 65000)
            register(c.net, 300.0 * k + c.rng.uniform(0, 200), one, pbx, expires=300)
    c.in_trouble.append(("203.0.113.36", phones[3].user))


@scene()
def gateway_of_24_fxs_lines_reset_to_old_passwords(c: Capture) -> None:
    """An analogue gateway restored from last year's backup: 24 accounts, one address, all refused."""
    pbx = server(c.net, makes.KAMAILIO, "192.0.2.25")
    lines = [
        phone(c.net, makes.ATA, "198.51.100.91", str(600 + n), pbx, port=5060, password=f"new{n}")
        for n in range(24)
    ]
    for one in lines:
        one.password = "old"
    for k in range(30):
        for n, one in enumerate(lines):
            register(c.net, 120.0 * k + 1.5 * n, one, pbx)
    c.in_trouble += [("198.51.100.91", lines[0].user), ("198.51.100.91", lines[23].user)]


@scene()
def robocalls_through_our_carrier(c: Capture) -> None:
    """Somebody's campaign: three hundred inbound calls in an hour to all our numbers, by the trunk."""
    here = office(c.net, makes.FREESWITCH, "192.0.2.26", 25, nat="203.0.113.37")
    here.come_in(9 * HOUR, 30)
    assert here.trunk is not None
    for n in range(300):
        who = here.phones[n % 25]
        if n % 25 > 20:
            leg = Leg(
                c.net,
                9.1 * HOUR + 12 * n,
                here.trunk,
                here.pbx,
                f"493012345{60 + n % 25}",
                from_user="+1" + makes.dec(c.rng, 10),
            )
            leg.invite().says(100, 404)
        else:
            here.come(
                9.1 * HOUR + 12 * n,
                who,
                "+1" + makes.dec(c.rng, 10),
                status=c.rng.choice((200, 487, 486)),
                talk=8,
            )


@scene()
def presence_and_publish_that_nobody_wants(c: Capture) -> None:
    """SUBSCRIBE, PUBLISH and MESSAGE answered 489, 405, 404; keep-alive NOTIFYs answered 481."""
    here = office(c.net, makes.ASTERISK, "192.168.10.2", 16)
    here.come_in(8 * HOUR, 60, subscriptions=False)
    for n in range(500):
        one = here.phones[n % 16]
        method, status = (("SUBSCRIBE", 489), ("PUBLISH", 405), ("MESSAGE", 404), ("NOTIFY", 481))[
            n % 4
        ]
        target = f"2{n * 7 % 100:02}"
        asked = out_of_dialog(
            one,
            method,
            f"sip:{target}@192.168.10.2",
            target,
            "192.168.10.2",
            [("Event", "presence")],
        )
        ask(c.net, 8.1 * HOUR + 15 * n, one, here.pbx, asked, status)


@scene()
def two_pbx_of_one_company_share_a_trunk_and_flap(c: Capture) -> None:
    """Failover: calls move between two servers, carriers' pings get no answer for a while."""
    trunk = server(c.net, makes.CARRIER, "198.51.100.30")
    for k, address in enumerate(("192.0.2.27", "192.0.2.28")):
        pbx = server(c.net, makes.ASTERISK, address)
        desks = [
            phone(c.net, makes.POLYCOM, f"203.0.113.{140 + n}", str(800 + n), pbx) for n in range(8)
        ]
        here = Office(c.net, pbx, desks, trunk)
        here.come_in(HOUR * k, 40)
        for n in range(60):
            if 20 < n < 40:
                asked = out_of_dialog(trunk, "OPTIONS", f"sip:{address}", "", address)
                for again in range(6):
                    c.net.udp(HOUR * k + 60 * n + again * 0.7, trunk.end, pbx.end, asked.octets)
            else:
                ping(c.net, HOUR * k + 60 * n, trunk, pbx)
        here.work(HOUR * k + 100, HOUR * k + 3000, 25)


@scene()
def home_of_one_fritzbox_at_its_provider(c: Capture) -> None:
    """Three numbers at a German provider, a night of forced reconnects, calls in and out."""
    provider = server(c.net, makes.KAMAILIO, "198.51.100.200")
    address = "203.0.113.180"
    for day in range(4):
        for n in range(3):
            one = phone(
                c.net,
                makes.FRITZ,
                f"203.0.113.{180 + day}",
                f"49301112{n:03}",
                provider,
                domain="tel.provider.example",
                password="geheim12",
            )
            for k in range(24):
                register(c.net, 86400 * day + HOUR * k + n, one, provider, expires=3600)
            leg = (
                Leg(c.net, 86400 * day + 12 * HOUR + 700 * n, one, provider, home_number(c.rng))
                .invite()
                .challenged(407)
            )
            leg.says(100, 183, 200).talk(300).bye()
    del address


@scene()
def conference_where_forty_join_at_nine(c: Capture) -> None:
    """Forty staff members call 8000 within twenty seconds, from home, each with an account."""
    pbx = server(c.net, makes.FREESWITCH, "192.0.2.29")
    for n in range(40):
        one = phone(
            c.net,
            makes.SOFT[n % 4],
            f"198.18.{n}.{20 + n}",
            str(500 + n),
            pbx,
            port=40000 + n,
            inside=("192.168.1.40", 40000 + n),
        )
        register(c.net, 8.5 * HOUR + c.rng.uniform(0, 1500), one, pbx)
        leg = (
            Leg(c.net, 9 * HOUR + c.rng.uniform(-10, 10), one, pbx, "8000")
            .invite()
            .challenged()
            .says(100)
        )
        if n % 9 == 4:
            leg.says(486)
            leg = Leg(c.net, leg.t + 5, one, pbx, "8000").invite().challenged().says(100)
        leg.says(200).talk(1500).bye()


@scene()
def somebody_far_from_home_calls_his_family(c: Capture) -> None:
    """A softphone, twenty calls in a day to four numbers in Morocco and Turkey; the others hang up."""
    here = office(c.net, makes.ASTERISK, "192.0.2.10", 8, nat="203.0.113.40")
    here.come_in(8 * HOUR, 60)
    home = phone(
        c.net,
        makes.LINPHONE,
        "203.0.113.188",
        "240",
        here.pbx,
        port=45000,
        inside=("192.168.1.6", 45000),
    )
    register(c.net, 8 * HOUR, home, here.pbx)
    family = [subscriber(c.rng, region) for region in ("MA", "MA", "TR", "TR")]
    for n in range(20):
        number = "00" + family[n % 4]
        leg = (
            Leg(c.net, 9 * HOUR + 1500 * n, home, here.pbx, number)
            .invite()
            .challenged()
            .says(100, 180)
            .wait(9)
        )
        if n % 5 == 3:
            leg.cancel()
        else:
            leg.says(200).talk(c.rng.uniform(120, 900)).bye("uas")


@scene()
def help_desk_whose_customers_hang_up(c: Capture) -> None:
    """Six agents call customers in France, Spain and Italy, each one at a time; the customer ends it."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.10")
    agents = [
        phone(
            c.net,
            makes.SNOM,
            "203.0.113.189",
            str(260 + n),
            pbx,
            port=30000 + n,
            inside=(f"192.168.1.{30 + n}", 5060),
        )
        for n in range(6)
    ]
    for n, agent in enumerate(agents):
        at, _ = register(c.net, 9 * HOUR + n, agent, pbx)
        for k in range(25):
            if k % 8 == 0:
                at, _ = register(c.net, at + 5, agent, pbx, cached=True)
            number = "00" + subscriber(c.rng, ("FR", "ES", "IT")[(n + k) % 3])
            leg = (
                Leg(c.net, at + c.rng.uniform(10, 60), agent, pbx, number)
                .invite()
                .challenged()
                .says(100, 180)
                .wait(8)
            )
            at = (
                leg.says(486).t
                if k % 6 == 5
                else leg.says(200).talk(c.rng.uniform(60, 400)).bye("uas").t
            )
