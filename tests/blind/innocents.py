"""People at work, and people in trouble: offices, hotels, call centres, carriers, outages."""

from __future__ import annotations

from tests.blind import makes
from tests.blind.label import Capture
from tests.blind.net import LINUX_SLL, source_of
from tests.blind.offices import (
    Office,
    abroad_number,
    ask,
    home_number,
    office,
    phone,
    server,
    subscriber,
)
from tests.blind.roster import HOUR, scene
from tests.blind.speak import answer, challenge_header, credentials, new_nonce, request, sdp
from tests.blind.talk import Leg, ping, register, repeat, send, subscribe
from tests.wire_cases.compile import Packet


@scene()
def office_of_thirty_on_freepbx(c: Capture) -> None:
    here = office(c.net, makes.ASTERISK, "192.168.10.2", 30)
    here.come_in(8 * HOUR, 600)
    here.stay(8.2 * HOUR, 12 * HOUR)
    here.work(8.3 * HOUR, 12 * HOUR, 140)


@scene(LINUX_SLL)
def office_of_eighty_on_3cx(c: Capture) -> None:
    here = office(c.net, makes.THREECX, "10.1.0.5", 80, lan="10.1.2.", first=100)
    here.come_in(7.5 * HOUR, 1800)
    here.stay(8 * HOUR, 10 * HOUR, 3000)
    here.work(8 * HOUR, 10 * HOUR, 160, abroad=0.3)


@scene()
def office_seen_on_the_mirror_port(c: Capture) -> None:
    here = office(c.net, makes.CHAN_SIP, "192.168.1.10", 22, lan="192.168.1.")
    here.come_in(9 * HOUR, 60)
    here.work(9.1 * HOUR, 9.6 * HOUR, 40)

    def twice(packets: list[Packet]) -> list[Packet]:
        doubled = [*packets]
        doubled += [Packet(p.time_ns + 31_000, p.link, p.octets, p.original) for p in packets]
        return sorted(doubled, key=lambda p: p.time_ns)

    c.alter = twice


@scene()
def office_from_the_middle_and_one_side_only(c: Capture) -> None:
    here = office(c.net, makes.ASTERISK, "192.0.2.10", 25, nat="203.0.113.40")
    here.come_in(9 * HOUR, 30)
    here.work(9 * HOUR, 9.5 * HOUR, 60)
    c.alter = lambda packets: [p for p in packets[400:] if source_of(p) != "192.0.2.10"]


@scene()
def office_answers_only(c: Capture) -> None:
    here = office(c.net, makes.FREESWITCH, "192.0.2.12", 25, nat="203.0.113.44")
    here.come_in(9 * HOUR, 30)
    here.work(9 * HOUR, 9.5 * HOUR, 50)
    c.alter = lambda packets: [p for p in packets if source_of(p) == "192.0.2.12"]


@scene()
def office_behind_nat_with_three_wrong_passwords(c: Capture) -> None:
    """New telephones with a typing error behind the address of everybody else."""
    here = office(c.net, makes.ASTERISK, "192.0.2.10", 35, nat="203.0.113.50")
    for n, one in enumerate(here.phones[5:8]):
        one.password = f"Changed{n}Passw0rd"
    here.come_in(8 * HOUR, 300)
    for n, one in enumerate(here.phones[5:8]):
        for k in range(90):
            register(c.net, 8.2 * HOUR + n * 11 + k * 120, one, here.pbx)
        c.in_trouble.append(("203.0.113.50", one.user))
    here.stay(8.2 * HOUR, 11 * HOUR)
    here.work(8.3 * HOUR, 11 * HOUR, 70)


@scene()
def one_bad_pin_a_whole_night(c: Capture) -> None:
    """A softphone at home whose password was changed: every half minute until morning."""
    here = office(c.net, makes.FREESWITCH, "192.0.2.10", 12, nat="203.0.113.60")
    here.come_in(17 * HOUR, 200)
    home = phone(
        c.net,
        makes.ZOIPER,
        "198.51.100.77",
        "214",
        here.pbx,
        port=48211,
        inside=("192.168.178.31", 48211),
    )
    here.pbx.users["214"] = "RightOne#77"
    for k in range(900):
        register(c.net, 18 * HOUR + 32 * k + c.rng.random(), home, here.pbx, expires=60)
    c.in_trouble.append(("198.51.100.77", "214"))
    here.work(17.2 * HOUR, 18 * HOUR, 25)


