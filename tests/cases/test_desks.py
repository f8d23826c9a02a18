"""The scoreboard of desks."""

from __future__ import annotations

from ringfence.cases.desks import bounced_mailboxes, desks
from ringfence.model.follow_up import Desk, Reply
from ringfence.model.letter import SentLetter

TODAY = "2026-10-20"


def letter(number: int, to: str, sent_at: str = "2026-10-01T08:00:00Z") -> SentLetter:
    return SentLetter(
        number, "RF-1", "abuse", sent_at, "", (to,), "", "", (), "", f"<{number}@v>", sent_at
    )


def reply(number: int | None, outcome: str, at: str = "2026-10-01T12:00:00Z") -> Reply:
    return Reply(at, "RF-1", number, "x@y", "", f"<{number}{outcome}{at}>", outcome, "", "")


def test_desk_that_acted_answered_and_was_silent() -> None:
    letters = [letter(n, "abuse@example.net") for n in range(1, 5)]
    replies = [
        reply(1, "automatic", "2026-10-01T08:01:00Z"),
        reply(1, "answered", "2026-10-01T10:00:00Z"),
        reply(1, "acted", "2026-10-02T08:00:00Z"),
        reply(2, "answered", "2026-10-01T18:00:00Z"),
        reply(3, "bounced", "2026-10-01T08:02:00Z"),
    ]
    assert desks(letters, replies, TODAY) == [
        Desk("abuse@example.net", 4, 2, 1, 1, 1, 6.0, "2026-10-02T08:00:00Z")
    ]


def test_desk_whose_turn_it_still_is_is_not_silent() -> None:
    (desk,) = desks([letter(1, "a@b.example", "2026-10-19T08:00:00Z")], [], TODAY)
    assert (desk.silent, desk.median_hours, desk.last) == (0, None, None)


def test_automatic_answer_does_not_end_the_silence() -> None:
    (desk,) = desks([letter(1, "a@b.example")], [reply(1, "automatic")], TODAY)
    assert (desk.answered, desk.silent) == (0, 1)


def test_letters_that_were_only_written_do_not_count() -> None:
    assert desks([letter(1, "a@b.example", "")], [], TODAY) == []


def test_forged_reply_without_a_letter_scores_for_nobody() -> None:
    (desk,) = desks([letter(1, "a@b.example")], [reply(None, "acted")], TODAY)
    assert (desk.answered, desk.acted) == (0, 0)


def test_reply_dated_before_its_letter_took_no_time() -> None:
    (desk,) = desks([letter(1, "a@b.example")], [reply(1, "acted", "2020-01-01T00:00:00Z")], TODAY)
    assert desk.median_hours == 0.0


def test_busiest_desk_comes_first() -> None:
    letters = [letter(1, "a@a.example"), letter(2, "b@b.example"), letter(3, "b@b.example")]
    assert [d.name for d in desks(letters, [], TODAY)] == ["b@b.example", "a@a.example"]


def test_mailbox_whose_last_letter_came_back_takes_none() -> None:
    letters = [
        letter(1, "dead@a.example"),
        letter(2, "good@b.example"),
        letter(3, "silent@c.example"),
    ]
    replies = [
        reply(1, "bounced", "2026-10-01T08:02:00Z"),
        reply(1, "bounced", "2026-10-03T08:00:00Z"),
        reply(2, "answered"),
    ]
    assert bounced_mailboxes(letters, replies) == {"dead@a.example": "2026-10-03"}


def test_bounce_beside_an_answer_tells_nothing_of_the_mailbox() -> None:
    replies = [reply(1, "bounced"), reply(1, "automatic")]
    assert bounced_mailboxes([letter(1, "a@b.example")], replies) == {}


def test_mailbox_that_took_a_later_letter_is_not_given_up() -> None:
    letters = [letter(1, "a@b.example"), letter(2, "a@b.example", "2026-10-05T08:00:00Z")]
    assert bounced_mailboxes(letters, [reply(1, "bounced")]) == {}
    assert bounced_mailboxes(letters, [reply(2, "bounced")]) == {"a@b.example": "2026-10-01"}


def test_old_draft_that_went_out_today_is_the_last_letter() -> None:
    letters = [letter(1, "a@b.example", "2026-10-05T08:00:00Z"), letter(2, "a@b.example")]
    assert bounced_mailboxes(letters, [reply(2, "bounced")]) == {}


def test_bounce_that_belongs_to_no_letter_gives_up_no_mailbox() -> None:
    letters = [letter(1, "a@b.example"), letter(2, "c@d.example", "")]
    assert bounced_mailboxes(letters, [reply(None, "bounced"), reply(2, "bounced")]) == {}
