from __future__ import annotations

from ringfence.model.responsible import ABUSE_ROLE, COPY, DESK, GRADES, Contact, Responsible


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


def test_each_grade_of_a_desk_is_explained() -> None:
    assert set(DESK) < set(GRADES)
