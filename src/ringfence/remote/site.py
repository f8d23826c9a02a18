"""A gateway for the desk phones of a site: all that a small Linux box needs, in one archive.

The archive holds the site's private key, so it is root's alone, and nothing of it is kept here.
"""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from importlib.resources import files
from ipaddress import IPv4Network

from ringfence.model.remote import MTU, Peer, RemoteError, Tunnel
from ringfence.remote.hints import phone_sheet
from ringfence.remote.wireguard import peer_of_server

TUNNEL_INTERFACE = "rf-site"
_UNITS = ("ringfence-site.service", "ringfence-site-dhcp.service",
          "ringfence-site-health.service", "ringfence-site-health.timer")  # fmt: skip
_PRIVATE, _RUNS = 0o600, 0o700


@dataclass(frozen=True, slots=True)
class Wish:
    """What the owner said of a site."""

    lan_interface: str = "eth1"  # the one that the phones are on
    tunnel_interface: str = TUNNEL_INTERFACE
    boot_file: str = ""  # DHCP option 67


def archive(
    tunnel: Tunnel, peer: Peer, wish: Wish, private: str, preshared: str, server: str
) -> bytes:
    """A .tar.gz of one folder, named after the site."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as packed:
        for name, (text, mode) in contents(tunnel, peer, wish, private, preshared, server).items():
            octets = text.encode()
            entry = tarfile.TarInfo(f"{peer.name}/{name}")
            entry.size, entry.mode = len(octets), mode
            packed.addfile(entry, io.BytesIO(octets))
    return made.getvalue()


def contents(
    tunnel: Tunnel, peer: Peer, wish: Wish, private: str, preshared: str, server: str
) -> dict[str, tuple[str, int]]:
    """The files with their modes. Raises RemoteError."""
    lan = _lan(peer)
    return {
        "README.txt": (_readme(tunnel, peer, wish), _PRIVATE),
        "gateway.sh": (_packaged("gateway.sh"), _RUNS),
        "site.conf": (_settings(tunnel, peer, wish, lan, server), _PRIVATE),
        "tunnel.conf": (_tunnel(tunnel, private, preshared, server), _PRIVATE),
        "site.nft": (rules(tunnel, peer, wish), _PRIVATE),
        "dnsmasq.conf": (dhcp(tunnel, wish, lan), _PRIVATE),
        "phones.txt": (phone_sheet(tunnel, str(lan[1])), _PRIVATE),
        **{f"systemd/{name}": (_packaged(name), _PRIVATE) for name in _UNITS},
    }


def rules(tunnel: Tunnel, peer: Peer, wish: Wish) -> str:
    """Rules of the gateway: phones to the phone system, and nobody anywhere else."""
    sip = f"{{ {', '.join(map(str, tunnel.sip_ports))} }}"
    media = f"{tunnel.rtp_first}-{tunnel.rtp_last}"
    masquerade = f"""
	chain leaves {{
		type nat hook postrouting priority srcnat; policy accept;
		oifname "{wish.tunnel_interface}" masquerade
	}}""" if peer.nat else ""  # fmt: skip
    return f"""\
add table inet ringfence_site
delete table inet ringfence_site
table inet ringfence_site {{
	chain arrives {{
		type filter hook input priority -5; policy accept;
		ct state established,related accept
		iifname "{wish.tunnel_interface}" counter drop
		iifname "@LAN_IF@" jump phones
	}}
	chain phones {{
		# Addresses, files for phones, time, ping.
		udp dport {{ 67, 69, 123 }} accept
		icmp type echo-request limit rate 10/second accept
		tcp dport 22 @SSH_FROM_LAN@
		counter drop
	}}
	chain passes {{
		type filter hook forward priority -5; policy accept;
		iifname "@LAN_IF@" oifname "{wish.tunnel_interface}" jump outward
		iifname "{wish.tunnel_interface}" oifname "@LAN_IF@" jump inward
		iifname {{ "@LAN_IF@", "{wish.tunnel_interface}" }} counter drop
		oifname {{ "@LAN_IF@", "{wish.tunnel_interface}" }} counter drop
	}}
	chain outward {{
		ip saddr {peer.lan} ip daddr {tunnel.pbx} meta l4proto {{ tcp, udp }} th dport {sip} accept
		ip saddr {peer.lan} ip daddr {tunnel.pbx} udp dport {media} accept
		counter drop
	}}
	chain inward {{
		ct state established,related accept
		ip saddr {tunnel.pbx} ip daddr {peer.lan} udp sport {sip} accept
		ip saddr {tunnel.pbx} ip daddr {peer.lan} udp sport {media} accept
		counter drop
	}}{masquerade}
}}
"""


def dhcp(tunnel: Tunnel, wish: Wish, lan: IPv4Network) -> str:
    """What dnsmasq gives the phones: addresses, time, SIP server, where their settings are."""
    boot = f"dhcp-option=67,{wish.boot_file}\n" if wish.boot_file else ""
    return f"""\
