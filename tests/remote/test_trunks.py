"""Carriers by name: what DNS says, what stays of it, and what nobody may get in by."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ringfence.model.lockdown import LockdownError, Resolved, Trunk
from ringfence.remote.trunks import (
    MAX_ADDRESSES,
    Ask,
    Host,
    dns_records,
    host_of,
    look_up,
    networks_of,
    resolved,
    utc_text,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def zone(**records: list[str]) -> Ask:
    """DNS as a table: `A__sip.example` is asked for with ("sip.example", "A")."""
    table = {tuple(key.split("__", 1)): found for key, found in records.items()}
    return lambda name, kind: table.get((kind, name), [])


@pytest.mark.parametrize(
    ("text", "name", "port", "network"),
    [
        ("sip.carrier.example", "sip.carrier.example", 0, ""),
        ("sip.carrier.example.", "sip.carrier.example", 0, ""),
        ("sip:trunk@sip.carrier.example:5070;transport=tcp", "sip.carrier.example", 5070, ""),
        ("SIPS:sip.carrier.example", "sip.carrier.example", 0, ""),
        ("203.0.113.5:5060", "", 5060, "203.0.113.5/32"),
        ("203.0.113.0/24", "", 0, "203.0.113.0/24"),
        ("[2001:db8::5]:5061", "", 5061, "2001:db8::5/128"),
        ("2001:db8::/48", "", 0, "2001:db8::/48"),
    ],
)
def test_carrier_is_read_as_settings_write_it(
    text: str, name: str, port: int, network: str
) -> None:
    found = host_of(text)
    assert (found.name, found.port, str(found.network or "")) == (name, port, network)


@pytest.mark.parametrize(
    "text",
    [
        "", "localhost", "carrier", "a b.example", "$(reboot).example", "0.0.0.0/0", "10.0.0.0/8",
        "::/0", "127.0.0.1", "224.0.0.1", "fe80::1%eth0", "203.0.113.5/24", "sip.example:99999",
        "x" * 64 + ".example", "192.0.2", "a..example",
    ],
)  # fmt: skip
def test_what_is_no_carrier_is_refused(text: str) -> None:
    with pytest.raises(LockdownError):
        host_of(text)


def test_all_addresses_of_srv_naptr_and_the_name_itself_are_found() -> None:
    ask = zone(
        **{
            "NAPTR__sip.example": ["_sips._tcp.other.example"],
            "SRV___sip._udp.sip.example": ["one.example:5060", "two.example:5070"],
            "SRV___sips._tcp.other.example": ["tls.example:5061"],
            "A__sip.example": ["192.0.2.1"],
            "A__one.example": ["192.0.2.2"],
            "AAAA__two.example": ["2001:db8::2"],
            "A__tls.example": ["192.0.2.3", "192.0.2.2"],
        },
    )
    found, trouble = look_up(Host("sip.example"), ask)
    assert (sorted(found), trouble) == (
        ["192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::2"], "",
    )  # fmt: skip
    assert look_up(Host("sip.example", 5070), ask)[0] == ["192.0.2.1"], "a port leaves SRV out"


def test_name_that_somebody_poisoned_admits_no_more_than_its_bound() -> None:
    ask = zone(**{"A__sip.example": [f"198.51.{n >> 8}.{n & 255}" for n in range(5000)]})
    assert len(look_up(Host("sip.example"), ask)[0]) == MAX_ADDRESSES


@pytest.mark.parametrize("address", ["127.0.0.1", "224.0.0.5", "0.0.0.0", "::1", "fe80::1", "x"])  # noqa: S104
def test_name_that_leads_to_nobody_is_told(address: str) -> None:
    kind = "AAAA" if ":" in address else "A"
    found, trouble = look_up(Host("sip.example"), zone(**{f"{kind}__sip.example": [address]}))
    assert found == []
    assert "nobody's" in trouble


def silent(name: str, kind: str) -> list[str]:
    raise LookupError(f"DNS does not answer for {name}")


def test_old_address_stays_for_a_day_and_as_long_as_dns_is_silent() -> None:
    trunk = Trunk("sip.example", "test")
    first = resolved(trunk, zone(**{"A__sip.example": ["192.0.2.1"]}), NOW)
    assert first.resolved == (Resolved("192.0.2.1", utc_text(NOW)),)
    moved = zone(**{"A__sip.example": ["192.0.2.2"]})
    soon = resolved(first, moved, NOW + timedelta(hours=23))
    assert [one.address for one in soon.resolved] == ["192.0.2.1", "192.0.2.2"]
    later = resolved(soon, moved, NOW + timedelta(hours=25))
    assert [one.address for one in later.resolved] == ["192.0.2.2"]
    dark = resolved(later, silent, NOW + timedelta(days=9))
    assert [one.address for one in dark.resolved] == ["192.0.2.2"]
    assert "does not answer" in dark.trouble
    assert [str(one) for one in networks_of(dark)] == ["192.0.2.2/32"]


def test_address_is_asked_of_nobody() -> None:
    found = resolved(Trunk("203.0.113.0/24", "test"), silent, NOW)
    assert (found.trouble, [str(n) for n in networks_of(found)]) == ("", ["203.0.113.0/24"])


needs_dnsmasq = pytest.mark.skipif(
    shutil.which("dnsmasq") is None, reason="no dnsmasq: apt install dnsmasq-base"
)


@pytest.fixture
def dns() -> Iterator[int]:
    """A real name server on loopback; its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [
        "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
        "--listen-address=127.0.0.1", "--bind-interfaces", f"--port={port}", "--user=",
        "--address=/one.example/192.0.2.2", "--address=/two.example/2001:db8::2",
        "--local=/example/", "--srv-host=_sip._udp.sip.example,one.example,5060",
        "--srv-host=_sips._tcp.tls.example,two.example,5061",
        "--naptr-record=sip.example,10,50,S,SIPS+D2T,,_sips._tcp.tls.example",
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert "started" in process.stderr.readline()
            yield port
        finally:
            process.terminate()


@needs_dnsmasq
def test_real_name_server_is_asked_for_all_of_it(dns: int) -> None:
    ask = dns_records(["127.0.0.1"], dns)
    found, _ = look_up(Host("sip.example"), ask)
    assert sorted(found) == ["192.0.2.2", "2001:db8::2"]
    assert ask("nobody.example", "SRV") == []


def test_name_server_that_is_not_there_is_told_of() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        ask = dns_records(["127.0.0.1"], free.getsockname()[1], timeout_s=0.2)
        with pytest.raises(LookupError, match=r"does not answer for sip\.example"):
            ask("sip.example", "A")
