"""Our two tables, in nft's own language.

    packet ─▶ netdev ringfence (ingress of the interfaces that were named)
           ─▶ inet ringfence, prerouting ─▶ … the machine's own rules … ─▶ inet ringfence, arrived

Why two: ingress is the earliest and cheapest place, and the only one that sees what a
bridge or a macvlan hands to a phone system in a container or virtual machine; but a hook is
one interface's. The second, in prerouting, holds for all of them. Both come before
connection tracking (priority -200), so packets of connections that exist are dropped as any
others, and there is nothing to flush. The third counts what got through all the same:
captures cannot tell, they see packets before the first hook.

In each the order is: an open connection to the SSH port, friends, then whom to drop. So an
allowed address passes whatever else was decided. Sets in nft's own language, because its
JSON (1.0.6) cannot make a set that rules add to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ringfence.respond.nft.elements import INET, MAX_ELEMENTS, NETDEV, TABLE, Element, spelled
from ringfence.respond.nft.shape import SLOW, Rate, Shape, comment_of

# Strangers of a minute. When it is full, those that find no room share the crowd's rate.
MAX_STRANGERS = 65_536
# Addresses whose packets are counted one by one: those slowed down, those that got through.
MAX_COUNTED = 16_384
# Nobody out there sends from these, and a router that hides callers behind its own address
# would be slowed down for all of them.
_HOME4 = "{ 10.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16 }"
_HOME6 = "{ ::1, fc00::/7, fe80::/10 }"
_MASKS = {"4": "255.255.255.0", "6": "ffff:ffff:ffff:ffff::"}
_SADDR = {"4": "ip saddr", "6": "ip6 saddr"}
# One customer has a /64 of IPv6, and as many addresses as he likes.
_METERED = {"4": "ip saddr", "6": f"ip6 saddr & {_MASKS['6']}"}
_TYPES = {"4": "ipv4_addr", "6": "ipv6_addr"}
MEASURES = ("block", "prefix", "port", "limit")
FRIENDS = ("allow", "known", "ssh")


def tables(
    shape: Shape,
    held: Mapping[str, Sequence[Element]] | None = None,
    present: Sequence[str] = (),
) -> str:
    """Our tables anew, with what they hold (by family), in one transaction.

    `present` are the families in which there are tables of ours that must go.
    """
    found = held or {}
    lines = removal(sorted({*families(shape), *present})).splitlines()
    for family in families(shape):
        lines += [f"table {family} {TABLE} {{", *_sets(shape, family, found.get(family, ()))]
        hooks = _hooks(shape, family)
        for chain, rules in chains(shape, family).items():
            hook = [f"\t\t{hooks[chain]} policy accept;"] if chain in hooks else []
            lines += [f"\tchain {chain} {{", *hook, *(f"\t\t{rule}" for rule in rules), "\t}"]
        lines.append("}")
    return "\n".join(lines) + "\n"


def removal(present: Sequence[str]) -> str:
    """Our tables of these families taken away; adding first makes that succeed where none is."""
    return "".join(
        f"{word} table {family} {TABLE}\n" for family in present for word in ("add", "delete")
    )


def families(shape: Shape) -> tuple[str, ...]:
    """Which tables there are."""
    return (NETDEV, INET) if shape.devices else (INET,)


def chains(shape: Shape, family: str) -> dict[str, list[str]]:
    """The rules of each chain; those that are jumped to come first."""
    made = {"cut": _cut(), "sip": _sip(shape, family)}
    drops = _drops(shape)
    if family == NETDEV:
        return {**made, "ingress": drops}
    return {
        **made,
        "prerouting": drops,
        "arrived": _arrived(),
        "input": ["jump arrived"],
        "forward": ["jump arrived"],
    }


def _hooks(shape: Shape, family: str) -> dict[str, str]:
    if family == NETDEV:
        devices = ", ".join(f'"{device}"' for device in shape.devices)
        return {"ingress": f"type filter hook ingress devices = {{ {devices} }} priority -500;"}
    return {
        "prerouting": "type filter hook prerouting priority -310;",
        # Behind the machine's own rules: what those drop did not arrive.
        "input": "type filter hook input priority 300;",
        "forward": "type filter hook forward priority 300;",
    }


def _drops(shape: Shape) -> list[str]:
    ssh, sip = _ports(shape.ssh_ports), _ports(shape.sip_ports)
    rules = [f"{_SADDR[v]} @ssh{v} tcp dport {ssh} accept" for v in "46"]
    rules += [f"{_SADDR[v]} @allow{v} accept" for v in "46"]
    rules += [f"{match} drop" for match, _, _ in _measured()]
    return [*rules, f"udp dport {sip} jump sip", f"tcp dport {sip} jump sip"]


def _arrived() -> list[str]:
    return [f"{match} update @{counts} {{ {key} counter }}" for match, counts, key in _measured()]


def _measured() -> Iterable[tuple[str, str, str]]:
    """How a packet of a measure is known, the set that counts it when it got through, its key."""
    for v in "46":
        saddr = _SADDR[v]
        yield f"{saddr} @block{v}", f"passed{v}", saddr
        yield f"{saddr} & {_MASKS[v]} @prefix{v}", f"passed{v}", saddr
        for protocol in ("udp", "tcp"):
            key = f"{saddr} . {protocol} sport"
            yield f"{key} @port{v}", f"passedport{v}", key


def _sip(shape: Shape, family: str) -> list[str]:
    rules = [
        f"{_SADDR[v]} @limit{v} {_over('slow', v, _SADDR[v], SLOW)} counter name limited goto cut"
        for v in "46"
    ]
    if family != families(shape)[0]:
        return rules  # at ingress they were slowed down already
    rules += [f"ip saddr {_HOME4} accept", f"ip6 saddr {_HOME6} accept"]
    rules += [f"{_SADDR[v]} @known{v} accept" for v in "46"]
    if rate := shape.stranger:
        rules += [
            f"{_over('meter', v, _METERED[v], rate)} counter name strangers goto cut" for v in "46"
        ]
    if rate := shape.crowd:
        over = f"limit rate over {rate.a_second}/second burst {rate.burst} packets"
        rules.append(f"{over} counter name crowd drop")
    return rules


def _over(name: str, version: str, key: str, rate: Rate) -> str:
    limit = f"limit rate over {rate.a_second}/second burst {rate.burst} packets"
    return f"update @{name}{version} {{ {key} {limit} }}"


def _cut() -> list[str]:
    """Counted where there is room, dropped in any case: a full set ends its rule, not the next."""
    return [*(f"update @cut{v} {{ {_SADDR[v]} counter }}" for v in "46"), "drop"]


def _sets(shape: Shape, family: str, held: Sequence[Element]) -> list[str]:
    lines = [
        f'\tset form {{ type inet_service; elements = {{ 1 comment "{comment_of(shape)}" }}; }}'
    ]  # fmt: skip
    lines += [f"\tcounter {name} {{ }}" for name in ("limited", "strangers", "crowd")]
    for v in "46":
        address = _TYPES[v]
        for name in MEASURES:
            kind = f"{address} . inet_service" if name == "port" else address
            counter = "" if name == "limit" else " counter;"
            options = f"flags timeout;{counter} size {MAX_ELEMENTS};"
            lines += _set(f"{name}{v}", kind, options, held)
        lines += _set(f"allow{v}", address, "flags interval;", held)
        lines += _set(f"known{v}", address, f"flags timeout; size {MAX_ELEMENTS};", held)
        lines += _set(f"ssh{v}", address, "", held)
        for name in ("slow", "meter"):
            lines += _set(f"{name}{v}", address, _grows(MAX_STRANGERS, "1m"))
        for name in ("cut", *(("passed",) if family == INET else ())):
            lines += _set(f"{name}{v}", address, _grows(MAX_COUNTED, "1h"))
        if family == INET:
            kind = f"{address} . inet_service"
            lines += _set(f"passedport{v}", kind, _grows(MAX_COUNTED, "1h"))
    return lines


def _grows(size: int, timeout: str) -> str:
    return f"flags dynamic,timeout; size {size}; timeout {timeout};"


def _set(name: str, kind: str, options: str, held: Sequence[Element] = ()) -> list[str]:
    elements = [spelled(one) for one in held if one.set == name]
    if not elements:
        return [f"\tset {name} {{ type {kind}; {options} }}"]
    listed = ",\n\t\t".join(elements)
    return [f"\tset {name} {{ type {kind}; {options}", f"\t\telements = {{ {listed} }};", "\t}"]


def _ports(ports: Sequence[int]) -> str:
    return f"{{ {', '.join(str(port) for port in sorted(set(ports)))} }}"
