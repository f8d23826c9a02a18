"""The hand that came back: from the earlier case, and from the later one."""

from __future__ import annotations

from ringfence.model.case import CameBack
from ringfence.store.cases import CaseStore
from ringfence.store.opening import Database
from ringfence.store.returns import ReturnStore
from tests.store.cases import LATER, entry, filed, merged


def test_both_cases_know_of_each_other(database: Database) -> None:
    one, two = filed(database, "a"), filed(database, "b")
    back = CameBack(one.id, two.id, LATER, 25.0)
    CaseStore(database).file(one, [entry()], back=back)
    CaseStore(database).file(one, [entry()], back=back)
    returns = ReturnStore(database)
    assert returns.later(one.id) == returns.earlier(two.id) == [back]
    assert returns.earlier(one.id) == returns.later(two.id) == []


def test_a_case_does_not_come_back_in_its_own_part(database: Database) -> None:
    one, two, three = (filed(database, letter) for letter in "abc")
    back, again = (CameBack(one.id, later.id, LATER, 25.0) for later in (two, three))
    for each in (back, again):
        CaseStore(database).file(one, [entry()], back=each)
    merged(database, two, one)
    returns = ReturnStore(database)
    assert returns.later(one.id) == [again]
    assert returns.earlier(one.id) == []
