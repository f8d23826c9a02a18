"""A question and the place of its mistake."""

from __future__ import annotations

from ringfence.model.question import Question, QuestionError


def test_an_empty_question_asks_for_everything() -> None:
    assert Question() == Question(methods=(), where="")


def test_mistake_in_an_expression_has_a_column() -> None:
    error = QuestionError("no such field", text="metod == X", column=1)
    assert str(error) == "--where, column 1: no such field"


def test_mistake_in_an_option_has_none() -> None:
    assert str(QuestionError("not a number", option="--status")) == "--status: not a number"
