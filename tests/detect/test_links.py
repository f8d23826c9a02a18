"""What sources say about each other: taken accounts, one hand, forged friends, our own side."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.detect.links import SPREAD_ADDRESSES, link
from ringfence.detect.verdict import ATTACKER, IN_TROUBLE, Verdict, weigh
from tests.conversations.script import FOLDER, read_scene
from tests.conversations.trial import try_scene, watch_text

PBX = "pbx 192.0.2.10\n"
THIEF = """
eve 203.0.113.66 agent=friendly-scanner call=new
at 2:00
eve REGISTER 240 every=0.1 times=9 > 401 auth={1,2,3} 401
eve REGISTER 240 > 401 auth 200
"""


def linked(text: str, *, ours: str = "pbx", known: str = "") -> dict[str, Verdict]:
    deeds = watch_text(PBX + text)
    names = {d.address: name for name, d in deeds.items()}
    verdicts = link(
        [weigh(d) for d in deeds.values()],
        [deeds[ours].address] if ours else (),
        [deeds[known].address] if known else (),
    )
    return {names[v.deeds.address]: v for v in verdicts}


def rules(v: Verdict) -> dict[str, float]:
    return {clue.rule: clue.weight_db for clue in v.clues}


# ------------------------------------------------------------ taken accounts


def test_account_that_was_taken_throws_light_on_who_calls_with_it() -> None:
    text = 'moved 198.51.100.201 agent="eyeBeam" user=240\n' + THIEF
    text += "at 16:00\nmoved INVITE 901118821300041 > 407 auth 100 200 bye=300\n"
    assert rules(linked(text)["moved"])["taken_account"] == 30.0


def test_true_owner_used_the_account_before_it_was_taken() -> None:
    text = (
        'owner 198.51.100.50 agent="Yealink" user=240\nat 1:00\nowner REGISTER 240 > 401 auth 200\n'
    )
    text += (
        THIEF
        + "at 9:00\nowner REGISTER 240 > 401 auth=old 401\nowner REGISTER 240 > 401 auth 200\n"
    )
    assert "taken_account" not in rules(linked(text)["owner"])


def test_account_that_two_phones_share_is_no_theft() -> None:
    text = 'a 198.51.100.50 agent="Yealink"\nb 198.51.100.51 agent="Zoiper"\nat 1:00\n'
    text += "a REGISTER 240 > 401 auth 200\nb REGISTER 240 > 401 auth 200\n"
    verdicts = linked(text)
    assert rules(verdicts["a"]) == rules(verdicts["b"])
    assert {"taken_account", "shared_account"} & set(rules(verdicts["b"])) == set()


def test_account_in_use_elsewhere_that_calls_abroad_from_here() -> None:
    text = 'owner 198.51.100.50 agent="Yealink"\neve 203.0.113.66 agent="Z 3" user=240\nat 1:00\n'
    text += "owner REGISTER 240 > 401 auth=typo 401\nowner REGISTER 240 > 401 auth 200\n"
    text += "eve INVITE 90114490987901{15,62} > 407 auth 100 200 bye=300\n"
    assert rules(linked(text)["eve"])["shared_account"] > 0


# ------------------------------------------------------------ spread guessing


def spread(addresses: int, agents: str = '"Z 3.15"') -> dict[str, Verdict]:
    text = f"e{{1..{addresses}}} 203.0.113.{{100..{99 + addresses}}} agent={agents} call=new\n"
    text += f"e{{1..{addresses}}} REGISTER 244 every=500 times=2 > 401 auth={{1,2,3}} 401\n"
    return linked(text)


def test_account_refused_from_many_addresses_is_guessed_at() -> None:
    assert {v.verdict for name, v in spread(12).items() if name != "pbx"} == {ATTACKER}


def test_as_many_addresses_as_a_user_has_phones_are_no_attack() -> None:
    verdicts = spread(SPREAD_ADDRESSES - 1)
    assert all("spread_guessing" not in rules(v) for v in verdicts.values())


def test_phones_of_several_makes_weigh_less_than_look_alikes() -> None:
    alike = rules(spread(12)["e1"])["spread_guessing"]
    different = rules(spread(12, "{A1,B2,C3,D4,E5,F6,G7,H8,I9,J1,K2,L3}")["e1"])["spread_guessing"]
    assert different < alike


def test_phone_that_registers_is_none_of_those_who_guess_at_its_account() -> None:
    text = 'owner 198.51.100.50 agent="Yealink"\n'
    text += "e{1..12} 203.0.113.{100..111} agent=Z call=new\n"
    text += "owner REGISTER 244 times=2 > 401 auth=typo 401\n"
    text += "owner REGISTER 244 times=2 > 401 auth 200\n"
    text += "e{1..12} REGISTER 244 every=500 times=2 > 401 auth={1,2,3} 401\n"
    assert "spread_guessing" not in rules(linked(text)["owner"])


# ------------------------------------------------------------ one hand


def test_fingerprint_of_an_attacker_throws_light_on_the_next_address() -> None:
    text = "two 203.0.113.67 agent=Gulp order=g call=new\n"
    text += THIEF.replace("agent=friendly-scanner", "agent=Gulp order=g tag=svcrack")
    text += "at 3:00\ntwo REGISTER 240 times=4 > 401 auth={5,6} 401\n"
    assert rules(linked(text)["two"])["same_hand"] > 0


def test_fingerprint_that_an_innocent_shows_as_well_says_nothing() -> None:
    """Svcrack under a phone's name does not make every such phone a suspect."""
    text = "two 203.0.113.67 agent=Yealink call=new\n"
    text += "good 198.51.100.50 agent=Yealink\ngood REGISTER 201 > 401 auth=typo 401\n"
    text += "good REGISTER 201 times=2 > 401 auth 200\n"
    text += THIEF.replace("agent=friendly-scanner", "agent=Yealink tag=svcrack")
    text += "at 3:00\ntwo REGISTER 240 times=4 > 401 auth={5,6} 401\n"
    assert "same_hand" not in rules(linked(text)["two"])


