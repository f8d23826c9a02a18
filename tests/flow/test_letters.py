"""Letters of a case: kept under their names, sent once, and never an exercise."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence import flow
from ringfence.flow import Owner, letters
from ringfence.flow.casebook import Casebook
from ringfence.flow.letters import (
    KeptLetter,
    Letters,
    as_shown,
    keep_letters,
    not_sendable,
    open_letters,
    send_letter,
)
from ringfence.model.case import Case, StoreError
from ringfence.model.letter import (
    ABUSE,
    CARRIER,
    FBI,
    IC3,
    ISP,
    LETTER_KINDS,
    NOC_CALL,
    POLICE,
    SIGNED,
    LetterError,
)
from ringfence.model.post import PostError
from ringfence.model.responsible import COPY, Contact, WhoOptions
from ringfence.model.settings import MailServer, Settings
from ringfence.reports.typeset import PdfError
from tests.cases.mails import bounce, mail
from tests.cases.standings import contact, who
from tests.letter_scene import (
    ACCOMPLICE,
    CLOUD,
    CLOUD_DESK,
    DESK,
    EXAMPLES,
    HOSTING,
    KNOWN,
    NEXT_DESK,
    THIEF,
    Scene,
    build,
    example_settings,
    need_paper,
    parsed,
    plain_text,
    stop_clock,
)
from tests.mail_server import Desk, mail_server, script, vicious_server

MINE = example_settings()
MADE_UP = tuple(replace(one, exercise=True) for one in KNOWN)
COPIED = Contact(
    "reports@cert.example", None, None, None, None, (), "rdap.example", "x", COPY, "a national team"
)
ENVELOPE = ("220 mail\r\n", "250 mail\r\n", "250 ok\r\n", "250 ok\r\n", "354 go on\r\n")


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


@pytest.fixture
def scene(original: Scene, tmp_path: Path) -> Scene:
    """Filed, and its networks known."""
    return original.copy(tmp_path, *KNOWN)


@pytest.fixture
def opened(scene: Scene) -> Iterator[tuple[Casebook, Case]]:
    with scene.book() as both:
        yield both


def settings(port: int = 0, **mail: object) -> Settings:
    """Those of the examples, with a mail server on loopback where one listens."""
    if not port:
        return MINE
    server = MailServer(server="127.0.0.1", port=port, security="none")
    return replace(MINE, mail=replace(server, **mail))  # type: ignore[arg-type]


def written(
    book: Casebook, kind: str, mine: Settings = MINE, network: str | None = None, **who_: object
) -> Letters:
    asked = WhoOptions(offline=True, **who_)  # type: ignore[arg-type]
    options = letters.LetterOptions(mine, asked, network)
    return open_letters(book, "RF-2026", kind, options)


def kept(
    book: Casebook, kind: str, mine: Settings = MINE, network: str | None = None
) -> tuple[Letters, list[KeptLetter]]:
    made = written(book, kind, mine, network)
    return made, keep_letters(book, made)


def post(book: Casebook, kind: str, port: int, network: str | None = None) -> list[str]:
    """Write and send all that can be sent; their Message-IDs."""
    made, all_ = kept(book, kind, settings(port), network)
    ready = [one for one in all_ if not not_sendable(made, one.letter)]
    for one in ready:
        send_letter(book, made, one)
    numbers = {one.entry.number for one in ready}
    return [one.message_id for one in book.letters(made.case) if one.number in numbers]


def why_not(book: Casebook, kind: str, mine: Settings, network: str | None = None) -> list[str]:
    made = written(book, kind, mine, network)
    return [not_sendable(made, letter) for letter in made.letters]


def names(scene: Scene) -> list[str]:
    return sorted(file.name for file in scene.letters.iterdir())


# ---- kept ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        (
            ABUSE,
            [f"abuse-203.0.113.{net}-28.{form}" for net in (64, 80) for form in ("eml", "txt")],
        ),
        (ISP, ["isp-flowspec.txt", "isp-sources.csv", "isp.eml", "isp.txt"]),
        (CARRIER, ["carrier-calls.csv", "carrier.eml", "carrier.pdf", "carrier.txt"]),
        (IC3, ["ic3.txt"]),
        (FBI, ["fbi.pdf", "fbi.txt"]),
        (POLICE, ["police.pdf", "police.txt"]),
        (NOC_CALL, ["noc-call.txt"]),
    ],
)
def test_letters_lie_under_their_case(
    scene: Scene, opened: tuple[Casebook, Case], kind: str, files: list[str]
) -> None:
    if kind in SIGNED:
        need_paper()
    book, case = opened
    made, all_ = kept(book, kind)
    assert names(scene) == files
    assert sorted(path.name for one in all_ for path in one.files) == files
    assert [one.problems for one in all_] == [()] * len(all_)
    entries = book.letters(case)
    assert [one.entry for one in all_] == entries
    assert [one.file for one in entries] == [f"letters/{one.files[0].name}" for one in all_]
    assert {one.kind for one in entries} == {kind}
    assert not any(one.sent_at or one.message_id for one in entries)
    assert len(scene.entries("letter")) == len(all_)
    assert [one.files[0].read_text() for one in all_] == as_shown(made)


def test_every_kind_has_its_files_told_above() -> None:
    told = (ABUSE, ISP, CARRIER, IC3, FBI, POLICE, NOC_CALL)
    assert sorted(told) == sorted(LETTER_KINDS)


def test_paper_is_a_pdf_and_mail_is_a_mail(scene: Scene, opened: tuple[Casebook, Case]) -> None:
    need_paper()
    kept(opened[0], CARRIER)
    assert (scene.letters / "carrier.pdf").read_bytes().startswith(b"%PDF-")
    read = parsed((scene.letters / "carrier.eml").read_bytes())
    assert (read["To"], read["From"]) == (
        "fraud@telecom.example",
        "Anna Example <anna@office.example>",
    )
    assert read["Message-ID"].startswith(f"<{opened[1].id.lower()}.")
    assert read["Message-ID"].endswith("@office.example>")


def test_draft_is_replaced_under_its_number(scene: Scene, opened: tuple[Casebook, Case]) -> None:
    book, case = opened
    first = kept(book, ISP)[1][0].entry
    nobody = replace(MINE, isp=replace(MINE.isp, email=""))
    again = kept(book, ISP, nobody)[1][0].entry
    assert (again.number, again.file) == (first.number, first.file)
    assert (first.to, again.to) == (("noc@isp.example",), ())
    assert len(book.letters(case)) == 1
    assert "isp.eml" not in names(scene), "the mail of the draft before went to somebody"


def test_letter_without_paper_says_why(
    scene: Scene, opened: tuple[Casebook, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    book, _ = opened
    kept(book, POLICE)

    def without_typst(*_: object) -> bytes:
        raise PdfError("typst is not installed")

    monkeypatch.setattr("ringfence.reports.letters.paper.render_letter_pdf", without_typst)
    (one,) = kept(book, POLICE)[1]
    assert one.problems == ("nothing on paper: typst is not installed",)
    assert names(scene) == ["police.txt"], "the paper of the draft before is another text"


def test_letter_of_nobody_who_signs_is_written_without_a_mail(
    scene: Scene, opened: tuple[Casebook, Case]
) -> None:
    (one,) = kept(opened[0], ISP, replace(MINE, victim=replace(MINE.victim, email="")))[1]
    assert "isp.eml" not in names(scene)
    assert "no sender" in one.problems[0]


def test_what_was_sent_stays_and_the_next_has_a_number(
    scene: Scene, opened: tuple[Casebook, Case]
) -> None:
    book, case = opened
    desk = Desk()
    with mail_server(desk) as port:
        (first,) = post(book, ISP, port)
        before = {file: file.read_bytes() for file in scene.letters.iterdir()}
        (draft,) = kept(book, ISP)[1]
        assert draft.files[0].name == "isp-2.txt"
        kept(book, ISP)
        (second,) = post(book, ISP, port)
        kept(book, ISP)
    assert {file: file.read_bytes() for file in before} == before
    assert [one.file for one in book.letters(case)] == [
        "letters/isp.txt", "letters/isp-2.txt", "letters/isp-3.txt",
    ]  # fmt: skip
    assert [one.message_id for one in book.letters(case)] == [first, second, ""]
    assert desk.letters[1].octets == (scene.letters / "isp-2.eml").read_bytes()


def test_sent_letter_whose_files_were_deleted_keeps_its_name(
    scene: Scene, opened: tuple[Casebook, Case]
) -> None:
    book, _ = opened
    with mail_server(Desk()) as port:
        post(book, ISP, port)
    shutil.rmtree(scene.letters)
    assert kept(book, ISP)[1][0].files[0].name == "isp-2.txt"


def test_cases_that_share_a_folder_do_not_overwrite_each_other(
    scene: Scene, opened: tuple[Casebook, Case]
) -> None:
    """A capture that is added to a case folder is a case of its own there."""
    book, _ = opened
    capture = str(EXAMPLES / "toll_fraud.pcap")
    found = flow.investigate([capture])
    added = flow.write_folder(found, [capture], Owner(), "RF-1", scene.folder)
    beside = book.file(found.incident, added.path).case
    with mail_server(Desk()) as port:
        made = open_letters(
            book,
            scene.case_id,
            ISP,
            letters.LetterOptions(settings(port), WhoOptions(offline=True)),
        )
        send_letter(book, made, keep_letters(book, made)[0])
    before = (scene.letters / "isp.eml").read_bytes()
    options = letters.LetterOptions(MINE, WhoOptions(offline=True))
    for _ in range(2):
        (other,) = keep_letters(book, open_letters(book, beside.id, ISP, options))
        assert (other.files[0].name, other.entry.file) == ("isp-2.txt", "letters/isp-2.txt")
    assert (scene.letters / "isp.eml").read_bytes() == before
    assert beside.id in (scene.letters / "isp-2.txt").read_text()


def test_look_at_letters_leaves_nothing(scene: Scene, opened: tuple[Casebook, Case]) -> None:
    book, case = opened
    shown = as_shown(written(book, ABUSE))
    assert len(shown) == 2
    assert not scene.letters.exists()
    assert book.letters(case) == []


def test_kind_that_is_none_asks_nobody(
    original: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.flow.brief.look_up", lambda *_: pytest.fail("was asked"))
    with (
        original.copy(tmp_path).book() as (book, case),
        pytest.raises(LetterError, match="there is no letter abuze: one of abuse, isp"),
    ):
        open_letters(book, case.id, "abuze", letters.LetterOptions())


def test_part_of_another_case_is_written_there(
    scene: Scene, opened: tuple[Casebook, Case], tmp_path: Path
) -> None:
    book, case = opened
    found = flow.investigate([str(EXAMPLES / "guessing.pcap")])
    whole = book.file(found.incident, None).case
    book.merge(case.id, whole.id)
    with pytest.raises(LetterError, match=f"was merged into {whole.id}: name that one"):
        open_letters(book, case.id, ABUSE, letters.LetterOptions())
    assert not scene.letters.exists()


def test_draft_of_a_part_is_the_draft_of_the_whole(
    scene: Scene, opened: tuple[Casebook, Case], tmp_path: Path
) -> None:
    book, case = opened
    part = build(tmp_path / "part", EXAMPLES / "guessing.pcap")
    other = book.file(part.incident, str(part.folder)).case
    options = letters.LetterOptions(MINE, WhoOptions(offline=True))
    (draft,) = keep_letters(book, open_letters(book, other.id, ISP, options))
    book.merge(other.id, case.id)
    (again,) = keep_letters(book, open_letters(book, case.id, ISP, options))
    assert again.entry.number == draft.entry.number
    assert again.files[0] == scene.letters / "isp.txt"
    assert [one.case_id for one in book.letters(case)] == [case.id]


# ---- which network ---------------------------------------------------------------------


@pytest.mark.parametrize("network", [HOSTING, THIEF, "203.0.113.70"])
def test_network_is_named_by_its_prefix_or_any_address(
    opened: tuple[Casebook, Case], network: str
) -> None:
    assert [one.network for one in written(opened[0], ABUSE, network=network).letters] == [HOSTING]


@pytest.mark.parametrize("network", ["192.0.2.1", "203.0.113.0/24", "2001:db8::1", "x", ""])
def test_network_that_no_letter_is_about_is_named(
    opened: tuple[Casebook, Case], network: str
) -> None:
    with pytest.raises(LetterError, match=f"no letter is about it; networks are .*{HOSTING}"):
        written(opened[0], ABUSE, network=network)


# ---- what is not sent --------------------------------------------------------------------


@pytest.mark.parametrize("kind", LETTER_KINDS)
def test_nothing_of_an_exercise_can_be_sent(
    scene: Scene, opened: tuple[Casebook, Case], kind: str
) -> None:
    book, case = opened
    desk = Desk()
    with mail_server(desk) as port:
        asked = WhoOptions(registry=str(EXAMPLES / "registry"))
        for network in (None, THIEF):
            options = letters.LetterOptions(settings(port), asked, network)
            made = open_letters(book, case.id, kind, options)
            for one in keep_letters(book, made):
                assert "this is an exercise" in not_sendable(made, one.letter)
                with pytest.raises(LetterError, match="exercise"):
                    send_letter(book, made, one, in_the_clear=True)
    assert desk.letters == []
    assert not any(one.sent_at for one in book.letters(case))


def test_mail_of_an_exercise_says_so(scene: Scene, opened: tuple[Casebook, Case]) -> None:
    asked = WhoOptions(registry=str(EXAMPLES / "registry"))
    keep_letters(
        opened[0],
        open_letters(opened[0], "RF-2026", ABUSE, letters.LetterOptions(MINE, asked)),
    )
    for file in scene.letters.glob("*.eml"):
        assert parsed(file.read_bytes())["X-Ringfence-Exercise"] == "yes, never to be sent"
        assert "EXERCISE" in parsed(file.read_bytes())["Subject"]


def test_exercise_that_the_case_remembers_is_not_sent_either(
    original: Scene, tmp_path: Path
) -> None:
    scene = original.copy(tmp_path, *MADE_UP)
    with scene.book() as (book, _), mail_server(Desk()) as port:
        assert [says[-60:] for says in why_not(book, ABUSE, settings(port))] == [
            "no mailbox is known; the remarks of the letter say what to do"[-60:]
        ] * 2


@pytest.mark.parametrize("kind", [IC3, NOC_CALL])
def test_what_is_spoken_or_typed_in_is_not_mailed(opened: tuple[Casebook, Case], kind: str) -> None:
    assert why_not(opened[0], kind, settings(1)) == [
        f"{kind} is not mailed: it is read out or typed into a form"
    ]


@pytest.mark.parametrize(
    ("mine", "says"),
    [
        (MINE, "no mail server is named: settings.toml, mail.server"),
        (replace(settings(1), victim=replace(MINE.victim, email="")), "no sender: write"),
    ],
)
def test_settings_without_a_way_out_are_named(
    opened: tuple[Casebook, Case], mine: Settings, says: str
) -> None:
    assert all(one.startswith(says) for one in why_not(opened[0], ISP, mine))


def test_network_that_only_a_forged_address_names_is_held_back(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    flood = build(tmp_path_factory.mktemp("flood"), EXAMPLES / "flood.pcap")
    assert [s.proven for s in flood.incident.suspects] == ["none"]
    scene = flood.copy(tmp_path, KNOWN[0])
    with scene.book() as (book, _), mail_server(Desk()) as port:
        (says,) = why_not(book, ABUSE, settings(port))
        assert "no attacker's address there is proven" in says
        assert f"`--network {HOSTING}` sends it all the same" in says
        assert why_not(book, ABUSE, settings(port), HOSTING) == [""]


def test_suspect_beside_a_forged_address_proves_nothing(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Who is only suspected may be proven a hundred times: he is not whom the letter accuses."""
    flood = build(tmp_path_factory.mktemp("flood"), EXAMPLES / "flood.pcap")
    (forged,) = flood.incident.suspects
    neighbour = replace(forged, address="203.0.113.70", verdict="suspect", proven="tcp")
    both = replace(flood.incident, suspects=[forged, neighbour])
    known = who(neighbour.address, HOSTING, contact(DESK), contact(NEXT_DESK, "+1 202 555 0101"))
    scene = replace(flood, incident=both).copy(tmp_path, KNOWN[0], known)
    flow.folder.write_incident(scene.folder / "for-others/incident.json", both)
    with scene.book() as (book, _):
        (letter,) = written(book, ABUSE).letters
        assert set(letter.addresses) == {THIEF, "203.0.113.70"}
        assert "no attacker's address there is proven" in why_not(book, ABUSE, settings(1))[0]


