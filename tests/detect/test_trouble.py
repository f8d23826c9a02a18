"""Real users who need help: one entry for each account, and what to tell them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.detect.trouble import users_in_trouble
from ringfence.model.incident import InTrouble
from tests.conversations.script import FOLDER, read_scene
from tests.conversations.trial import try_scene

PARTIES = """
pbx 192.0.2.10
phone 198.51.100.140 agent="snomD725/10.1.54.13"
at 8:00
"""


def told(text: str, folder: Path) -> list[InTrouble]:
    """Who is said to be in trouble in this conversation."""
    return users_in_trouble(try_scene(read_scene(PARTIES + text), folder).verdicts)


@pytest.mark.parametrize(
    ("text", "account", "looks_like", "why", "say"),
    [
        pytest.param(
            "phone REGISTER 232 every=600 times=12 > 401 auth=4711 401",
            "232",
            "bad_pin",
            "the password was refused 12 times, and it asks on: a phone with a wrong password",
            "Ask the user to enter the password of account 232 anew; it is not an attack.",
            id="bad_pin",
        ),
        pytest.param(
            "phone REGISTER 2177 every=300 times=9 > 404",
            "2177",
            "wrong_user",
            "it registers 9 times as a user that does not exist",
            "The account 2177 does not exist here: correct the user name in the phone.",
            id="wrong_user",
        ),
        pytest.param(
            "phone REGISTER 239 every=40 times=4 > again=6",
            "",  # nothing of such a phone was looked at
            "unanswered",
            "it registers 28 times and gets no answer",
            "Nobody answers this phone: check server address, firewall and NAT on the way.",
            id="unanswered",
        ),
        pytest.param(
            "phone REGISTER 239 every=40 times=4 > 403",
            "",
            "forbidden",
            "it registers 4 times and is forbidden to",
            "The server forbids this phone to register: check its server and its address.",
            id="forbidden",
        ),
        pytest.param(
            "phone REGISTER 239 every=40 times=4 > 401",
            "",
            "no_password",
            "it registers 4 times and never answers when asked for a password",
            "Nobody gave this phone its password: enter it.",
            id="no_password",
        ),
        pytest.param(
            "phone INVITE 239 every=40 times=4 > 100 482",
            "",
            "loop",
            "4 of its calls were stopped because they went in a circle",
            "Calls come back to where they came from: correct forwarding or the dialling plan.",
            id="loop",
        ),
    ],
)
def test_trouble_is_named_and_helped(
    text: str, account: str, looks_like: str, why: str, say: str, tmp_path: Path
) -> None:
    (entry,) = told(text, tmp_path)
    assert entry.address == "198.51.100.140"
    assert (entry.account, entry.looks_like, entry.why, entry.say) == (
        account,
        looks_like,
        why,
        say,
    )


def test_two_accounts_of_one_phone_are_two_entries(tmp_path: Path) -> None:
    entries = told("phone REGISTER {232,233} every=60 times=6 > 401 auth=4711 401", tmp_path)
    assert [entry.account for entry in entries] == ["232", "233"]
    assert {entry.why for entry in entries} == {
        "the password was refused 12 times in all, and it asks on: a phone with a wrong password"
    }


def test_one_account_on_two_phones_is_an_entry_for_each(tmp_path: Path) -> None:
    scene = read_scene((FOLDER / "innocents/two_phones_one_old_password.txt").read_text())
    entries = users_in_trouble(try_scene(scene, tmp_path).verdicts)
    phones = {entry.address for entry in entries}
    assert phones >= {str(scene.parties[name].address) for name in ("home", "tablet")}
    assert {(entry.account, entry.looks_like) for entry in entries} == {("225", "bad_pin")}


def test_trouble_begins_with_the_first_refusal(tmp_path: Path) -> None:
    text = "phone REGISTER 232 > 401 auth 200\nat 9:00\n"
    text += "phone REGISTER 232 every=60 times=12 > 401 auth=4711 401"
    (entry,) = told(text, tmp_path)
    assert entry.since.startswith("2026-10-05T09:00:00")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("phone REGISTER 232 > 401 auth 200", id="works"),
        pytest.param("phone REGISTER 232 times=2 > 401 auth=4711 401", id="two slips"),
        pytest.param(
            "phone REGISTER 232 times=3 > 401 auth=4711 401\nphone REGISTER 232 > 401 auth 200",
            id="found the mistake",
        ),
    ],
)
def test_user_without_trouble_is_left_alone(text: str, tmp_path: Path) -> None:
    assert told(text, tmp_path) == []


def test_attacker_is_not_offered_help(tmp_path: Path) -> None:
    text = "eve 203.0.113.66 agent=friendly-scanner\n"
    text += "eve REGISTER {100..140} every=0.1 > 401 auth=x 401\n"
    assert told(text, tmp_path) == []


def test_account_that_writes_escape_sequences_is_shown_harmless(tmp_path: Path) -> None:
    (entry,) = told("phone REGISTER a%1b\x1b[2J every=300 times=9 > 404", tmp_path)
    assert "\x1b" not in entry.account + entry.say


def test_two_deleted_accounts_of_one_phone_are_two_entries(tmp_path: Path) -> None:
    entries = told("phone REGISTER {2177,2178} every=300 times=9 > 404", tmp_path)
    assert [entry.account for entry in entries] == ["2177", "2178"]


def test_one_slip_does_not_hide_a_deleted_account(tmp_path: Path) -> None:
    text = "phone REGISTER 2177 every=300 times=9 > 404\nphone REGISTER 201 > 401 auth=x 401"
    entries = told(text, tmp_path)
    assert [(entry.account, entry.looks_like) for entry in entries] == [("2177", "wrong_user")]


def test_each_line_of_a_gateway_with_old_passwords_is_told(tmp_path: Path) -> None:
    text = "phone REGISTER {201..224} every=10 times=20 > 401 auth=old 401"
    entries = told(text, tmp_path)
    assert sorted(entry.account for entry in entries) == [str(n) for n in range(201, 225)]
