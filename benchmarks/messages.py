"""The texts of the made-up messages: {fields} are filled per packet, <<names>> per template."""

import re

PBX_HOSTS = {4: "192.0.2.10", 6: "2001:db8::10"}

_PBX = "<<pbx>>"

PHONES = (
    "Yealink SIP-T46S 66.86.0.15",
    "Grandstream GXP2170 1.0.11.64",
    "snomD785/10.1.141.13",
    "PolycomVVX-VVX_411-UA/5.9.6.2327",
    "Linphone/5.2.0 (belle-sip/5.3.0)",
    "baresip v1.0.0 (x86_64/linux)",
    "Z 5.6.1 v2.10.20.4",  # writes compact headers here
    "MicroSIP/3.21.3",  # writes odd-case headers here
)
COMPACT_PHONE = 6
ODD_CASE_PHONE = 7
TOOLS = ("friendly-scanner", "friendly-scanner", "sipcli/v1.8", "eyeBeam release 3006o stamp 17551")
TOLL_PREFIX_DIGITS = (1, 2, 3, 4)

# RFC 3261 section 7.3.3 and RFC 3841 ff.: the headers with a short form that we write.
_COMPACT = {
    "Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m",
    "Content-Type": "c", "Content-Length": "l", "Supported": "k",
}  # fmt: skip
_HEADER_NAME = re.compile(r"^([A-Za-z-]+)(?=:)", re.MULTILINE)

_ALLOW = "INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO"
_PHONE_VIA = "SIP/2.0/UDP {host}:5060;branch=z9hG4bK<<branch>>;rport"
_TOOL_VIA = "SIP/2.0/UDP {host}:{port};branch=z9hG4bK-<<branch>>;rport"
_DIGEST = (
    'Digest username="<<user>>", realm="asterisk", nonce="<<nonce>>", uri="sip:<<domain>>", '
    'response="{response}", algorithm=MD5, cnonce="{cnonce}", qop=auth, nc=<<nc>>'
)
_CHALLENGE = 'Digest algorithm=MD5, realm="asterisk", nonce="<<nonce>>", qop="auth"'
_SDP = """\
v=0
o=- {session} 1 IN <<owner>>
s=-
c=IN <<owner>>
t=0 0
m=audio <<media>> RTP/AVP 0 8 101
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
a=sendrecv
"""


def with_crlf(text: str) -> str:
    """The text with the line ends of SIP."""
    return text.replace("\n", "\r\n")


def compact(text: str) -> str:
    """The message with every header name short that has a short form."""
    head, blank, body = text.partition("\n\n")
    return _HEADER_NAME.sub(lambda name: _COMPACT.get(name[1], name[1]), head) + blank + body


def odd_case(text: str) -> str:
    """The message with header names in capitals and small letters by turns (RFC 3261, 7.3.1)."""
    head, blank, body = text.partition("\n\n")
    counted = iter(range(len(head)))
    change = (str.upper, str.lower)
    return _HEADER_NAME.sub(lambda name: change[next(counted) % 2](name[1]), head) + blank + body


def _with(text: str, **constants: str) -> str:
    for name, value in constants.items():
        text = text.replace(f"<<{name}>>", value)
    return text


def _message(start: str, headers: list[str], body: str = "") -> str:
    """A message whose Content-Length is set when its template is built."""
    typed = ["Content-Type: application/sdp"] if body else []
    return "\n".join([start, *headers, *typed, "Content-Length: <<length>>", "", body])


def _phone_request(
    method: str, uri: str, branch: str, *more: str, body: str = "", to_tag: str = ""
) -> str:
    called = "{extension}" if method in ("REGISTER", "OPTIONS") else "121255501{callee}"
    call_id = "{registration}@{host}" if method == "REGISTER" else "{call_id}"
    cseq = {"REGISTER": "<<cseq>>", "BYE": "2"}.get(method, "1")
    headers = [
        f"Via: {_with(_PHONE_VIA, branch=branch)}",
        'From: "Desk {extension}" <sip:{extension}@pbx.example.com>;tag={from_tag}',
        f"To: <sip:{called}@pbx.example.com>{to_tag}",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} {method}",
        "Contact: <sip:{extension}@{host}:{port};transport=udp>"
        + (
            ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-{mac}>"'
            if method == "REGISTER"
            else ""
        ),
        "Max-Forwards: 70",
        "User-Agent: <<agent>>",
        f"Allow: {_ALLOW}",
        "Supported: replaces, timer, path",
        *more,
    ]
    return _message(f"{method} {uri} SIP/2.0", headers, body)