# ---- sent -----------------------------------------------------------------------------------


def test_desk_has_its_turn_before_it_is_written_to_again(opened: tuple[Casebook, Case]) -> None:
    book, case = opened
    desk = Desk()
    with mail_server(desk) as port:
        first = post(book, ABUSE, port)
        assert len(first) == 2
        for says in why_not(book, ABUSE, settings(port)):
            assert "its turn" in says
            assert "sends it all the same" in says
        assert post(book, ABUSE, port) == []
        (second,) = post(book, ABUSE, port, HOSTING)
    again = parsed(desk.letters[2].octets)
    told = next(one for one in book.letters(case) if one.network == HOSTING)
    assert (again["Message-ID"], again["In-Reply-To"]) == (second, told.message_id)
    assert len(desk.letters) == 3
    assert told.message_id in plain_text(again).replace("\n", " ")


def test_two_desks_of_one_network_have_their_turn_both(original: Scene, tmp_path: Path) -> None:
    net = "203.0.113.0/24"
    scene = original.copy(
        tmp_path, who(THIEF, net, contact(DESK)), who(ACCOMPLICE, net, contact(CLOUD_DESK))
    )
    with scene.book() as (book, _), mail_server(Desk()) as port:
        assert len(post(book, ABUSE, port)) == 2
        assert ["its turn" in says for says in why_not(book, ABUSE, settings(port))] == [True] * 2