# ------------------------------------------------------------ friends and our own side


def test_peer_is_not_accused_of_what_anybody_could_have_sent() -> None:
    text = "carrier 198.51.100.30 agent=SBC\nliar 198.51.100.30:5066 agent=friendly-scanner\n"
    text += "pbx INVITE 12125550140 to=carrier user=201 > 100 200 bye=9\n"
    text += "liar REGISTER {100..150} tag=svwar > 404\n"
    (forged,) = (v for name, v in linked(text).items() if name != "pbx")
    assert forged.verdict not in (ATTACKER, IN_TROUBLE)
    assert rules(forged)["may_be_forged"] < 0


def test_peer_who_answered_our_challenge_did_it_himself() -> None:
    text = "carrier 198.51.100.30 agent=SBC\nliar 198.51.100.30:5066 agent=friendly-scanner\n"
    text += "pbx INVITE 12125550140 to=carrier user=201 > 100 200 bye=9\n"
    text += "liar REGISTER 240 tag=svcrack call=new times=9 > 401 auth={1,2,3} 401\n"
    (proven,) = (v for name, v in linked(text).items() if name != "pbx")
    assert proven.verdict == ATTACKER


def test_our_own_server_is_never_accused() -> None:
    """A proxy passes on what it gets: tags, floods and guesses."""
    text = "proxy 192.0.2.5\neve 203.0.113.66 agent=friendly-scanner tag=svwar\n"
    text += "fwd 192.0.2.5:5070 agent=friendly-scanner tag=svwar\n"
    text += "eve REGISTER {100..120} to=proxy > 404\nfwd REGISTER {100..120} to=pbx > 404\n"
    verdicts = linked(text, ours="fwd")
    assert verdicts["eve"].verdict == ATTACKER
    assert verdicts["fwd"].verdict not in (ATTACKER, IN_TROUBLE)
    assert "ours" in rules(verdicts["fwd"])


