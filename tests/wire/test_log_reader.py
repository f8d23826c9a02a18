"""What readers share: counts, lines of syslog, lines that syslogd folded."""

from __future__ import annotations

from ringfence.model.event import REFUSED, Event
from ringfence.model.heard import Reading
from ringfence.wire.log_reader import LogReader, after_syslog


class Plain(LogReader):
    """`refused ADDRESS`, with or without syslog before it; `odd` is not understood."""

    origin = "plain"
    daemon = b"pbx"

    def read_line(self, line: bytes) -> Reading:
        _, text = after_syslog(line, self.daemon)
        if text.startswith(b"refused "):
            return Event(REFUSED, self.origin, text[8:].decode())
        return "odd" if text == b"odd" else None


def test_lines_are_counted() -> None:
    reader = Plain()
    assert [event.source for event in reader.read([b"x", b"refused 192.0.2.1", b"odd"])] == [
        "192.0.2.1"
    ]
    heard = reader.heard
    assert (heard.lines, heard.ours, heard.understood) == (3, 2, 1)
    assert heard.not_understood == (("odd", 1),)


def test_a_line_that_syslogd_folded_counts_as_often_as_it_came() -> None:
    lines = [
        b"Nov  4 18:30:40 host pbx[1]: refused 192.0.2.1",
        b"Nov  4 18:30:41 host last message repeated 3 times",
        b"Nov  4 18:30:42 host pbx[1]: message repeated 5 times: [ refused 192.0.2.2]",
    ]
    assert [(event.source, event.count) for event in Plain().read(lines)] == [
        ("192.0.2.1", 1), ("192.0.2.1", 3), ("192.0.2.2", 5),
    ]  # fmt: skip


def test_repetition_of_another_s_line_is_not_ours() -> None:
    lines = [
        b"Nov  4 18:30:40 host pbx[1]: refused 192.0.2.1",
        b"Nov  4 18:30:40 host cron[2]: something",
        b"Nov  4 18:30:41 host last message repeated 3 times",
    ]
    assert len(Plain().read(lines)) == 1


def test_a_name_that_ends_like_a_repetition_multiplies_nothing() -> None:
    lines = [
        b"Nov  4 18:30:40 host pbx[1]: refused 192.0.2.1",
        b"Nov  4 18:30:41 host pbx[1]: call of last message repeated 9999 times",
    ]
    assert [event.count for event in Plain().read(lines)] == [1]


def test_syslog_of_another_daemon_is_left_as_it_is() -> None:
    line = b"Nov  4 18:30:40 host cron[1]: refused 192.0.2.1"
    assert after_syslog(line, b"pbx") == (b"", line)
    assert after_syslog(b"2026-11-26T08:00:00.1+01:00 host /usr/sbin/pbx[1]: x", b"pbx") == (
        b"2026-11-26T08:00:00.1+01:00", b"x",
    )  # fmt: skip
