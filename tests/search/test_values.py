"""What written values mean, and which mean nothing."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.search.values import (
    Interval,
    read_anomaly,
    read_name,
    read_network,
    read_number,
    read_octets,
    read_time,
)
from ringfence.wire.anomaly import Anomaly

SECOND = 1_000_000_000
NEW_YEAR = 1_767_225_600 * SECOND


@pytest.mark.parametrize(("text", "first", "last"), [
    ("401", 401, 401),
    ("0x1F", 31, 31),
    ("4xx", 400, 499),
    ("6XX", 600, 699),
    ("400-403", 400, 403),
    ("400..403", 400, 403),
    ("18446744073709551615", 2**64 - 1, 2**64 - 1),
])  # fmt: skip
def test_number_is_read(text: str, first: int, last: int) -> None:
    assert read_number(text) == Interval(first, last)


@pytest.mark.parametrize(
    "text", ["", "-1", "4x", "4xxx", "xx", "1e3", "500-400", "18446744073709551616", "٤٠١"]
)
def test_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|range|large"):
        read_number(text)


@pytest.mark.parametrize(("text", "start", "length"), [
    ("2026-01-01", NEW_YEAR, 86_400 * SECOND),
    ("2026-01-01T01", NEW_YEAR + 3600 * SECOND, 3600 * SECOND),
    ("2026-01-01T00:01", NEW_YEAR + 60 * SECOND, 60 * SECOND),
    ("2026-01-01 00:00:01", NEW_YEAR + SECOND, SECOND),
    ("2026-01-01T00:00:00.5Z", NEW_YEAR + SECOND // 2, SECOND // 10),
    ("2026-01-01T00:00:00.000000001Z", NEW_YEAR + 1, 1),
])  # fmt: skip
def test_time_is_as_exact_as_written(text: str, start: int, length: int) -> None:
    assert read_time(text) == Interval(start, start + length - 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13-01",
        "2026-01-01T25",
        "1969-12-31",
        "9999-12-31",
        "2026-01-01T00:00+02:00",
    ],
)
def test_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time"):
        read_time(text)


addresses = st.ip_addresses() | st.sampled_from(
    [IPv6Address("::"), IPv6Address("::ffff:192.0.2.1")]
)


@given(addresses, st.integers(0, 128), addresses)
def test_network_holds_what_it_holds(
    base: IPv4Address | IPv6Address, prefix: int, address: IPv4Address | IPv6Address
) -> None:
    network = ip_network(f"{base}/{min(prefix, base.max_prefixlen)}", strict=False)
    found = read_network(str(network))
    plain = getattr(address, "ipv4_mapped", None) or address
    version, bits = plain.version, int(plain) | (0xFFFF << 32 if plain.version == 4 else 0)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is not None and network.prefixlen >= 96:
        network = ip_network(f"{mapped}/{network.prefixlen - 96}")
    expected = plain.version == network.version and plain in network
    assert (found.version == version and bits & found.mask == found.bits) == expected


@pytest.mark.parametrize("text", ["", "pbx.example.com", "192.0.2.1/33", "192.0.2", "fe80::1%eth0"])
def test_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an address or network"):
        read_network(text)


def test_network_may_stand_in_brackets() -> None:
    assert read_network("[2001:db8::1]") == read_network("2001:db8::1")


def test_name_has_no_case() -> None:
    assert read_name("Udp", ("", "udp", "tcp")) == 1
    assert read_name("FOO", ("", "INVITE", "OTHER")) is None
    with pytest.raises(ValueError, match="one of udp, tcp"):
        read_name("", ("", "udp", "tcp"))


@pytest.mark.parametrize("anomaly", list(Anomaly))
def test_every_anomaly_has_its_name(anomaly: Anomaly) -> None:
    assert anomaly.name is not None
    assert read_anomaly(anomaly.name.lower().replace("_", "-")) == anomaly.value


@given(st.binary(max_size=20))
def test_octets_come_back_from_how_they_are_passed_on(octets: bytes) -> None:
    assert read_octets(octets.decode("utf-8", "surrogateescape")) == octets


def test_text_that_no_octets_spell() -> None:
    with pytest.raises(ValueError, match="no octets"):
        read_octets("\ud800")
