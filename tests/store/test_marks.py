"""Marks are only ever added to."""

from __future__ import annotations

from ringfence.model.follow_up import DONE, TO_DO, Mark
from ringfence.store.cases import CaseStore
from ringfence.store.marks import MarkStore
from ringfence.store.opening import Database
from tests.store.cases import AT, LATER, entry, filed, merged

DONE_IT = Mark("abuse_phoned", DONE, AT, "anna@pbx", "203.0.113.0/24", "ticket 123")
BACK = Mark("abuse_phoned", TO_DO, LATER, "anna@pbx", "203.0.113.0/24")


def test_marks_come_back_in_their_order_with_one_entry(database: Database) -> None:
    case, store = filed(database), MarkStore(database)
    before = len(CaseStore(database).journal(case.id))
    store.add(case, entry(), [DONE_IT])
    store.add(case, entry(), [BACK, BACK])
    assert store.marks(case.id) == [DONE_IT, BACK, BACK]
    assert len(CaseStore(database).journal(case.id)) == before + 2


def test_marks_of_a_merged_case_go_with_it(database: Database) -> None:
    one, two, store = filed(database, "a"), filed(database, "b"), MarkStore(database)
    store.add(two, entry(), [BACK])
    store.add(one, entry(), [DONE_IT])
    merged(database, one, two)
    assert store.marks(two.id) == [DONE_IT, BACK], "in the order of time, whichever case had them"
