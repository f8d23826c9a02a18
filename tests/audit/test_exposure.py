"""What settings leave open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest

from ringfence.audit.exposure import listening, unsaid, weigh
from ringfence.model.pbx import Extension, Pbx, Place, Setting, System, Topic
from ringfence.model.weakness import Severity, Weakness

AT = Place("pjsip.conf", 7, "global")
TODAY = date(2026, 3, 1)


def pbx(*settings: tuple[Topic, str], extensions: Iterable[Extension] = ()) -> Pbx:
    made = tuple(Setting(topic, value, AT) for topic, value in settings)
    return Pbx(System.PJSIP, ("pjsip.conf",), tuple(extensions), settings=made)


def named(found: list[Weakness]) -> dict[str, Weakness]:
    return {weakness.rule: weakness for weakness in found}


@pytest.mark.parametrize(
    ("topic", "value", "rule", "severity"),
    [
        (Topic.GUESTS, "yes", "guests-may-call", Severity.CRITICAL),
        (Topic.TELLS_UNKNOWN, "yes", "tells-unknown-users", Severity.HIGH),
        (Topic.ALGORITHM, "MD5", "digest-md5", Severity.MEDIUM),
        (Topic.TRANSPORT, "udp", "no-tls", Severity.MEDIUM),
        (Topic.MEDIA, "no", "media-in-clear", Severity.LOW),
        (Topic.ABROAD, "all", "abroad-open", Severity.HIGH),
        (Topic.DAILY_LIMIT, "no", "no-daily-limit", Severity.MEDIUM),
        (Topic.DAILY_LIMIT, "0", "no-daily-limit", Severity.MEDIUM),
        (Topic.PROVISIONING, "http://pbx.example.com/cfg", "provisioning-in-clear", Severity.HIGH),
        (Topic.PROVISIONING, "TFTP", "provisioning-in-clear", Severity.HIGH),
        (Topic.MANAGER, "5038 on 0.0.0.0", "manager-reachable", Severity.HIGH),
        (Topic.MANAGER, "8021 on [::]", "manager-reachable", Severity.HIGH),
        (Topic.MANAGER, "5038 on 203.0.113.9", "manager-reachable", Severity.HIGH),
        (Topic.MANAGER, "5038 on 192.168.1.5", "manager-reachable", Severity.MEDIUM),
        (Topic.MANAGER, "8089 on 0.0.0.0", "web-reachable", Severity.MEDIUM),
        (Topic.MANAGER, "5038", "manager-reachable", Severity.HIGH),
        (Topic.BLIND_REGISTRATION, "yes", "blind-registration", Severity.CRITICAL),
        (Topic.UNPROVEN_CALLS, "true", "unproven-calls", Severity.CRITICAL),
        (Topic.SECURITY_LOG, "no", "refusals-unlogged", Severity.MEDIUM),
    ],
)
def test_what_is_open_is_found(topic: Topic, value: str, rule: str, severity: Severity) -> None:
    (found,) = weigh(pbx((topic, value)), TODAY)
    assert (found.rule, found.severity, found.place) == (rule, severity, AT)


@pytest.mark.parametrize(
    ("topic", "value"),
    [
        (Topic.GUESTS, "no"),
        (Topic.TELLS_UNKNOWN, "no"),
        (Topic.ALGORITHM, "SHA-256"),
        (Topic.TRANSPORT, "tls"),
        (Topic.TRANSPORT, "wss"),
        (Topic.MEDIA, "sdes"),
        (Topic.ABROAD, "some"),
        (Topic.DAILY_LIMIT, "25"),
        (Topic.PROVISIONING, "https://pbx.example.com/cfg"),
        (Topic.MANAGER, "5038 on 127.0.0.1"),
        (Topic.MANAGER, "8021 on ::1"),
        (Topic.MANAGER, "no"),
        (Topic.BLIND_REGISTRATION, "no"),
        (Topic.UNPROVEN_CALLS, "no"),
        (Topic.SECURITY_LOG, "yes"),
        (Topic.SERVER_HEADER, "PBX"),
    ],
)
def test_what_is_closed_is_not(topic: Topic, value: str) -> None:
    assert weigh(pbx((topic, value)), TODAY) == []


def test_md5_beside_a_stronger_one_is_less() -> None:
    both = pbx((Topic.ALGORITHM, "SHA-256"), (Topic.ALGORITHM, "md5"))
    assert [w.rule for w in weigh(both, TODAY)] == ["digest-md5-too"]


def test_tls_beside_udp_is_enough() -> None:
    assert weigh(pbx((Topic.TRANSPORT, "udp"), (Topic.TRANSPORT, "tls")), TODAY) == []


def test_an_old_version_is_told_with_its_end_and_that_it_tells() -> None:
    found = named(weigh(pbx((Topic.SERVER_HEADER, "Asterisk PBX 16.30.0")), TODAY))
    assert set(found) == {"server-outdated", "server-header-tells"}
    assert "2023-10-09" in found["server-outdated"].says


def test_the_age_is_that_of_the_day_asked() -> None:
    settings = pbx((Topic.SERVER_HEADER, "Asterisk PBX 20.5.0"))
    assert "server-outdated" not in named(weigh(settings, date(2026, 1, 1)))
    assert "server-outdated" in named(weigh(settings, date(2028, 1, 1)))


def test_five_thousand_extensions_are_one_weakness() -> None:
    settings = tuple(Setting(Topic.MEDIA, "no", AT, str(n)) for n in range(5_000))
    (found,) = weigh(Pbx(System.PJSIP, ("pjsip.conf",), settings=settings), TODAY)
    assert found.extension == "0"
    assert len(found.others) == 4_999


def extension(
    number: int,
    *,
    outside: bool | None = None,
    abroad: bool | None = None,
    disabled: bool = False,
) -> Extension:
    return Extension(str(number), AT, outside=outside, abroad=abroad, disabled=disabled)


def test_most_may_call_abroad() -> None:
    many = [extension(n, abroad=n < 203) for n in range(200, 205)]
    (found,) = weigh(pbx(extensions=many), TODAY)
    assert (found.rule, found.extension, found.others) == ("abroad-open", "200", ("201", "202"))
    assert "3 of 5 extensions" in found.says


def test_a_few_who_may_call_abroad_were_chosen() -> None:
    few = [extension(n, abroad=n < 202) for n in range(200, 205)]
    assert weigh(pbx(extensions=few), TODAY) == []


def test_everybody_may_come_from_outside() -> None:
    everybody = [extension(n, outside=True) for n in (200, 201)]
    assert [w.rule for w in weigh(pbx(extensions=everybody), TODAY)] == ["outside-open-to-all"]


def test_one_who_may_not_come_from_outside_was_chosen() -> None:
    chosen = [extension(200, outside=True), extension(201, outside=False)]
    assert weigh(pbx(extensions=chosen), TODAY) == []


def test_disabled_extensions_do_not_count() -> None:
    some = [extension(n, outside=True, abroad=True, disabled=True) for n in (200, 201)]
    assert weigh(pbx(extensions=some), TODAY) == []


def test_what_a_source_does_not_say_is_said() -> None:
    (says,) = unsaid(pbx((Topic.GUESTS, "no")))
    assert says.startswith("pjsip.conf does not say ")
    assert "guests" not in says
    assert "who may call abroad" in says


@pytest.mark.parametrize("topic", list(Topic))
def test_a_value_that_nobody_knows_accuses_nobody(topic: Topic) -> None:
    told = {Topic.ALGORITHM: "SHA-512-256", Topic.TRANSPORT: "tls", Topic.MANAGER: "off"}
    assert weigh(pbx((topic, told.get(topic, "perhaps"))), TODAY) == []


@pytest.mark.parametrize(
    ("value", "port", "address"),
    [
        ("5038 on [192.0.2.1]", 5038, "192.0.2.1"),
        ("AMI 5038/tcp on ::", 5038, "::"),
        ("8088", 8088, ""),
        ("everywhere", 0, ""),
    ],
)
def test_where_it_listens_is_read(value: str, port: int, address: str) -> None:
    assert listening(value) == (port, address)
