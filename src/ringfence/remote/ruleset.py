"""The lockdown's own table, in nft's language: what it closes opens by itself.

    packet ─▶ guard's tables (ingress -500, prerouting -310) ─▶ … conntrack, NAT …
           ─▶ inet ringfence_lockdown, input and forward (-5) ─▶ the machine's own rules (0)
           ─▶ guard's `arrived` (300)

Whom the guard blocks never gets here; what is dropped here did not arrive, as the guard
counts it; an accept here is no more than "not ours to drop", so the machine's own rules
still have their say.

The switch is in the kernel. Whatever is dropped is dropped by a rule that first looks for
the packet's protocol in a set: in `trial_on` each element has a timeout, in `kept_on` it has
none. When the time of a trial is over, the kernel itself forgets the elements, and the rules
drop nothing any more: no program has to live, and no terminal, for the phone system to be
open again. Confirming deletes the element of the trial, which fails when its time is over,
and makes the other one, in one transaction.

Nothing looks at connection tracking: on a machine that did not track before, every
connection would be a new one at the first packet after. Of TCP only a SYN is dropped,
so no connection that is open is cut. Over UDP whoever our phone system sends a request to
(a phone that it pings, a carrier that it registers at), or media, may answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from ringfence.model.lockdown import LockdownError, Ports

FAMILY, TABLE = "inet", "ringfence_lockdown"
# Raised when the rules change: a table of another form is made anew.
FORM = "1"
# Behind the guard and NAT, before the machine's own rules (0).
PRIORITY = -5
# Networks that are admitted: more than any office has; each is a few lines for a person to read.
MAX_ADMITTED = 4096
# Open doors, people on changing addresses.
MAX_DOORS = 4096
# Whom our phone system calls, and whom it sends media to: it chooses them, no stranger does.
MAX_CALLED = 65_536
# Those who are turned away are listed so far; of more only that they are dropped.
MAX_TURNED = 16_384
# A phone registers once an hour, where its server does not want it otherwise.
_CALLED_S = 3600
# Media that pause for so long are over; music on hold does not pause.
_MEDIA_S = 180
# Private networks always pass: phones on the desk are there. Nobody out there sends from these.
HOME4 = ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
HOME6 = ("::1/128", "fc00::/7", "fe80::/10")
_HOME = tuple(ip_network(text) for text in (*HOME4, *HOME6))
# "SIP/": an answer, not a request (RFC 3261 7.2). UDP's own header has 64 bits.
_IS_REQUEST = "@th,64,32 != 0x5349502f"
_SADDR = {"4": "ip saddr", "6": "ip6 saddr"}
_DADDR = {"4": "ip daddr", "6": "ip6 daddr"}
_TYPES = {"4": "ipv4_addr", "6": "ipv6_addr"}
TRIAL, KEPT = "trial", "kept"
SWITCHES = {TRIAL: "trial_on", KEPT: "kept_on"}
_ADMIT = {TRIAL: "next", KEPT: "admit"}

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Closing:
    """One plan as rules need it."""

    id: str  # eight hexadecimal digits
    ports: Ports
    networks: tuple[Network, ...]
    ssh_ports: tuple[int, ...] = (22,)

    def __post_init__(self) -> None:
        """An administrator's own way in is never closed."""
        closed = {*self.ports.tcp, *self.ports.tunnel}
        if found := sorted(closed & set(self.ssh_ports)):
            raise LockdownError(f"port {found[0]} is where SSH answers: take it off the ports")
        if len(self.networks) > MAX_ADMITTED:
            raise LockdownError(f"{len(self.networks):,} networks; {MAX_ADMITTED:,} are the most")


@dataclass(frozen=True, slots=True)
class Member:
    """One element that is taken over into a new table."""

    key: str  # an address; "address . port"
    timeout_s: int = 0
    left_s: int = 0


