"""What letters are written from: told to strangers without the house, on whole evidence."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence import flow
from ringfence.flow import Owner, brief
from ringfence.flow.brief import LetterOptions, brief_of
from ringfence.flow.casebook import Casebook
from ringfence.flow.evidence import verify_evidence
from ringfence.flow.responsible import look_up
from ringfence.model.case import Case
from ringfence.model.incident import Incident
from ringfence.model.letter import (
    ABUSE,
    CARRIER,
    FOR_INVESTIGATORS,
    ISP,
    NOC_CALL,
    POLICE,
    Brief,
    LetterError,
    SentLetter,
)
from ringfence.model.responsible import (
    FOUND,
    NOT_FOUND,
    NOT_LOOKED_UP,
    UNREACHABLE,
    Responsible,
    WhoOptions,
)
from ringfence.model.settings import Settings
from ringfence.reports.letters.write import write_letters
from tests.cases.incidents import incident, suspect
from tests.cases.mails import bounce
from tests.cases.standings import contact, who
from tests.letter_scene import (
    ACCOMPLICE,
    CLOUD,
    DESK,
    EXAMPLES,
    HOSTING,
    INSIDE,
    KNOWN,
    NEXT_DESK,
    OUTSIDE,
    PBX,
    THIEF,
    Scene,
    behind_nat,
    build,
    example_settings,
    found_in,
    secrets_of,
    stop_clock,
    text_of,
)

STRANGERS = (ABUSE, ISP, CARRIER, NOC_CALL)
MINE = example_settings()
AT_NAT = replace(MINE, victim=replace(MINE.victim, address=OUTSIDE))
REGISTRY = str(EXAMPLES / "registry")


class Registries:
    """In place of a look-up: what was asked."""

    def __init__(self, *answers: Responsible) -> None:
        self.answers = {one.address: one for one in answers}
        self.asked: list[str] = []

    def __call__(self, addresses: Iterable[str], *_: object) -> Iterator[Responsible]:
        for address in addresses:
            self.asked.append(address)
            silent = Responsible(address, UNREACHABLE, "no answer")
            yield self.answers.get(address, silent)


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keys of this test's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_clock(monkeypatch)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return build(tmp_path_factory.mktemp("made"), EXAMPLES / "attack.pcap")


@pytest.fixture(scope="module")
def nat(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The same night, recorded behind NAT."""
    place = tmp_path_factory.mktemp("nat")
    return build(place, behind_nat(place)).copy(place, *KNOWN)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Another night: guesses, and no call."""
    return build(tmp_path_factory.mktemp("other"), EXAMPLES / "guessing.pcap")


@pytest.fixture
def scene(original: Scene, tmp_path: Path) -> Scene:
    """Filed, and its networks known."""
    return original.copy(tmp_path, *KNOWN)


@pytest.fixture(autouse=True)
def registries(monkeypatch: pytest.MonkeyPatch) -> Registries:
    """Nobody is asked for real; they know the same as the case."""
    mine = Registries(*KNOWN)
    monkeypatch.setattr(brief, "look_up", mine)
    return mine


def options(settings: Settings = MINE, **asked: object) -> LetterOptions:
    return LetterOptions(settings, WhoOptions(**asked))  # type: ignore[arg-type]


def briefed(
    scene: Scene, kind: str = ABUSE, how: LetterOptions | None = None, case_id: str = ""
) -> tuple[Path, Brief, list[str]]:
    notes: list[str] = []
    with Casebook(scene.store) as book:
        case = book.find(case_id or scene.case_id)
        gathered = brief_of(book, case, kind, how or options(), notes)
    return gathered.folder, gathered.brief, notes


def refused(scene: Scene, kind: str = ABUSE, case_id: str = "") -> str:
    with pytest.raises(LetterError) as caught:
        briefed(scene, kind, case_id=case_id)
    return str(caught.value)


def spoil(folder: Path) -> None:
    """One octet more in what was sealed."""
    with (folder / "evidence/bag-0001/data/attackers.pcapng").open("ab") as packets:
        packets.write(b"x")


def desks(made: Brief) -> dict[str, str]:
    """Whom the letter about each network goes to; "" for nobody."""
    best = {party.key: party.responsible.best for party in made.parties}
    return {key: (one.email or "") if one else "" for key, one in best.items()}


# ---- who reads what ----------------------------------------------------------


@pytest.mark.parametrize("kind", STRANGERS)
def test_strangers_read_no_name_of_the_house(scene: Scene, kind: str) -> None:
    letters = write_letters(kind, briefed(scene, kind)[1])
    secrets = secrets_of(scene.folder)
    assert [found_in(text_of(letter), secrets) for letter in letters] == [[]] * len(letters)


@pytest.mark.parametrize("kind", FOR_INVESTIGATORS)
def test_investigators_read_which_account_was_stolen(scene: Scene, kind: str) -> None:
    (letter,) = write_letters(kind, briefed(scene, kind)[1])
    assert "240" in found_in(text_of(letter), secrets_of(scene.folder))


def test_behind_nat_strangers_search_for_the_address_that_they_saw(nat: Scene) -> None:
    made = briefed(nat, ABUSE, options(AT_NAT))[1]
    assert made.incident.defended == [OUTSIDE]
    assert {stream.destination for stream in made.streams} == {OUTSIDE}
    assert {excerpt.destination for excerpt in made.excerpts} == {f"{OUTSIDE}:5060"}
    for letter in write_letters(ABUSE, made):
        assert f"Destination   {OUTSIDE}, port 5060" in letter.text
        assert f'"destination_ip": "{OUTSIDE}"' in letter.xarf[0].octets.decode()
        assert INSIDE not in text_of(letter)
    (letter,) = write_letters(ISP, briefed(nat, ISP, options(AT_NAT))[1])
    assert f"please drop SIP attack traffic to {OUTSIDE}" in letter.subject
    assert f"destination {OUTSIDE}/32" in letter.attachments[1].octets.decode()
    assert INSIDE not in text_of(letter)


@pytest.mark.parametrize("kind", STRANGERS)
def test_private_address_of_the_pbx_stays_in_the_house(nat: Scene, kind: str) -> None:
    made = briefed(nat, kind)[1]
    assert OUTSIDE not in made.incident.defended
    for letter in write_letters(kind, made):
        assert INSIDE not in text_of(letter)


@pytest.mark.parametrize("kind", FOR_INVESTIGATORS)
@pytest.mark.parametrize("mine", [MINE, AT_NAT], ids=["unknown", "known"])
def test_investigators_read_the_address_that_was_recorded(
    nat: Scene, kind: str, mine: Settings
) -> None:
    made = briefed(nat, kind, options(mine))[1]
    assert made.incident.defended == [INSIDE]
    assert {stream.destination for stream in made.streams} == {INSIDE}


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("251.4.31.0:5060", f"{OUTSIDE}:5060"),
        ("[100::7]:5061", "[2001:db8::1]:5061"),
        ("192.0.2.50:5060", "192.0.2.50:5060"),
        ("[100::8]:5060", "[100::8]:5060"),
    ],
)
def test_end_of_a_message_is_named_as_others_see_it(end: str, told: str) -> None:
    assert brief._end(end, {"251.4.31.0": OUTSIDE, "100::7": "2001:db8::1"}) == told


def test_address_of_the_settings_replaces_no_public_one(scene: Scene) -> None:
    assert briefed(scene, ABUSE, options(AT_NAT))[1].incident.defended == [PBX]


def test_address_of_the_other_family_stands_for_no_server(nat: Scene) -> None:
    six = replace(MINE, victim=replace(MINE.victim, address="2001:db8::10"))
    assert "2001:db8::10" not in briefed(nat, ABUSE, options(six))[1].incident.defended


# ---- the folder ----------------------------------------------------------------


def test_case_without_a_folder_is_told_so(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    found = incident(suspect(THIEF))
    with Casebook(store) as book:
        book.file(found, None)
    assert "has no case folder" in refused(Scene(tmp_path, found, store))


def test_folder_that_is_gone_is_named(scene: Scene) -> None:
    shutil.rmtree(scene.folder)
    says = refused(scene)
    assert str(scene.folder) in says
    assert "investigate its captures again" in says


def test_folder_of_before_serves_while_the_latest_is_gone(scene: Scene, tmp_path: Path) -> None:
    with scene.book() as (book, _):
        book.file(scene.incident, str(tmp_path / "gone"))
    assert briefed(scene)[0] == scene.folder


def test_nothing_is_told_to_strangers_without_the_redacted_document(scene: Scene) -> None:
    (scene.folder / "for-others/incident.json").unlink()
    says = refused(scene)
    assert "for-others/incident.json is missing" in says
    assert "investigate again" in says


def test_document_of_another_version_is_named(scene: Scene) -> None:
    (scene.folder / "for-others/incident.json").write_text('{"schema": "other"}')
    assert "of another version" in refused(scene)


@pytest.mark.parametrize("kind", [ABUSE, POLICE])
@pytest.mark.parametrize("gone", ["data/incident.json", "bagit.txt", "data", "keys"])
def test_no_letter_rests_on_evidence_that_lacks_something(
    scene: Scene, kind: str, gone: str
) -> None:
    place = scene.folder / "evidence/bag-0001" / gone
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    assert "no letter can rest on it" in refused(scene, kind)


@pytest.mark.parametrize("kind", [ABUSE, POLICE])
def test_no_letter_rests_on_evidence_that_changed(scene: Scene, kind: str) -> None:
    spoil(scene.folder)
    says = refused(scene, kind)
    assert "no letter can rest on it" in says
    assert "`ringfence verify " in says
    assert "bag-0001" in says


def test_no_letter_rests_on_a_bag_that_was_emptied(scene: Scene) -> None:
    bag = scene.folder / "evidence/bag-0001"
    shutil.rmtree(bag)
    bag.mkdir()
    assert "no letter can rest on the evidence" in refused(scene)


def test_without_evidence_the_letter_claims_none(scene: Scene) -> None:
    shutil.rmtree(scene.folder / "evidence")
    made = briefed(scene)[1]
    assert (made.evidence, made.streams) == (None, ())
    assert "sealed" not in write_letters(ABUSE, made)[0].text


def test_evidence_is_named_by_its_sums(scene: Scene) -> None:
    note = briefed(scene)[1].evidence
    assert note is not None
    twin = (scene.folder / "for-others/attackers.pcapng").read_bytes()
    assert note.bag == "evidence/bag-0001"
    assert note.seal == verify_evidence(str(scene.folder)).bags[0].seal
    assert note.for_others == sha256(twin).hexdigest()
    assert note.sealed_at.endswith("Z")
    assert note.key.startswith("SHA256:")
    assert [sha for _, sha in note.originals] == [scene.incident.inputs[0].sha256]


def test_what_was_added_to_a_folder_rests_on_its_own_bag(scene: Scene, other: Scene) -> None:
    """A second capture in the same folder is a case of its own, beside the first."""
    capture = str(EXAMPLES / "guessing.pcap")
    found = flow.investigate([capture])
    made = flow.write_folder(found, [capture], Owner(), other.case_id, scene.folder)
    with Casebook(scene.store) as book:
        book.file(found.incident, made.path)
    folder, told, _ = briefed(scene, case_id=other.case_id)
    assert folder == scene.folder
    assert told.evidence is not None
    assert told.evidence.bag == "evidence/bag-0002"
    spoil(scene.folder)
    assert briefed(scene, case_id=other.case_id)[1].evidence == told.evidence


# ---- cases of several investigations -------------------------------------------


@pytest.fixture
def merged(scene: Scene, other: Scene, tmp_path: Path) -> Scene:
    """The other night, merged into the first one."""
    place = tmp_path / "other"
    shutil.copytree(other.folder, place)
    with scene.book() as (book, case):
        part = book.file(other.incident, str(place)).case
        book.merge(part.id, case.id)
    return scene


def messages_of(found: Incident, address: str = THIEF) -> int:
    return next(s.messages for s in found.suspects if s.address == address)


def test_merged_case_is_written_as_one(merged: Scene, other: Scene) -> None:
    folder, made, notes = briefed(merged)
    assert (folder, notes) == (merged.folder, [])
    assert made.case_id == merged.case_id
    assert messages_of(made.incident) == messages_of(merged.incident) + messages_of(other.incident)
    assert [one.sha256 for one in made.incident.inputs] == [
        i.sha256 for one in (merged.incident, other.incident) for i in one.inputs
    ]
    assert {party.key for party in made.parties} == {HOSTING, CLOUD}
    times = {stream.first_seen for stream in made.streams if stream.address == THIEF}
    assert len(times) >= 2


def test_part_whose_folder_is_gone_is_named(merged: Scene, other: Scene, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "other")
    _, made, notes = briefed(merged)
    assert messages_of(made.incident) == messages_of(merged.incident)
    (note,) = notes
    assert note.startswith("left out of the letters: the folder of ")
    assert str(tmp_path / "other") in note


def test_every_part_of_a_merged_case_has_to_be_as_it_was_sealed(
    merged: Scene, tmp_path: Path
) -> None:
    spoil(tmp_path / "other")
    assert str(tmp_path / "other") in refused(merged)


def test_merged_case_is_no_hand_that_returned_to_itself(merged: Scene) -> None:
    assert briefed(merged)[1].returning == ()


def test_hand_that_was_here_before_is_named_in_the_later_case_only(
    original: Scene, tmp_path: Path
) -> None:
    traits = tuple(trait for one in original.incident.campaigns for trait in one.traits)
    before = incident(suspect("198.51.100.7"), capture="b" * 64, traits=traits)
    since = incident(suspect("198.51.100.8"), capture="c" * 64, traits=traits)
    with Casebook(str(tmp_path / "cases.db")) as book:
        first = book.file(before, None).case
    scene = original.copy(tmp_path, *KNOWN)
    with Casebook(scene.store) as book:
        book.file(since, None)
    assert briefed(scene)[1].returning == (first.id,)


# ---- who answers ----------------------------------------------------------------


def test_what_the_case_knows_is_not_asked_again(scene: Scene, registries: Registries) -> None:
    assert desks(briefed(scene)[1])[HOSTING] == DESK
    assert registries.asked == []


def test_only_what_the_case_does_not_know_is_asked_and_kept(
    original: Scene, registries: Registries, tmp_path: Path
) -> None:
    scene = original.copy(tmp_path, KNOWN[0])
    assert set(desks(briefed(scene)[1])) == {HOSTING, CLOUD}
    assert registries.asked == [ACCOMPLICE]
    with scene.book() as (book, case):
        assert {one.address for one in book.attribution(case)} == {THIEF, ACCOMPLICE}


def test_nobody_known_is_not_asked_again(
    original: Scene, registries: Registries, tmp_path: Path
) -> None:
    unknown = [Responsible(a, NOT_FOUND, "nobody") for a in (THIEF, ACCOMPLICE)]
    made = briefed(original.copy(tmp_path, *unknown))[1]
    assert set(desks(made).values()) == {""}
    assert registries.asked == []


def test_silence_of_yesterday_is_asked_about_again(
    original: Scene, registries: Registries, tmp_path: Path
) -> None:
    silent = [Responsible(a, UNREACHABLE, "no answer") for a in (THIEF, ACCOMPLICE)]
    assert set(desks(briefed(original.copy(tmp_path, *silent))[1])) == {HOSTING, CLOUD}
    assert sorted(registries.asked) == [THIEF, ACCOMPLICE]


def test_fresh_asks_for_all_again(scene: Scene, registries: Registries) -> None:
    moved = who(THIEF, HOSTING, contact("abuse@new-owner.example"))
    registries.answers[THIEF] = moved
    assert desks(briefed(scene, how=options(fresh=True))[1])[HOSTING] == "abuse@new-owner.example"
    assert sorted(registries.asked) == [THIEF, ACCOMPLICE]
    assert desks(briefed(scene)[1])[HOSTING] == "abuse@new-owner.example"


def test_fresh_question_without_an_answer_loses_no_contact(
    scene: Scene, registries: Registries
) -> None:
    registries.answers.clear()
    assert desks(briefed(scene, how=options(fresh=True))[1])[HOSTING] == DESK
    assert sorted(registries.asked) == [THIEF, ACCOMPLICE]


def test_offline_asks_nobody(
    original: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(brief, "look_up", look_up)
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("somebody was asked"))
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: pytest.fail("a name was asked for"))
    made = briefed(original.copy(tmp_path, KNOWN[0]), how=options(offline=True))[1]
    states = {party.key: party.responsible.state for party in made.parties}
    assert states == {HOSTING: FOUND, ACCOMPLICE: NOT_LOOKED_UP}


def test_flood_of_sources_is_looked_up_to_a_bound(
    original: Scene, registries: Registries, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(brief, "MAX_LOOKED_UP", 1)
    surest = original.incident.suspects[0].address
    _, made, notes = briefed(original.copy(tmp_path))
    assert registries.asked == [surest]
    assert len(made.parties) == 2
    assert notes == ["1 more sources are not looked up, the surest 1 are"]


# ---- exercises --------------------------------------------------------------------


def test_exercise_makes_the_brief_one(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brief, "look_up", look_up)
    made = briefed(scene, how=options(registry=REGISTRY))[1]
    assert made.exercise
    assert "Example Hosting (not a real company)" in {
        party.responsible.network.holder for party in made.parties if party.responsible.network
    }


def test_exercise_takes_the_place_of_nothing_that_registries_said(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brief, "look_up", look_up)
    briefed(scene, how=options(registry=REGISTRY))
    with scene.book() as (book, case):
        assert {one.address: one for one in book.attribution(case)} == {
            one.address: one for one in KNOWN
        }
    made = briefed(scene, how=options(offline=True))[1]
    assert (made.exercise, desks(made)[HOSTING]) == (False, DESK)


def test_registries_take_the_place_of_an_exercise(
    original: Scene, registries: Registries, tmp_path: Path
) -> None:
    made_up = [replace(one, exercise=True) for one in KNOWN]
    scene = original.copy(tmp_path, *made_up)
    made = briefed(scene)[1]
    assert sorted(registries.asked) == [THIEF, ACCOMPLICE]
    assert not made.exercise
    with scene.book() as (book, case):
        assert not any(one.exercise for one in book.attribution(case))


def test_exercise_of_before_is_not_written_to(
    original: Scene, registries: Registries, tmp_path: Path
) -> None:
    registries.answers.clear()
    scene = original.copy(tmp_path, *(replace(one, exercise=True) for one in KNOWN))
    made = briefed(scene)[1]
    assert (made.exercise, set(desks(made).values())) == (False, {""})


# ---- what desks were told -----------------------------------------------------------


def sent_to(book: Casebook, case: Case, mailbox: str, number: int = 1) -> SentLetter:
    at = f"2026-10-0{number}T08:00:00Z"
    letter = SentLetter(
        0, case.id, ABUSE, at, "desk", (mailbox,), "s", HOSTING, (THIEF,), f"letters/{number}.txt"
    )
    kept = book.record_letter(case, letter)
    return book.letter_sent(case, kept.number, f"<{case.id}.{number}@office.example>", at)


def test_mailbox_that_bounced_gives_way_to_the_next_and_says_why(scene: Scene) -> None:
    with scene.book() as (book, case):
        letter = sent_to(book, case, DESK)
        book.reply(bounce(original=letter.message_id))
    _, made, notes = briefed(scene)
    assert desks(made)[HOSTING] == NEXT_DESK
    assert notes == [f"{DESK} is not written to: a letter to it came back on 2026-10-04"]
    assert briefed(scene, POLICE)[2] == [], "no letter to the police goes there"
    first = next(party for party in made.parties if party.key == HOSTING).responsible.contacts[0]
    assert (first.email, first.usable) == (DESK, False)
    assert first.why_not is not None
    assert first.why_not.startswith("a letter to it came back on 2026-10-04")


def test_mailbox_is_the_same_however_a_registry_spells_it(original: Scene, tmp_path: Path) -> None:
    loud = who(THIEF, HOSTING, contact("ABUSE@Hosting.Example"), contact(NEXT_DESK))
    scene = original.copy(tmp_path, loud, KNOWN[1])
    with scene.book() as (book, case):
        letter = sent_to(book, case, "ABUSE@Hosting.Example")
        book.reply(bounce(original=letter.message_id))
    assert desks(briefed(scene)[1])[HOSTING] == NEXT_DESK


def test_desk_is_reminded_of_letters_of_other_cases(scene: Scene) -> None:
    with scene.book() as (book, case):
        elsewhere = book.file(incident(suspect("198.51.100.7"), capture="b" * 64), None).case
        theirs = sent_to(book, elsewhere, DESK, 1)
        mine = sent_to(book, case, DESK, 2)
        sent_to(book, elsewhere, "abuse@other.example", 3)
    assert briefed(scene)[1].earlier == (theirs, mine)


# ---- whom nobody is to drop -----------------------------------------------------------


def test_trunk_that_the_block_lists_spare_is_not_in_the_providers_list(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trunk = Owner(known=(ip_address(THIEF),))
    scene = build(tmp_path_factory.mktemp("trunk"), EXAMPLES / "attack.pcap", trunk)
    scene = scene.copy(tmp_path, *KNOWN)
    assert THIEF not in (scene.folder / "block/addresses.txt").read_text().split()
    made = briefed(scene, ISP)[1]
    assert [address for address, _ in made.spared] == [THIEF]
    (letter,) = write_letters(ISP, made)
    assert letter.addresses == (ACCOMPLICE,)
    assert THIEF not in letter.text + "".join(one.octets.decode() for one in letter.attachments)


def test_nobody_is_spared_where_no_lists_were_written(scene: Scene) -> None:
    shutil.rmtree(scene.folder / "block")
    made = briefed(scene, ISP)[1]
    assert made.spared == ()
    assert set(write_letters(ISP, made)[0].addresses) == {THIEF, ACCOMPLICE}


def test_part_of_a_case_without_lists_spares_nobody(merged: Scene) -> None:
    shutil.rmtree(merged.folder / "block")
    assert briefed(merged, ISP)[1].spared == ()