@scene()
def baresip_with_a_bad_password(c: Capture) -> None:
    """It tries sixteen times at once, then again and again."""
    pbx = server(c.net, makes.KAMAILIO, "192.0.2.5")
    one = phone(c.net, makes.BARESIP, "203.0.113.8", "3001", pbx, port=41000, password="right")
    one.password = "wrong"
    t = 10 * HOUR
    for wait in (0, 43, 131, 180, 180, 180):
        t += wait
        for _ in range(16):
            t, _ = register(c.net, t, one, pbx, cached=one.challenge is not None)
    for n in range(5):
        register(
            c.net,
            10 * HOUR + 60 * n,
            phone(c.net, makes.SNOM, f"203.0.113.{90 + n}", str(3010 + n), pbx),
            pbx,
        )
    c.in_trouble.append(("203.0.113.8", "3001"))


@scene()
def deleted_extension_keeps_trying(c: Capture) -> None:
    """A server that says 404 for whom it does not know; the phone never gives up."""
    here = office(c.net, makes.KAMAILIO, "192.0.2.5", 10, nat="203.0.113.70")
    here.pbx.leaky = True
    here.come_in(0, 100)
    gone = phone(c.net, makes.GRANDSTREAM, "203.0.113.99", "299", here.pbx, known=False)
    for k in range(400):
        register(c.net, 60 + k * 60.0, gone, here.pbx)
    here.work(300, 6 * HOUR, 20)
    c.in_trouble.append(("203.0.113.99", "299"))


@scene()
def provisioning_left_placeholders(c: Capture) -> None:
    """Twelve phones of one delivery register as %USER% or as nobody."""
    here = office(c.net, makes.ASTERISK, "192.168.10.2", 24)
    here.come_in(8 * HOUR, 300)
    for n in range(12):
        user = "%USER%" if n % 2 else "%NULL%"
        bad = phone(
            c.net,
            makes.YEALINK,
            f"192.168.10.{150 + n}",
            user,
            here.pbx,
            known=False,
            password="%PASS%",
        )
        for k in range(20):
            register(c.net, 8 * HOUR + n + k * 60, bad, here.pbx)
    here.work(8.3 * HOUR, 9 * HOUR, 20)


@scene()
def hotel_of_sixty_rooms(c: Capture) -> None:
    """Room phones call reception, get woken at six, and call home abroad."""
    here = office(c.net, makes.ASTERISK, "10.20.0.2", 60, lan="10.20.1.", first=1101)
    here.come_in(0, 120, subscriptions=False)
    for n, room in enumerate(here.phones[1:]):
        wake = (
            Leg(c.net, 6 * HOUR + 5 * n, here.pbx, room, room.user, from_user="*1")
            .invite()
            .says(100, 180)
            .wait(9)
        )
        if n % 9:
            wake.says(200).talk(8).bye("uac")
        else:
            wake.wait(21).cancel()
        if n % 4 == 0:
            here.out(7 * HOUR + 97 * n, room, abroad_number(c.rng), talk=140, challenge=n % 8 == 0)
        if n % 3 == 0:
            here.inside(7 * HOUR + 31 * n, room, here.phones[0], talk=30)


