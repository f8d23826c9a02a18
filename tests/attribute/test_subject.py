from __future__ import annotations

from ipaddress import ip_address

import pytest

from ringfence.attribute.contacts import mail_contact
from ringfence.attribute.errors import BadAnswerError, NotRegisteredError, SilentError
from ringfence.attribute.mailbox import Mailbox
from ringfence.attribute.pacing import Rests
from ringfence.attribute.subject import Noted, Subject
from ringfence.model.responsible import ABUSE_ROLE, ANYBODY, SOUNDS_RIGHT, Asked
from tests.attribute.scene import FakeTime


def subject() -> Subject:
    return Subject(ip_address("203.0.113.5"))


@pytest.mark.parametrize(
    ("box", "grade", "enough"),
    [
        (Mailbox("abuse@h.example"), SOUNDS_RIGHT, True),
        (Mailbox("bob@h.example"), ABUSE_ROLE, True),
        (Mailbox("noc@h.example"), SOUNDS_RIGHT, False),
        (Mailbox("bob@h.example"), ANYBODY, False),
        (Mailbox("abuse@h.example", "a placeholder"), ABUSE_ROLE, False),
    ],
)
def test_a_desk_that_can_be_used_is_enough(box: Mailbox, grade: str, enough: bool) -> None:
    one = subject()
    one.contacts.append(mail_contact(box, "s", "w", grade, "b"))
    assert one.enough() is enough


def test_outcome_and_errors_are_noted() -> None:
    one, rests = subject(), Rests(FakeTime().clock)
    with Noted(one, "a", rests) as noted:
        noted.says("it knows")
    with Noted(one, "b", rests):
        raise BadAnswerError("b answered with HTML")
    assert one.asked == [Asked("a", "it knows"), Asked("b", "b answered with HTML")]
    assert (one.denied, one.lacking) == (False, True)


def test_only_a_register_may_deny_that_somebody_holds_it() -> None:
    one, rests = subject(), Rests(FakeTime().clock)
    denied = []
    for is_register in (False, True):
        with Noted(one, "somebody", rests, is_register=is_register):
            raise NotRegisteredError("no such object")
        denied.append(one.denied)
    assert denied == [False, True]
    assert not one.lacking


def test_silence_is_told_to_the_rests() -> None:
    rests = Rests(FakeTime().clock)
    for _ in range(2):
        with Noted(subject(), "dns", rests):
            raise SilentError("nothing")
    assert rests.is_resting("dns")


def test_errors_of_our_own_are_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError), Noted(subject(), "a", Rests(FakeTime().clock)):
        raise ZeroDivisionError
