"""What it means, what captures show of a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from ipaddress import ip_address

from ringfence.audit.seen import Seen, Server, unsure, weigh
from ringfence.model.pbx import Extension, Place
from ringfence.model.weakness import Severity

PBX = ip_address("192.0.2.10")
AT = Place("users.csv", 3)
TODAY = date(2026, 10, 5)


def extension(number: str, *, outside: bool = True, auth_id: str = "") -> Extension:
    return Extension(number, AT, outside=outside, auth_id=auth_id)


def test_an_extension_that_never_came_from_outside_is_named() -> None:
    seen = Seen(outside={"201": date(2026, 10, 1), "carol": date(2026, 10, 2)}, days=14)
    extensions = (
        extension("200"),
        extension("201"),
        extension("202", outside=False),
        extension("203", auth_id="carol"),
        replace(extension("204"), disabled=True),
    )
    (found,) = weigh(seen, extensions, TODAY)
    assert (found.rule, found.extension, found.place) == ("outside-never-used", "200", AT)
    assert "14 days" in found.says


def test_few_days_do_not_tell() -> None:
    seen = Seen(days=13)
    assert weigh(seen, [extension("200")], TODAY) == []
    assert "13 days, 14 are needed" in unsure(seen, [extension("200")])[0]


def test_a_server_that_was_asked_for_nobody_is_unsure() -> None:
    says = "192.0.2.10: no answers for users that do not exist were seen"
    assert unsure(Seen((Server(PBX),))) == (says,)


def test_each_fact_breaks_its_rule() -> None:
    server = Server(
        PBX,
        ("Asterisk PBX 16.30.0",),
        ("SHA-256", "MD5"),
        "REGISTER: 11 users not there, 1 asked for more",
        (ip_address("203.0.113.66"),),
        ("201", "202"),
    )
    found = {w.rule: w for w in weigh(Seen((server,), source="night.pcap"), (), TODAY)}
    assert set(found) == {
        "server-outdated",
        "server-header-tells",
        "digest-md5-too",
        "tells-unknown-users",
        "guests-may-call",
        "login-in-clear",
    }
    assert found["guests-may-call"].severity is Severity.HIGH  # they may be carriers
    assert "203.0.113.66" in found["guests-may-call"].says
    assert (found["login-in-clear"].extension, found["login-in-clear"].others) == ("201", ("202",))
    assert found["server-outdated"].place == Place("night.pcap", name="192.0.2.10")


def test_a_server_that_shows_nothing_is_not_accused() -> None:
    assert weigh(Seen((Server(PBX, ("PBX",), ("SHA-256",)),), days=30), (), TODAY) == []
