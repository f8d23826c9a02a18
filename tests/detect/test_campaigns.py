"""One hand over several addresses: what joins them, what must not, and the name of the group."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.detect import _fields as f
from ringfence.detect.campaigns import find_campaigns
from ringfence.detect.counts import Counts
from ringfence.detect.deeds import Deeds
from ringfence.detect.profile import Profile
from ringfence.detect.verdict import ATTACKER, IN_TROUBLE, ORDINARY, SUSPECT, Verdict, WeighedClue
from tests.conversations.script import FOLDER, read_scene
from tests.conversations.trial import try_scene

A, B, C, D = "203.0.113.66", "203.0.113.67", "198.51.100.201", "192.0.2.77"
LATER = "2001:db8:66::66"
ZOIPER = (7, 1, "Z 3.15.40006 rv2.8.20")
GULP = (8, 2, "Gulp 7")
MUMBAI = "9011912264123456"
LONDON = "9011442079460123"
LONDON_RANGE = "9011442079460155"  # of the same thousand
TRUNK_SIDE = """
pbx 192.0.2.10 agent="Asterisk PBX 18"
carrier 198.51.100.30
eve{1,2} 203.0.113.{66,67} agent={"Z 3.15","Gulp 7"} order={q,m} call=new
at 2:00
eve{1,2} REGISTER {100..139} every=1 > 404
eve1 REGISTER 240 every=1 times=9 > 401 auth={1,2,3,4} 401
eve2 REGISTER 241 every=1 times=9 > 401 auth={1,2,3,4} 401
eve1 REGISTER 240 > 401 auth 200
eve2 REGISTER 241 > 401 auth 200
at 3:00
eve{1,2} INVITE 9011442079460{123,155} every=60 > 407 auth 100 200 bye=20
at 3:00
pbx INVITE 00442079460{123,155} every=60 to=carrier > 100 200 bye=20
"""


def source(
    address: str,
    verdict: str = ATTACKER,
    *,
    hand: tuple[int, int, str] | None = None,
    clues: tuple[str, ...] = (),
    order: int = 0,
    **texts: tuple[str, ...],
) -> Verdict:
    """A verdict on a source that shows this hand, these clues and these texts."""
    profile = Profile()
    for what, values in texts.items():
        for value in values:
            profile.add(what, value)
    row = [0] * f.ROW_WIDTH
    row[f.ORDER] = order
    deeds = Deeds(ip_address(address), Counts(tuple(row)), profile, (), hand=hand)
    weighed = tuple(WeighedClue(clue, "", 10.0, "") for clue in clues)
    return Verdict(deeds, verdict, 40.0, (), weighed)


def groups(*verdicts: Verdict) -> list[set[str]]:
    return [set(campaign.sources) for campaign in find_campaigns(verdicts)]


# ------------------------------------------------------------ what joins


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            source(A, hand=ZOIPER), source(B, hand=ZOIPER), id="User-Agent and order of headers"
        ),
        pytest.param(
            source(A, numbers=(LONDON,)),
            source(B, numbers=("00442079460123",)),
            id="one number with two prefixes",
        ),
        pytest.param(
            source(A, numbers=(LONDON,)), source(B, numbers=(LONDON_RANGE,)), id="one range"
        ),
        pytest.param(
            source(A, accepted_accounts=("240",)),
            source(B, accounts=("240",), clues=("taken_account",)),
            id="an account that the other took",
        ),
        pytest.param(
            source(A, SUSPECT, refused_accounts=("244",), clues=("spread_guessing",)),
            source(B, SUSPECT, refused_accounts=("244",), clues=("spread_guessing",)),
            id="guesses at one account from many addresses",
        ),
        pytest.param(
            source(A, SUSPECT, order=9, clues=("crowd",)),
            source(B, SUSPECT, order=9, clues=("crowd",)),
            id="members of a crowd",
        ),
    ],
)
def test_shared_trait_joins(one: Verdict, other: Verdict) -> None:
    assert groups(one, other) == [{A, B}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(source(A), source(B), id="nothing at all"),
        pytest.param(
            source(A, hand=(7, 1, "Zoiper")), source(B, hand=(8, 1, "Zoiper")), id="order differs"
        ),
        pytest.param(
            source(A, hand=(7, 1, "Zoiper")), source(B, hand=(7, 2, "snom")), id="agent differs"
        ),
        pytest.param(source(A, numbers=("201",)), source(B, numbers=("201",)), id="extensions"),
        pytest.param(
            source(A, refused_accounts=("100",)),
            source(B, refused_accounts=("100",)),
            id="the account that everybody tries",
        ),
        pytest.param(
            source(A, SUSPECT, accepted_accounts=("240",)),
            source(B, SUSPECT, accepted_accounts=("240",)),
            id="an account that mere suspects have",
        ),
        pytest.param(source(A, order=9), source(B, order=9), id="order of headers, but no crowd"),
    ],
)
def test_strangers_stay_apart(one: Verdict, other: Verdict) -> None:
    assert groups(one, other) == [{A}, {B}] or groups(one, other) == [{B}, {A}]


def test_groups_are_transitive() -> None:
    """The first and the last have nothing in common but the two between them."""
    chain = (
        source(A, hand=ZOIPER),
        source(B, hand=ZOIPER, numbers=(LONDON,)),
        source(C, numbers=(LONDON_RANGE, MUMBAI)),
        source(D, numbers=(MUMBAI,), hand=GULP),
    )
    assert groups(*chain) == [{A, B, C, D}]
    assert groups(*reversed(chain)) == [{A, B, C, D}]


@pytest.mark.parametrize("said", [ORDINARY, IN_TROUBLE])
def test_trait_that_an_innocent_shows_joins_nobody(said: str) -> None:
    pair = source(A, hand=ZOIPER), source(B, hand=ZOIPER)
    found = groups(*pair, source(C, said, hand=ZOIPER))
    assert sorted(map(sorted, found)) == [[A], [B]]


def test_innocent_takes_one_trait_only() -> None:
    pair = source(A, hand=ZOIPER, numbers=(LONDON,)), source(B, hand=ZOIPER, numbers=(LONDON,))
    (campaign,) = find_campaigns([*pair, source(C, ORDINARY, hand=ZOIPER)])
    assert set(campaign.sources) == {A, B}
    assert "Z 3.15" not in campaign.fingerprint


def test_innocent_is_in_no_campaign() -> None:
    assert groups(source(A, ORDINARY, hand=ZOIPER), source(B, IN_TROUBLE)) == []


def test_time_grows_with_sources_not_with_their_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spoofed flood brings tens of thousands: nobody is compared with everybody."""

    def refuse(one: Verdict, other: object) -> bool:
        raise AssertionError

    monkeypatch.setattr(Verdict, "__eq__", refuse)
    assert len(groups(source(A), source(B, ORDINARY), source(C))) == 2


