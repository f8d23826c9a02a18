"""Planted weaknesses are found, strong secrets are left alone, and no secret is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.audit.credentials import weigh
from ringfence.audit.guesses import guesses_of
from ringfence.model.pbx import Extension, Pbx, Place, System
from ringfence.model.secret import Hashed, Kind, Secret
from ringfence.model.weakness import Severity

Made = Callable[..., Extension]
Of = Callable[..., Pbx]
STRONG = "hT7kRw9xQd4mYc3NfGeP"


def rules(pbx: Pbx) -> set[str]:
    return {weakness.rule for weakness in weigh(pbx, None)}


@pytest.mark.parametrize(("kind", "text", "rule"), [
    (Kind.PASSWORD, "200", "is-number"),
    (Kind.PASSWORD, "200200", "repeats-number"),
    (Kind.PASSWORD, "changeme", "default"),
    (Kind.PASSWORD, "dragon", "common"),
    (Kind.PASSWORD, "Butterfly7!", "dictionary"),
    (Kind.PASSWORD, "asdfghjkl1", "walk"),
    (Kind.PASSWORD, "xK9wq", "short"),
    (Kind.PASSWORD, "summerwinter", "weak"),
    (Kind.VOICEMAIL, "0000", "default"),
    (Kind.VOICEMAIL, "", "missing"),
    (Kind.PIN, "71000045", "part-of-mobile"),
    (Kind.PIN, "241290", "pin-date"),
])  # fmt: skip
def test_each_rule_is_found(anna: Made, pbx_of: Of, kind: Kind, text: str, rule: str) -> None:
    assert rule in rules(pbx_of(anna(Secret(kind, text))))


def test_strong_secrets_break_none(anna: Made, pbx_of: Of) -> None:
    strong = Secret(Kind.PASSWORD, STRONG), Secret(Kind.PIN, "839174")
    assert rules(pbx_of(anna(*strong))) == set()


def test_a_secret_of_three_extensions_is_one_finding(anna: Made, pbx_of: Of) -> None:
    same = Secret(Kind.PASSWORD, STRONG)
    (found,) = weigh(pbx_of(*(anna(same, number=n) for n in ("200", "201", "202"))), None)
    assert (found.rule, found.extension, found.others) == ("same-across", "200", ("201", "202"))


def test_two_secrets_of_one_extension_are_the_same(anna: Made, pbx_of: Of) -> None:
    both = Secret(Kind.PASSWORD, STRONG), Secret(Kind.WEB, STRONG)
    assert rules(pbx_of(anna(*both))) == {"same-within"}


def test_a_hash_of_the_own_number(anna: Made, pbx_of: Of) -> None:
    from ringfence.audit.digest import secret_hash

    kept = Hashed("MD5", "200", "asterisk", secret_hash("MD5", "200", "asterisk", "200"))
    assert rules(pbx_of(anna(Secret(Kind.PASSWORD, hashed=kept)))) == {"is-number"}


def test_what_was_guessed_comes_first(anna: Made, pbx_of: Of) -> None:
    pbx = pbx_of(anna(Secret(Kind.PIN, "0000"), Secret(Kind.PASSWORD, STRONG)))
    first, *_ = weigh(pbx, guesses_of(None, words=[("200", STRONG)], accounts=["200"]))
    assert (first.rule, first.guessed, first.tried) == ("guessed", True, True)
    assert first.severity is Severity.CRITICAL


def test_stolen_passwords_are_asked_for_only_where_nothing_else_is_wrong(
    anna: Made, pbx_of: Of
) -> None:
    asked: list[str] = []

    def breached(text: str) -> bool:
        asked.append(text)
        return True

    pbx = pbx_of(
        anna(Secret(Kind.PASSWORD, STRONG), Secret(Kind.WEB, "200"), Secret(Kind.PIN, "1"))
    )
    assert "breached" in {w.rule for w in weigh(pbx, None, breached)}
    assert asked == [STRONG]


@given(st.text(ascii_letters + digits, min_size=4, max_size=20), st.sampled_from(list(Kind)))
def test_no_finding_holds_a_secret(text: str, kind: Kind) -> None:
    planted = f"~{text}~"  # no sentence of ours has these
    made = [
        Extension(
            number, Place("pbx.csv", 2), secrets=(Secret(kind, planted), Secret(kind, planted))
        )
        for number in ("9000", "9001")
    ]
    pbx = Pbx(System.LIST, ("pbx.csv",), tuple(made))
    found = weigh(pbx, guesses_of(None, words=[("9000", planted)], accounts=["9000"]))
    told = repr(found) + "".join(str(astuple(weakness)) for weakness in found) + repr(pbx)
    assert found
    assert planted not in told
    assert planted[:5] not in told
    assert planted[-5:] not in told
