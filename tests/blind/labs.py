"""Laboratories: load generators, loops, torture and conformance tests between private hosts."""

from __future__ import annotations

from tests.blind import makes
from tests.blind.label import Capture
from tests.blind.offices import ask, out_of_dialog, phone, server
from tests.blind.roster import scene
from tests.blind.speak import request
from tests.blind.talk import Leg, ping, register, repeat, send


@scene()
def sipp_default_scenarios_on_loopback(c: Capture) -> None:
    """`sipp -sn uac 127.0.0.1 -r 10`: three hundred calls to `service`."""
    uas = server(c.net, makes.SIPP, "127.0.0.1", port=5060)
    uac = phone(c.net, makes.SIPP, "127.0.0.1", "sipp", uas, port=5061)
    for n in range(300):
        Leg(c.net, 0.1 * n, uac, uas, "service", uri="sip:service@127.0.0.1:5060").invite().says(
            180, 200
        ).wait(0.5).bye()


@scene()
def sipp_registers_a_thousand_users_from_csv(c: Capture) -> None:
    """A load test of a registrar: user1 … user1000, a hundred a second, all right."""
    registrar = server(c.net, makes.KAMAILIO, "10.0.0.6")
    for n in range(1000):
        user = phone(c.net, makes.SIPP, "10.0.0.5", f"user{n + 1:04}", registrar, port=5060)
        register(c.net, 0.01 * n, user, registrar)


@scene()
def sipp_two_hundred_calls_a_second(c: Capture) -> None:
    """A load test until the switch says 503; numbers from a file, one after the other."""
    switch = server(c.net, makes.FREESWITCH, "10.10.0.2")
    uac = phone(c.net, makes.SIPP, "10.10.0.1", "sipp", switch)
    for n in range(3000):
        leg = (
            Leg(c.net, 0.005 * n, uac, switch, str(4930000000 + n), from_user=str(1000 + n % 500))
            .invite()
            .says(100)
        )
        if n > 2200 and n % 3:
            leg.says(503)
        else:
            leg.says(180, 200).wait(2).bye()


