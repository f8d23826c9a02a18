"""The shape of our tables: written into them, read out of them, refused where it is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.measure import MeasureError
from ringfence.respond.nft.shape import CROWD, STRANGER, Rate, Shape, comment_of, shape_of

PORTS = st.lists(st.integers(1, 65535), min_size=1, max_size=3).map(tuple)
RATES = st.none() | st.builds(Rate, st.integers(1, 9999), st.integers(1, 9999))


@given(
    st.builds(
        Shape,
        st.lists(st.sampled_from(["eth0", "ens18.100", "wg0"]), max_size=2).map(tuple),
        PORTS, PORTS, RATES, RATES,
    )
)  # fmt: skip
def test_shape_comes_back_as_it_was_written(shape: Shape) -> None:
    assert shape_of(comment_of(shape)) == shape


def test_comment_is_readable() -> None:
    shape = Shape(("eth0", "ppp0"), stranger=STRANGER, crowd=CROWD)
    assert comment_of(shape) == (
        "1 dev=eth0,ppp0 sip=5060,5061 ssh=22 stranger=20/200 crowd=1000/2000"
    )


@pytest.mark.parametrize("comment", [
    "", "2 sip=5060 ssh=22", "1", "1 sip=x ssh=22", "1 sip=5060 ssh=99999", "1 dev=a;b sip=1 ssh=1",
    "1 sip=5060 ssh=22 stranger=20", "hello",
])  # fmt: skip
def test_comments_of_others_are_no_shape(comment: str) -> None:
    assert shape_of(comment) is None


@pytest.mark.parametrize("device", ["", 'eth0"; flush', "a b", "sixteen-letters-", "../x", "eth0,"])
def test_interface_that_is_a_command_is_refused(device: str) -> None:
    with pytest.raises(MeasureError, match="interface"):
        Shape(devices=(device,))


@pytest.mark.parametrize("values", [
    {"devices": ("a", "b", "c", "d")},
    {"sip_ports": ()},
    {"sip_ports": (0,)},
    {"ssh_ports": (65536,)},
    {"sip_ports": tuple(range(1, 8))},
    {"stranger": Rate(0, 5)},
    {"crowd": Rate(5, 10**9)},
    {"devices": ("d" * 15, "e" * 15, "f" * 15), "sip_ports": tuple(range(50000, 50006)),
     "stranger": Rate(10**6, 10**6), "crowd": Rate(10**6, 10**6)},
])  # fmt: skip
def test_numbers_that_no_rule_takes_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(MeasureError):
        Shape(**values)  # type: ignore[arg-type]
