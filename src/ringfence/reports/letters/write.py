"""Which letter is written where."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

from ringfence.model.letter import LETTER_KINDS, Brief, Letter, LetterError


def write_letters(kind: str, brief: Brief) -> tuple[Letter, ...]:
    """The letters of a kind: of abuse one a network, else one. Raises LetterError."""
    if kind not in LETTER_KINDS:
        raise LetterError(f"there is no letter {kind}: one of {', '.join(LETTER_KINDS)}")
    if not brief.incident.suspects:
        raise LetterError(f"{brief.case_id} accuses nobody: there is nothing to write")
    module = import_module(f"ringfence.reports.letters.{kind.replace('-', '_')}")
    written: tuple[Letter, ...] = module.write(brief)
    return tuple(replace(letter, exercise=brief.exercise) for letter in written)
