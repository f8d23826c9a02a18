"""Links that were forged, replayed, bent, or are over."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from ringfence.model.door import PAGE, TUNNEL, DoorError, HostName, Invite, Opened, State
from ringfence.remote import door

NOW = 1_800_000_000.0
SECRET, CHANCE = bytes(range(32)), bytes(16)
HOME = "198.51.100.7"


def invitation(name: str = "Anna", uses: int = 1, valid_s: int = 3600) -> tuple[State, str]:
    token = door.make_token(SECRET, CHANCE, NOW + valid_s)
    invite = Invite(door.hash_of(token), name, "201", 7200, uses, NOW + valid_s)
    return door.invited(State(), invite, NOW), token


def test_a_link_opens_once_and_for_its_time() -> None:
    state, token = invitation()
    state, answer, made = door.use(state, SECRET, token, HOME, NOW)
    assert made == Opened(HOME, "Anna", PAGE, NOW + 7200, door.hash_of(token))
    assert answer.until == NOW + 7200
    _, again, nothing = door.use(state, SECRET, token, HOME, NOW)
    assert (again.why, nothing) == (door.NOT_VALID, None)


def test_a_look_uses_nothing() -> None:
    state, token = invitation()
    assert door.weigh(state, SECRET, token, HOME, NOW).name == "Anna"
    assert door.use(state, SECRET, token, HOME, NOW)[2] is not None


def test_a_token_has_no_letter_that_may_be_changed() -> None:
    """Each of its 71 letters, the last with its idle bits as well."""
    _, token = invitation()
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert len(token) == door.TOKEN_LETTERS
    assert door.is_signed(SECRET, token, NOW)
    bent = {
        token[:i] + other + token[i + 1 :]
        for i in range(len(token))
        for other in letters
        if other != token[i]
    }
    assert not [one for one in bent if door.is_signed(SECRET, one, NOW)]


@pytest.mark.parametrize(
    "bend",
    [
        lambda token: "",
        lambda token: token + "=",
        lambda token: token + "\n",
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: " " + token,
        lambda token: token.replace(token[0], "\u0410", 1),
        lambda token: "A" * 100_000,
    ],
)
def test_other_spellings_are_no_token(bend: object) -> None:
    _, token = invitation()
    assert callable(bend)
    assert not door.is_signed(SECRET, bend(token), NOW)


def test_another_machines_signature_is_forged() -> None:
    state, _ = invitation()
    forged = door.make_token(bytes(32), CHANCE, NOW + 3600)
    assert door.use(state, SECRET, forged, HOME, NOW)[2] is None


def test_a_longer_life_cannot_be_written_into_a_token() -> None:
    _, token = invitation()
    octets = bytearray(base64.urlsafe_b64decode(token + "="))
    octets[16:21] = int(NOW + 999_999).to_bytes(5, "big")
    longer = base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
    assert not door.is_signed(SECRET, longer, NOW)


def test_a_link_that_is_over_opens_nothing() -> None:
    state, token = invitation(valid_s=60)
    assert door.use(state, SECRET, token, HOME, NOW + 59)[2] is not None
    assert door.use(state, SECRET, token, HOME, NOW + 60)[2] is None


def test_a_signed_token_that_is_not_on_the_list_opens_nothing() -> None:
    """The secret of a backup, with a list of today."""
    other = door.make_token(SECRET, b"\1" * 16, NOW + 3600)
    state, _ = invitation()
    assert door.weigh(state, SECRET, other, HOME, NOW).why == door.NOT_VALID


def test_who_is_closed_has_no_link_and_no_door() -> None:
    state, token = invitation(uses=2)
    state, *_ = door.use(state, SECRET, token, HOME, NOW)
    state = replace(state, names=(HostName("a.example", "Anna"), HostName("b.example", "Ben")))
    state, gone, links = door.closed(state, "Anna")
    assert ([one.address for one in gone], links) == ([HOME], 1)
    assert [one.host for one in state.names] == ["b.example"]
    assert door.use(state, SECRET, token, HOME, NOW)[2] is None


def test_two_behind_one_router_keep_each_others_door() -> None:
    doors = [Opened(HOME, "Anna", PAGE, NOW + 500, "x"), Opened(HOME, "Ben", TUNNEL, NOW + 100)]
    state = door.opened(State(), doors, NOW)
    state, *_ = door.closed(state, "Anna")
    assert door.until_of(state, [HOME]) == {HOME: NOW + 100}


def test_a_shorter_door_does_not_close_a_longer_one() -> None:
    long, short = (Opened(HOME, "Anna", PAGE, NOW + s, "x") for s in (500, 100))
    state = door.opened(door.opened(State(), [long], NOW), [short], NOW)
    assert state.opened == (long,)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "A\nB"}, "a name"),
        ({"name": "<b>"}, "a name"),
        ({"name": ""}, "a name"),
        ({"extension": "2o1"}, "extension"),
        ({"lasts_s": 59}, "--for"),
        ({"lasts_s": 8 * 86_400}, "--for"),
        ({"uses_left": 0}, "--uses"),
        ({"uses_left": 101}, "--uses"),
        ({"valid_until": NOW}, "--valid"),
        ({"valid_until": NOW + 91 * 86_400}, "--valid"),
    ],
)
def test_invitations_are_bounded(change: dict[str, object], says: str) -> None:
    invite = Invite("00", "Anna", "201", 7200, 1, NOW + 3600)
    with pytest.raises(DoorError, match=says):
        door.invited(State(), replace(invite, **change), NOW)  # type: ignore[arg-type]


def test_doors_and_links_have_an_end() -> None:
    links = tuple(Invite(f"{i}", "A", "", 60, 1, NOW + 9) for i in range(door.MAX_INVITES))
    with pytest.raises(DoorError, match="close some first"):
        door.invited(State(links), Invite("x", "A", "", 60, 1, NOW + 9), NOW)
    assert len(door.invited(State(links), Invite("x", "A", "", 60, 1, NOW + 99), NOW + 9).invites)
    doors = [Opened(f"198.51.{i >> 8}.{i & 255}", "A", PAGE, NOW + 9) for i in range(1025)]
    with pytest.raises(DoorError, match="open already"):
        door.opened(State(), doors, NOW)


def test_names_have_an_end_and_one_owner() -> None:
    state = door.named(State(), HostName("a.example", "Anna"), 1)
    assert door.named(state, HostName("a.example", "Ben"), 1).names[0].name == "Ben"
    with pytest.raises(DoorError, match="close some"):
        door.named(state, HostName("b.example", "Ben"), 1)


def test_a_short_secret_makes_no_token() -> None:
    with pytest.raises(DoorError):
        door.make_token(b"short", CHANCE, NOW)
