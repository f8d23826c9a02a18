"""Cases go in and come out again, in SQLite and in a real PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.cases import steps
from ringfence.model.case import MERGED, OPEN, CaseSource, Filed
from ringfence.store.cases import CaseStore
from ringfence.store.opening import Database
from tests.cases.incidents import incident, suspect

AT, LATER, WHO = "2026-10-03T08:00:00Z", "2026-10-04T08:00:00Z", "anna@pbx"


@pytest.fixture
def store(database: Database) -> CaseStore:
    return CaseStore(database)


def opened(letter: str = "a") -> steps.Step:
    return steps.open_case(incident(suspect("203.0.113.66"), capture=letter * 64), AT, WHO)


def test_what_is_filed_comes_back(store: CaseStore) -> None:
    case, entry = opened()
    filed = Filed(AT, "ringfence 0", ("a" * 64,), b'{"schema": 1}', "/cases/one")
    source = CaseSource("2001:db8::66", "attacker", "2026-10-02T19:05:00Z", "2026-10-02T20:05:00Z")
    store.file(case, [entry], filed=filed, sources=[source], traits=["number:1", "hand:ü\\x1b"])
    assert store.cases() == [case]
    assert store.journal(case.id) == [entry]
    assert store.filed(case.id) == [filed]
    assert store.sources(case.id) == [source]
    assert store.traits(["hand:ü\\x1b", "number:2"], but="") == {case.id: ["hand:ü\\x1b"]}
    assert store.traits(["number:1"], but=case.id) == {}


def test_journal_only_grows(store: CaseStore) -> None:
    case, entry = opened()
    store.file(case, [entry])
    texts = [f"note {n}" for n in range(20)]
    for text in texts:
        case, added = steps.note(case, text, LATER, WHO)
        store.file(case, [added])
    assert [e.text for e in store.journal(case.id)] == [entry.text, *texts]
    assert store.cases() == [replace(case, changed_at=LATER)]


def test_times_of_a_source_widen_and_its_verdict_is_the_latest(store: CaseStore) -> None:
    case, entry = opened()
    early = CaseSource("203.0.113.66", "suspect", "2026-10-02T01:00:00Z", "2026-10-02T02:00:00Z")
    late = CaseSource("203.0.113.66", "attacker", "2026-10-03T01:00:00Z", "2026-10-03T02:00:00Z")
    store.file(case, [entry], sources=[late])
    store.file(case, [], sources=[early])
    store.file(case, [], sources=[late])
    (found,) = store.sources(case.id)
    assert found == replace(late, first_seen=early.first_seen)


def test_cases_are_named_by_parts_of_their_number(store: CaseStore) -> None:
    case, entry = opened("a")
    other, more = opened("b")
    store.file(case, [entry])
    store.file(other, [more])
    assert store.named(case.id) == [case]
    assert store.named(case.id[-6:].lower()) == [case]
    assert len(store.named("RF-2026")) == 2
    assert store.named("%%%") == []


def test_merged_case_hands_over_sources_and_traits(store: CaseStore) -> None:
    case, entry = opened("a")
    other, more = opened("b")
    source = CaseSource("203.0.113.9", "attacker", AT, AT)
    store.file(case, [entry], sources=[source], traits=["number:1", "number:2"])
    store.file(other, [more], traits=["number:2"])
    store.merge(*steps.merge(case, other, LATER, WHO))
    assert [(c.id, c.state) for c in store.cases(OPEN)] == [(other.id, OPEN)]
    assert [(c.id, c.merged_into) for c in store.cases(MERGED)] == [(case.id, other.id)]
    assert store.sources(other.id) == [source]
    assert store.traits(["number:1", "number:2"], but="").keys() == {other.id}
    assert [e.kind for e in store.journal(other.id)] == ["opened", "merged"]


def test_family_is_a_case_and_all_that_became_part_of_it(store: CaseStore) -> None:
    one, two, three = (opened(letter) for letter in "abc")
    for case, entry in (one, two, three):
        store.file(case, [entry])
    store.merge(*steps.merge(one[0], two[0], LATER, WHO))
    store.merge(*steps.merge(two[0], three[0], LATER, WHO))
    assert store.family(three[0].id) == [three[0].id, two[0].id, one[0].id]
    assert store.family(one[0].id) == [one[0].id]


def test_text_of_strangers_is_only_text(store: CaseStore) -> None:
    case, entry = opened()
    store.file(case, [entry])
    hostile = "'; DROP TABLE cases; -- \\x00 %s :a"
    case, added = steps.note(case, hostile, LATER, WHO)
    store.file(case, [added], traits=[f"hand:{hostile}"])
    assert store.journal(case.id)[-1].text == hostile
    assert store.traits([f"hand:{hostile}"], but="") == {case.id: [f"hand:{hostile}"]}


def test_many_traits_are_asked_for(store: CaseStore) -> None:
    case, entry = opened()
    traits = [f"number:{n}" for n in range(1000)]
    store.file(case, [entry], traits=traits)
    assert sorted(store.traits(traits, but="")[case.id]) == sorted(traits)


def test_two_processes_write_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    where = str(tmp_path / "cases.db")
    program = (
        "import sys\n"
        "from ringfence.cases import steps\n"
        "from ringfence.model.case import Case\n"
        "from ringfence.store.cases import CaseStore\n"
        "from ringfence.store.opening import Database\n"
        "store = CaseStore(Database(sys.argv[1]))\n"
        f"case = Case('RF-1', 'one', 'open', {AT!r}, {AT!r})\n"
        "for n in range(40):\n"
        "    case, entry = steps.note(case, f'{sys.argv[2]} {n}', 't', 'w')\n"
        "    store.file(case, [entry])\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", program, where, who]) for who in "ab"]
    assert [one.wait(60) for one in both] == [0, 0]
    texts = [e.text for e in CaseStore(Database(where)).journal("RF-1")]
    assert sorted(texts) == sorted(f"{who} {n}" for who in "ab" for n in range(40))
    assert [t for t in texts if t.startswith("a")] == [f"a {n}" for n in range(40)]
