"""Whether the kernel can do what the guard asks: listen to an interface, drop at its ingress."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ringfence.flow.machine import Machine
from ringfence.model.finding import FAIL, OK, WARN, Finding
from ringfence.model.measure import MeasureError
from ringfence.respond.nft.ruleset import tables
from ringfence.respond.nft.shape import CROWD, MAX_DEVICES, STRANGER, Shape

CAP_NET_ADMIN, CAP_NET_RAW = 12, 13
_NFTABLES = "sudo apt install nftables (Debian, Ubuntu, 3CX), sudo dnf install nftables (Red Hat)"
# `nft` before this cannot do what the tables ask.
_OLDEST = (1, 0)


def check_kernel(machine: Machine) -> Iterator[Finding]:
    """The ring, nft, and our own tables, tried without leaving any."""
    yield _ring(machine)
    version = machine.run(["nft", "-V"], "")
    if not version.is_there:
        yield Finding("firewall", FAIL, "nft is missing: nothing can be blocked here", _NFTABLES)
        return
    yield from _nft(version.out)
    yield _tables(machine)


def _ring(machine: Machine) -> Finding:
    release = machine.run(["uname", "-r"], "").out.strip()
    why = machine.try_ring()
    if not why:
        return Finding("kernel", OK, f"Linux {release}: interfaces can be listened to")
    if not machine.capability(CAP_NET_RAW):
        return Finding("kernel", WARN, f"Linux {release}: listening was not tried ({why})",
                       "sudo ringfence doctor")  # fmt: skip
    return Finding(
        "kernel", FAIL, f"Linux {release}: interfaces cannot be listened to ({why})",
        "a kernel with CONFIG_PACKET, outside of a container that forbids it; or HEP and logs "
        "alone: docs/hep.md",
    )  # fmt: skip


def _nft(says: str) -> Iterator[Finding]:
    found = re.search(r"v(\d+)\.(\d+)(\.\d+)*", says)
    version = found[0] if found else "of an unknown version"
    if found and (int(found[1]), int(found[2])) < _OLDEST:
        yield Finding("firewall", FAIL, f"nft is {version}, too old: 1.0 is needed", _NFTABLES)
    elif re.search(r"json:\s+no", says):
        yield Finding("firewall", FAIL, f"nft {version} was built without JSON", _NFTABLES)
    else:
        yield Finding("firewall", OK, f"nft {version}")


def _tables(machine: Machine) -> Finding:
    """Our own rules, checked by the kernel as if they were loaded."""
    devices = machine.default_interfaces[:MAX_DEVICES]
    where = f"at the ingress of {', '.join(devices)}" if devices else "before routing"
    if not machine.capability(CAP_NET_ADMIN):
        return Finding("firewall", WARN, "dropping was not tried: it takes root",
                       "sudo ringfence doctor")  # fmt: skip
    try:
        shape = Shape(devices, stranger=STRANGER, crowd=CROWD)
    except MeasureError as error:
        return Finding("firewall", FAIL, str(error), "name the interface in [guard] interfaces")
    tried = machine.run(["nft", "-c", "-f", "-"], tables(shape))
    if tried.code == 0:
        return Finding("firewall", OK, f"packets can be dropped {where}")
    if devices and machine.run(["nft", "-c", "-f", "-"], tables(_without(shape))).code == 0:
        return Finding(
            "firewall", WARN, "packets can be dropped before routing, but not at ingress: "
            "a phone system in a container or virtual machine is not protected",
            "a kernel with CONFIG_NETFILTER_INGRESS and nf_tables for netdev",
        )  # fmt: skip
    return Finding(
        "firewall", FAIL, f"the kernel refuses our tables: {_first(tried.error)}",
        "a kernel with nf_tables (CONFIG_NF_TABLES); in a container: on its host",
    )  # fmt: skip


def _without(shape: Shape) -> Shape:
    return Shape((), shape.sip_ports, shape.ssh_ports, shape.stranger, shape.crowd)


def _first(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "no reason given")
