"""How the makers of phones, servers and gateways write SIP: order of headers, tags, Call-IDs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

Text = Callable[[Random], str]
_LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
_BOTH = _LOWER + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def hexa(rng: Random, n: int) -> str:
    return f"{rng.getrandbits(4 * n):0{n}x}"


def dec(rng: Random, n: int) -> str:
    return str(rng.randrange(10 ** (n - 1), 10**n))


def word(rng: Random, n: int, of: str = _BOTH) -> str:
    return "".join(rng.choice(of) for _ in range(n))


def uuid(rng: Random) -> str:
    h = hexa(rng, 32)
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


@dataclass(frozen=True, slots=True)
class Make:
    """One product: who it claims to be and how it writes."""

    name: str
    agent: str
    order: str
    branch: Text
    tag: Text
    call_id: Callable[[Random, str], str]
    agent_header: str = "User-Agent"
    allow: str = "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, REFER, INFO"
    supported: str = "replaces"
    first_cseq: int = 1
    rport: bool = True
    names_itself: bool = False  # display name in From
    contact: str = ""  # parameters behind Contact
    angle: bool = True
    more: dict[str, str] = field(default_factory=dict)


def _make(*a: object, **k: object) -> Make:
    return Make(*a, **k)  # type: ignore[arg-type]


YEALINK = _make(
    "yealink", "Yealink SIP-T46U 108.86.0.90",
    "Via Route From To Call-ID CSeq Contact Authorization Proxy-Authorization Content-Type "
    "Refer-To Referred-By Accept Allow Max-Forwards User-Agent Expires Supported Event "
    "Subscription-State Allow-Events Content-Length",
    lambda r: "z9hG4bK" + dec(r, 10), lambda r: dec(r, 10),
    lambda r, h: f"{r.randrange(9)}_{dec(r, 10)}@{h}", names_itself=True, rport=False,
)  # fmt: skip
POLYCOM = _make(
    "polycom", "PolycomVVX-VVX_400-UA/6.4.3.1183",
    "Via Route From To CSeq Call-ID Contact Allow User-Agent Accept-Language Event Refer-To "
    "Referred-By Supported Allow-Events Accept Authorization Proxy-Authorization "
    "Subscription-State Max-Forwards Expires Content-Type Content-Length",
    lambda r: "z9hG4bK" + hexa(r, 8) + hexa(r, 8).upper(),
    lambda r: f"{hexa(r, 8).upper()}-{hexa(r, 8).upper()}", lambda r, h: hexa(r, 32),
    names_itself=True, rport=False, supported="replaces,100rel", more={"Accept-Language": "en"},
)  # fmt: skip
GRANDSTREAM = _make(
    "grandstream", "Grandstream GXP2135 1.0.11.64",
    "Via Route From To Call-ID CSeq Contact Authorization Proxy-Authorization Event Refer-To "
    "Referred-By X-Grandstream-PBX Max-Forwards User-Agent Supported Subscription-State Expires "
    "Allow Content-Type Accept Content-Length",
    lambda r: "z9hG4bK" + dec(r, 10), lambda r: dec(r, 9),
    lambda r, h: f"{dec(r, 9)}-5060-1@BJC.BGI.A.{r.choice('BCDEFGH')}",
    names_itself=True, first_cseq=2000, supported="replaces, path, timer, eventlist",
    contact=";reg-id=1", more={"X-Grandstream-PBX": "true"},
)  # fmt: skip
SNOM = _make(
    "snom", "snomD735/10.1.127.10",
    "Via Route From To Call-ID CSeq Max-Forwards User-Agent Contact X-Serialnumber P-Key-Flags "
    "Accept Allow Allow-Events Supported Session-Expires Min-SE Event Refer-To Referred-By "
    "Subscription-State Authorization Proxy-Authorization Expires Content-Type Content-Length",
    lambda r: "z9hG4bK-" + word(r, 12, _LOWER), lambda r: word(r, 10, _LOWER),
    lambda r, h: f"{dec(r, 16)}-{word(r, 12, _LOWER)}", names_itself=True,
    supported="timer, 100rel, replaces, from-change", contact=";reg-id=1",
)  # fmt: skip
CISCO = _make(
    "cisco", "Cisco-CP8841/12.8.1",
    "Via From To Call-ID Max-Forwards Session-Expires Date CSeq User-Agent Contact Expires Accept "
    "Allow Supported Authorization Proxy-Authorization Event Refer-To Referred-By "
    "Subscription-State Allow-Events Content-Type Content-Length Content-Disposition",
    lambda r: "z9hG4bK" + hexa(r, 8), lambda r: hexa(r, 24),
    lambda r, h: f"{hexa(r, 8)}-{hexa(r, 8)}-{hexa(r, 8)}-{hexa(r, 8)}@{h}", first_cseq=101,
    supported="replaces,join,sdp-anat,norefersub,resource-priority,extended-refer", rport=False,
)  # fmt: skip
GIGASET = _make(
    "gigaset", "N510 IP PRO/42.245.00.000.000",
    "Via From To Call-ID CSeq Contact Authorization Proxy-Authorization Max-Forwards User-Agent "
    "Event Expires Allow Supported Refer-To Referred-By Subscription-State Content-Type "
    "Content-Length",
    lambda r: "z9hG4bK" + hexa(r, 32), lambda r: dec(r, 10),
    lambda r, h: f"{dec(r, 10)}@{h.replace('.', '_')}", supported="replaces",
)  # fmt: skip
ZOIPER = _make(
    "zoiper", "Zoiper v2.10.20.4_1",
    "Via Max-Forwards Route Contact To From Call-ID CSeq Expires Accept Allow Content-Type "
    "Supported User-Agent Authorization Proxy-Authorization Event Refer-To Referred-By "
    "Subscription-State Allow-Events Content-Length",
    lambda r: "z9hG4bK-524287-1---" + hexa(r, 16), lambda r: hexa(r, 8),
    lambda r, h: word(r, 22) + "..", contact=";transport=UDP",
    supported="replaces, norefersub, extended-refer, timer, outbound, path",
)  # fmt: skip
LINPHONE = _make(
    "linphone", "Linphone-Desktop/5.2.4 (example) Windows/10 LinphoneCore/5.3.40",
    "Via From To CSeq Call-ID Max-Forwards Route Supported Allow Content-Type Content-Length "
    "Contact User-Agent Accept Expires Event Refer-To Referred-By Subscription-State "
    "Authorization Proxy-Authorization",
    lambda r: "z9hG4bK." + word(r, 9), lambda r: word(r, 9), lambda r, h: word(r, 10),
    first_cseq=20, supported="replaces, outbound, gruu, path", contact=";transport=udp",
)  # fmt: skip
PJSUA = _make(
    "microsip", "MicroSIP/3.21.3",
    "Via Route Max-Forwards From To Contact Call-ID CSeq Allow Supported Session-Expires Min-SE "
    "User-Agent Event Refer-To Referred-By Subscription-State Expires Accept Authorization "
    "Proxy-Authorization Content-Type Content-Length",
    lambda r: "z9hG4bKPj" + hexa(r, 32), lambda r: hexa(r, 32), lambda r, h: hexa(r, 32),
    first_cseq=21374, supported="replaces, 100rel, timer, norefersub", contact=";ob",
)  # fmt: skip
BARESIP = _make(
    "baresip", "baresip v3.6.0 (x86_64/Linux)",
    "Via Contact Max-Forwards Authorization Proxy-Authorization To From Call-ID CSeq User-Agent "
    "Supported Expires Event Refer-To Subscription-State Allow Content-Type Content-Length",
    lambda r: "z9hG4bK" + hexa(r, 16), lambda r: hexa(r, 16), lambda r, h: hexa(r, 16),
    first_cseq=22717, supported="gruu,replaces,norefersub",
)  # fmt: skip
ATA = _make(
    "ata", "Linksys/SPA2102-5.2.13(a)",
    "Via From To Call-ID CSeq Max-Forwards Authorization Proxy-Authorization Contact Expires "
    "User-Agent Event Allow-Events Content-Length Allow Supported Content-Type",
    lambda r: "z9hG4bK-" + hexa(r, 8), lambda r: hexa(r, 16) + "o0",
    lambda r, h: f"{hexa(r, 8)}-{hexa(r, 8)}@{h}", names_itself=True, first_cseq=101,
    supported="x-sipura, replaces", rport=False,
)  # fmt: skip
FRITZ = _make(
    "fritz", "AVM FRITZ!Box 7590 154.07.57 (Jan 10 2024)",
    "Via Route From To Call-ID CSeq Contact Authorization Proxy-Authorization Max-Forwards "
    "Expires User-Agent Supported Allow-Events Event Allow Accept Accept-Encoding Content-Type "
    "Content-Length",
    lambda r: "z9hG4bK" + hexa(r, 18).upper(), lambda r: hexa(r, 16).upper(),
    lambda r, h: f"{hexa(r, 16).upper()}@{h}", supported="100rel,replaces,timer",
    contact=";q=1.0",
)  # fmt: skip
DOORPHONE = _make(
    "2n", "2N Helios IP 2.39.0",
    "Via From To Call-ID CSeq Contact Max-Forwards User-Agent Allow Supported Expires "
    "Authorization Proxy-Authorization Content-Type Content-Length",
    lambda r: "z9hG4bK" + word(r, 20), lambda r: word(r, 12), lambda r, h: uuid(r),
)  # fmt: skip
ASTERISK = _make(
    "asterisk", "FPBX-16.0.40.7(18.20.2)",
    "Via Record-Route From To Contact Call-ID CSeq Allow Supported Session-Expires Min-SE Event "
    "Subscription-State Allow-Events P-Asserted-Identity Diversion Refer-To Referred-By "
    "Max-Forwards User-Agent Server WWW-Authenticate Proxy-Authenticate Authorization "
    "Proxy-Authorization Expires Date Content-Type Content-Length",
    lambda r: "z9hG4bKPj" + uuid(r), uuid, lambda r, h: uuid(r),
    agent_header="Server", first_cseq=11783, supported="100rel, timer, replaces, norefersub",
)  # fmt: skip
CHAN_SIP = _make(
    "chan_sip", "Asterisk PBX 13.38.3",
    "Via Max-Forwards From To Contact Call-ID CSeq User-Agent Server Date Allow Supported Event "
    "Subscription-State WWW-Authenticate Proxy-Authenticate Authorization Proxy-Authorization "
    "Expires Content-Type Content-Length",
    lambda r: "z9hG4bK" + hexa(r, 8), lambda r: "as" + hexa(r, 8),
    lambda r, h: f"{hexa(r, 32)}@{h}:5060", agent_header="Server", first_cseq=102,
    supported="replaces, timer",
)  # fmt: skip
FREESWITCH = _make(
    "freeswitch", "FreeSWITCH-mod_sofia/1.10.10-release~64bit",
    "Via Record-Route Max-Forwards From To Call-ID CSeq Contact User-Agent Accept Allow Supported "
    "Min-SE Session-Expires Event Allow-Events Subscription-State WWW-Authenticate "
    "Proxy-Authenticate Authorization Proxy-Authorization Expires Privacy Content-Type "
    "Content-Disposition Content-Length X-FS-Support Remote-Party-ID",
    lambda r: "z9hG4bK" + word(r, 13), lambda r: word(r, 13), lambda r, h: uuid(r),
    first_cseq=126871230, supported="timer, path, replaces",
)  # fmt: skip
KAMAILIO = _make(
    "kamailio", "kamailio (5.6.3 (x86_64/linux))",
    "Via Record-Route From To Call-ID CSeq Contact WWW-Authenticate Proxy-Authenticate Server "
    "User-Agent Max-Forwards Event Subscription-State Expires Content-Type Content-Length",
    lambda r: f"z9hG4bK{hexa(r, 4)}.{hexa(r, 32)}.0", lambda r: f"{hexa(r, 32)}.{hexa(r, 8)}",
    lambda r, h: f"{hexa(r, 16)}-{dec(r, 5)}@{h}", agent_header="Server", first_cseq=10,
)  # fmt: skip
THREECX = _make(
    "3cx", "3CXPhoneSystem 18.0.9.20 (20)",
    "Via Record-Route Max-Forwards Contact To From Call-ID CSeq Allow Content-Type Supported "
    "User-Agent WWW-Authenticate Proxy-Authenticate Authorization Proxy-Authorization Event "
    "Subscription-State Expires Content-Length",
    lambda r: "z9hG4bK-524287-1---" + hexa(r, 16), lambda r: hexa(r, 8),
    lambda r, h: word(r, 22) + "..", supported="replaces, timer",
)  # fmt: skip
CUBE = _make(
    "cube", "Cisco-SIPGateway/IOS-17.6.3",
    "Via Remote-Party-ID From To Date Call-ID Supported Min-SE Cisco-Guid User-Agent Server Allow "
    "CSeq Timestamp Contact Expires Allow-Events Max-Forwards WWW-Authenticate "
    "Proxy-Authorization Content-Type Content-Disposition Content-Length",
    lambda r: "z9hG4bK" + hexa(r, 6).upper(),
    lambda r: f"{hexa(r, 8).upper()}-{hexa(r, 3).upper()}",
    lambda r, h: f"{hexa(r, 8)}-{hexa(r, 8)}-{hexa(r, 8)}-{hexa(r, 8)}@{h}".upper(),
    first_cseq=101, supported="timer,resource-priority,replaces,sdp-anat", rport=False,
)  # fmt: skip
CARRIER = _make(
    "carrier", "",
    "Via Record-Route From To Call-ID CSeq Max-Forwards Contact P-Asserted-Identity Diversion "
    "Privacy Allow Supported Session-Expires Min-SE Accept Reason Content-Disposition "
    "Content-Type Content-Length",
    lambda r: f"z9hG4bK+{hexa(r, 32)}1+sip+1+{hexa(r, 8)}", lambda r: f"gK0{hexa(r, 7)}",
    lambda r, h: f"{dec(r, 10)}_{dec(r, 9)}@{h}", supported="timer,100rel,precondition,replaces",
    first_cseq=836213, rport=False,
)  # fmt: skip
TEAMS = _make(
    "teams", "Microsoft.PSTNHub.SIPProxy v.2024.4.2.3 i.EUWE.1",
    "From To CSeq Call-ID Max-Forwards Via Record-Route Contact Content-Length User-Agent Allow "
    "Content-Type",
    lambda r: "z9hG4bK" + hexa(r, 8), uuid, lambda r, h: uuid(r).replace("-", ""),
)  # fmt: skip
SIPP = _make(
    "sipp", "",
    "Via From To Call-ID CSeq Contact Authorization Proxy-Authorization Max-Forwards Expires "
    "Subject Content-Type Content-Length",
    lambda r: f"z9hG4bK-{dec(r, 5)}-{dec(r, 4)}-{r.randrange(12)}",
    lambda r: f"{dec(r, 5)}SIPpTag00{dec(r, 4)}", lambda r, h: f"{dec(r, 4)}-{dec(r, 5)}@{h}",
    rport=False,
)  # fmt: skip
DESK = (YEALINK, POLYCOM, GRANDSTREAM, SNOM, CISCO, GIGASET)
SOFT = (ZOIPER, LINPHONE, PJSUA, BARESIP)
