from __future__ import annotations

import pytest

from ringfence.model.responsible import (
    ABUSE_ROLE,
    COPY,
    DESK,
    GRADES,
    Contact,
    Network,
    Responsible,
)


def contact(
    email: str | None, *, grade: str = ABUSE_ROLE, usable: bool = True, form: str | None = None
) -> Contact:
    return Contact(email, None, form, None, None, (), "s", "w", grade, "b", usable)  # fmt: skip


def test_best_contact_is_the_first_mailbox_that_can_be_used() -> None:
    found = Responsible(
        "203.0.113.5", "found", "", contacts=(
            contact(None, form="https://h.example/abuse"),
            contact("dead@h.example", usable=False),
            contact("cert@h.example", grade=COPY),
            contact("abuse@h.example"),
        ),
    )  # fmt: skip
    assert found.best is not None
    assert found.best.email == "abuse@h.example"
    assert found.forms == ("https://h.example/abuse",)


def test_nobody_to_write_to() -> None:
    found = Responsible(
        "203.0.113.5", "found", "", contacts=(contact("x@h.example", usable=False),)
    )
    assert (found.best, found.forms) == (None, ())


@pytest.mark.parametrize(
    ("prefixes", "key"),
    [
        (("203.0.113.0/25", "203.0.113.128/26"), "203.0.113.0/25"),
        (("203.0.113.77/24",), "203.0.113.0/24"),
        (("2001:DB8:0::/32",), "2001:db8::/32"),
        (("203.0.113.0/24 - see below", "203.0.113.0/24"), "203.0.113.0/24"),
        (("all of it",), "203.0.113.5"),
        ((), "203.0.113.5"),
    ],
)
def test_network_is_named_alike_however_a_registry_writes_it(
    prefixes: tuple[str, ...], key: str
) -> None:
    network = Network("", "", prefixes, "Example Hosting", None, None, None, None)
    assert Responsible("203.0.113.5", "found", "", network).key == key


def test_address_whose_network_nobody_knows_is_named_by_itself() -> None:
    assert Responsible("203.0.113.5", "not_found", "").key == "203.0.113.5"


def test_each_grade_of_a_desk_is_explained() -> None:
    assert set(DESK) < set(GRADES)
