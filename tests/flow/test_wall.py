"""The guard may have either firewall: what one understands the other does."""

from __future__ import annotations

import inspect

import pytest

from ringfence.flow.firewall import Firewall
from ringfence.flow.remote_firewall import RemoteFirewall
from ringfence.flow.wall import Wall
from tests.flow.walls import Recorder

METHODS = [name for name in vars(Wall) if not name.startswith("_")]


def test_both_are_walls_for_the_type_checker() -> None:
    def as_wall(one: Firewall | RemoteFirewall | Recorder) -> Wall:
        return one

    assert as_wall(recorder := Recorder()) is recorder


@pytest.mark.parametrize("kind", [Firewall, RemoteFirewall])
@pytest.mark.parametrize("name", METHODS)
def test_what_the_guard_says_both_understand(kind: type, name: str) -> None:
    wanted = inspect.signature(getattr(Wall, name)).parameters
    offered = dict(inspect.signature(getattr(kind, name)).parameters)
    for parameter in wanted.values():
        mine = offered.pop(parameter.name)
        assert (mine.kind, mine.default) == (parameter.kind, parameter.default)
    assert all(one.default is not inspect.Parameter.empty for one in offered.values())


def test_taking_tables_away_and_naming_friends_is_not_offered() -> None:
    assert len(METHODS) == 7
    assert not {"remove", "allow", "disallow", "preview"} & set(METHODS)