def _tool_request(
    method: str, user: str, *more: str, call_id: str = "{tool_call_id}", **parts: str
) -> str:
    """A request as SIPVicious writes it: the same From and To, the guess in the tag (hex)."""
    caller = parts.get("caller", user)
    user_at = f"{user}@" if method != "REGISTER" else ""
    headers = [
        f"Via: {_with(_TOOL_VIA, branch=parts.get('branch', '{tool_branch1}'))}",
        "Max-Forwards: 70",
        f'To: "{user}" <sip:{user}@{_PBX}>{parts.get("to_tag", "")}',
        f'From: "{caller}" <sip:{caller}@{_PBX}>;tag={parts["tag"]}',
        "User-Agent: <<agent>>",
        f"Call-ID: {call_id}",
        "Contact: sip:{hunted}@{host}:{port}",
        f"CSeq: {parts.get('cseq', '1')} {method}",
        "Accept: application/sdp",
        *more,
    ]
    return _message(f"{method} sip:{user_at}{_PBX} SIP/2.0", headers, parts.get("body", ""))


def _answer(
    status: str,
    request: str,
    *more: str,
    to_tag: str = "as{to_tag1}",
    body: str = "",
    allow: bool = True,
) -> str:
    """The PBX's answer: what RFC 3261 section 8.2.6 says to copy is copied from the request."""
    found = dict(line.split(": ", 1) for line in request.partition("\n\n")[0].split("\n")[1:])
    tag = "" if ";tag=" in found["To"] or status.startswith("100") else f";tag={to_tag}"
    headers = [
        f"Via: {found['Via']}={{port}};received={{source}}",
        f"From: {found['From']}",
        f"To: {found['To']}{tag}",
        f"Call-ID: {found['Call-ID']}",
        f"CSeq: {found['CSeq']}",
        "Server: Asterisk PBX 18.9.0",
        *([f"Allow: {_ALLOW}", "Supported: replaces, timer"] if allow else []),
        *more,
    ]
    return _message(f"SIP/2.0 {status}", headers, body)


def _registration() -> dict[str, str]:
    digest = _with(
        _DIGEST, user="{extension}", domain="pbx.example.com", nonce="{nonce}", nc="00000001"
    )
    first = _phone_request("REGISTER", "sip:pbx.example.com", "{branch1}", "Expires: 3600")
    second = _phone_request(
        "REGISTER", "sip:pbx.example.com", "{branch2}", f"Authorization: {digest}", "Expires: 3600"
    )
    first, second = _with(first, cseq="{cseq}"), _with(second, cseq="{next_cseq}")
    challenge = f"WWW-Authenticate: {_with(_CHALLENGE, nonce='{nonce}')}"
    bound = "Contact: <sip:{extension}@{host}:{port};transport=udp>;expires=3600"
    return {
        "register": first,
        "register challenged": _answer("401 Unauthorized", first, challenge),
        "register with digest": second,
        "registered": _answer("200 OK", second, bound, "Expires: 3600", to_tag="as{to_tag2}"),
    }


def _call() -> dict[str, str]:
    offer = _with(_SDP, owner="<<family>> {source}", media="{phone_media}")
    accept = _with(_SDP, owner="<<family>> <<pbx bare>>", media="{pbx_media}")
    uri, dialog = "sip:121255501{callee}@pbx.example.com", ";tag=as{to_tag1}"
    target = f"sip:121255501{{callee}}@{_PBX}:5060"
    contact = f"Contact: <{target}>"
    invite = _phone_request("INVITE", uri, "{branch1}", body=offer)
    bye = _phone_request("BYE", target, "{branch3}", to_tag=dialog)
    return {
        "invite": invite,
        "trying": _answer("100 Trying", invite),
        "ringing": _answer("180 Ringing", invite, contact),
        "answered": _answer("200 OK", invite, contact, body=accept),
        "ack": _phone_request("ACK", target, "{branch2}", to_tag=dialog),
        "bye": bye,
        "bye answered": _answer("200 OK", bye),
    }


def _trunk() -> dict[str, str]:
    ping = _phone_request("OPTIONS", f"sip:{_PBX}:5060", "{branch1}")
    return {"options": ping, "options answered": _answer("200 OK", ping, "Accept: application/sdp")}


