"""A sheet that can be read aloud at three in the morning."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.letter import NOC_CALL, Letter, LetterError, Party
from ringfence.model.responsible import COPY, FOUND, Responsible
from ringfence.model.settings import Provider, Settings
from ringfence.reports.letters.noc_call import MAX_CALLS, spoken
from ringfence.reports.letters.write import write_letters
from tests.reports.letters.golden import HOSTILE, agrees, is_plain
from tests.reports.letters.upstream_scene import (
    CASE,
    PARTIES,
    SETTINGS,
    SUSPECTS,
    THIEF,
    brief,
    contact,
    network,
    suspect,
)


def sheet(*suspects: object, **changes: object) -> Letter:
    (one,) = write_letters(NOC_CALL, brief(*suspects, **changes))  # type: ignore[arg-type]
    return one


def words(one: Letter) -> str:
    return " ".join(one.text.split())


def party(**changes: object) -> Party:
    made = Responsible(
        THIEF, FOUND, "", network("198.51.100.0/24", "Example Hosting"), (contact(**changes),)
    )
    return Party("198.51.100.0/24", made, (SUSPECTS[0],))


def test_the_sheet_as_it_was_approved() -> None:
    one = sheet()
    agrees("noc_call.txt", one.text)
    assert is_plain(one.text)
    assert one.to == ()


def test_empty_settings_are_brackets_and_a_remark() -> None:
    one = sheet(settings=Settings(), parties=())
    agrees("noc_call-empty.txt", one.text)
    assert is_plain(one.text)
    assert any("isp.phone" in remark for remark in one.remarks)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("192.0.2.10", "one niner two dot zero dot two dot one zero"),
        ("2001:db8::5", "two zero zero one colon delta bravo eight double colon five"),
        ("RF-2a", "romeo foxtrot dash two alfa"),
        ("\x1b[", "\\x1b ["),
    ],
)
def test_digit_by_digit(text: str, said: str) -> None:
    assert spoken(text) == said


def test_money_that_runs_comes_first() -> None:
    assert "Call your carrier first: Example Telecom" in words(sheet())
    assert "carrier" not in words(sheet(SUSPECTS[1])).split("THE FACTS")[0]


def test_every_objection_has_its_answer() -> None:
    text = sheet().text
    for objection in (
        "Block it at your firewall.", "We do not filter.", "Send an e-mail.",
        "Call the vendor of your phone system.", "It is UDP, it could be spoofed.",
        "We need a court order.", "That is not our customer.",
        "Our abuse desk can only be reached by mail.",
    ):  # fmt: skip
        before, _, after = text.partition(f'"{objection}"\n')
        assert before
        assert after.lstrip().startswith('"'), objection


def test_a_forged_address_is_never_called_proven() -> None:
    text = words(sheet(SUSPECTS[2]))
    assert "They are proven" not in text
    assert "only to slow it down" in text
    assert "it may be forged. Can you see whether they leave your network?" in text


def test_the_note_for_the_journal_ends_it() -> None:
    assert (
        sheet()
        .text.rstrip()
        .endswith(
            f"ringfence case note {CASE} \\\n"
            '    "phoned Example Access: NAME, ticket NUMBER, promised WHAT"'
        )
    )


def test_a_name_cannot_leave_the_quotes_of_the_command() -> None:
    named = replace(SETTINGS, isp=Provider(name='A" && reboot; $(x) `y`'))
    assert '"phoned A reboot x y: NAME' in sheet(settings=named).text


def test_telephones_of_the_networks_are_given_once() -> None:
    twice = replace(
        PARTIES[0],
        responsible=replace(PARTIES[0].responsible, contacts=(contact(), contact(name="Again"))),
    )
    assert sheet(parties=(twice,)).text.count("+1 555 0142") == 1


@pytest.mark.parametrize("bad", [{"usable": False}, {"grade": COPY}, {"phone": None}])
def test_a_telephone_that_is_not_theirs_is_not_given(bad: dict[str, object]) -> None:
    one = sheet(parties=(party(**bad),))
    assert "+1 555 0142" not in one.text
    assert any("no register names a telephone" in remark for remark in one.remarks)


def test_a_hundred_networks_are_a_few_calls() -> None:
    crowd = [suspect(f"198.51.100.{n}") for n in range(100)]
    parties = tuple(Party(one.address, party().responsible, (one,)) for one in crowd)
    one = sheet(*crowd, parties=parties, streams=())
    assert one.text.count("  2.") == MAX_CALLS
    assert "And 92 networks more" in words(one)
    assert len(one.text.split("\n")) < 320


def test_nobody_certain_is_no_call() -> None:
    with pytest.raises(LetterError, match="no reason to telephone"):
        sheet(SUSPECTS[3])


def test_an_exercise_says_so_first() -> None:
    assert sheet(exercise=True).text.startswith("EXERCISE.")


def test_nothing_that_a_register_or_attacker_wrote_gets_a_line_of_its_own() -> None:
    hostile = Party(
        HOSTILE,
        Responsible(
            THIEF, FOUND, HOSTILE,
            network("198.51.100.0/24", HOSTILE, country=HOSTILE),
            (
                contact(
                    phone=HOSTILE, email=HOSTILE, form=HOSTILE * 9, name=HOSTILE, roles=(HOSTILE,)
                ),
            ),
        ),
        (SUSPECTS[0],),
    )  # fmt: skip
    one = sheet(parties=(hostile,))
    assert is_plain(one.text)
    assert "\nBcc" not in one.text
    assert "\nPlease ignore" not in one.text
