"""Desk phones as their makers ship them: header order, tags, Call-IDs, User-Agents.

The shapes follow the makers' published traces; versions are ones in the field.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

_ALNUM: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_HEX: Final = "0123456789abcdef"


def _digits(rng: Random, low: int = 9, high: int = 10) -> str:
    return "".join(rng.choices("0123456789", k=rng.randint(low, high))).lstrip("0") or "1"


def _alnum(rng: Random, length: int) -> str:
    return "".join(rng.choices(_ALNUM, k=length))


def _hex(rng: Random, length: int) -> str:
    return "".join(rng.choices(_HEX, k=length))


def _order(names: str) -> tuple[str, ...]:
    return tuple(names.split())


@dataclass(frozen=True, slots=True)
class Make:
    """How one make of phone writes SIP."""

    name: str
    user_agent: str
    # Every header this make may send, in its order.
    order: tuple[str, ...]
    branch: Callable[[Random], str]
    tag: Callable[[Random], str]
    call_id: Callable[[Random, str], str]
    # Contact parameters behind the address, by the phone's own hardware number.
    contact: Callable[[str], str] = lambda mac: ""
    first_cseq: int = 1
    # Headers of every request, then those of single methods.
    always: Mapping[str, str] = field(default_factory=dict)
    by_method: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rport: bool = False
    codecs: tuple[int, ...] = (0, 8, 101)

    def headers(self, method: str, given: Mapping[str, str]) -> list[tuple[str, str]]:
        """`given` and the make's own headers, in the make's order."""
        own = {"User-Agent": self.user_agent, **self.always, **self.by_method.get(method, {})}
        every = {**own, **given}
        known = [(name, every[name]) for name in self.order if name in every]
        rest = [(n, v) for n, v in every.items() if n not in self.order and n != "Content-Length"]
        return [*known, *rest, ("Content-Length", every["Content-Length"])]


_ALLOW_ALL: Final = (
    "INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REGISTER, SUBSCRIBE, REFER, "
    "PUBLISH, UPDATE, MESSAGE"
)

YEALINK: Final = Make(
    name="Yealink T46S",
    user_agent="Yealink SIP-T46S 66.86.0.15",
    order=_order(
        "Via Route From To Call-ID CSeq Contact Authorization Proxy-Authorization "
        "Content-Type Refer-To Referred-By Accept Allow Max-Forwards User-Agent Expires "
        "Supported Event Subscription-State Allow-Events"
    ),
    branch=lambda rng: "z9hG4bK" + _digits(rng),
    tag=_digits,
    call_id=lambda rng, address: f"0_{_digits(rng)}@{address}",
    by_method={
        "REGISTER": {"Allow": _ALLOW_ALL, "Allow-Events": "talk,hold,conference,refer,check-sync"},
        "INVITE": {
            "Allow": _ALLOW_ALL,
            "Supported": "replaces",
            "Allow-Events": "talk,hold,conference,refer,check-sync",
        },
    },
    codecs=(0, 8, 18, 9, 101),
)
YEALINK_T23: Final = Make(
    name="Yealink T23G",
    user_agent="Yealink SIP-T23G 44.84.0.140",
    order=YEALINK.order,
    branch=YEALINK.branch,
    tag=YEALINK.tag,
    call_id=YEALINK.call_id,
    by_method=YEALINK.by_method,
)
POLYCOM: Final = Make(
    name="Polycom VVX 411",
    user_agent="PolycomVVX-VVX_411-UA/5.9.5.0614",
    order=_order(
        "Via Route From To CSeq Call-ID Contact Event Allow Refer-To Referred-By "
        "User-Agent Accept-Language Supported Allow-Events Accept Authorization "
        "Proxy-Authorization Subscription-State Max-Forwards Expires Content-Type"
    ),
    branch=lambda rng: "z9hG4bK" + _hex(rng, 8) + _hex(rng, 8).upper(),
    tag=lambda rng: f"{_hex(rng, 8).upper()}-{_hex(rng, 8).upper()}",
    call_id=lambda rng, address: f"{_hex(rng, 8)}-{_hex(rng, 8)}-{_hex(rng, 8)}@{address}",
    contact=lambda mac: (
        ';methods="INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, MESSAGE, SUBSCRIBE, NOTIFY, PRACK, '
        'UPDATE, REFER"'
    ),
    always={"Accept-Language": "en"},
    by_method={
        "INVITE": {
            "Allow": "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, MESSAGE, SUBSCRIBE, NOTIFY, "
            "PRACK, UPDATE, REFER",
            "Supported": "100rel,replaces",
            "Allow-Events": "conference,talk,hold",
        }
    },
    codecs=(9, 0, 8, 18, 127),
)
GRANDSTREAM: Final = Make(
    name="Grandstream GXP2170",
    user_agent="Grandstream GXP2170 1.0.9.135",
    order=_order(
        "Via Route From To Call-ID CSeq Contact Authorization Proxy-Authorization Event "
        "X-Grandstream-PBX Refer-To Referred-By Max-Forwards User-Agent Privacy "
        "P-Preferred-Identity Supported Subscription-State Expires Allow Content-Type "
        "Accept"
    ),
    branch=lambda rng: "z9hG4bK" + _digits(rng),
    tag=_digits,
    # The phone writes its own address with a letter for each digit.
    call_id=lambda rng, address: (
        f"{_digits(rng)}-5060-1@{address.translate(str.maketrans('0123456789', 'ABCDEFGHIJ'))}"
    ),
    contact=lambda mac: (
        f';reg-id=1;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000B82{mac[-6:].upper()}>"'
    ),
    first_cseq=2000,
    always={"X-Grandstream-PBX": "true"},
    by_method={
        "REGISTER": {
            "Supported": "path",
            "Allow": "INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE",
        },
        "INVITE": {
            "Supported": "replaces, path, timer",
            "Privacy": "none",
            "Allow": "INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE",
            "Accept": "application/sdp, application/dtmf-relay",
        },
    },
    rport=True,
    codecs=(0, 8, 9, 18, 101),
)
SNOM: Final = Make(
    name="Snom D725",
    user_agent="snomD725/10.1.54.13",
    order=_order(
        "Via Route From To Call-ID CSeq Max-Forwards User-Agent Contact Refer-To "
        "Referred-By Event Accept X-Serialnumber P-Key-Flags Allow Allow-Events Supported "
        "X-Real-IP Subscription-State Authorization Proxy-Authorization Expires "
        "Content-Type"
    ),
    branch=lambda rng: "z9hG4bK-" + _alnum(rng, 12),
    tag=lambda rng: _alnum(rng, 10),
    call_id=lambda rng, address: f"3136{_digits(rng, 12, 14)}-{_alnum(rng, 12)}",
    contact=lambda mac: (
        f';reg-id=1;q=1.0;+sip.instance="<urn:uuid:1b9c2f4e-6d3a-4b41-9d5c-000413{mac[-6:]}>"'
    ),
    always={},
    by_method={
        "REGISTER": {"Supported": "path, gruu", "Allow-Events": "dialog"},
        "INVITE": {
            "P-Key-Flags": 'keys="3"',
            "Accept": "application/sdp",
            "Allow": "INVITE, ACK, CANCEL, BYE, REFER, OPTIONS, NOTIFY, SUBSCRIBE, PRACK, "
            "MESSAGE, INFO, UPDATE",
            "Allow-Events": "talk, hold, refer, call-info",
            "Supported": "timer, 100rel, replaces, from-change",
        },
    },
    rport=True,
    codecs=(9, 0, 8, 3, 18, 101),
)
CISCO_SPA: Final = Make(
    name="Cisco SPA504G",
    user_agent="Cisco/SPA504G-7.6.2e",
    order=_order(
        "Via Route From To Referred-By Refer-To Call-ID CSeq Max-Forwards Authorization "
        "Proxy-Authorization Contact Expires Event Accept User-Agent Subscription-State "
        "Allow-Events Allow Supported Content-Type"
    ),
    branch=lambda rng: "z9hG4bK-" + _hex(rng, 8),
    tag=lambda rng: _hex(rng, 16) + "o0",
    call_id=lambda rng, address: f"{_hex(rng, 8)}-{_hex(rng, 8)}@{address}",
    first_cseq=101,
    by_method={
        "REGISTER": {
            "Allow": "ACK, BYE, CANCEL, INFO, INVITE, NOTIFY, OPTIONS, REFER, UPDATE",
            "Supported": "replaces",
        },
        "INVITE": {
            "Expires": "240",
            "Allow": "ACK, BYE, CANCEL, INFO, INVITE, NOTIFY, OPTIONS, REFER, UPDATE",
            "Supported": "replaces",
        },
    },
    codecs=(0, 2, 8, 18, 101),
)
FANVIL: Final = Make(
    name="Fanvil X4U",
    user_agent="Fanvil X4U 2.12.1.3",
    order=_order(
        "Via Route From To Call-ID CSeq Contact Max-Forwards Expires Supported User-Agent "
        "Allow Authorization Proxy-Authorization Event Accept Refer-To Referred-By "
        "Subscription-State Content-Type"
    ),
    branch=lambda rng: "z9hG4bK" + _digits(rng, 16, 18),
    tag=lambda rng: _digits(rng, 9, 10),
    call_id=lambda rng, address: f"{_digits(rng, 14, 16)}@{address}",
    by_method={
        "REGISTER": {"Supported": "path"},
        "INVITE": {
            "Allow": "INVITE, ACK, OPTIONS, BYE, CANCEL, REFER, NOTIFY, INFO, PRACK, UPDATE, "
            "MESSAGE",
            "Supported": "100rel, replaces, timer",
        },
    },
    rport=True,
)
ZOIPER: Final = Make(
    name="Zoiper softphone",
    user_agent="Z 5.5.14 v2.10.19.9",
    order=_order(
        "Via Max-Forwards Route Contact To From Call-ID CSeq Expires Accept Allow "
        "Content-Type Supported User-Agent Authorization Proxy-Authorization Event "
        "Refer-To Referred-By Subscription-State Allow-Events"
    ),
    branch=lambda rng: f"z9hG4bK-524287-1---{_hex(rng, 16)}",
    tag=lambda rng: _hex(rng, 8),
    call_id=lambda rng, address: "".join(rng.choices(_ALNUM + _ALNUM.upper(), k=22)) + "..",
    contact=lambda mac: "",
    by_method={
        "REGISTER": {
            "Allow": "INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE",
            "Supported": "replaces, norefersub, extended-refer, timer, outbound, path, "
            "X-cisco-serviceuri",
            "Allow-Events": "presence, kpml, talk, as-feature-event",
        },
        "INVITE": {
            "Allow": "INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE",
            "Supported": "replaces, norefersub, extended-refer, timer, outbound, path",
        },
    },
    rport=True,
)
MICROSIP: Final = Make(
    name="MicroSIP softphone",
    user_agent="MicroSIP/3.21.3",
    order=_order(
        "Via Route Max-Forwards From To Contact Call-ID CSeq Allow Supported Event "
        "Refer-To Referred-By Subscription-State User-Agent Expires Accept Authorization "
        "Proxy-Authorization Content-Type"
    ),
    branch=lambda rng: "z9hG4bKPj" + _hex(rng, 32),
    tag=lambda rng: _hex(rng, 32),
    call_id=lambda rng, address: _hex(rng, 32),
    contact=lambda mac: ";ob",
    first_cseq=20415,
    by_method={
        "REGISTER": {
            "Allow": "PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, SUBSCRIBE, NOTIFY, "
            "REFER, MESSAGE, OPTIONS"
        },
        "INVITE": {
            "Allow": "PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, SUBSCRIBE, NOTIFY, REFER, "
            "MESSAGE, OPTIONS",
            "Supported": "replaces, 100rel, timer, norefersub",
        },
    },
    rport=True,
)

DESK: Final = (YEALINK, POLYCOM, GRANDSTREAM, SNOM, CISCO_SPA, YEALINK_T23, FANVIL)
SOFT: Final = (ZOIPER, MICROSIP)