def test_desk_that_acted_is_left_alone(opened: tuple[Casebook, Case]) -> None:
    book, case = opened
    with mail_server(Desk()) as port:
        post(book, ABUSE, port, HOSTING)
        (letter,) = book.letters(case)
        book.reply(
            mail("The server has been suspended.", in_reply_to=letter.message_id,
                 **{"from": DESK})
        )  # fmt: skip
        made = written(book, ABUSE, settings(port))
        held = {one.network: not_sendable(made, one) for one in made.letters}
    assert "acted" in held[HOSTING]
    assert held[CLOUD] == ""


def test_bounce_sends_the_next_letter_to_the_next_contact(opened: tuple[Casebook, Case]) -> None:
    book, _ = opened
    desk = Desk()
    with mail_server(desk) as port:
        (first,) = post(book, ABUSE, port, HOSTING)
        book.reply(bounce(original=first))
        made = written(book, ABUSE, settings(port))
        letter = next(one for one in made.letters if one.network == HOSTING)
        assert letter.to == (NEXT_DESK,)
        assert not_sendable(made, letter) == ""
        post(book, ABUSE, port)
    assert {one.receivers for one in desk.letters[1:]} == {(NEXT_DESK,), (CLOUD_DESK,)}


def test_letter_goes_out_once(opened: tuple[Casebook, Case]) -> None:
    book, _ = opened
    desk = Desk()
    with mail_server(desk) as port:
        made, (one,) = kept(book, ISP, settings(port))
        send_letter(book, made, one)
        with pytest.raises(LetterError, match="went out already"):
            send_letter(book, made, one)
    assert len(desk.letters) == 1


