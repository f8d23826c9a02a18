"""`ringfence generate`: what is asked for is what is made."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from ringfence.flow.generating import extension_of, generate
from ringfence.model.generating import What, Wish
from ringfence.model.pbx import System
from tests.pbxs_by_hand import extension, pbx


def test_the_extension_is_that_of_the_source_with_all_that_is_known_of_it() -> None:
    one = extension("201", name="Ada")
    assert extension_of("201", [pbx(System.LIST, one)]) is one
    assert extension_of("202", [pbx(System.LIST, one)]).number == "202"
    assert extension_of("", [pbx(System.LIST, extension(""))]).name == ""


def test_a_pin_is_digits_and_a_password_is_long() -> None:
    (pin,) = generate(Wish(What.PIN))
    assert pin.isdigit()
    (password,) = generate(Wish(What.PASSWORD))
    assert len(password) >= 16


def test_as_many_as_are_wanted_and_none_twice() -> None:
    found = generate(Wish(What.ID, count=40))
    assert len(set(found)) == 40


@pytest.mark.parametrize("what", What)
def test_the_length_is_as_asked_for(what: What) -> None:
    assert [len(text) for text in generate(Wish(what, length=14, count=2))] == [14, 14]


def test_a_password_for_the_keypad_has_small_letters_and_digits() -> None:
    (found,) = generate(Wish(What.PASSWORD, keypad=True))
    assert set(found) <= set(string.ascii_lowercase + string.digits)


def test_it_is_made_against_a_phone_system(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text("extension,name,password\n201,Ada,Planted-0ld\n")
    (found,) = generate(Wish(What.PASSWORD, extension="201"), [source])
    assert "201" not in found
    assert "ada" not in found.lower()


def test_a_bad_source_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.csv"):
        generate(Wish(What.PIN), [tmp_path / "none.csv"])
