from __future__ import annotations

import dataclasses

import pytest

from ringfence.model.message import (
    COMPACT_FORMS,
    Digest,
    Header,
    Message,
    NameAddr,
    Parameters,
    Uri,
    Via,
    header_key,
)
from ringfence.wire.anomaly import NONE


def header(name: bytes, value: bytes) -> Header:
    return Header(name, header_key(name), value, name + b": " + value + b"\r\n", 0)


MESSAGE = Message(
    junk=b"\r\n",
    start_line=b"OPTIONS sip:a@b SIP/2.0\r\n",
    headers_in_order=(header(b"v", b"1"), header(b"VIA", b"2"), header(b"X-Y", b"3")),
    empty_line=b"\r\n",
    body=b"body",
    surplus=b"!",
    anomalies=NONE,
    version=b"SIP/2.0",
    method=b"OPTIONS",
)


@pytest.mark.parametrize("name", [b"Via", b"v", b"VIA", b"V"])
def test_a_header_is_found_by_any_of_its_names(name: bytes) -> None:
    assert MESSAGE.header(name) == b"1"
    assert MESSAGE.headers(name) == (b"1", b"2")


def test_a_header_that_is_not_there() -> None:
    assert MESSAGE.header(b"Z") is None
    assert MESSAGE.headers(b"Z") == ()


def test_no_compact_form_names_another() -> None:
    assert len(set(COMPACT_FORMS.values())) == len(COMPACT_FORMS) == 20
    assert all(len(name) == 1 for name in COMPACT_FORMS)


def test_parts_join_to_what_was_read() -> None:
    octets = MESSAGE.to_bytes()
    assert octets.startswith(b"\r\nOPTIONS sip:a@b SIP/2.0\r\nv: 1\r\nVIA: 2\r\n")
    assert octets.endswith(b"\r\n\r\nbody!")
    start, end = MESSAGE.body_span
    assert octets[start:end] == b"body"
    assert octets[len(MESSAGE.junk) : start] == MESSAGE.head


def test_a_request_has_no_status() -> None:
    assert MESSAGE.is_request
    assert not dataclasses.replace(MESSAGE, method=b"", status=200).is_request


def test_parameters_compare_without_case() -> None:
    params = Parameters(((b"Tag", b"1"), (b"lr", None), (b"tag", b"2")))
    assert params.get(b"TAG") == b"1"
    assert params.get(b"lr") == b""
    assert params.get(b"no") is None
    assert b"LR" in params
    assert b"no" not in params
    assert [name for name, _ in params] == [b"Tag", b"lr", b"tag"]
    assert len(params) == 3
    assert not Parameters()


def test_received_loses_its_brackets() -> None:
    via = Via(b"", params=Parameters(((b"received", b"[2001:db8::1]"),)))
    assert via.received == b"2001:db8::1"
    assert Via(b"").received is None


@pytest.mark.parametrize(("rport", "port"), [(b"1024", 1024), (b"123456", None), (None, None)])
def test_rport_is_a_port(rport: bytes | None, port: int | None) -> None:
    assert Via(b"", params=Parameters(((b"rport", rport),))).rport == port


def test_credentials_come_first_that_stand_first() -> None:
    first, second = (Digest(b"", b"Digest", Parameters(((b"nc", n),))) for n in (b"1", b"2"))
    message = dataclasses.replace(MESSAGE, credentials=(first, second))
    assert message.authorization is first
    assert MESSAGE.authorization is None


def test_values_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        MESSAGE.body = b""  # type: ignore[misc]
    assert hash(NameAddr(b"", b"", Uri(b""))) == hash(NameAddr(b"", b"", Uri(b"")))
