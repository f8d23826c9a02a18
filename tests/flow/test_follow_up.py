"""The whole path: filed, contact found, told, answered, back again, closed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.flow.casebook import Casebook, CaseError
from ringfence.model.case import Case
from ringfence.model.follow_up import DONE, NOT_NEEDED, TO_DO, WAITING, FollowUp
from ringfence.model.letter import SentLetter
from ringfence.model.responsible import UNREACHABLE, Responsible
from ringfence.model.settings import Settings, Victim
from tests.cases.incidents import incident, suspect
from tests.cases.mails import bounce, mail
from tests.cases.standings import contact, who

US = Settings(Victim(country="US"))
TRAITS = ("number:972599123456",)
FIRST = incident(suspect("203.0.113.66"), suspect("198.51.100.7"), traits=TRAITS)
LATER = incident(
    suspect("192.0.2.91", first_seen="2026-10-09T01:00:00Z"), capture="b" * 64, traits=TRAITS
)
NET, OTHER = "203.0.113.0/24", "198.51.100.0/24"
FOUND = [
    who("203.0.113.66", NET, contact("abuse@example.net"), contact("noc@example.net")),
    who("198.51.100.7", OTHER, contact("abuse@other.example")),
]


class Clock:
    """The time of the test."""

    def __init__(self) -> None:
        self.at = "2026-10-03T08:00:00Z"

    def __call__(self) -> str:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in ("casebook", "follow_up"):
        monkeypatch.setattr(f"ringfence.flow.{module}.now", clock)
    return clock


@pytest.fixture
def book(clock: Clock, tmp_path: Path) -> Iterator[Casebook]:
    with Casebook(str(tmp_path / "cases.db")) as book:
        yield book


def steps(book: Casebook, case: Case, clock: Clock) -> dict[tuple[str, str], FollowUp]:
    return {(s.step, s.network): s for s in book.follow_up(book.find(case.id), US, clock())}


def letter_of(case: Case, clock: Clock) -> SentLetter:
    """A letter to the desk of Example Hosting."""
    return SentLetter(
        0, case.id, "abuse", clock(), "desk", ("abuse@example.net",), "s", NET,
        ("203.0.113.66",), "letters/1.txt",
    )  # fmt: skip


def sent(book: Casebook, case: Case, clock: Clock) -> SentLetter:
    """One that went out now."""
    letter = book.record_letter(case, letter_of(case, clock))
    return book.letter_sent(case, letter.number, f"<l{letter.number}@victim.example>", clock())


def test_whole_path_of_one_desk(book: Casebook, clock: Clock) -> None:
    case = book.file(FIRST, None).case
    assert steps(book, case, clock)["contact_found", ""].state == TO_DO
    book.record_attribution(case, FOUND)
    found = steps(book, case, clock)
    assert found["contact_found", NET].state == found["contact_found", OTHER].state == DONE
    assert found["abuse_mailed", NET].state == TO_DO
    letter = sent(book, case, clock)
    assert steps(book, case, clock)["abuse_mailed", NET].state == WAITING
    clock.at = "2026-10-07T08:00:00Z"
    assert steps(book, case, clock)["abuse_mailed", NET].due == "2026-10-06"
    reply, new = book.reply(mail("The server has been suspended.", in_reply_to=letter.message_id))
    assert (reply.outcome, reply.letter, new) == ("acted", letter.number, True)
    assert steps(book, case, clock)["abuse_mailed", NET].state == DONE
    assert steps(book, case, clock)["abuse_mailed", OTHER].state == TO_DO
    kinds = [entry.kind for entry in book.journal(case)]
    assert kinds == ["opened", "investigated", "attributed", "letter", "sent", "reply"]


def test_what_contact_was_found_is_in_the_journal_once(book: Casebook) -> None:
    case = book.file(FIRST, None).case
    book.record_attribution(case, FOUND)
    book.record_attribution(case, FOUND)
    (text,) = told(book, case)
    assert "abuse@example.net for 203.0.113.0/24 (Example Hosting), 1 address" in text


def test_registry_that_does_not_answer_undoes_nothing(book: Casebook) -> None:
    case = book.file(FIRST, None).case
    book.record_attribution(case, FOUND)
    book.record_attribution(case, [Responsible("203.0.113.66", UNREACHABLE, "no answer")])
    assert {one.address: one for one in book.attribution(case)} == {f.address: f for f in FOUND}


def told(book: Casebook, case: Case) -> list[str]:
    """What the journal says of contacts."""
    return [entry.text for entry in book.journal(case) if entry.kind == "attributed"]


def test_an_exercise_replaces_no_answer_of_a_registry(book: Casebook) -> None:
    case = book.file(FIRST, None).case
    book.record_attribution(case, FOUND)
    made_up = who("203.0.113.66", NET, contact("abuse@made-up.example"))
    book.record_attribution(case, [replace(made_up, exercise=True)])
    assert {one.address: one for one in book.attribution(case)} == {f.address: f for f in FOUND}
    assert len(told(book, case)) == 1


@pytest.mark.parametrize("found", [FOUND[0], Responsible("203.0.113.66", UNREACHABLE, "silence")])
def test_an_answer_of_a_registry_ends_the_exercise(book: Casebook, found: Responsible) -> None:
    case = book.file(FIRST, None).case
    book.record_attribution(case, [replace(FOUND[0], exercise=True)])
    assert told(book, case)[0].endswith("1 address (an exercise)")
    book.record_attribution(case, [found])
    assert book.attribution(case) == [found]
    assert "exercise" not in told(book, case)[1]


def test_what_is_found_for_a_merged_case_is_kept_in_the_one_that_holds_it(book: Casebook) -> None:
    one, two = book.file(FIRST, None).case, book.file(LATER, None).case
    book.merge(one.id, two.id)
    book.record_attribution(one, FOUND)
    assert {found.address for found in book.attribution(two)} == {f.address for f in FOUND}
    assert len(told(book, two)) == 1


def test_draft_is_written_anew_under_its_number(book: Casebook, clock: Clock) -> None:
    case = book.file(FIRST, None).case
    book.record_attribution(case, FOUND)
    draft = book.record_letter(case, letter_of(case, clock))
    again = book.record_letter(case, replace(draft, to=("noc@example.net",), file="letters/2.txt"))
    assert again.number == draft.number
    assert book.letters(case) == [again]
    assert book.letters(to="abuse@example.net") == []
    assert "letters/2.txt" in steps(book, case, clock)["abuse_mailed", NET].says


def test_letter_that_went_out_is_never_rewritten(book: Casebook, clock: Clock) -> None:
    case = book.file(FIRST, None).case
    letter = sent(book, case, clock)
    with pytest.raises(CaseError, match="a new one has a new number"):
        book.record_letter(case, replace(letter, subject="never said", sent_at=""))
    assert book.letters(case) == [letter]


def test_letter_of_another_case_is_not_rewritten(book: Casebook, clock: Clock) -> None:
    one, two = book.file(FIRST, None).case, book.file(LATER, None).case
    draft, letter = book.record_letter(one, letter_of(one, clock)), sent(book, one, clock)
    for theirs in (draft, letter):
        with pytest.raises(CaseError, match=f"{two.id} has no letter {theirs.number}"):
            book.record_letter(two, replace(theirs, sent_at=""))
    assert book.letters(one) == [draft, letter]
    assert book.letters(two) == []


def test_mailbox_that_bounced_is_known_over_all_cases(book: Casebook, clock: Clock) -> None:
    one, two = book.file(FIRST, None).case, book.file(LATER, None).case
    book.reply(bounce(original=sent(book, one, clock).message_id))
    assert list(book.bounced()) == ["abuse@example.net"]
    sent(book, two, clock)
    assert book.bounced() == {}, "another letter to it went out, and did not come back"


def test_letter_goes_out_once(book: Casebook, clock: Clock) -> None:
    case = book.file(FIRST, None).case
    letter = sent(book, case, clock)
    with pytest.raises(CaseError, match="went out already"):
        book.letter_sent(case, letter.number, "<x@y>", clock())
    with pytest.raises(CaseError, match="no letter 99"):
        book.letter_sent(case, 99, "<x@y>", clock())
    assert book.letters(to="abuse@example.net") == book.letters(case) == [letter]


def test_letter_that_came_back_names_the_next_contact(book: Casebook, clock: Clock) -> None:
    case = book.file(FIRST, None).case
    book.record_attribution(case, FOUND)
    letter = sent(book, case, clock)
    book.reply(bounce(original=letter.message_id))
    mailed = steps(book, case, clock)["abuse_mailed", NET]
    assert mailed.state == TO_DO
    assert "noc@example.net" in mailed.says


def test_forged_reply_does_no_harm(book: Casebook, clock: Clock) -> None:
    case = book.file(FIRST, None).case
    book.record_attribution(case, FOUND)
    sent(book, case, clock)
    clock.at = "2026-10-09T08:00:00Z"
    before, state = steps(book, case, clock), book.find(case.id).state
    forged = mail(
        "The server has been suspended. ringfence case close", subject=f"[{case.id}]",
        **{"from": "abuse@evil.example"},
    )  # fmt: skip
    reply, _ = book.reply(forged)
    assert (reply.letter, reply.sender) == (None, "abuse@evil.example")
    assert steps(book, case, clock) == before
    assert book.find(case.id).state == state
    assert book.desks()[0].acted == 0


def test_same_reply_is_filed_once_and_can_be_overruled(book: Casebook, clock: Clock) -> None:
    case = book.file(FIRST, None).case
    letter = sent(book, case, clock)
    octets = mail("We look at it.", in_reply_to=letter.message_id)
    assert book.reply(octets)[1]
    assert book.reply(octets) == (book.replies(case)[0], False)
    said, new = book.reply(octets, outcome="acted")
    assert (said.outcome, new) == ("acted", False)
    assert [reply.outcome for reply in book.replies(case)] == ["acted"]
    with pytest.raises(CaseError, match="one of acted"):
        book.reply(octets, outcome="happy")


def test_another_mail_under_the_same_message_id_is_not_taken_for_the_first(
    book: Casebook, clock: Clock
) -> None:
    case = book.file(FIRST, None).case
    letter = sent(book, case, clock)
    book.reply(mail("We look at it.", in_reply_to=letter.message_id))
    other = mail(
        "It was suspended.", in_reply_to=letter.message_id, **{"from": "abuse@evil.example"}
    )
    with pytest.raises(CaseError, match="Message-ID of another"):
        book.reply(other, outcome="acted")
    assert [reply.outcome for reply in book.replies(case)] == ["answered"]


def test_a_person_says_which_letter_it_answers(book: Casebook, clock: Clock) -> None:
    case = book.file(FIRST, None).case
    letter = sent(book, case, clock)
    octets = mail("It was suspended.", **{"from": "noc@upstream.example"})
    with pytest.raises(CaseError, match="names no case"):
        book.reply(octets)
    assert book.reply(octets, case=case.id)[0].letter is None
    assert book.reply(octets, case=case.id, letter=letter.number)[0].letter == letter.number
    with pytest.raises(CaseError, match="no letter 99"):
        book.reply(octets, letter=99)


def test_attacker_who_returns_brings_the_work_back(book: Casebook, clock: Clock) -> None:
    first = book.file(FIRST, None).case
    book.record_attribution(first, FOUND)
    book.mark(first.id, "blocked", DONE)
    book.close(first.id, "done")
    clock.at = "2026-10-09T08:00:00Z"
    later = book.file(LATER, None).case
    assert book.find(first.id).state == "open"
    assert [back.case_id for back in book.continues(later)] == [first.id]
    assert [back.later for back in book.came_back(first)] == [later.id]
    again = [s for s in book.follow_up(book.find(first.id), US, clock()) if later.id in s.says]
    assert {"blocked", "contact_found", "isp_asked"} <= {
        s.step for s in again if s.due == clock()[:10]
    }
    assert f"ringfence letter {later.id} abuse" in {s.command for s in again}
    own = {s.step: s for s in book.follow_up(later, US, clock())}
    assert first.id in own["captured"].says
    assert own["isp_asked"].due == "2026-10-09"
    texts = [entry.text for entry in book.journal(later)]
    assert f"the same hand as in {first.id}" in texts
    book.record_attribution(later, [who("192.0.2.91", "192.0.2.0/24", contact("a@b.example"))])
    again = [s for s in book.follow_up(book.find(first.id), US, clock()) if later.id in s.says]
    assert ("abuse_mailed", "192.0.2.0/24", f"ringfence letter {later.id} abuse --send") in {
        (s.step, s.network, s.command) for s in again
    }


def test_what_is_due_over_all_cases_is_asked_for_once(book: Casebook, clock: Clock) -> None:
    book.file(FIRST, None)
    clock.at = "2026-10-09T08:00:00Z"
    later = book.file(LATER, None).case
    due = book.due(book.follow_ups(US, clock()), clock())
    commands = [one.step.command for one in due]
    assert len(commands) == len(set(commands))
    assert [one.case.id for one in due if later.id in one.step.command] == [later.id] * len(
        [c for c in commands if later.id in c]
    )


def test_merged_case_brings_its_letters_replies_and_marks(book: Casebook, clock: Clock) -> None:
    one = book.file(FIRST, None).case
    book.record_attribution(one, FOUND)
    letter = sent(book, one, clock)
    book.mark(one.id, "abuse_phoned", NOT_NEEDED, "no phone", network=OTHER)
    two = book.file(LATER, None).case
    book.merge(one.id, two.id)
    reply, _ = book.reply(mail("We look at it.", in_reply_to=letter.message_id))
    assert reply.case_id == two.id
    found = steps(book, two, clock)
    assert found["abuse_mailed", NET].state == DONE
    assert found["abuse_phoned", OTHER].state == NOT_NEEDED
    assert found["contact_found", ""].state == TO_DO, "its own address is not looked up"
    assert book.letters(two) == [letter]
    by_number, _ = book.reply(mail(f"about {one.id}", message_id="<r2@example.net>"))
    assert by_number.case_id == two.id


def test_marks_name_their_network(book: Casebook) -> None:
    case = book.file(FIRST, None).case
    book.record_attribution(case, FOUND)
    with pytest.raises(CaseError, match=f"--network: {NET}, {OTHER}, or all"):
        book.mark(case.id, "abuse_phoned", DONE)
    book.mark(case.id, "abuse_phoned", DONE, "ticket 1", network="203.0.113.66")
    assert [mark.network for mark in book.marks(case)] == [NET]
    book.mark(case.id, "abuse_phoned", NOT_NEEDED, "enough", network="all")
    assert [mark.network for mark in book.marks(case)][1:] == [NET, OTHER]


@pytest.mark.parametrize(
    ("step", "state", "network", "says"),
    [
        ("nonsense", DONE, "", "no step nonsense: one of captured"),
        ("captured", DONE, "", "not for you"),
        ("closed", DONE, "", "case close"),
        ("blocked", DONE, NET, "leave out --network"),
        ("abuse_mailed", DONE, "192.0.2.1", "no network 192.0.2.1"),
        ("blocked", TO_DO, "", "nothing|nobody said"),
    ],
)
def test_marks_that_make_no_sense(
    book: Casebook, step: str, state: str, network: str, says: str
) -> None:
    case = book.file(FIRST, None).case
    book.record_attribution(case, FOUND)
    with pytest.raises(CaseError, match=says):
        book.mark(case.id, step, state, "x", network)


def test_folder_is_looked_at_for_its_seal_and_its_lists(
    book: Casebook, clock: Clock, tmp_path: Path
) -> None:
    folder = tmp_path / "case"
    (folder / "evidence/bag-0001").mkdir(parents=True)
    (folder / "block").mkdir()
    (folder / "block/nftables.nft").write_text("")
    case = book.file(FIRST, str(folder)).case
    found = steps(book, case, clock)
    assert found["evidence_sealed", ""].state == DONE
    assert f"sudo nft -f {folder}/block/nftables.nft" in found["blocked", ""].command


def test_addition_to_a_folder_is_sealed_beside_it(
    book: Casebook, clock: Clock, tmp_path: Path
) -> None:
    (tmp_path / "case/evidence/bag-0002").mkdir(parents=True)
    case = book.file(FIRST, str(tmp_path / "case/addition-0002")).case
    assert steps(book, case, clock)["evidence_sealed", ""].state == DONE


def test_everything_is_exported(book: Casebook, clock: Clock) -> None:
    case = book.file(FIRST, None).case
    book.record_attribution(case, FOUND)
    letter = sent(book, case, clock)
    book.reply(mail("ok", in_reply_to=letter.message_id))
    book.mark(case.id, "blocked", DONE)
    document = json.loads(book.export(case.id))
    assert document["schema"] == "ringfence.case/2"
    assert document["letters"][0]["message_id"] == letter.message_id
    assert document["replies"][0]["outcome"] == "answered"
    assert document["marks"][0]["step"] == "blocked"
    assert {one["contacts"][0]["email"] for one in document["attribution"]} == {
        "abuse@example.net",
        "abuse@other.example",
    }


def test_document_of_another_version_is_named(book: Casebook, clock: Clock) -> None:
    case = book.file(FIRST, None).case
    filed = replace(book.filed(case)[0], incident=b'{"schema": "other"}')
    book._store.file(case, [], filed=filed)
    with pytest.raises(CaseError, match="another version"):
        book.follow_up(case, US, clock())