@pytest.fixture
def with_copy(original: Scene, tmp_path: Path) -> Scene:
    """A network whose desk is one receiver, and a response team the other."""
    known = who(THIEF, HOSTING, contact(DESK), COPIED)
    return original.copy(tmp_path, known, KNOWN[1])


def test_copy_that_is_refused_is_noted_and_the_letter_counts(with_copy: Scene) -> None:
    desk = Desk(refused={"reports@cert.example": "550 5.1.1 no such user \x1b[2J"})
    with with_copy.book() as (book, case), mail_server(desk) as port:
        (message_id,) = post(book, ABUSE, port, HOSTING)
        assert book.letters(case)[0].sent_at
    (note,) = with_copy.entries("note")
    assert desk.letters[0].receivers == (DESK,)
    assert message_id in note
    assert "was not taken for reports@cert.example (550 5.1.1 no such user" in note
    assert "\x1b" not in note


def test_letter_that_only_the_copy_got_was_not_sent_to_the_desk(with_copy: Scene) -> None:
    desk = Desk(refused={DESK: "550 5.1.1 no such user"})
    with with_copy.book() as (book, case), mail_server(desk) as port:
        post(book, ABUSE, port, HOSTING)
        assert [one.sent_at for one in book.letters(case)] == [""]
        assert why_not(book, ABUSE, settings(port)) == ["", ""]
    (note,) = with_copy.entries("note")
    assert f"was not taken for {DESK}" in note