@scene()
def call_centre_with_a_predictive_dialler(c: Capture) -> None:
    """A dialler of one company calls 900 customers in an hour: busy, dead, answered."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.30")
    trunk = server(c.net, makes.CARRIER, "198.51.100.9")
    for n in range(900):
        number = "49" + home_number(c.rng)[1:]
        leg = (
            Leg(c.net, 9 * HOUR + 4 * n, pbx, trunk, number, from_user="4930998877")
            .invite()
            .says(100)
        )
        status = c.rng.choices((200, 486, 487, 404, 480, 503), (40, 12, 30, 9, 6, 3))[0]
        if status == 200:
            leg.says(183).wait(c.rng.uniform(3, 18)).says(200).talk(
                c.rng.expovariate(1 / 45) + 2, rtp=n % 10 == 0
            ).bye(c.rng.choice(("uac", "uas")))
        elif status == 487:
            leg.says(180).wait(22).cancel()
        else:
            leg.says(status)


@scene()
def call_centre_abroad_at_a_hosted_pbx(c: Capture) -> None:
    """Agents in an office call customers in Britain and Israel through their provider, all day."""
    here = office(c.net, makes.FREESWITCH, "192.0.2.31", 20, nat="203.0.113.81", prefix="")
    here.come_in(8 * HOUR, 120)
    here.stay(8 * HOUR, 14 * HOUR)
    for n in range(320):
        number = "00" + subscriber(c.rng, c.rng.choice(("GB", "GB", "IL", "IE")))
        status = c.rng.choices((200, 486, 487, 404), (55, 10, 30, 5))[0]
        here.out(
            8.2 * HOUR + 65 * n,
            c.rng.choice(here.phones),
            number,
            status=status,
            talk=c.rng.expovariate(1 / 120) + 5,
        )


@scene()
def hosted_pbx_of_three_hundred_tenants(c: Capture) -> None:
    """Every tenant behind its own address, with its own domain; some share extension numbers."""
    pbx = server(c.net, makes.KAMAILIO, "192.0.2.100")
    for n in range(300):
        address = f"198.18.{n // 200}.{1 + n % 200}"
        domain = f"t{n:03}.voice.example"
        tenant = []
        for k in range(1 + n % 4):
            user = str(101 + k)
            one = phone(c.net, makes.DESK[(n + k) % 6], address, user, pbx, port=5060 if k == 0 else 33000 + k,
                        inside=(f"192.168.1.{50 + k}", 5060), domain=domain, password="x")  # fmt: skip
            pbx.users[user] = "x"
            tenant.append(one)
            register(c.net, 8 * HOUR + c.rng.uniform(0, 3500), one, pbx)
            register(c.net, 9 * HOUR + c.rng.uniform(0, 3500), one, pbx, cached=True)
        if n % 5 == 0:
            Office(c.net, pbx, tenant, server(c.net, makes.CARRIER, "198.51.100.20")).out(
                9.5 * HOUR + n * 9, tenant[0], home_number(c.rng), talk=60)  # fmt: skip


@scene()
def carrier_with_twenty_media_gateways(c: Capture) -> None:
    """Inbound calls from many addresses without credentials; pings that get 404, 405, 483."""
    here = office(c.net, makes.ASTERISK, "192.0.2.40", 20, nat="203.0.113.91")
    here.come_in(8 * HOUR, 100)
    gateways = [server(c.net, makes.CARRIER, f"198.51.100.{100 + n}") for n in range(20)]
    for n, gateway in enumerate(gateways):
        for k in range(120):
            ping(c.net, 8 * HOUR + n + 60 * k, gateway, here.pbx, (404, 405, 483, 200)[n % 4])
        for k in range(4):
            here.trunk = gateway
            here.come(8.2 * HOUR + 301 * n + 1000 * k, c.rng.choice(here.phones), "+49" + home_number(c.rng)[1:],
                      status=c.rng.choice((200, 200, 486, 487)))  # fmt: skip


@scene()
def twilio_like_trunk_to_wrong_number(c: Capture) -> None:
    """A ported number still comes in; the PBX says 404 forty times from six carrier addresses."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.41")
    for n in range(60):
        gateway = server(c.net, makes.CARRIER, f"198.51.100.{60 + n % 6}")
        caller = "+1212" + str(c.rng.randrange(2000000, 9999999))
        leg = Leg(c.net, 9 * HOUR + 240 * n, gateway, pbx, "+12025550147" if n % 3 else "+12025550163", from_user=caller,
                  more=[("P-Asserted-Identity", f"<sip:{caller}@198.51.100.60>")]).invite().says(100)  # fmt: skip
        if n % 3:
            leg.says(404)
        else:
            leg.says(180).wait(5).says(200).talk(50).bye("uas")


@scene()
def provider_refuses_expired_password(c: Capture) -> None:
    """Our PBX is the client: its trunk password expired, it registers three trunks every 30 s."""
    provider = server(c.net, makes.CARRIER, "198.51.100.5")
    mine = phone(c.net, makes.CHAN_SIP, "192.0.2.44", "4930123450", provider, password="new")
    mine.password = "old"
    mine.domain = "sip.provider.example"
    for k in range(240):
        register(c.net, 30.0 * k, mine, provider, expires=120)
    c.in_trouble.append(("192.0.2.44", "4930123450"))


