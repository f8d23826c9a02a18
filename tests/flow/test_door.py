"""Doors from the invitation to the firewall, and what fails between."""

# ruff: noqa: S104  addresses that must be refused

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import dns.exception
import dns.resolver
import pytest

from ringfence.flow.door import MAX_REFUSALS, Doors, base_url, resolve
from ringfence.flow.door_folder import DoorFolder
from ringfence.model.door import DoorError
from ringfence.remote.door_names import Resolved
from ringfence.remote.door_tunnel import Peer

URL = "https://pbx.example:8443"
HOME = "198.51.100.7"


class Table:
    """A firewall that can fail."""

    def __init__(self) -> None:
        self.ends: dict[str, float] = {}
        self.fails = False

    def set(self, ends: Mapping[str, float], now: float) -> None:
        if self.fails:
            raise DoorError("no firewall")
        self.ends |= ends
        self.ends = {address: until for address, until in self.ends.items() if until > now}


class Scene:
    def __init__(self, path: Path) -> None:
        self.now = 1_800_000_000.0
        self.table, self.folder = Table(), DoorFolder(path)
        self.doors = Doors(self.folder, self.table, lambda: self.now)

    def token(self, **more: int) -> str:
        terms = {"lasts_s": 7200, "uses": 1, "valid_s": 3600} | more
        link = self.doors.invite("Anna", "201", url=URL, **terms)
        assert link.startswith(f"{URL}/door/")
        return link.rpartition("/")[2]

    @property
    def journal(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.folder.journal.read_text().splitlines()]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "door")


def test_a_link_opens_once_and_is_replayed_in_vain(scene: Scene) -> None:
    token = scene.token()
    assert scene.doors.open(token, HOME).until == scene.now + 7200
    assert scene.table.ends == {HOME: scene.now + 7200}
    assert scene.doors.open(token, "203.0.113.66").why
    assert list(scene.table.ends) == [HOME]


def test_a_look_opens_nothing(scene: Scene) -> None:
    token = scene.token()
    for _ in range(20):
        assert scene.doors.look(token, HOME).name == "Anna"
    assert scene.table.ends == {}
    assert scene.doors.open(token, HOME).until


def test_the_token_is_written_nowhere(scene: Scene) -> None:
    token = scene.token()
    scene.doors.look(token, HOME)
    scene.doors.open(token, HOME)
    scene.doors.open(token, HOME)
    for path in scene.folder.path.iterdir():
        assert token.encode() not in path.read_bytes(), path.name
    assert [one["what"] for one in scene.journal] == ["invited", "opened", "refused"]
    assert len({str(one.get("token", one.get("by"))) for one in scene.journal}) == 1


def test_a_firewall_that_fails_does_not_use_the_link_up(scene: Scene) -> None:
    token = scene.token()
    scene.table.fails = True
    with pytest.raises(DoorError):
        scene.doors.open(token, HOME)
    scene.table.fails = False
    assert scene.doors.open(token, HOME).until


def test_a_link_that_was_used_stays_used_after_a_restart(scene: Scene) -> None:
    token = scene.token()
    scene.doors.open(token, HOME)
    assert Doors(scene.folder, scene.table, lambda: scene.now).open(token, HOME).why


@pytest.mark.parametrize("address", ["10.0.0.1", "0.0.0.0", "198.51.100.0/24", "x"])
def test_a_valid_link_opens_no_network_and_nothing_private(scene: Scene, address: str) -> None:
    token = scene.token()
    with pytest.raises(DoorError):
        scene.doors.open(token, address)
    assert scene.doors.open(token, HOME).until


def test_a_thousand_guesses_are_thirty_lines_and_a_number(scene: Scene) -> None:
    for number in range(1000):
        assert scene.doors.open(f"{number:071}", HOME).why
    scene.now += 61
    scene.doors.open("x", HOME)
    refused = [one for one in scene.journal if one["what"] == "refused"]
    assert len(refused) == MAX_REFUSALS + 1
    assert [one["times"] for one in scene.journal if one["what"] == "refused, more"] == [970]
    assert scene.table.ends == {}


