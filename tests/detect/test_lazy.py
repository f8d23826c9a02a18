"""A property that is worked out once."""

from __future__ import annotations

from ringfence.detect.lazy import lazy


class Asked:
    def __init__(self) -> None:
        self.times = 0

    @lazy
    def answer(self) -> int:
        """What it all comes to."""
        self.times += 1
        return 42


def test_it_is_worked_out_once_for_each() -> None:
    one, other = Asked(), Asked()
    assert (one.answer, one.answer, other.answer) == (42, 42, 42)
    assert (one.times, other.times) == (1, 1)


def test_the_class_shows_what_it_is() -> None:
    assert isinstance(Asked.answer, lazy)
    assert Asked.answer.__doc__ == "What it all comes to."
