"""Replies go in once, and no stranger's mails keep a desk's answer out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.case import CaseError
from ringfence.model.follow_up import Reply
from ringfence.model.letter import SentLetter
from ringfence.store import replies as module
from ringfence.store.cases import CaseStore
from ringfence.store.letters import LetterStore
from ringfence.store.opening import Database
from ringfence.store.replies import ReplyStore
from tests.store.cases import AT, LATER, entry, filed, merged

REPLY = Reply(
    LATER, "", None, "abuse@example.net", "Re: ü", "<1@example.net>", "answered", "We look at it.",
    "it names the case", ("T-1", "T-2"),
)  # fmt: skip


def test_reply_comes_back_and_is_kept_once(database: Database) -> None:
    case, store = filed(database), ReplyStore(database)
    reply = replace(REPLY, case_id=case.id)
    assert store.add(case, entry("reply"), reply)
    assert not store.add(case, entry("again"), replace(reply, says="something else"))
    assert store.replies(case.id) == store.replies() == [reply]
    assert store.of_message_id(reply.message_id) == reply
    assert store.of_message_id("<2@example.net>") is None
    assert [e.text for e in CaseStore(database).journal(case.id)][-1] == "reply"


def test_reply_is_what_a_person_says_that_it_is(database: Database) -> None:
    case, store = filed(database), ReplyStore(database)
    reply = replace(REPLY, case_id=case.id)
    store.add(case, entry(), reply)
    store.change(case, entry("overruled"), replace(reply, outcome="acted", how="you said so"))
    assert store.replies(case.id) == [replace(reply, outcome="acted", how="you said so")]


def test_strangers_who_mail_the_number_keep_no_desk_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_REPLIES", 3)
    case, store = filed(database), ReplyStore(database)
    letter = SentLetter(0, case.id, "abuse", AT, "", (), "", "", (), "")
    number = LetterStore(database).add(case, entry(), letter).number
    for n in range(3):
        store.add(case, entry(), replace(REPLY, case_id=case.id, message_id=f"<{n}@stranger>"))
    with pytest.raises(CaseError, match="3 replies"):
        store.add(case, entry(), replace(REPLY, case_id=case.id, message_id="<3@stranger>"))
    assert store.add(case, entry(), replace(REPLY, case_id=case.id, letter=number))


def test_replies_of_a_merged_case_are_found_with_the_case_that_holds_it(database: Database) -> None:
    one, two, store = filed(database, "a"), filed(database, "b"), ReplyStore(database)
    store.add(one, entry(), replace(REPLY, case_id=one.id, tickets=()))
    merged(database, one, two)
    assert store.replies(two.id) == [replace(REPLY, case_id=one.id, tickets=())]
