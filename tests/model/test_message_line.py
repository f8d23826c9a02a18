"""Lines are values."""

from __future__ import annotations

from ringfence.model.message_line import MessageLine


def test_a_line_holds_no_text_unless_asked() -> None:
    line = MessageLine(
        0, 1, 0, "192.0.2.1", 5060, "192.0.2.2", 5060, "INVITE", 0, "1", "2", "x", ""
    )
    assert line.text == b""
