"""One door to all letters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.letter import LetterError
from ringfence.reports.letters.write import write_letters
from tests.reports.letters.scene import BRIEF, about


def test_an_unknown_kind_names_those_there_are() -> None:
    with pytest.raises(LetterError, match="abuse"):
        write_letters("../../etc/passwd", BRIEF)


def test_a_case_that_accuses_nobody_writes_nothing() -> None:
    with pytest.raises(LetterError, match="accuses nobody"):
        write_letters("abuse", about())


@pytest.mark.parametrize("exercise", [True, False])
def test_an_exercise_marks_every_letter(exercise: bool) -> None:
    letters = write_letters("abuse", replace(BRIEF, exercise=exercise))
    assert letters
    assert all(letter.exercise is exercise for letter in letters)