@scene()
def outage_and_everybody_comes_back(c: Capture) -> None:
    """The PBX was down for five minutes; then 120 phones from forty addresses come at once."""
    pbx = server(c.net, makes.KAMAILIO, "192.0.2.50")
    phones = [
        phone(c.net, makes.DESK[n % 6], f"203.0.113.{1 + n % 40}", str(400 + n), pbx, port=5060 + n, inside=("192.168.0.9", 5060))
        for n in range(120)
    ]  # fmt: skip
    for one in phones:
        register(c.net, c.rng.uniform(0, 600), one, pbx)
    for one in phones:
        for k in range(5):
            tag = one.make.tag(c.rng)
            one.cseq += 1
            me = f"<sip:{one.user}@192.0.2.50>"
            dead = request(one, "REGISTER", "sip:192.0.2.50", f"{me};tag={tag}", me, one.reg_call_id, one.cseq,
                           [("Expires", "600")])  # fmt: skip
            repeat(c.net, 700 + k * 60 + c.rng.uniform(0, 30), one, pbx, dead.octets, 8)
    for one in phones:
        register(c.net, 1010 + c.rng.uniform(0, 3), one, pbx, cached=c.rng.random() < 0.5)


@scene()
def softphone_on_a_train(c: Capture) -> None:
    """One mobile user with nine addresses in two hours, and calls from three of them."""
    here = office(c.net, makes.ASTERISK, "192.0.2.10", 8, nat="203.0.113.50")
    here.come_in(10 * HOUR, 60)
    secret = "Zug2Hannover"
    here.pbx.users["288"] = secret
    for n in range(9):
        address = f"198.51.100.{160 + 7 * n % 90}"
        one = phone(
            c.net,
            makes.LINPHONE,
            address,
            "288",
            here.pbx,
            port=30000 + 411 * n,
            inside=(f"10.{n}.77.3", 5060),
            password=secret,
        )
        t, _ = register(c.net, 10.2 * HOUR + 800 * n, one, here.pbx, expires=600)
        if n % 3 == 0:
            here.out(t + 60, one, home_number(c.rng), talk=200)


@scene()
def users_guess_their_own_voicemail_pin(c: Capture) -> None:
    """Calls to *97 again and again; a fax machine that dials a dead number thirty times."""
    here = office(c.net, makes.ASTERISK, "192.168.10.2", 15)
    here.come_in(8 * HOUR, 60)
    for n in range(25):
        leg = (
            Leg(c.net, 9 * HOUR + 40 * n, here.phones[2], here.pbx, "*97")
            .invite()
            .challenged()
            .says(100, 200)
        )
        leg.talk(20).within(
            "uac",
            "INFO",
            200,
            more=[("Content-Type", "application/dtmf-relay")],
            body=b"Signal=5\r\nDuration=160\r\n",
        ).bye("uas")
    fax = phone(c.net, makes.ATA, "192.168.10.90", "250", here.pbx)
    register(c.net, 9 * HOUR, fax, here.pbx)
    for n in range(30):
        here.out(9.5 * HOUR + 180 * n, fax, "03012345678", status=(486, 404, 480)[n % 3])
    here.work(8.5 * HOUR, 11 * HOUR, 30)


@scene()
def transfers_parks_and_fax(c: Capture) -> None:
    """REFER, blind and attended, park by call to 70, T.38, session timers, PRACK, UPDATE."""
    here = office(c.net, makes.FREESWITCH, "192.168.10.2", 20)
    here.come_in(8 * HOUR, 60)
    t38 = b"v=0\r\no=- 1 2 IN IP4 192.168.10.30\r\ns=-\r\nc=IN IP4 192.168.10.30\r\nt=0 0\r\nm=image 4100 udptl t38\r\na=T38FaxVersion:0\r\n"
    for n in range(18):
        one = here.phones[n]
        leg = (
            Leg(
                c.net,
                8.2 * HOUR + 200 * n,
                one,
                here.pbx,
                here.phones[-1 - n].user if n != 10 else "70",
            )
            .invite()
            .challenged()
            .says(100, 183)
        )
        leg.within("uac", "PRACK", 200, more=[("RAck", f"1 {leg.cseq} INVITE")]).says(200).talk(
            25
        ).hold()
        if n % 3 == 0:
            leg.within(
                "uac",
                "REFER",
                202,
                more=[
                    ("Refer-To", f"<sip:{220 - n}@192.168.10.2>"),
                    ("Referred-By", f"<sip:{one.user}@192.168.10.2>"),
                ],
            )
            leg.within(
                "uas",
                "NOTIFY",
                200,
                more=[
                    ("Event", "refer"),
                    ("Subscription-State", "terminated;reason=noresource"),
                    ("Content-Type", "message/sipfrag"),
                ],
                body=b"SIP/2.0 200 OK\r\n",
            )
        if n % 4 == 0:
            leg.within("uas", "INVITE", 100, 200 if n % 8 else 488, body=t38).within(
                "uas", "UPDATE", 200, more=[("Session-Expires", "1800;refresher=uas")]
            )
        leg.talk(10).bye("uac")


