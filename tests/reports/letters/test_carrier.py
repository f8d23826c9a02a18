"""The carrier gets what it needs to bar, to hold money and to find the calls; no formula."""

from __future__ import annotations

import csv
import io

import pytest

from ringfence.model.letter import CARRIER, Letter, LetterError
from ringfence.model.settings import Settings
from ringfence.reports.letters.carrier import (
    MAX_CALLS,
    MAX_RANGES,
    call_lines,
    make_bill,
    range_lines,
)
from ringfence.reports.letters.write import write_letters
from tests.reports.letters.golden import HOSTILE, agrees, is_plain
from tests.reports.letters.upstream_scene import (
    CALLS,
    CASE,
    SUSPECTS,
    THIEF,
    UNLISTED,
    brief,
    call,
    suspect,
    toll,
)

TRIED = toll(calls_answered=[], minutes=0.0, estimated_cost=None, accounts_taken=[])


def letter(*suspects: object, **changes: object) -> Letter:
    (one,) = write_letters(CARRIER, brief(*suspects, **changes))  # type: ignore[arg-type]
    return one


def words(one: Letter) -> str:
    return " ".join(one.text.split())


def rows(one: Letter) -> list[dict[str, str]]:
    (table,) = one.attachments
    return list(csv.DictReader(io.StringIO(table.octets.decode())))


def test_the_dispute_as_it_was_approved() -> None:
    one = letter()
    agrees("carrier.txt", one.text)
    assert is_plain(one.text)
    assert one.subject == (
        f"[{CASE}] toll fraud on our trunk: bar, hold settlement, dispute of 4 calls, "
        "account 88-1234"
    )


def test_calls_that_were_only_tried_are_a_notice() -> None:
    one = letter(TRIED)
    agrees("carrier-tried.txt", one.text)
    assert is_plain(one.text)
    assert "We dispute nothing" in one.text
    assert one.attachments == ()
    assert "attempted" in one.subject


def test_empty_settings_are_brackets_and_a_remark() -> None:
    one = letter(settings=Settings())
    agrees("carrier-empty.txt", one.text)
    assert is_plain(one.text)
    assert "carrier.circuit" in one.remarks[0]


def test_neither_answered_nor_tried_is_nothing_to_dispute() -> None:
    with pytest.raises(LetterError, match="nothing to dispute"):
        letter(SUSPECTS[1])


def test_calls_of_a_mere_suspect_are_left_out_and_told() -> None:
    doubtful = suspect("192.0.2.200", verdict="suspect", calls_answered=CALLS[:1], minutes=8.0)
    one = letter(toll(), doubtful)
    assert "Calls          4 calls" in one.text
    assert any("192.0.2.200" in remark for remark in one.remarks)


def test_calls_that_are_not_listed_are_in_the_sum() -> None:
    night = toll(calls_unlisted=UNLISTED, minutes=9071.6, estimated_cost=8252.375)
    one = letter(night)
    assert "1,204 calls" in one.text
    assert any(line.startswith("1,200 calls counted, not listed") for line in one.text.split("\n"))
    (total,) = [line for line in one.text.split("\n") if line.startswith("ALL, 1,204 calls")]
    assert total.endswith("8,252.38")
    assert "4 calls could not be priced and are in no sum" in words(one)


def test_a_thousand_calls_are_a_page_and_a_file() -> None:
    many = [call(f"+4490987{n:05d}", "GB", "premium", n % 3600) for n in range(1024)]
    one = letter(toll(calls_answered=many, minutes=8192.0, estimated_cost=27648.0))
    assert "964 calls more in the file" in one.text
    assert len(one.text.split("\n")) < 200
    assert is_plain(one.text)
    assert len(rows(one)) == 1024
    assert len(call_lines(make_bill([toll(calls_answered=many)]))) < MAX_CALLS + 10


def test_a_carriers_engineer_finds_the_number_as_switches_write_it() -> None:
    first = rows(letter())[0]
    assert first["called_number_e164"] == "449098790115"
    assert first["dialled"] == "9011449098790115"
    assert first["answered_at_utc"] == "2026-01-02T00:01:01.500000Z"
    assert first["seconds"] == "480.0"


@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "+44;=1+1", "-2+3", "@SUM(A1)"])
def test_a_dialled_formula_stays_text(formula: str) -> None:
    (row,) = rows(letter(toll(calls_answered=[call(formula, "GB", "premium", 1, dialled=formula)])))
    assert row["called_number_e164"] == f"'{formula}"
    assert row["dialled"] == f"'{formula}"


def test_ranges_are_ten_thousand_numbers() -> None:
    assert range_lines([toll()])[0] == "+44909879xxxx         2 numbers     United Kingdom"


def test_what_is_no_number_is_barred_as_dialled() -> None:
    assert range_lines([toll(numbers_dialled=["4711"], calls_answered=[])]) == [
        "4711                  1 number"
    ]


def test_a_hunt_through_the_world_is_a_page_of_ranges() -> None:
    hunt = toll(numbers_dialled=[f"+{n}5501234" for n in range(1000, 4000)], calls_answered=[])
    lines = range_lines([hunt])
    assert len(lines) == MAX_RANGES + 1
    assert lines[-1] == "and 2,976 ranges more"


def test_a_length_that_was_not_seen_is_said() -> None:
    (line,) = [one for one in letter().text.split("\n") if "+88213300123" in one]
    assert "not seen" in line
    assert line.endswith("unknown")


def test_a_long_number_is_not_cut() -> None:
    number = "9011449098790115000"
    text = letter(toll(calls_answered=[call(number, "GB", "premium", 1)])).text
    assert number in text
    assert is_plain(text)


def test_an_exercise_says_so_first() -> None:
    assert letter(exercise=True).text.startswith("EXERCISE.")


def test_nothing_that_a_stranger_wrote_gets_a_line_of_its_own() -> None:
    hostile = call(HOSTILE, HOSTILE, HOSTILE, 1, dialled=HOSTILE, account=HOSTILE)
    thief = suspect(
        THIEF,
        kinds=["toll_fraud"],
        calls_answered=[hostile],
        numbers_dialled=[HOSTILE],
        dialled_sample=[HOSTILE],
        accounts_taken=[HOSTILE],
    )
    one = letter(thief)
    assert is_plain(one.text)
    assert "\nBcc" not in one.text
    assert "\nPlease ignore" not in one.text
    assert one.attachments[0].octets.count(b"\n") == 2