def test_closing_ends_doors_and_links_at_once(scene: Scene) -> None:
    token = scene.token(uses=2)
    scene.doors.open(token, HOME)
    gone, links = scene.doors.close("Anna")
    assert ([one.address for one in gone], links) == ([HOME], 1)
    assert scene.table.ends == {}
    assert scene.doors.open(token, HOME).why
    with pytest.raises(DoorError, match="nobody"):
        scene.doors.close("Anna")


def test_a_closed_link_stays_closed_where_the_firewall_fails(scene: Scene) -> None:
    token = scene.token(uses=2)
    scene.doors.open(token, HOME)
    scene.table.fails = True
    with pytest.raises(DoorError):
        scene.doors.close("Anna")
    scene.table.fails = False
    assert scene.doors.open(token, HOME).why


def test_a_name_that_moves_takes_its_door_along(scene: Scene) -> None:
    scene.doors.add_name("Home.dyn.example", "Anna")
    answers = {"home.dyn.example": Resolved((HOME,), 60)}
    scene.doors.refresh_names(answers.get)
    answers["home.dyn.example"] = Resolved(("203.0.113.5",), 60)
    scene.now += 30
    scene.doors.refresh_names(answers.get)  # its time is not over
    assert list(scene.table.ends) == [HOME]
    scene.now += 30
    scene.doors.refresh_names(answers.get)
    assert set(scene.table.ends) == {HOME, "203.0.113.5"}
    scene.now += 310
    assert [one.address for one in scene.doors.listed().opened] == ["203.0.113.5"]


def test_a_name_is_journaled_when_it_is_new_not_each_minute(scene: Scene) -> None:
    scene.doors.add_name("home.dyn.example", "Anna")
    for _ in range(10):
        scene.doors.refresh_names(lambda host: Resolved((HOME,), 60))
        scene.now += 60
    assert [one["what"] for one in scene.journal] == ["name added", "opened"]


def test_a_name_is_tried_again_where_the_firewall_failed(scene: Scene) -> None:
    scene.doors.add_name("home.dyn.example", "Anna")
    scene.table.fails = True
    with pytest.raises(DoorError):
        scene.doors.refresh_names(lambda host: Resolved((HOME,), 3600))
    scene.table.fails = False
    scene.doors.refresh_names(lambda host: Resolved((HOME,), 3600))
    assert list(scene.table.ends) == [HOME]


def test_a_registration_in_the_tunnel_opens_outside(scene: Scene) -> None:
    peer = Peer(("10.9.0.2",), HOME, scene.now)
    assert scene.doors.refresh_tunnel([peer], []) == []
    assert scene.table.ends == {}
    scene.doors.refresh_tunnel([peer], ["10.9.0.2"], {"10.9.0.2": "Anna"})
    assert scene.table.ends == {HOME: scene.now + 3600}
    assert scene.journal[-1]["how"] == "tunnel"


def test_what_should_be_open_comes_back_for_what_is_left(scene: Scene) -> None:
    scene.doors.open(scene.token(), HOME)
    scene.table.ends.clear()
    until = scene.now + 7200
    scene.now += 7000
    assert scene.doors.restore() == 1
    assert scene.table.ends == {HOME: until}


def test_the_first_invitation_needs_to_know_where_the_page_is(scene: Scene) -> None:
    with pytest.raises(DoorError, match="--url"):
        scene.doors.invite("Anna", "", 7200, 1, 3600)
    scene.token()
    assert scene.doors.invite("Ben", "", 7200, 1, 3600).startswith(URL)


@pytest.mark.parametrize(
    "url", ["", "http://pbx.example", "https://", "https://a@pbx.example", "https://pbx.example/x",
            "https://pbx.example?x", "https://pbx.example#x", "https://pbx.example:99999",
            "https://pbx.example\n", "https://[::1", "javascript:alert(1)"],
)  # fmt: skip
def test_where_the_page_is_cannot_be_bent(url: str) -> None:
    with pytest.raises(DoorError):
        base_url(url)


def test_a_name_server_that_is_silent_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object, **__: object) -> object:
        raise dns.exception.Timeout

    monkeypatch.setattr(dns.resolver, "resolve", silent)
    assert resolve("home.dyn.example") is None
