"""Words about machines outside."""

from __future__ import annotations

from ringfence.model.outside import OUTSIDE_STATES, Carried, OutsideError, OutsideState


def test_an_error_keeps_the_status_that_decides_what_it_is_about() -> None:
    assert OutsideError("router: no answer").status == 0
    assert OutsideError("router: 404", 404).status == 404


def test_a_machine_begins_unseen() -> None:
    state = OutsideState("router")
    assert (state.seen_at, state.carried, state.trouble) == ("", (), "")
    assert Carried("router", "0123abcd", "203.0.113.7", "stands").state in OUTSIDE_STATES
