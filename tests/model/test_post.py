"""What became of a letter, as its callers tell it apart."""

from __future__ import annotations

import pytest

from ringfence.model.letter import LetterError
from ringfence.model.post import PostError


def test_letter_that_was_not_taken_is_an_error_of_letters_that_knows_whether_to_try_again() -> None:
    with pytest.raises(LetterError, match="greylisted") as caught:
        raise PostError("greylisted", later=True)
    assert isinstance(caught.value, PostError)
    assert (caught.value.later, caught.value.maybe_sent) == (True, False)
    assert PostError("silent", maybe_sent=True).maybe_sent