def test_guilt_of_our_own_server_is_lent_to_nobody() -> None:
    text = "fwd 192.0.2.5 agent=Kam tag=svcrack call=new\nphone 198.51.100.7 agent=Kam call=new\n"
    text += (
        "fwd REGISTER 240 nonce=n auth={1..9} > 401\nphone REGISTER 240 times=4 > 401 auth=x 401\n"
    )
    assert "same_hand" not in rules(linked(text, ours="fwd")["phone"])


def test_owner_may_name_his_friends() -> None:
    text = 'gate 198.51.100.30 agent="SBC"\ngate INVITE 0044207946012{1,2,3} > 403\n'
    strange, friend = linked(text)["gate"], linked(text, known="gate")["gate"]
    assert friend.weight_db == pytest.approx(strange.weight_db - 25.0)


def test_friend_who_bears_a_tools_mark_is_still_found() -> None:
    text = "gate 198.51.100.30 agent=friendly-scanner tag=svwar\ngate REGISTER {100..120} > 404\n"
    assert linked(text, known="gate")["gate"].verdict == ATTACKER


def test_through_the_whole_flow(tmp_path: Path) -> None:
    scene = read_scene((FOLDER / "attacks/toll_from_another_address.txt").read_text())
    investigation = try_scene(scene, tmp_path)
    verdict = investigation.verdict_on(ip_address("198.51.100.201"))
    assert verdict is not None
    assert "taken_account" in rules(verdict)


# ------------------------------------------------------------ guests, decoys, siblings


def test_two_guests_who_call_one_number_throw_light_on_each_other() -> None:
    text = """
a 203.0.113.21 user=100
b 198.51.100.82 user=1001
at 0:00
a INVITE 00972592577951 > 100 200
b INVITE 9011972592577951 > 100 200
"""
    found = linked(text)
    assert rules(found["a"])["guests_call"] == rules(found["b"])["guests_call"] == 10.0
    other = linked(text.replace("9011972592577951", "9011972592577952"))
    assert "guests_call" not in rules(other["a"])


def test_stranger_at_a_server_with_users_is_no_worse_for_its_attackers() -> None:
    tools = "t{1..4} 203.0.113.{1..4} agent=friendly-scanner\none 203.0.113.66\n"
    text = tools + "at 0:00\nt{1..4} OPTIONS 100 > 200\none REGISTER 100 > 403\n"
    user = "own 198.51.100.50\nat 1:00\nown REGISTER 201 > 401 auth 200\n"
    assert "strangers_only" in rules(linked(text)["one"])
    assert "strangers_only" not in rules(linked(text + user)["one"])


def test_phone_that_insists_is_no_stranger() -> None:
    tools = "t{1..4} 203.0.113.{1..4} agent=friendly-scanner\none 203.0.113.66\n"
    text = tools + "at 0:00\nt{1..4} OPTIONS 100 > 200\none REGISTER 100 times=4 every=60 > 403\n"
    assert "strangers_only" not in rules(linked(text)["one"])


def test_a_yes_that_everybody_gets_is_taken_back() -> None:
    text = """
tool 203.0.113.1 agent=friendly-scanner tag=svcrack call=new
eve  203.0.113.66 agent="Z 3.15"
at 0:00
tool REGISTER {100..105} every=1 > 401 auth=1234 200
eve REGISTER {200..211} every=1 > 401 auth=1234 200
"""
    assert rules(linked(text)["eve"])["yes_to_all"] > 20.0
    refused_one = text + "eve REGISTER 300 > 401 auth=1234 401\n"
    assert "yes_to_all" not in rules(linked(refused_one)["eve"])