def test_largest_campaign_comes_first() -> None:
    found = groups(source(A, hand=GULP), source(B, hand=ZOIPER), source(C, hand=ZOIPER))
    assert found == [{B, C}, {A}]


# ------------------------------------------------------------ its name


def test_same_hand_has_the_same_id_in_a_later_capture() -> None:
    (today,) = find_campaigns([source(A, hand=ZOIPER), source(B, hand=ZOIPER)])
    (later,) = find_campaigns(
        [source(LATER, hand=ZOIPER), source(D, hand=ZOIPER), source(C, hand=ZOIPER)]
    )
    assert later.id == today.id
    assert set(later.sources) & set(today.sources) == set()


def test_source_alone_has_the_same_id_at_another_address() -> None:
    (today,) = find_campaigns([source(A, hand=ZOIPER, numbers=(LONDON,))])
    (later,) = find_campaigns([source(LATER, SUSPECT, hand=ZOIPER, numbers=(LONDON,))])
    assert later.id == today.id


def test_order_of_sources_changes_no_id() -> None:
    members = [source(a, hand=ZOIPER, numbers=(LONDON, MUMBAI)) for a in (A, B, C)]
    (one,), (other,) = find_campaigns(members), find_campaigns(members[::-1])
    assert (one.id, one.fingerprint, one.sure_db) == (other.id, other.fingerprint, other.sure_db)


