"""Whether a source is still heard."""

from __future__ import annotations

from ringfence.model.heard import Heard
from ringfence.sources.hearing import MANY_LINES, MANY_ODD, SILENT_S, Hearing

NOON = 12 * 3600.0


def heard(lines: int, ours: int, understood: int, origin: str = "asterisk.log") -> Heard:
    odd = ours - understood
    return Heard(origin, lines, ours, understood, (("a reason", odd),) if odd else ())


def test_a_quiet_night_is_no_warning() -> None:
    hearing = Hearing("security", NOON)
    hearing.note(heard(10, 10, 10), NOON)
    assert hearing.warnings(NOON + SILENT_S - 1) == ()


def test_silence_is_told_with_its_hour() -> None:
    hearing = Hearing("security", NOON)
    hearing.note(heard(10, 10, 10), NOON + 60)
    hearing.note(heard(10, 10, 10), NOON + 600)
    (warning,) = hearing.warnings(NOON + 60 + SILENT_S)
    assert warning.startswith("security: silent since 12:01Z")
    assert "logger.conf" in warning


def test_lines_that_stopped_matching_are_told() -> None:
    hearing = Hearing("security", NOON)
    hearing.note(heard(10, 10, 10), NOON + 60)
    hearing.note(heard(12_010, 10, 10), NOON + 120)
    (warning,) = hearing.warnings(NOON + 120)
    assert warning.startswith("security: 12,000 lines, none understood since 12:01Z")


def test_a_phone_system_that_does_not_log_logins_is_told_which_setting() -> None:
    for origin, setting in (
        ("asterisk.log", "security => security"),
        ("freeswitch.log", "log-auth-failures"),
        ("kamailio.log", "xlog"),
    ):
        hearing = Hearing("full", NOON)
        hearing.note(heard(MANY_LINES, 0, 0, origin), NOON)
        (warning,) = hearing.warnings(NOON)
        assert "not one about a login" in warning
        assert setting in warning


def test_a_changed_form_is_told_before_thousands_of_lines() -> None:
    hearing = Hearing("security", NOON)
    hearing.note(heard(10, 10, 10), NOON)
    hearing.note(heard(10 + MANY_ODD, 10 + MANY_ODD, 10), NOON)
    (warning,) = hearing.warnings(NOON)
    assert "none was understood: a reason" in warning


def test_it_is_quiet_again_when_lines_are_understood_again() -> None:
    hearing = Hearing("security", NOON)
    hearing.note(heard(MANY_LINES, 0, 0), NOON)
    assert hearing.warnings(NOON)
    hearing.note(heard(MANY_LINES + 1, 1, 1), NOON)
    assert hearing.warnings(NOON) == ()


def test_trouble_is_told_alone_and_escaped() -> None:
    hearing = Hearing("AMI", NOON)
    assert hearing.warnings(NOON + 1e6, "refused\x1b[2J") == (r"AMI is not heard: refused\x1b[2J",)


def test_an_event_log_that_is_asked_and_has_nothing_to_tell_is_heard() -> None:
    hearing = Hearing("3CX", NOON)
    hearing.note(heard(0, 0, 0, "3cx.events"), NOON)
    assert hearing.warnings(NOON + 10 * SILENT_S) == ()
