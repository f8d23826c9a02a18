"""Captures made by somebody who had not read the rules: nothing may differ from their labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.flow import investigate
from tests.blind.label import complaints
from tests.blind.roster import build, names
from tests.wire_cases.files import Pcap

# Captures that are judged differently today; `python -m tests.blind NAME` says how. This
# list may only shrink: one that agrees fails until its name is taken off.
DIFFERENT = {
    "a_colleague_guesses_from_inside_the_nat",
    "a_quiet_colleague_inside_the_nat",
    "a_stranger_pretends_to_be_reception",
    "all_passwords_changed_at_once",
    "digest_leak_from_a_telephone",
    "forged_guesses_of_a_home_worker",
    "fuzzing_by_a_stranger",
    "gateway_of_24_fxs_lines_reset_to_old_passwords",
    "guesser_who_plays_a_gateway",
    "guesser_with_the_manners_of_a_phone",
    "honeypot_rings_for_ever",
    "injections_into_names",
    "number_sweep_of_six_digits",
    "one_guess_in_ten_minutes",
    "options_flood_with_the_address_of_a_victim",
    "outside_line_with_a_nought",
    "overlap_dialling_of_a_gateway",
    "prefix_hunt_with_a_stolen_account",
    "prefix_hunt_without_an_account",
    "prefix_hunter_who_hangs_up_early",
    "sippts_at_freeswitch_many_accounts",
    "spread_guessing_succeeds_and_a_stranger_calls",
    "svcrack_on_a_mirror_port",
    "toll_fraud_seen_at_one_side",
    "two_pbx_of_one_company_share_a_trunk_and_flap",
    "wrong_guesses_meet_silence",
}


def _cases() -> list[object]:
    return [
        pytest.param(
            name, marks=[pytest.mark.xfail(reason="see DIFFERENT")] if name in DIFFERENT else []
        )
        for name in names()
    ]


@pytest.mark.parametrize("name", _cases())
def test_verdicts_are_those_of_the_label(name: str, tmp_path: Path) -> None:
    capture = build(name)
    path = tmp_path / f"{name}.pcap"
    path.write_bytes(Pcap().file(capture.packets))
    assert list(complaints(capture, investigate([str(path)]))) == []