@scene()
def load_test_where_every_call_is_rejected(c: Capture) -> None:
    """SIPp against a server without a dialplan: 404, 486, 603; six hundred of each."""
    switch = server(c.net, makes.ASTERISK, "192.168.56.10")
    uac = phone(c.net, makes.SIPP, "192.168.56.1", "sipp", switch, port=5062)
    for n in range(1800):
        Leg(c.net, 0.02 * n, uac, switch, "service").invite().says((404, 486, 603)[n // 600])


@scene()
def engineer_with_wrong_credentials(c: Capture) -> None:
    """SIPp with -ap forgotten: forty attempts of one account between two lab hosts, then it works."""
    pbx = server(c.net, makes.ASTERISK, "10.0.3.2")
    for k in range(40):
        one = phone(
            c.net, makes.SIPP, "10.0.3.9", "1001", pbx, port=5060 + k % 3, password="secret"
        )
        one.password = "password" if k < 37 else "secret"
        register(c.net, 45.0 * k, one, pbx)


@scene()
def proxy_that_calls_itself(c: Capture) -> None:
    """A routing mistake: each INVITE goes round until 483; one in four ends in 482."""
    proxy = server(c.net, makes.KAMAILIO, "10.0.0.30")
    other = server(c.net, makes.KAMAILIO, "10.0.0.31")
    caller = phone(c.net, makes.LINPHONE, "10.0.0.77", "alice", proxy)
    for n in range(12):
        leg = Leg(c.net, 20.0 * n, caller, proxy, "bob", domain="lab.example").invite().says(100)
        assert leg.last is not None
        t = leg.t
        for hop in range(60):
            a, b = (proxy, other) if hop % 2 == 0 else (other, proxy)
            via = a.via()
            asked = request(a, "INVITE", leg.uri, leg.last.from_, leg.last.to, leg.call_id, leg.cseq,
                            [("Via", leg.last.via), ("Max-Forwards", str(70 - hop))], leg.body or b"", via=via)  # fmt: skip
            t = ask(c.net, t, a, b, asked, 100)
        leg.t = t
        leg.says(482 if n % 4 == 0 else 483)


@scene()
def phones_without_a_registrar(c: Capture) -> None:
    """Six telephones of a course register with a host that only says 404, 405 or 501, for hours."""
    host = server(c.net, makes.KAMAILIO, "192.168.77.1")
    for n in range(6):
        one = phone(
            c.net, makes.SOFT[n % 4], f"192.168.77.{10 + n}", f"student{n}", host, known=False
        )
        for k in range(100):
            one.cseq += 1
            me = f"<sip:{one.user}@192.168.77.1>"
            asked = request(one, "REGISTER", "sip:192.168.77.1", f"{me};tag={one.make.tag(c.rng)}", me,
                            one.reg_call_id, one.cseq, [("Expires", "3600")])  # fmt: skip
            ask(c.net, 60.0 * k + n, one, host, asked, (404, 405, 501)[n % 3])
        for k in range(10):
            Leg(c.net, 300.0 * k + n, one, host, f"student{(n + 1) % 6}").invite().says(404)


@scene()
def codec_and_prack_tests(c: Capture) -> None:
    """A test bench: 488 for odd codecs, 420, 415, 100rel, UPDATE, CANCEL races."""
    bench = server(c.net, makes.PJSUA, "172.16.4.2")
    dut = server(c.net, makes.ASTERISK, "172.16.4.3")
    bench.user = "bench"
    for n in range(120):
        leg = Leg(c.net, 5.0 * n, bench, dut, f"test{n % 12}").invite().says(100)
        match n % 6:
            case 0:
                leg.says(488)
            case 1:
                leg.says(183).within("uac", "PRACK", 200).within("uac", "UPDATE", 200).says(
                    200
                ).talk(1).bye()
            case 2:
                leg.says(180).cancel()
            case 3:
                leg.says(420)
            case 4:
                leg.says(415)
            case _:
                leg.says(180, 200).hold().hold().bye("uas")


TORTURE = (
    'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\nTO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\nfrom   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\nMaX-fOrWaRdS: 0068\r\nCall-ID: wsinv.ndaksdj@10.0.0.1\r\nContent-Length   : 0\r\ncseq: 0009\r\n  INVITE\r\nVia  : SIP  /   2.0\r\n /UDP\r\n    10.0.0.1;branch=390skdjuw\r\n\r\n',
    "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK-.!%66*_+`'~\r\nTo: \"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\r\nFrom: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;tag=_token~1'+`*%!-.\r\nCall-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\nCSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\r\nMax-Forwards: 255\r\nContent-Length: 0\r\n\r\n",
    "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0\r\nTo: sip:%75se%72@example.com\r\nFrom: <sip:I%20have%20spaces@example.net>;tag=938\r\nMax-Forwards: 87\r\ni: esc01.239409asdfakjkn23onasd0-3234\r\nCSeq: 234234 INVITE\r\nVia: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw\r\nContent-Length: 0\r\n\r\n",
    "REGISTER sip:example.com SIP/2.0\r\nTo: sip:user@example.com\r\nFrom: sip:user@example.com;tag=8\r\nMax-Forwards: 70\r\nCall-ID: dblreq.0ha0isndaksdj99sdfafnl3lk233412\r\nCSeq: 8 REGISTER\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKkdjuw23492\r\nContent-Length: 0\r\n\r\n\r\nINVITE sip:joe@example.com SIP/2.0\r\n\r\n",
    "INVITE sip:user@example.com SIP/2.0\r\nMax-Forwards: 254\r\nTo: sip:j.user@example.com\r\nFrom: sip:caller@example.net;tag=93942939o2\r\nContact: <sip:caller@hungry.example.net>\r\nCall-ID: clerr.0ha0isndaksdjweiafasdk3\r\nCSeq: 8 INVITE\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK-39234-23523\r\nContent-Type: application/sdp\r\nContent-Length: 9999\r\n\r\nv=0\r\n",
    "INVITE sip:user@example.com SIP/2.0\r\nMax-Forwards: 254\r\nTo: sip:j.user@example.com\r\nFrom: sip:caller@example.net;tag=32394234\r\nCall-ID: ncl.0ha0isndaksdj2193423r542w35\r\nCSeq: 0 INVITE\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKkdjuw\r\nContent-Length: -999\r\n\r\n",
    "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK342sdfoi3\r\nTo: <sip:user@example.com>\r\nFrom: <sip:user@example.com>;tag=239232jh3\r\nCSeq: 36893488147419103232 REGISTER\r\nCall-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32\r\nMax-Forwards: 300\r\nExpires: 10000000000000000000000000000000000\r\nContact: <sip:user@host129.example.com>;expires=280297596632815\r\nContent-Length: 0\r\n\r\n",
    "OPTIONS sip:user@example.com SIP/7.0\r\nVia: SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw\r\nMax-Forwards: 70\r\nFrom: A. Bell <sip:a.g.bell@example.com>;tag=qweoiqpe\r\nTo: T. Watson <sip:t.watson@example.org>\r\nCall-ID: badvers.31417@c.example.com\r\nCSeq: 1 OPTIONS\r\nl: 0\r\n\r\n",
    "OPTIONS sip:user@example.com SIP/2.0\r\nTo: sip:j.user@example.com\r\nFrom: sip:caller@example.net;tag=34525\r\nMax-Forwards: 6\r\nCall-ID: mismatch01.dj0234sxdfl3\r\nCSeq: 8 INVITE\r\nVia: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw\r\nl: 0\r\n\r\n",
    "NEWMETHOD sip:user@example.com SIP/2.0\r\nTo: sip:j.user@example.com\r\nFrom: sip:caller@example.net;tag=34525\r\nMax-Forwards: 6\r\nCall-ID: mismatch02.dj0234sxdfl3\r\nCSeq: 8 INVITE\r\nContact: <sip:caller@host.example.net>\r\nVia: SIP/2.0/UDP host.example.net;branch=z9hG4bKkdjuw\r\nContent-Length: 0\r\n\r\n",
    "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0\r\nTo: sip:user@example.com\r\nFrom: sip:caller@example.net;tag=384\r\nMax-Forwards: 3\r\nCall-ID: unkscm.nasdfasser0q239nwsdfasdkl34\r\nCSeq: 3923423 OPTIONS\r\nVia: SIP/2.0/UDP host9.example.com;branch=z9hG4bKkdjuw39234\r\nContent-Length: 0\r\n\r\n",
    "OPTIONS sip:user@example.com SIP/2.0\r\nTo: sip:user@example.com\r\nFrom: caller<sip:caller@example.com>;tag=323\r\nMax-Forwards: 70\r\nCall-ID: bext01.0ha0isndaksdj\r\nCSeq: 8 OPTIONS\r\nRequire: nothingSupportsThis, nothingSupportsThisEither\r\nProxy-Require: noProxiesSupportThis\r\nVia: SIP/2.0/TLS fold-and-staple.example.com;branch=z9hG4bKkdjuw\r\nContent-Length: 0\r\n\r\n",
    "INVITE sip:user@example.com SIP/2.0\r\nCSeq: 193942 INVITE\r\nVia: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf\r\nContent-Type: application/sdp\r\nl: 5\r\n\r\nv=0\r\n",
)  # fmt: skip


@scene()
def rfc4475_between_two_hosts_of_a_lab(c: Capture) -> None:
    """The torture messages of RFC 4475, three runs, after the device answered pings and a call."""
    tester = server(c.net, makes.PJSUA, "10.0.0.1")
    tester.user = "tester"
    dut = server(c.net, makes.ASTERISK, "10.0.0.2")
    ping(c.net, 0, tester, dut)
    Leg(c.net, 5, tester, dut, "9196").invite().says(100, 200).talk(3).bye()
    for run in range(3):
        for n, text in enumerate(TORTURE):
            send(c.net, 30 + 120 * run + 4 * n, tester, dut, text.encode("latin-1"))
            if n % 3 == 0:
                asked = out_of_dialog(tester, "OPTIONS", "sip:10.0.0.2", "", "10.0.0.2")
                ask(c.net, 32 + 120 * run + 4 * n, tester, dut, asked, 200)


@scene()
def dead_server_and_patient_phones(c: Capture) -> None:
    """A lab's PBX is switched off: eight phones repeat REGISTER and INVITE into the void all night."""
    gone = server(c.net, makes.ASTERISK, "192.168.3.2")
    for n in range(8):
        one = phone(c.net, makes.DESK[n % 6], f"192.168.3.{50 + n}", str(20 + n), gone)
        for k in range(40):
            one.cseq += 1
            me = f"<sip:{one.user}@192.168.3.2>"
            asked = request(one, "REGISTER", "sip:192.168.3.2", f"{me};tag={one.make.tag(c.rng)}", me,
                            one.reg_call_id, one.cseq, [("Expires", "3600")])  # fmt: skip
            repeat(c.net, 120.0 * k + 3 * n, one, gone, asked.octets, 9)
        Leg(c.net, 500 + n, one, gone, "0").invite().again(5)


@scene()
def sipp_calls_with_accounts_from_csv(c: Capture) -> None:
    """Fifty test accounts register and call each other a thousand times, with credentials."""
    pbx = server(c.net, makes.FREESWITCH, "172.20.0.2")
    uacs = [
        phone(c.net, makes.SIPP, "172.20.0.3", str(1000 + n), pbx, port=6000 + n, password="1234")
        for n in range(50)
    ]
    for n, one in enumerate(uacs):
        register(c.net, 0.02 * n, one, pbx)
    for n in range(1000):
        a, b = uacs[n % 50], uacs[(n * 7 + 1) % 50]
        Leg(c.net, 5 + 0.1 * n, a, pbx, b.user).invite().challenged().says(100, 180, 200).wait(
            1
        ).bye()
