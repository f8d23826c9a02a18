"""Other ways to a desk, which the owner reads below his letter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.letter import LetterError
from ringfence.model.responsible import NOT_LOOKED_UP, UNREACHABLE, Responsible
from ringfence.reports.letters.abuse import write
from ringfence.reports.letters.mail import as_mail
from ringfence.reports.letters.parties import parties_of
from tests.reports.letters.scene import BRIEF, INCIDENT, SETTINGS, STOLE, about


def test_other_ways_to_the_desk_are_for_the_owner() -> None:
    (letter,) = write(about(STOLE))
    for way in ("https://hosting.example/abuse", "+31 20 555 0100", "noc@hosting.example"):
        assert any(way in remark for remark in letter.remarks), way
        assert way not in letter.text


@pytest.mark.parametrize(
    ("state", "hint"),
    [
        (NOT_LOOKED_UP, "Run `ringfence who --case"),
        (UNREACHABLE, "again later"),
        ("not_found", "own ISP"),
    ],
)
def test_nobody_known_says_what_to_do(state: str, hint: str) -> None:
    nobody = Responsible(STOLE.address, state, "no registry knows a holder")
    incident = replace(INCIDENT, suspects=[STOLE])
    (letter,) = write(replace(BRIEF, incident=incident, parties=parties_of(incident, [nobody])))
    assert letter.to == ()
    assert hint in letter.remarks[0]
    with pytest.raises(LetterError, match="nobody is known"):
        as_mail(letter, SETTINGS, "2026-11-26T09:00:00Z", "<letter.1@office.example>")
