"""Who answers for an address: the latest answer, an address each."""

from __future__ import annotations

import pytest

from ringfence.model.case import CaseError
from ringfence.store import attributions as module
from ringfence.store.attributions import AttributionStore
from ringfence.store.opening import Database
from tests.store.cases import AT, LATER, entry, filed, merged


def test_the_latest_answer_stands(database: Database) -> None:
    case, store = filed(database), AttributionStore(database)
    store.keep(case, entry(), {"203.0.113.66": b"old", "2001:db8::1": b"other"}, AT)
    store.keep(case, None, {"203.0.113.66": b"new"}, LATER)
    assert store.found(case.id) == {"203.0.113.66": b"new", "2001:db8::1": b"other"}


def test_of_a_merged_case_the_latest_of_both(database: Database) -> None:
    one, two, store = filed(database, "a"), filed(database, "b"), AttributionStore(database)
    store.keep(one, None, {"203.0.113.66": b"new", "203.0.113.67": b"only"}, LATER)
    store.keep(two, None, {"203.0.113.66": b"old"}, AT)
    merged(database, one, two)
    assert store.found(two.id) == {"203.0.113.66": b"new", "203.0.113.67": b"only"}


def test_a_flood_of_addresses_is_bounded(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_ATTRIBUTIONS", 3)
    case, store = filed(database), AttributionStore(database)
    store.keep(case, None, {f"203.0.113.{n}": b"x" for n in range(3)}, AT)
    with pytest.raises(CaseError, match="more than 3"):
        store.keep(case, None, {"203.0.113.9": b"x"}, AT)
    assert len(store.found(case.id)) == 3