def test_sibling_of_a_carrier_is_cleared() -> None:
    text = """
a 198.51.100.30 agent="Carrier-SBC/7.4" user=+12025550111
b 198.51.100.31 agent="Carrier-SBC/7.4" user=+12025550112
at 0:00
a INVITE +12025550163 times=3 every=60 > 100 180 200 bye=60
b INVITE +12025550147 times=3 every=60 > 404
"""
    assert rules(linked(text)["b"])["sibling"] == -16.0
    assert "sibling" not in rules(linked(text.replace("b INVITE +12", "b INVITE 0012"))["b"])


def test_budget_of_an_account_is_over_all_addresses() -> None:
    text = """
e{1..5} 203.0.113.{1..5} agent=Phone{1..5} order=o{1..5}
at 0:00
"""
    enough = linked(text + "e{1..5} REGISTER 244 call=new every=1700 times=8 > 401 auth=x 401\n")
    assert "spread_guessing" in rules(enough["e1"])
    fewer = linked(text + "e{1..5} REGISTER 244 call=new every=1700 times=7 > 401 auth=x 401\n")
    assert "spread_guessing" not in rules(fewer["e1"])
    phones = linked(text + "e{1..5} REGISTER 244 every=1700 times=8 > 401 auth=x 401\n")
    assert "spread_guessing" not in rules(phones["e1"])


# ------------------------------------------------------------ accounts of others


def test_accounts_in_use_elsewhere_are_not_his_who_is_refused_for_them() -> None:
    text = "o{1..3} 198.51.100.{51..53} agent=Yealink\neve 203.0.113.66 agent=Z\nat 8:00\n"
    text += "o{1..3} REGISTER {201..203} > 401 auth=typo 401\n"
    text += "o{1..3} REGISTER {201..203} > 401 auth 200\n"
    tried = "eve REGISTER {201..203} every=60 times=2 > 401 auth=x 401\n"
    assert rules(linked(text + tried)["eve"])["others_accounts"] == 18.0
    one = "eve REGISTER 201 every=60 times=6 > 401 auth=x 401\n"
    assert "others_accounts" not in rules(linked(text + one)["eve"])
    colleague = text.replace("203.0.113.66", "192.0.2.66")
    assert "others_accounts" not in rules(linked(colleague + tried)["eve"])


def test_right_password_does_not_clear_who_has_it_from_a_thief() -> None:
    text = 'moved 198.51.100.201 agent="eyeBeam" user=240\n' + THIEF
    text += "at 16:00\nmoved REGISTER 240 > 401 auth 200\n"
    calls = "moved INVITE 901118821300041 > 407 auth 100 200 bye=300\n"
    weights = rules(linked(text + calls)["moved"])
    assert weights["taken_account"] + weights["registered"] == 30.0


def test_one_of_a_crowd_that_finds_the_password_is_of_the_crowd() -> None:
    text = "e{1..12} 203.0.113.{100..111} agent=Z call=new\n"
    text += "e{1..12} REGISTER 244 every=500 times=2 > 401 auth={1,2,3} 401\n"
    found = linked(text + "e7 REGISTER 244 > 401 auth 200\n")
    assert found["e7"].verdict == ATTACKER


def test_forged_passwords_of_a_user_accuse_him_of_nothing() -> None:
    text = "home 203.0.113.93 agent=snom\nliar 203.0.113.93:5066 agent=snom call=new\nat 8:00\n"
    text += "home REGISTER 230 times=4 every=600 > 401 auth 200\n"
    text += "liar REGISTER {230..260} nonce=made-up auth={1,2,3} every=0.1 times=3 > 401\n"
    (forged,) = (v for name, v in linked(text).items() if name != "pbx")
    assert "may_be_forged" in rules(forged)
    assert forged.verdict not in (ATTACKER, IN_TROUBLE)
    proven = text.replace("nonce=made-up auth={1,2,3}", "").replace("> 401\n", "> 401 auth=x 401\n")
    (himself,) = (v for name, v in linked(proven).items() if name != "pbx")
    assert "may_be_forged" not in rules(himself)