def table(
    trial: Closing | None,
    kept: Closing | None,
    trial_s: int = 0,
    members: Mapping[str, Sequence[Member]] | None = None,
    ended: str = "",
) -> str:
    """The table anew in one transaction, with both plans: the one tried goes first.

    `ended` names a plan on trial that must not be over yet: else all of it fails.
    """
    carried = members or {}
    lines = [f"delete element {FAMILY} {TABLE} {SWITCHES[TRIAL]} {{ tcp, udp }}"] if ended else []
    lines += removal().splitlines()
    lines += [f"table {FAMILY} {TABLE} {{", *_sets(trial, kept, trial_s, carried)]
    hooks = _hooks()
    for chain, rules in chains(trial, kept).items():
        hook = [f"\t\t{hooks[chain]} policy accept;"] if chain in hooks else []
        lines += [f"\tchain {chain} {{", *hook, *(f"\t\t{rule}" for rule in rules), "\t}"]
    return "\n".join([*lines, "}"]) + "\n"


def removal() -> str:
    """The table taken away; adding first makes that succeed where none is."""
    return "".join(f"{word} table {FAMILY} {TABLE}\n" for word in ("add", "delete"))


def chains(trial: Closing | None, kept: Closing | None) -> dict[str, list[str]]:
    """The rules of each chain; those that are gone to come first."""
    plans = [(TRIAL, trial), (KEPT, kept)]
    made = {"turned": _turned()}
    for name, closing in plans:
        if closing is not None:
            made[f"{name}_asked"] = _asked(name, closing)
            made[name] = _closed(name, closing)
    arriving = [
        f"meta l4proto @{SWITCHES[name]} goto {name}" for name, one in plans if one is not None
    ]
    leaving = _leaving([one.ports for _, one in plans if one is not None])
    return made | {
        "called": [f"update @called{v} {{ {_DADDR[v]} . udp dport }}" for v in "46"]
        + [f"update @media{v} {{ {_DADDR[v]} }}" for v in "46"],
        "input": arriving,
        "forward": arriving,
        "output": leaving,
        "forwarded": leaving,
    }


def form_of(trial: Closing | None, kept: Closing | None) -> str:
    """What the table says of itself: `1 trial=01234567 kept=89abcdef`."""
    words = [f"{n}={c.id}" for n, c in ((TRIAL, trial), (KEPT, kept)) if c is not None]
    return " ".join([FORM, *words])


def is_home(network: Network) -> bool:
    """Whether it passes without being named."""
    return any(
        (isinstance(network, IPv4Network) and isinstance(home, IPv4Network)
         and network.subnet_of(home))
        or (isinstance(network, IPv6Network) and isinstance(home, IPv6Network)
            and network.subnet_of(home))
        for home in _HOME
    )  # fmt: skip


def collapsed(networks: Iterable[Network], version: int) -> list[Network]:
    """No network twice, or within another: the kernel refuses intervals that overlap."""
    named = [one for one in networks if not is_home(one)]
    if version == 4:
        return list(collapse_addresses(one for one in named if isinstance(one, IPv4Network)))
    return list(collapse_addresses(one for one in named if isinstance(one, IPv6Network)))


def spelled(network: Network) -> str:
    """A single address without its length."""
    whole = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if whole else str(network)


def _hooks() -> dict[str, str]:
    return {
        "input": f"type filter hook input priority {PRIORITY};",
        "forward": f"type filter hook forward priority {PRIORITY};",
        "output": f"type filter hook output priority {PRIORITY};",
        "forwarded": f"type filter hook forward priority {PRIORITY + 1};",
    }


def _closed(name: str, closing: Closing) -> list[str]:
    """Which packets are asked who they come from."""
    ports = closing.ports
    udp = [*map(str, sorted({*ports.udp, *ports.tunnel}))]
    tcp = [*map(str, sorted({*ports.tcp, *ports.tunnel}))]
    if ports.media != (0, 0):
        udp = [*(p for p in udp if not ports.media[0] <= int(p) <= ports.media[1]), _media(ports)]
    rules = [f"tcp dport {_set_of(closing.ssh_ports)} accept"]
    if udp:
        rules.append(f"udp dport {{ {', '.join(udp)} }} goto {name}_asked")
    if tcp:
        syn = "tcp flags & (fin | syn | rst | ack) == syn"
        rules.append(f"tcp dport {{ {', '.join(tcp)} }} {syn} goto {name}_asked")
    return rules


