"""What makes evidence sound."""

from __future__ import annotations

from ringfence.model.evidence import CheckedBag, Fault, Verification


def bag(*faults: Fault) -> CheckedBag:
    return CheckedBag("bag-0001", "00", 1, None, False, None, None, faults, ("a remark",))


def test_remarks_do_not_make_it_unsound() -> None:
    assert Verification("x", (bag(),), (), ("a remark",)).is_sound


def test_one_fault_anywhere_does() -> None:
    fault = Fault("data/a", "was changed")
    assert not Verification("x", (bag(), bag(fault)), (), ()).is_sound
    assert not Verification("x", (bag(),), (fault,), ()).is_sound