def test_letter_that_nobody_got_is_still_a_draft(opened: tuple[Casebook, Case]) -> None:
    book, case = opened
    desk = Desk(refused={"noc@isp.example": "554 5.7.1 relay access denied"})
    with mail_server(desk) as port:
        made, (one,) = kept(book, ISP, settings(port))
        with pytest.raises(PostError, match="relay access denied"):
            send_letter(book, made, one)
    assert [letter.sent_at for letter in book.letters(case)] == [""]
    assert "sent" not in {entry.kind for entry in book.journal(case)}


def test_letter_that_may_have_arrived_is_noted_with_its_message_id(
    scene: Scene, opened: tuple[Casebook, Case]
) -> None:
    book, case = opened
    with vicious_server(script(*ENVELOPE)) as port:
        made, (one,) = kept(book, ISP, settings(port))
        with pytest.raises(PostError) as caught:
            send_letter(book, made, one)
    assert caught.value.maybe_sent
    (note,) = scene.entries("note")
    message_id = parsed((scene.letters / "isp.eml").read_bytes())["Message-ID"]
    assert f"may have been sent as {message_id}: " in note
    assert [letter.sent_at for letter in book.letters(case)] == [""]


def test_full_disk_lets_no_letter_go_out_unkept(
    scene: Scene, opened: tuple[Casebook, Case]
) -> None:
    book, _ = opened
    desk = Desk()
    with mail_server(desk) as port:
        made, (one,) = kept(book, ISP, settings(port))
        (scene.letters / "isp.eml").unlink()
        (scene.letters / "isp.eml").mkdir()
        with pytest.raises(OSError, match=r"isp\.eml"):
            send_letter(book, made, one)
    assert desk.letters == []


def test_letter_that_the_store_could_not_take_is_told_to_be_out(
    opened: tuple[Casebook, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    book, _ = opened
    desk = Desk()

    def locked(*_: object) -> None:
        raise StoreError("database is locked")

    with mail_server(desk) as port:
        made, (one,) = kept(book, ISP, settings(port))
        monkeypatch.setattr(book, "letter_sent", locked)
        with pytest.raises(StoreError, match=r"letter 1 went out as <rf-.*database is locked"):
            send_letter(book, made, one)
    assert len(desk.letters) == 1
