"""Yes and no, MACs, numbers, hashes, lists of networks."""

from __future__ import annotations

import pytest

from ringfence.audit import saying


@pytest.mark.parametrize(("text", "means"), [
    ("1", True), ("Yes", True), (" ENABLED ", True), ("0", False), ("disabled", False),
    ("", None), ("perhaps", None),
])  # fmt: skip
def test_yes_and_no(text: str, means: bool | None) -> None:
    assert saying.truth(text) is means


def test_macs_are_one_form_and_no_placeholder() -> None:
    assert saying.macs("02:00:5E:00:53:01, 0200.5e00.5302;000000000000 ff-ff-ff-ff-ff-ff zz") == (
        "02005e005301",
        "02005e005302",
    )


def test_numbers_from_outside() -> None:
    assert saying.dids('"Ann" <+12025550123>;42|2025550124') == ("+12025550123", "2025550124")


def test_a_hash_has_the_length_of_its_algorithm() -> None:
    assert saying.hexdigest(" " + "AB" * 16) == "ab" * 16
    assert saying.hexdigest("ab" * 16, "SHA-256") == ""
    assert saying.hexdigest("ab" * 16, "ROT13") == ""
    assert saying.hexdigest("zz" * 16) == ""


@pytest.mark.parametrize(("permit", "deny", "open_"), [
    ([], [], None),
    (["192.168.0.0/255.255.0.0"], ["0.0.0.0/0.0.0.0"], False),
    (["0.0.0.0/0.0.0.0"], ["0.0.0.0/0.0.0.0"], True),
    (["10.0.0.0/8", "8.8.8.0/24"], ["0.0.0.0/0"], True),
    ([], ["198.51.100.0/24"], True),
    (["not a network"], ["0.0.0.0/0"], False),
])  # fmt: skip
def test_who_is_let_in(permit: list[str], deny: list[str], open_: bool | None) -> None:
    assert saying.outside(permit, deny) is open_


def test_lists_of_networks_are_taken_apart() -> None:
    assert saying.lists("10.0.0.0/8&192.0.2.0/24, 198.51.100.1") == [
        "10.0.0.0/8", "192.0.2.0/24", "198.51.100.1",
    ]  # fmt: skip


def test_a_setting_says_yes() -> None:
    assert (saying.yes(True), saying.yes(False)) == ("yes", "no")
