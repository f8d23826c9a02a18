"""Ports of a lockdown: nothing else may stand in a rule."""

from __future__ import annotations

import pytest

from ringfence.model.lockdown import LockdownError, Ports


@pytest.mark.parametrize(
    ("ports", "says"),
    [
        ({"udp": (0,)}, "from 1 to 65535"),
        ({"tcp": (70000,)}, "from 1 to 65535"),
        ({"tunnel": tuple(range(1, 18))}, "16 at most"),
        ({"media": (20000, 10000)}, "the lower one first"),
        ({"media": (80, 10000)}, "from 1024"),
        ({"udp": (), "tcp": ()}, "nothing to close"),
    ],
)
def test_what_is_no_port_is_refused(ports: dict[str, tuple[int, ...]], says: str) -> None:
    with pytest.raises(LockdownError, match=says):
        Ports(**ports)  # type: ignore[arg-type]


def test_usual_ports_are_closed_where_nobody_says_otherwise() -> None:
    usual = Ports()
    assert (usual.udp, usual.tcp, usual.media, usual.tunnel) == (
        (5060,), (5060, 5061), (10000, 20000), (),
    )  # fmt: skip
    assert Ports(media=(0, 0)).media == (0, 0), "left open"
