"""Letters go in and come out again, and are found by case, mailbox, Message-ID."""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.letter import SentLetter
from ringfence.store.cases import CaseStore
from ringfence.store.letters import MAX_IDS, LetterStore
from ringfence.store.opening import Database
from tests.store.cases import AT, LATER, entry, filed, merged

LETTER = SentLetter(
    0, "", "abuse", AT, "abuse desk of Exämple", ("Abuse@Example.net", "cert@example.org"),
    "[RF] SIP attack", "203.0.113.0/24", ("203.0.113.66", "2001:db8::1"), "letters/abuse.txt",
)  # fmt: skip


def test_letter_gets_a_number_and_comes_back(database: Database) -> None:
    case, letters = filed(database), LetterStore(database)
    kept = letters.add(case, entry("written"), replace(LETTER, case_id=case.id))
    assert kept.number > 0
    assert kept.to == ("abuse@example.net", "cert@example.org")
    assert letters.letters(case.id) == [kept]
    assert [e.text for e in CaseStore(database).journal(case.id)][-1] == "written"


def test_numbers_are_never_given_twice(database: Database) -> None:
    case, letters = filed(database), LetterStore(database)
    mine = replace(LETTER, case_id=case.id)
    numbers = [letters.add(case, entry(), mine).number for _ in range(5)]
    assert numbers == sorted(set(numbers))


def test_draft_is_rewritten_under_its_number(database: Database) -> None:
    case, letters = filed(database), LetterStore(database)
    mine = replace(LETTER, case_id=case.id)
    first, other = letters.add(case, entry(), mine), letters.add(case, entry(), mine)
    new = replace(
        first, at=LATER, to=("NOC@example.com",), subject="again", addresses=("203.0.113.67",),
        file="letters/noc.txt",
    )  # fmt: skip
    kept = letters.rewrite(case, entry("written anew"), new)
    assert kept == replace(new, to=("noc@example.com",))
    assert letters.letters(case.id) == [kept, other]
    assert letters.letters(to="abuse@example.net") == [other], "the first mailbox is forgotten"
    assert [e.text for e in CaseStore(database).journal(case.id)][-1] == "written anew"


def test_letter_that_went_out_is_found_by_its_message_id(database: Database) -> None:
    case, letters = filed(database), LetterStore(database)
    kept = letters.add(case, entry(), replace(LETTER, case_id=case.id))
    sent = replace(kept, message_id="<1@victim.example>", sent_at=LATER)
    letters.sent(case, entry("sent"), sent)
    assert letters.of_message_ids(["<0@x>", "<1@victim.example>"]) == [sent]
    assert letters.of_message_ids([]) == []
    assert letters.of_message_ids([""]) == [], "letters that were only written have no Message-ID"


def test_a_strangers_thousand_message_ids_are_cut(database: Database) -> None:
    many = [f"<{n}@stranger>" for n in range(50 * MAX_IDS)]
    assert LetterStore(database).of_message_ids(many) == []


def test_all_letters_to_a_mailbox_over_all_cases(database: Database) -> None:
    one, two, letters = filed(database, "a"), filed(database, "b"), LetterStore(database)
    first = letters.add(one, entry(), replace(LETTER, case_id=one.id))
    second = letters.add(two, entry(), replace(LETTER, case_id=two.id, to=("abuse@example.net",)))
    letters.add(two, entry(), replace(LETTER, case_id=two.id, to=("noc@example.com",)))
    assert letters.letters(to="ABUSE@example.net") == [first, second]
    assert letters.letters(two.id, to="abuse@example.net") == [second]


def test_letters_of_a_merged_case_are_found_with_the_case_that_holds_it(database: Database) -> None:
    one, two, letters = filed(database, "a"), filed(database, "b"), LetterStore(database)
    kept = letters.add(one, entry(), replace(LETTER, case_id=one.id))
    merged(database, one, two)
    assert letters.letters(two.id) == [kept]
    assert kept.case_id == one.id, "its file lies in the folder of the case that it was written in"
