"""Messages, composed: found, exported, drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence import flow
from ringfence.model.question import Question, QuestionError


def test_messages_of_a_method_are_found(capture: Path) -> None:
    lines = list(flow.find_messages([str(capture)], Question(methods=("REGISTER",))).lines())
    assert len(lines) > 50
    assert {line.method for line in lines} == {"REGISTER"}


def test_messages_are_exported(capture: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    question = Question(addresses=("203.0.113.91",))
    selection = flow.export_messages([str(capture)], question, "csv", str(out))
    assert len(out.read_text().splitlines()) == selection.chosen + 1 > 5


def test_an_exchange_is_drawn(capture: Path) -> None:
    exchange = flow.find_exchange([str(capture)], None, "203.0.113.91", 40)
    text = "\n".join(line.text for line in flow.draw_ladder(exchange, 100))
    assert "203.0.113.91" in text
    assert flow.draw_svg(exchange).startswith("<svg")


def test_what_was_asked_wrongly_is_an_error_at_once(capture: Path) -> None:
    with pytest.raises(QuestionError):
        flow.find_messages([str(capture)], Question(where="nonsense ="))
