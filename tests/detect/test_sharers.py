"""Who else sends from an address: users keep their ports, an attacker is left with his."""

from __future__ import annotations

from ringfence.detect.sharers import Sharers, find_sharers
from tests.conversations.script import read_scene
from tests.conversations.trial import watch_packets

OFFICE = """
pbx 192.0.2.10
ann 198.51.100.9:30001 agent="Yealink SIP-T46S 66.86.0.15"
bob 198.51.100.9:30002 agent="Fanvil X4U 2.12.1.3"
eve 198.51.100.9:40000 agent="Z 3.15" call=new
"""
USERS = "ann REGISTER 201 > 401 auth 200\nbob REGISTER 202 > 401 auth 200\n"


def sharers(text: str) -> Sharers:
    scene = read_scene(OFFICE + text)
    watch = watch_packets(scene.packets)
    watch.sources()
    (i,) = (i for i in range(watch.n) if watch.address(i) == scene.parties["eve"].address)
    return find_sharers(watch.deeds(i), watch.successes(i))


def test_guesser_is_told_from_users_who_came_before() -> None:
    found = sharers(USERS + "eve REGISTER 203 times=12 > 401 auth={1,2,3,4,5,6} 401")
    assert found == Sharers(2, (40000,))


def test_user_who_comes_after_the_attack_began_is_a_user() -> None:
    found = sharers("eve REGISTER 203 times=12 > 401 auth={1,2,3,4,5,6} 401\n" + USERS)
    assert found == Sharers(2, (40000,))


def test_guesser_who_finds_the_password_is_no_user() -> None:
    guesses = "eve REGISTER 203 times=12 > 401 auth={1,2,3,4,5,6} 401\n"
    assert sharers(guesses + "eve REGISTER 203 > 401 auth 200") == Sharers(0, (40000,))


def test_guesser_who_finds_it_from_another_port_is_no_user() -> None:
    guesses = "eve REGISTER 203 times=12 > 401 auth={1,2,3,4,5,6} 401\n"
    moved = 'mal 198.51.100.9:40001 agent="Z 3.15"\nmal REGISTER 203 > 401 auth 200'
    assert sharers(guesses + moved).users == 0


def test_user_whose_account_is_guessed_at_next_door_keeps_his_port() -> None:
    found = sharers(USERS + "eve REGISTER 201 times=12 > 401 auth={1,2,3,4,5,6} 401")
    assert found == Sharers(2, (40000,))


def test_thief_with_the_password_is_no_user_of_his_own_calls() -> None:
    theft = "eve REGISTER 203 > 401 auth 200\n"
    theft += "eve INVITE 9011442079460123 user=203 times=4 > 407 auth 100 200 bye=60"
    assert sharers(theft).users == 0


def test_sweep_for_names_has_a_port() -> None:
    assert sharers(USERS + "eve REGISTER {300..320} > 404") == Sharers(2, (40000,))