@scene()
def door_phones_and_alarm_dialler(c: Capture) -> None:
    """No credentials needed on the LAN; a dialler calls its centre every five minutes, by night."""
    pbx = server(c.net, makes.ASTERISK, "10.0.0.2")
    trunk = server(c.net, makes.CARRIER, "198.51.100.20")
    desk = phone(c.net, makes.SNOM, "10.0.0.30", "11", pbx)
    register(c.net, 0, desk, pbx)
    for n in range(4):
        door = phone(c.net, makes.DOORPHONE, f"10.0.0.{60 + n}", f"door{n}", pbx)
        for k in range(12):
            Leg(
                c.net, 600 + 1900 * k + 300 * n, door, desk, "11", uri="sip:11@10.0.0.30:5060"
            ).invite().says(100, 180).wait(10).says(200).talk(15).bye("uas")
    alarm = phone(c.net, makes.ATA, "10.0.0.77", "77", pbx)
    register(c.net, 3, alarm, pbx)
    for k in range(90):
        Office(c.net, pbx, [alarm], trunk, "").out(
            300 + 300 * k, alarm, "08005550199", status=200 if k % 10 else 486, talk=18
        )


@scene()
def monitoring_watches_everything(c: Capture) -> None:
    """A monitor sends OPTIONS every ten seconds and an INVITE every minute; a SIPp probe registers."""
    pbx = server(c.net, makes.KAMAILIO, "192.0.2.60")
    monitor = server(c.net, makes.PJSUA, "192.0.2.201")
    monitor.user = "monitor"
    from tests.blind.tools import SIPSAK, tool

    nagios = tool(c.net, SIPSAK, "192.0.2.202", pbx, 33211)
    for k in range(360):
        ping(c.net, 10.0 * k, monitor, pbx, 200)
        nagios.options(10.0 * k + 5, 200, user="monitor")
    probe = phone(c.net, makes.SIPP, "192.0.2.203", "probe", pbx, port=5062)
    for k in range(60):
        register(c.net, 60.0 * k, probe, pbx, expires=60)
        Leg(c.net, 60.0 * k + 20, probe, pbx, "echo").invite().challenged().says(100, 200).talk(
            3
        ).bye()


@scene()
def peers_of_two_companies(c: Capture) -> None:
    """Two PBXs call each other without passwords; one misspells a prefix for a morning."""
    ours = server(c.net, makes.ASTERISK, "192.0.2.70")
    theirs = server(c.net, makes.CHAN_SIP, "203.0.113.170")
    for k in range(60):
        ping(c.net, 60.0 * k, theirs, ours)
        ping(c.net, 60.0 * k + 30, ours, theirs)
        a, b = (ours, theirs) if k % 2 else (theirs, ours)
        leg = (
            Leg(
                c.net,
                60.0 * k + 7,
                a,
                b,
                f"8{200 + k % 20}" if k < 40 else f"08{200 + k % 20}",
                from_user=str(300 + k),
            )
            .invite()
            .says(100)
        )
        if k >= 40:
            leg.says(404)
        else:
            leg.says(180).wait(4).says(200).talk(30).bye()


