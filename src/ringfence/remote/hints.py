"""What to type into softphones and desk phones: the fields' own names, never a password."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.remote import Peer, Tunnel

_SERVER, _USER, _PORT = "{server}", "{user}", "{port}"


@dataclass(frozen=True, slots=True)
class App:
    """A softphone: where its settings are, and what goes into which field."""

    name: str
    runs_on: str
    where: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Maker:
    """A maker of desk phones: names of the fields in its configuration files."""

    name: str
    file: str
    fields: tuple[tuple[str, str], ...]
    note: str = ""


_PASSWORD = "(the extension's password)"  # noqa: S105  nobody's
_STAYS = "keep the app running: its makers' push service does not reach into the tunnel"
_OWN_TUNNEL = (
    "the 3CX app brings 3CX's own tunnel (port 5090) and needs none of this; use this tunnel with "
    "3CX for other softphones and for sites with desk phones"
)
APPS = (
    App("Linphone", "Windows, macOS, Linux, iOS, Android", "Use a SIP account", (
        ("Username", _USER), ("Password", _PASSWORD), ("SIP Domain", _SERVER),
        ("Transport", "UDP"))),
    App("Zoiper", "Windows, macOS, Linux, iOS, Android", "Accounts, Add, SIP", (
        ("Username / Login", f"{_USER}@{_SERVER}"), ("Password", _PASSWORD),
        ("Domain / Outbound proxy", _SERVER), ("Transport", "UDP"))),
    App("MicroSIP", "Windows", "Menu, Add account", (
        ("SIP Server", _SERVER), ("Username", _USER), ("Domain", _SERVER), ("Login", _USER),
        ("Password", _PASSWORD), ("Transport", "UDP"), ("Public address", "Auto"))),
    App("Groundwire (Acrobits)", "iOS, Android", "Settings, SIP accounts, Generic SIP account", (
        ("Username", _USER), ("Password", _PASSWORD), ("Domain", _SERVER),
        ("Transport Protocol", "udp"), ("Incoming calls", _STAYS))),
    App("3CX app", "iOS, Android, Windows", "QR code of 3CX", (
        ("Note", _OWN_TUNNEL),)),
)  # fmt: skip

MAKERS = (
    Maker("Yealink", "y000000000000.cfg or MAC.cfg", (
        ("account.1.enable", "1"), ("account.1.user_name", _USER), ("account.1.auth_name", _USER),
        ("account.1.password", _PASSWORD), ("account.1.sip_server.1.address", _SERVER),
        ("account.1.sip_server.1.port", _PORT), ("account.1.sip_server.1.transport_type", "0"),
        ("account.1.nat.udp_update_enable", "1"), ("account.1.nat.udp_update_time", "30"),
        ("local_time.ntp_server1", "{ntp}"))),
    Maker("Snom", "snomMODEL-MAC.htm or .xml", (
        ("user_active1", "on"), ("user_name1", _USER), ("user_pname1", _USER),
        ("user_pass1", _PASSWORD), ("user_host1", _SERVER),
        ("user_outbound1", f"{_SERVER}:{_PORT}"), ("ntp_server", "{ntp}"))),
    Maker("Grandstream", "cfgMAC.xml", (
        ("P271 (account active)", "1"), ("P47 (SIP server)", f"{_SERVER}:{_PORT}"),
        ("P35 (SIP user ID)", _USER), ("P36 (authenticate ID)", _USER),
        ("P34 (authenticate password)", _PASSWORD), ("P130 (SIP transport)", "0"),
        ("P30 (NTP server)", "{ntp}"))),
    Maker("Polycom / Poly", "MAC.cfg and what it names", (
        ("reg.1.address", _USER), ("reg.1.auth.userId", _USER), ("reg.1.auth.password", _PASSWORD),
        ("reg.1.server.1.address", _SERVER), ("reg.1.server.1.port", _PORT),
        ("reg.1.server.1.transport", "UDPOnly"), ("tcpIpApp.sntp.address", "{ntp}"))),
    Maker("Fanvil", "MAC.cfg", (
        ("SIP1 Phone Number", _USER), ("SIP1 Register Addr", _SERVER),
        ("SIP1 Register Port", _PORT), ("SIP1 Register User", _USER),
        ("SIP1 Register Pswd", _PASSWORD), ("SIP1 Enable Reg", "1"), ("SNTP Server", "{ntp}")),
        "Some models write Pwd instead of Pswd: export the file from the phone and look."),
    Maker("Cisco SPA", "spaMAC.xml or spaMODEL.cfg", (
        ("Line_Enable_1_", "Yes"), ("Proxy_1_", f"{_SERVER}:{_PORT}"), ("User_ID_1_", _USER),
        ("Use_Auth_ID_1_", "Yes"), ("Auth_ID_1_", _USER), ("Password_1_", _PASSWORD),
        ("SIP_Transport_1_", "UDP"), ("NAT_Keep_Alive_Enable_1_", "Yes"),
        ("Primary_NTP_Server", "{ntp}"))),
)  # fmt: skip

_STEPS = {
    "Windows, macOS": (
        "install WireGuard (wireguard.com/install, or the App Store of macOS); Import tunnel(s) "
        "from file; Activate"
    ),
    "iOS, Android": "install WireGuard from the store; +, Create from QR code; switch it on",
    "Linux": (
        "sudo apt install wireguard-tools; put the file at /etc/wireguard/pbx.conf (mode 0600); "
        "sudo systemctl enable --now wg-quick@pbx"
    ),
}


def user_sheet(tunnel: Tunnel, peer: Peer) -> str:
    """What a user does, step by step; no secret is in it."""
    user = peer.extension or "(your extension)"
    lines = [
        f"The phone system, for {peer.name}",
        "",
        "1. The tunnel",
        *(f"   {system}: {step}" for system, step in _STEPS.items()),
        "   Only calls go through it: everything else on the device stays as it is.",
        "   One file, one device: ask for another one for your second device.",
        "",
        "2. The softphone",
        f"   SIP server: {tunnel.pbx}   port: {tunnel.sip_ports[0]}   user: {user}",
        "   Off: STUN, ICE, VPN or proxy settings of its own. Nothing else has to be set.",
    ]
    for app in APPS:
        lines += ["", f"   {app.name} ({app.runs_on}): {app.where}"]
        lines += [f"     {name}: {_filled(value, tunnel, user)}" for name, value in app.fields]
    lines += [
        "",
        "3. Lost or stolen?",
        f"   Tell your administrator at once: `ringfence remote revoke {peer.name}` shuts it out.",
        "",
    ]
    return "\n".join(lines)


def phone_sheet(tunnel: Tunnel, ntp: str) -> str:
    """Fields of desk phones behind a gateway."""
    lines = [
        "Which fields to set in the desk phones of this site.",
        "",
        f"Server {tunnel.pbx}, port {tunnel.sip_ports[0]}, UDP, time from {ntp}. The number is the",
        "extension; user and password are those that the phone system has for it. STUN, ICE and",
        "outbound proxies off, unless one stands here.",
    ]
    for maker in MAKERS:
        lines += ["", f"{maker.name}: {maker.file}"]
        lines += [
            f"  {name} = {_filled(value, tunnel, '(extension)', ntp)}"
            for name, value in maker.fields
        ]
        if maker.note:
            lines.append(f"  {maker.note}")
    return "\n".join([*lines, ""])


def _filled(value: str, tunnel: Tunnel, user: str, ntp: str = "") -> str:
    return value.format(server=tunnel.pbx, user=user, port=tunnel.sip_ports[0], ntp=ntp)
