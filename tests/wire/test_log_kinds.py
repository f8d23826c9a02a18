"""Which log a file is."""

from __future__ import annotations

from ringfence.wire.log_kinds import name_kind, open_reader
from ringfence.wire.log_time import LogClock

ASTERISK = (
    b"[2026-11-23 09:34:16] NOTICE[1] chan_sip.c: Registration from '<sip:1@x>' failed for "
    b"'203.0.113.66' - Wrong password"
)
FREESWITCH = (
    b"2026-11-23 09:34:16.0 [WARNING] sofia_reg.c:1 Can't find user [1@x] from 203.0.113.66"
)
KAMAILIO = b"Nov 23 09:34:16 pbx kamailio[1]: ALERT: <script>: Blocking traffic from 203.0.113.66"


def test_a_log_is_known_by_its_lines() -> None:
    other = [b"something else"] * 100
    assert name_kind([*other, ASTERISK]) == "asterisk"
    assert name_kind([*other, FREESWITCH]) == "freeswitch"
    assert name_kind([*other, KAMAILIO]) == "kamailio"
    assert name_kind(other) == ""


def test_one_line_of_another_does_not_decide() -> None:
    assert name_kind([ASTERISK, KAMAILIO, KAMAILIO]) == "kamailio"


def test_readers_are_made_by_name() -> None:
    for name, line in (("asterisk", ASTERISK), ("freeswitch", FREESWITCH), ("kamailio", KAMAILIO)):
        assert len(open_reader(name, LogClock()).read([line])) == 1