@scene()
def webrtc_gateway_and_ims_core(c: Capture) -> None:
    """A P-CSCF: AKA challenge then 200, tel: URIs, all handsets through one edge address."""
    core = server(c.net, makes.CARRIER, "10.50.0.1")
    edge = server(c.net, makes.KAMAILIO, "10.50.0.9")
    for n in range(80):
        user = f"26201{n:010}"
        domain = "ims.mnc001.mcc262.3gppnetwork.example"
        me = f"<sip:{user}@{domain}>"
        tag, call_id = makes.hexa(c.rng, 10), makes.hexa(c.rng, 20)
        nonce = makes.word(c.rng, 43) + "="
        empty = f'Digest username="{user}@{domain}",realm="{domain}",uri="sip:{domain}",nonce="",response=""'
        full = (
            empty.replace('nonce=""', f'nonce="{nonce}"').replace(
                'response=""', f'response="{makes.hexa(c.rng, 32)}"'
            )
            + ",algorithm=AKAv1-MD5"
        )
        t = 3.0 * n
        first = request(
            edge,
            "REGISTER",
            f"sip:{domain}",
            f"{me};tag={tag}",
            me,
            call_id,
            1,
            [("Authorization", empty), ("Expires", "600000")],
        )
        t = ask(
            c.net,
            t,
            edge,
            core,
            first,
            100,
            401,
            more=[
                (
                    "WWW-Authenticate",
                    f'Digest realm="{domain}",nonce="{nonce}",algorithm=AKAv1-MD5,qop="auth"',
                )
            ],
        )
        second = request(
            edge,
            "REGISTER",
            f"sip:{domain}",
            f"{me};tag={tag}",
            me,
            call_id,
            2,
            [("Authorization", full), ("Expires", "600000")],
        )
        ask(
            c.net,
            t,
            edge,
            core,
            second,
            100,
            200,
            more=[("P-Associated-URI", f"<sip:+49151{n:07}@{domain}>, <tel:+49151{n:07}>")],
        )
        if n % 3 == 0:
            number = "+49" + home_number(c.rng)[1:]
            leg = (
                Leg(
                    c.net,
                    400 + 45.0 * n,
                    edge,
                    core,
                    number,
                    from_user=f"+49151{n:07}",
                    uri=f"tel:{number}",
                )
                .invite()
                .says(100, 183)
            )
            leg.within("uac", "PRACK", 200).within("uac", "UPDATE", 200).says(180, 200).talk(
                30
            ).bye()


@scene()
def teams_and_cube_over_tcp(c: Capture) -> None:
    """Direct routing: OPTIONS every minute over TCP both ways, calls with +E.164."""
    sbc = server(c.net, makes.CUBE, "192.0.2.80", transport="TCP")
    hubs = [
        server(c.net, makes.TEAMS, f"198.18.5.{n}", port=5061, transport="TCP")
        for n in (11, 12, 13)
    ]
    for k in range(60):
        for hub in hubs:
            ping(c.net, 60.0 * k, sbc, hub)
            ping(c.net, 60.0 * k + 20, hub, sbc, 200 if k % 7 else 405)
        leg = (
            Leg(
                c.net,
                60.0 * k + 31,
                hubs[k % 3],
                sbc,
                "+33142685300" if k % 2 else "+4420794609" + str(10 + k),
                from_user="+493012345" + str(k),
            )
            .invite()
            .says(100, 183)
        )
        if k % 5:
            leg.says(200).talk(40).bye()
        else:
            leg.says(486)


@scene()
def users_register_with_wrong_identity(c: Capture) -> None:
    """Forty gateway lines: authentication name and account differ; two of them are mixed up."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.90")
    for n in range(40):
        line = phone(
            c.net,
            makes.ATA,
            "203.0.113.120",
            str(700 + n),
            pbx,
            port=5060 + n,
            inside=("192.168.2.2", 5060 + n),
            password=f"pw{n}",
        )
        for k in range(6):
            register(c.net, n + 600.0 * k, line, pbx, expires=900)
    for n in (3, 4):
        line = phone(
            c.net,
            makes.ATA,
            "203.0.113.120",
            str(700 + n),
            pbx,
            port=5160 + n,
            inside=("192.168.2.2", 5160 + n),
            password="swapped",
        )
        for k in range(60):
            register(c.net, 20 + 60.0 * k + n, line, pbx)
        c.in_trouble.append(("203.0.113.120", str(700 + n)))


@scene()
def calls_to_many_branch_offices_abroad(c: Capture) -> None:
    """An export company: two desks call their customers in fifteen countries, who call back."""
    here = office(c.net, makes.ASTERISK, "192.168.10.2", 12)
    here.come_in(8 * HOUR, 60)
    regions = (
        "RU",
        "CN",
        "NG",
        "ID",
        "BR",
        "MX",
        "AE",
        "TR",
        "PT",
        "AL",
        "LV",
        "ZA",
        "TN",
        "IL",
        "TW",
    )
    customers = [subscriber(c.rng, region) for region in regions]
    for n in range(60):
        number = c.rng.choice(customers)
        who = here.phones[1 + n % 2]
        status = c.rng.choices((200, 404, 486, 487), (70, 3, 7, 20))[0]
        here.out(
            8.2 * HOUR + 480 * n,
            who,
            "00" + number,
            status=status,
            talk=c.rng.expovariate(1 / 180) + 10,
        )
        if n % 4 == 0:
            here.come(8.25 * HOUR + 480 * n + 700, who, "+" + number, talk=120)


__all__ = ["answer", "challenge_header", "credentials", "new_nonce", "sdp", "send", "subscribe"]