def _asked(name: str, closing: Closing) -> list[str]:
    rules = ['iifname "lo" accept']
    rules += [
        f"ip saddr {{ {', '.join(HOME4)} }} accept",
        f"ip6 saddr {{ {', '.join(HOME6)} }} accept",
    ]
    for members in (_ADMIT[name], "door"):
        rules += [f"{_SADDR[v]} @{members}{v} accept" for v in "46"]
    rules += [f"{_SADDR[v]} . udp sport @called{v} accept" for v in "46"]
    if closing.ports.media != (0, 0):
        media = _media(closing.ports)
        rules += [f"udp dport {media} {_SADDR[v]} @media{v} accept" for v in "46"]
    return [*rules, "goto turned"]


def _turned() -> list[str]:
    """Counted where there is room, dropped in any case: a full set ends its rule, not the next."""
    return [*(f"update @turned{v} {{ {_SADDR[v]} counter }}" for v in "46"), "drop"]


def _leaving(all_ports: Sequence[Ports]) -> list[str]:
    sip = {port for ports in all_ports for port in (*ports.udp, *ports.tunnel)}
    rules = [f"udp sport {_set_of(sip)} {_IS_REQUEST} jump called"] if sip else []
    for media in dict.fromkeys(_media(ports) for ports in all_ports if ports.media != (0, 0)):
        rules += [f"udp sport {media} update @media{v} {{ {_DADDR[v]} }}" for v in "46"]
    return rules


def _sets(
    trial: Closing | None,
    kept: Closing | None,
    trial_s: int,
    members: Mapping[str, Sequence[Member]],
) -> list[str]:
    says = f'1 comment "{form_of(trial, kept)}"'
    lines = _set("form", "inet_service", "", [says])
    on = {TRIAL: trial is not None, KEPT: kept is not None}
    for name, switch in SWITCHES.items():
        time = f" timeout {trial_s}s" if name == TRIAL else ""
        elements = [f"tcp{time}", f"udp{time}"] if on[name] else []
        lines += _set(switch, "inet_proto", "flags timeout; size 8;", elements)
    for name, closing in ((TRIAL, trial), (KEPT, kept)):
        for v in "46":
            networks = collapsed(closing.networks if closing else (), int(v))
            lines += _set(
                f"{_ADMIT[name]}{v}", _TYPES[v], "flags interval;", [spelled(n) for n in networks]
            )
    for v in "46":
        address = _TYPES[v]
        grows = "flags dynamic,timeout;"
        kinds = {
            f"door{v}": (address, f"flags timeout; size {MAX_DOORS};"),
            f"called{v}": (f"{address} . inet_service",
                           f"{grows} size {MAX_CALLED}; timeout {_CALLED_S}s;"),
            f"media{v}": (address, f"{grows} size {MAX_CALLED}; timeout {_MEDIA_S}s;"),
            f"turned{v}": (address, f"{grows} size {MAX_TURNED}; timeout 1d;"),
        }  # fmt: skip
        for name, (kind, options) in kinds.items():
            lines += _set(name, kind, options, [_member(one) for one in members.get(name, ())])
    return lines


def _member(one: Member) -> str:
    if not one.timeout_s:
        return one.key
    left = max(1, min(one.left_s, one.timeout_s))
    return f"{one.key} timeout {one.timeout_s}s expires {left}s"


def _set(name: str, kind: str, options: str, elements: Sequence[str]) -> list[str]:
    if not elements:
        return [f"\tset {name} {{ type {kind}; {options} }}"]
    listed = ",\n\t\t".join(elements)
    return [f"\tset {name} {{ type {kind}; {options}", f"\t\telements = {{ {listed} }};", "\t}"]


def _media(ports: Ports) -> str:
    return f"{ports.media[0]}-{ports.media[1]}"


def _set_of(ports: Iterable[int]) -> str:
    return f"{{ {', '.join(str(port) for port in sorted(set(ports)))} }}"
