from random import Random

import pytest

from lab.makes import DESK, SOFT, Make

GIVEN = {
    "From": "f", "To": "t", "Call-ID": "c", "Via": "v", "CSeq": "1 REGISTER", "Contact": "m",
    "Max-Forwards": "70", "Expires": "60", "Authorization": "a", "Content-Length": "0",
}  # fmt: skip


@pytest.mark.parametrize("make", [*DESK, *SOFT], ids=lambda make: make.name)
def test_every_header_is_sent_once_in_the_makers_order(make: Make) -> None:
    names = [name for name, _ in make.headers("REGISTER", GIVEN)]
    known = [name for name in names if name in make.order]
    assert known == [name for name in make.order if name in names]
    assert len(names) == len(set(names))
    assert set(GIVEN) <= set(names)
    assert names[-1] == "Content-Length"


@pytest.mark.parametrize("make", [*DESK, *SOFT], ids=lambda make: make.name)
def test_branches_carry_the_magic_cookie_and_do_not_repeat(make: Make) -> None:
    rng = Random(1)  # noqa: S311
    branches = [make.branch(rng) for _ in range(50)]
    assert all(branch.startswith("z9hG4bK") for branch in branches)
    assert len(set(branches)) == 50


def test_makes_can_be_told_apart_by_their_order() -> None:
    orders = {tuple(name for name, _ in make.headers("REGISTER", GIVEN)) for make in DESK}
    assert len(orders) >= 6  # two Yealink models write alike