# Addresses for the phones of this site, and nobody else. No names: phones need none.
port=0
interface=@LAN_IF@
bind-dynamic
except-interface=lo
dhcp-authoritative
dhcp-range={lan[20]},{lan[-6]},{lan.netmask},12h
# The way out, and the time (chrony on this machine).
dhcp-option=3,{lan[1]}
dhcp-option=42,{lan[1]}
# Names of servers: none.
dhcp-option=6
# The SIP server, RFC 3361.
dhcp-option=option:sip-server,{tunnel.pbx}
# Where phones get their settings: files that you put into /etc/ringfence-site/phones.
dhcp-option=66,{lan[1]}
{boot}enable-tftp
tftp-single-port
"""


def _settings(tunnel: Tunnel, peer: Peer, wish: Wish, lan: IPv4Network, server: str) -> str:
    return f"""\
# The site {peer.name}. What you may have to change is above the line.
LAN_IF={wish.lan_interface}
DHCP=yes
SSH_FROM_LAN=drop
# ----
LAN={lan}
LAN_ADDRESS={lan[1]}
LAN_BITS={lan.prefixlen}
TUNNEL_IF={wish.tunnel_interface}
TUNNEL_ADDRESS={peer.address}
MTU={MTU}
PBX={tunnel.pbx}
SIP_PORT={tunnel.sip_ports[0]}
ENDPOINT={tunnel.where}
WG_PORT={tunnel.port}
SERVER_KEY={server}
"""


def _tunnel(tunnel: Tunnel, private: str, preshared: str, server: str) -> str:
    lines = [
        "# Whoever has this file is this site: do not pass it on.",
        "[Interface]",
        f"PrivateKey = {private}",
        "",
        *peer_of_server(tunnel, preshared, server),
        "",
    ]
    return "\n".join(lines)


def _readme(tunnel: Tunnel, peer: Peer, wish: Wish) -> str:
    return f"""\
The gateway of {peer.name}: a Raspberry Pi or any Linux box (Debian, Ubuntu, Raspberry Pi OS).

1. It needs two ways: one to the office's network (Internet), one to the phones. Where the second
   is not {wish.lan_interface}, say so in site.conf (LAN_IF; `ip link` shows the names).
2. sudo ./gateway.sh install       (again after each change; twice is once)
3. Plug the phones' switch into that interface. They get addresses of {peer.lan}, time, and the
   SIP server {tunnel.pbx}. phones.txt says which fields to set; files for provisioning go into
   /etc/ringfence-site/phones (TFTP).
4. sudo /etc/ringfence-site/gateway.sh health

The phones reach SIP and media of the phone system, and nothing else; nothing reaches them. The
router of the office needs no open port. Delete the archive when the site works: it holds the key.
Lost or stolen: `ringfence remote revoke {peer.name}` at the phone system.
"""


def _lan(peer: Peer) -> IPv4Network:
    lan = IPv4Network(peer.lan or "0.0.0.0/32")
    if lan.prefixlen > 27:
        raise RemoteError(f"{lan}: too small for the phones of a site; a /24 has room for 229")
    return lan


def _packaged(name: str) -> str:
    return (files("ringfence.remote") / "gateway" / name).read_text("utf-8")
