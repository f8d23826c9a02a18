"""Interfaces: which there are, which are meant, whether they are up."""

from __future__ import annotations

from pathlib import Path

from ringfence.flow.doctor.interfaces import check_interfaces
from tests.flow.machines import machine, network, said


def test_the_one_with_the_default_route(tmp_path: Path) -> None:
    one = machine(tmp_path, network("eth0", "up", "docker0"))
    assert said(check_interfaces(one)) == ["ok interfaces: eth0 is up, with the default route"]


def test_the_default_route_of_ipv6_alone(tmp_path: Path) -> None:
    """As the kernel lists it, with the route of `lo` that refuses everything else."""
    zero, line = "0" * 32, " 00 fe80000000000000 00000400 00000001 00000000 00000003 "
    routes = f"{zero} 00 {zero}{line}   wan6\n{zero} 00 {zero}{line}     lo\n"
    files = {"/proc/net/ipv6_route": routes, "/sys/class/net/wan6/operstate": "up\n"}
    assert said(check_interfaces(machine(tmp_path, files))) == [
        "ok interfaces: wan6 is up, with the default route"
    ]


def test_an_interface_that_is_down(tmp_path: Path) -> None:
    one = machine(tmp_path, network(state="down"))
    assert said(check_interfaces(one)) == ["warn interfaces: eth0 is down, with the default route"]


def test_a_name_that_is_mistyped(tmp_path: Path) -> None:
    one = machine(tmp_path, network("eth0"))
    assert said(check_interfaces(one, ["ens18"]))[0] == (
        "fail interfaces: ens18 is not there; there are: eth0"
    )


def test_the_guard_listens_elsewhere_than_strangers_come(tmp_path: Path) -> None:
    one = machine(tmp_path, network("eth0", "up", "lan0"))
    assert said(check_interfaces(one, ["lan0"])) == [
        "ok interfaces: lan0 is up",
        "warn interfaces: the default route goes by eth0, which the guard does not listen to",
    ]
    assert said(check_interfaces(one, ["any"])) == [
        "ok interfaces: any: all interfaces are listened to"
    ]


def test_a_machine_without_a_default_route(tmp_path: Path) -> None:
    one = machine(tmp_path, {"/sys/class/net/eth0/operstate": "up\n"})
    assert said(check_interfaces(one)) == ["warn interfaces: no interface has the default route"]
    assert said(check_interfaces(one, ["eth0"])) == [
        "ok interfaces: eth0 is up", "ok interfaces: no interface has the default route",
    ]  # fmt: skip
