"""Octets to lines."""

from __future__ import annotations

from ringfence.wire.log_lines import MAX_LINE, LogLines


def test_lines_come_whole_however_they_arrive() -> None:
    octets = b"one\ntwo\r\n\nthree\nfo"
    lines = LogLines()
    found = [line for octet in octets for line in lines.feed(bytes([octet]))]
    assert found == LogLines().feed(octets) == [b"one", b"two", b"", b"three"]
    assert lines.end() == [b"fo"]
    assert lines.end() == []


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    lines = LogLines()
    for _ in range(100):
        assert lines.feed(b"x" * MAX_LINE) == []
    assert len(lines._rest) <= MAX_LINE
    assert lines.feed(b"x\nnext\n") == [b"next"]
    assert lines.too_long == 1


def test_a_long_line_that_is_whole_is_left_out_alone() -> None:
    lines = LogLines()
    assert lines.feed(b"a\n" + b"x" * (MAX_LINE + 1) + b"\nb\n") == [b"a", b"b"]
    assert lines.too_long == 1


def test_the_rest_of_a_line_that_began_before_is_skipped() -> None:
    lines = LogLines()
    lines.skip()
    assert lines.feed(b"half a line") == []
    assert lines.feed(b" and its end\nwhole\n") == [b"whole"]
