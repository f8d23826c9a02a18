"""Rows to plain values."""

from __future__ import annotations

import pytest

from ringfence.search.cells import address, anomaly_names, cells, header, methods, plain
from ringfence.wire.anomaly import Anomaly
from tests.search.scene import rows_of


def row(number: int) -> dict[str, object]:
    with rows_of() as rows:
        columns = cells(rows, rows.one(number), 3)
        return {name: column[0] for name, column in zip(header(), columns, strict=True)}


def test_a_request() -> None:
    found = row(0)
    assert found["input"] == 3
    assert found["time"] == "2026-01-01T00:00:00.000000Z"
    assert (found["source"], found["source_port"]) == ("203.0.113.7", 5071)
    assert (found["method"], found["status"]) == ("INVITE", None)
    assert found["from_display"] == "Night"
    assert found["sdp_port"] == 4000
    assert (found["auth_user"], found["auth_nc"], found["expires"]) == (None, None, None)


def test_a_response() -> None:
    found = row(4)
    assert (found["method"], found["status"], found["cseq_method"]) == (None, 200, "INVITE")
    assert found["expires"] == 60


def test_names_stand_for_numbers() -> None:
    found = row(2)
    assert (found["transport"], found["auth_qop"], found["auth_nc"]) == ("udp", "auth", 1)
    assert isinstance(found["order_hash"], str)
    assert len(found["order_hash"]) == 16


def test_a_method_nobody_knows_is_spelled_out() -> None:
    assert (row(6)["method"], row(6)["cseq_method"]) == ("PING", "PING")


def test_escape_sequences_are_shown_not_sent_to_the_terminal() -> None:
    assert row(5)["from_user"] == r"scan\x1b[31m"


def test_anomalies_are_named() -> None:
    assert row(5)["anomalies"] == "BARE_LF"
    assert row(6)["anomalies"] is None
    assert anomaly_names((Anomaly.NO_TO | Anomaly.NO_VIA).value) == "NO_TO NO_VIA"


@pytest.mark.parametrize(("packed", "shown"), [
    (0xFFFF << 32 | 0xC0000201, "192.0.2.1"),
    (0x20010DB8 << 96 | 1, "2001:db8::1"),
    (0, "::"),
])  # fmt: skip
def test_address(packed: int, shown: str) -> None:
    assert address(packed) == shown


def test_octets_that_are_no_text_are_kept_apart() -> None:
    assert plain(b"a\xff") == "a\\xff"


def test_methods_by_column() -> None:
    with rows_of() as rows:
        assert methods(rows, rows.all(), "method") == [
            "INVITE", "", "INVITE", "INVITE", "", "OPTIONS", "PING",
        ]  # fmt: skip