def _steady() -> dict[str, str]:
    """The shortest registration that is one: a gigabyte holds a turn for a million sources."""
    headers = [
        f"Via: {_with(_PHONE_VIA, branch='{branch1}')}",
        "From: <sip:{extension}@pbx.example.com>;tag={from_tag}",
        "To: <sip:{extension}@pbx.example.com>",
        "Call-ID: {registration}",
        "CSeq: {cseq} REGISTER",
        "Contact: <sip:{extension}@{host}:{port}>",
        "Max-Forwards: 70",
    ]
    ask = _message("REGISTER sip:pbx.example.com SIP/2.0", headers)
    return {"steady": ask, "steady answered": _answer("200 OK", ask, allow=False)}


def _guessing() -> dict[str, str]:
    """As svcrack does it: an opening (always this tag), then one PIN after the other."""
    tag = "{hunted_spelled}3a{pin_spelled}01{random_spelled}"
    opening = _tool_request("REGISTER", "{hunted}", tag="3206210844", call_id="{guess_call_id}")
    digest = _with(_DIGEST, user="{hunted}", domain=_PBX, nonce="{guess_nonce}", nc="{nonce_count}")
    guess = _tool_request(
        "REGISTER",
        "{hunted}",
        f"Authorization: {digest}",
        tag=tag,
        call_id="{guess_call_id}",
        cseq="2",
    )
    first = f"WWW-Authenticate: {_with(_CHALLENGE, nonce='{guess_nonce}')}"
    again = f"WWW-Authenticate: {_with(_CHALLENGE, nonce='{next_guess_nonce}')}"
    return {
        "guess opening": opening,
        "guess challenged": _answer("401 Unauthorized", opening, first),
        "guess": guess,
        "guess forbidden": _answer("403 Forbidden", guess),
        "guess refused": _answer("401 Unauthorized", guess, again),
        "guess accepted": _answer(
            "200 OK", guess, "Contact: <sip:{hunted}@{host}:{port}>;expires=3600"
        ),
    }


def _scanning() -> dict[str, str]:
    """The REGISTER of svwar, one extension after the other, and the OPTIONS of svmap."""
    ask = _tool_request("REGISTER", "{guessed}", tag="{guessed_spelled}01{random_spelled}")
    probe = _tool_request("OPTIONS", "100", tag="63303030303230613133633401{random_spelled}")
    challenge = f"WWW-Authenticate: {_with(_CHALLENGE, nonce='{nonce}')}"
    return {
        "enumerate": ask,
        "extension unknown": _answer("404 Not Found", ask),
        "extension exists": _answer("401 Unauthorized", ask, challenge),
        "probe": probe,
        "probe answered": _answer("200 OK", probe, "Accept: application/sdp"),
    }


def _toll(digits: int) -> dict[str, str]:
    """An INVITE to one far number behind a prefix that walks, its refusal and the ACK."""
    number = f"{{prefix{digits}}}00442079460{{line}}"  # Ofcom's numbers for drama
    offer = _with(_SDP, owner="<<family>> {source}", media="{phone_media}")
    parts = {"caller": "{hunted}", "tag": "{random_spelled}"}
    invite = _tool_request("INVITE", number, body=offer, **parts)
    ack = _tool_request("ACK", number, to_tag=";tag=as{to_tag1}", **parts)
    status = "403 Forbidden" if digits > 2 else "404 Not Found"
    return {
        f"toll {digits}": invite,
        f"toll refused {digits}": _answer(status, invite),
        f"toll ack {digits}": ack,
    }


def _rtp(stream: str, talk: str) -> str:
    """One RTP packet (RFC 3550 section 5.1): 20 ms of G.711, octets as Latin-1."""
    sound = "".join(chr(0x20 + step * 37 % 0x50) for step in range(160))
    return f"\x80{talk}{{rtp_sequence}}{{rtp_time}}{{{stream}}}{sound}"


TEXTS: dict[str, str] = {
    **_registration(),
    **_call(),
    **_trunk(),
    **_steady(),
    **_guessing(),
    **_scanning(),
    **{name: text for digits in TOLL_PREFIX_DIGITS for name, text in _toll(digits).items()},
    # The marker (RFC 3551 section 4.1) begins each talkspurt after a silence.
    "rtp from phone": _rtp("phone_stream", "\x80"),
    "rtp from pbx": _rtp("pbx_stream", "\x80"),
}