def test_other_hands_have_other_ids() -> None:
    found = find_campaigns([source(A, hand=ZOIPER), source(B, hand=GULP), source(C), source(D)])
    assert len({campaign.id for campaign in found}) == 4


# ------------------------------------------------------------ what is said of it


@pytest.mark.parametrize(
    ("traits", "sure_db"),
    [
        ({"hand": ZOIPER}, 20.0),
        ({"numbers": (LONDON,)}, 45.0),  # the number, and its range
        ({"numbers": (LONDON, MUMBAI)}, 45.0),  # a second one is no second reason
        ({"hand": ZOIPER, "accepted_accounts": ("240", "241")}, 45.0),
    ],
)
def test_each_sort_of_trait_counts_once(traits: dict[str, tuple[str, ...]], sure_db: float) -> None:
    (campaign,) = find_campaigns([source(a, **traits) for a in (A, B, C)])  # type: ignore[arg-type]
    assert campaign.sure_db == sure_db


def test_source_alone_is_sure_of_nothing() -> None:
    (campaign,) = find_campaigns([source(A, hand=ZOIPER, numbers=(LONDON,))])
    assert campaign.sure_db == 0.0


def test_source_without_a_trait_is_called_one_source() -> None:
    (campaign,) = find_campaigns([source(A)])
    assert campaign.fingerprint == "one source"


@pytest.mark.parametrize(
    ("member", "says"),
    [
        ({"hand": GULP}, "User-Agent 'Gulp 7' with headers in order 0000000000000008"),
        ({"numbers": (LONDON,)}, "calls …079460123; calls numbers of the range …42079460xxx"),
        ({"accepted_accounts": ("240",)}, "uses account 240"),
        ({"refused_accounts": ("244",), "clues": ("spread_guessing",)}, "guesses at account 244"),
        ({"order": 9, "clues": ("crowd",)}, "headers in order 0000000000000009"),
    ],
)  # fmt: skip
def test_fingerprint_is_words(member: dict[str, object], says: str) -> None:
    (campaign,) = find_campaigns([source(A, **member), source(B, **member)])  # type: ignore[arg-type]
    assert campaign.fingerprint == says


def test_fingerprint_of_a_thousand_numbers_is_short() -> None:
    numbers = tuple(f"90114420794{n:05}" for n in range(1000))
    (campaign,) = find_campaigns([source(A, numbers=numbers), source(B, numbers=numbers)])
    assert campaign.fingerprint.count(";") == 3


def test_agent_that_writes_escape_sequences_is_shown_harmless() -> None:
    (campaign,) = find_campaigns([source(A, hand=(7, 1, "\x1b[2J; Zoiper"))])
    assert "\x1b" not in campaign.fingerprint


# ------------------------------------------------------------ whole conversations


@pytest.mark.parametrize(
    "name", ["moves_in_the_middle", "guessing_spread", "toll_from_another_address"]
)
def test_hand_that_moves_is_one_campaign(name: str, tmp_path: Path) -> None:
    scene = read_scene((FOLDER / "attacks" / f"{name}.txt").read_text())
    (campaign,) = try_scene(scene, tmp_path).incident.campaigns
    attackers = {str(p.address) for p in scene.parties.values()} - {"192.0.2.10"}
    assert set(campaign.sources) == attackers


def test_server_that_passes_calls_on_is_no_innocent(tmp_path: Path) -> None:
    """Taken on both sides: the PBX dials on the trunk what the thieves dial at the PBX."""
    scene = read_scene(TRUNK_SIDE)
    campaigns = try_scene(scene, tmp_path).incident.campaigns
    assert [set(campaign.sources) for campaign in campaigns] == [{A, B}]
