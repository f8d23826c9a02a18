"""`ringfence letter`, from a case to a desk's mail server and back."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from typer.testing import CliRunner, Result

from ringfence import flow
from ringfence.cli.app import app
from ringfence.flow.casebook import Casebook
from ringfence.model.letter import LETTER_KINDS
from ringfence.model.responsible import COPY, Contact, Responsible, WhoOptions
from tests.cases.incidents import incident, suspect
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
    found_in,
    need_paper,
    parsed,
    plain_text,
    secrets_of,
    stop_clock,
)
from tests.mail_server import (
    Certificate,
    Desk,
    certificate_of,
    mail_server,
    script,
    vicious_server,
)

SECRET = "horse, battery"  # of nobody
REGISTRY = str(EXAMPLES / "registry")
TEAM = "reports@cert.example"
COPIED = Contact(TEAM, None, None, None, None, (), "rdap.example", "x", COPY, "a national team")
# All that may be said to have a letter sent, come what may.
BY_ALL_MEANS = ("--send", "--yes", "--in-the-clear", "--network", THIEF)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))
        yield build(tmp_path_factory.mktemp("made"), EXAMPLES / "attack.pcap")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_of(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def scene(original: Scene, tmp_path: Path) -> Scene:
    """Filed, and its networks known."""
    return original.copy(tmp_path, *KNOWN)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's settings, 80 columns, and a clock that stands."""
    for name in ("RINGFENCE_SETTINGS", "RINGFENCE_STORE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("RINGFENCE_MAIL_PASSWORD", SECRET)
    stop_clock(monkeypatch)


@pytest.fixture(scope="session")
def faults(shared_data: Path) -> Callable[[dict[str, Any]], list[str]]:
    """What the schema of XARF v4 finds wrong with a report."""
    folder = shared_data / "xarf/schemas/v4"
    if not folder.is_dir():
        pytest.skip(f"no schemas of XARF at {folder}")
    schemas = [json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))]
    known: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas
    )

    def check(report: dict[str, Any]) -> list[str]:
        name = f"{report['category']}-{report['type'].replace('_', '-')}.json"
        schema = known.contents(f"https://xarf.org/schemas/v4/types/{name}")
        checker = jsonschema.Draft202012Validator(schema, registry=known)
        return [fault.message for fault in checker.iter_errors(report)]

    return check


def settings_for(scene: Scene, port: int = 0, *mail_lines: str) -> str:
    """The example's settings with these lines of [mail]; in the clear to loopback unless told."""
    path = scene.folder.parent / "settings.toml"
    server = mail_lines or ('server = "127.0.0.1"', 'security = "none"')
    text = (EXAMPLES / "settings.toml").read_text()
    if port:
        text += "\n".join(("\n[mail]", f"port = {port}", *server)) + "\n"
    path.write_text(text)
    return str(path)


def secured(certificate: Certificate) -> tuple[str, ...]:
    return (
        'server = "localhost"', 'user = "anna"', f'authority_file = "{certificate.root}"',
    )  # fmt: skip


def run(*arguments: str, given: bytes | str | None = None) -> Result:
    result = CliRunner().invoke(app, list(arguments), input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def letter(
    scene: Scene, kind: str, *options: str, port: int = 0, given: str | None = None
) -> Result:
    """What is typed, with the settings for a server at this port; no registry is asked."""
    asked = () if {"--registry", "--fresh"} & set(options) else ("--offline",)
    return run(
        "letter", scene.case_id, kind, *options, *asked,
        "--settings", settings_for(scene, port), "--store", scene.store, given=given,
    )  # fmt: skip


def case(scene: Scene, command: str, *arguments: str, given: bytes | None = None) -> Result:
    return run("case", command, *arguments, "--store", scene.store, given=given)


def sent(scene: Scene) -> list[str]:
    """Message-IDs under which the store knows letters as sent."""
    with scene.book() as (book, one):
        return [found.message_id for found in book.letters(one) if found.sent_at]


# ---- the whole way -----------------------------------------------------------------------


def test_letter_reaches_the_desk_whole_over_tls_with_login(
    scene: Scene, certificate: Certificate
) -> None:
    desk = Desk(password=SECRET)
    with mail_server(desk, starttls=certificate) as port:
        file = settings_for(scene, port, *secured(certificate))
        result = run(
            "letter", scene.case_id, "abuse", "--send", "--yes", "--offline",
            "--settings", file, "--store", scene.store,
        )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert SECRET not in result.output
    assert {(one.user, one.secured, one.sender) for one in desk.letters} == {
        ("anna", True, "anna@office.example")
    }
    assert {one.receivers for one in desk.letters} == {(DESK,), (CLOUD_DESK,)}
    assert result.stdout.count("sent to ") == 2
    received = {one.receivers[0]: one.octets for one in desk.letters}
    octets = received[DESK]
    assert (scene.letters / "abuse-203.0.113.64-28.eml").read_bytes() == octets
    got = parsed(octets)
    kinds = [part.get_content_type() for part in got.iter_parts()]
    assert got.get_content_type() == "multipart/report"
    assert kinds == ["text/plain", "message/feedback-report", "application/json"]
    assert (got["From"], got["To"]) == ("Anna Example <anna@office.example>", DESK)
    assert f"[{scene.case_id}]" in got["Subject"]
    text = (scene.letters / "abuse-203.0.113.64-28.txt").read_text()
    own_words = plain_text(got).replace("\r\n", "\n").rstrip("\n")
    assert own_words in text
    assert own_words.endswith("Mail: anna@office.example")
    assert found_in(octets.decode(), secrets_of(scene.folder)) == []
    assert sorted(sent(scene)) == sorted(parsed(one)["Message-ID"] for one in received.values())
    assert any(got["Message-ID"] in entry for entry in scene.entries("sent"))
    told = case(scene, "letters", scene.case_id).stdout
    assert told.count(" sent 20") == 2


def test_report_for_machines_is_what_the_format_takes(
    scene: Scene, faults: Callable[[dict[str, Any]], list[str]]
) -> None:
    desk = Desk()
    with mail_server(desk) as port:
        letter(scene, "abuse", "--send", "--yes", port=port)
    for one in desk.letters:
        (report,) = [
            json.loads(part.get_content())
            for part in parsed(one.octets).walk()
            if part.get_content_type() == "application/json"
        ]
        assert faults(report) == []
        address = {DESK: THIEF, CLOUD_DESK: ACCOMPLICE}[one.receivers[0]]
        assert report["source_identifier"] == address
        assert report["reporter"]["contact"] == "anna@office.example"
        assert faults({name: report[name] for name in report if name != "source_port"}) != []


def test_answer_finds_its_letter_and_closes_the_step(scene: Scene) -> None:
    desk = Desk()
    with mail_server(desk) as port:
        letter(scene, "abuse", "--send", "--yes", "--network", HOSTING, port=port)
    assert f"{HOSTING}) was told on" in words(case(scene, "todo", scene.case_id, "--all").stdout)
    message_id = parsed(desk.letters[0].octets)["Message-ID"]
    answer = mail(
        "The server has been suspended. Ticket ID: 4711\n",
        in_reply_to=message_id, subject="your report", **{"from": DESK},
    )  # fmt: skip
    told = case(scene, "reply", "-", given=answer).stdout
    assert f"{scene.case_id}, letter 1: acted" in told
    assert "Message-ID" in told or "In-Reply-To" in told
    todo = words(case(scene, "todo", scene.case_id, "--all").stdout)
    assert f"({HOSTING}) acted. {DESK} on 2026-10-04, ticket 4711" in todo
    assert f"({CLOUD}) the letter about its 1 address" in todo, "the other desk is still to be told"


def words(text: str) -> str:
    """Without the line ends of the screen."""
    return " ".join(text.split())


def test_letter_that_came_back_makes_the_next_go_to_the_next_contact(scene: Scene) -> None:
    desk = Desk()
    with mail_server(desk) as port:
        letter(scene, "abuse", "--send", "--yes", "--network", HOSTING, port=port)
        returned = bounce(original=parsed(desk.letters[0].octets)["Message-ID"])
        assert ": bounced" in case(scene, "reply", "-", given=returned).stdout
        result = letter(scene, "abuse", "--send", "--yes", port=port)
    assert result.exit_code == 0, result.stderr
    assert {one.receivers for one in desk.letters[1:]} == {(NEXT_DESK,), (CLOUD_DESK,)}
    assert f"{DESK} is not written to: a letter to it came back on 2026-10-04" in result.stderr


def test_second_letter_right_after_the_first_is_held_back(scene: Scene) -> None:
    desk = Desk()
    with mail_server(desk) as port:
        assert letter(scene, "abuse", "--send", "--yes", port=port).exit_code == 0
        again = letter(scene, "abuse", "--send", "--yes", port=port)
        assert again.exit_code == 1
        assert again.stderr.count("its turn") == 2
        assert f"`--network {HOSTING}` sends it all the same" in again.stderr
        assert "nothing was sent" in again.stderr
        assert len(desk.letters) == 2
        wanted = letter(scene, "abuse", "--send", "--yes", "--network", HOSTING, port=port)
    assert wanted.exit_code == 0, wanted.stderr
    first = next(one for one in desk.letters if one.receivers == (DESK,))
    told, second = parsed(first.octets)["Message-ID"], parsed(desk.letters[-1].octets)
    assert desk.letters[-1].receivers == (DESK,)
    assert second["In-Reply-To"] == told
    assert told in second["References"]
    assert told in words(plain_text(second))
    assert (scene.letters / "abuse-203.0.113.64-28.eml").read_bytes() == first.octets
    assert (scene.letters / "abuse-203.0.113.64-28-2.eml").read_bytes() == desk.letters[-1].octets


def test_owner_of_a_forged_address_is_left_in_peace(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    flood = build(tmp_path_factory.mktemp("flood"), EXAMPLES / "flood.pcap")
    scene = flood.copy(tmp_path, KNOWN[0])
    desk = Desk()
    with mail_server(desk) as port:
        held = letter(scene, "abuse", "--send", "--yes", port=port)
        assert (held.exit_code, desk.letters) == (1, [])
        assert "no attacker's address there is proven" in held.stderr
        result = letter(scene, "abuse", "--send", "--yes", "--network", THIEF, port=port)
    assert result.exit_code == 0, result.stderr
    assert "address not proven" in words(parsed(desk.letters[0].octets)["Subject"])


# ---- exercises -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LETTER_KINDS)
def test_exercise_is_never_sent_whatever_is_said(scene: Scene, kind: str) -> None:
    desk = Desk()
    with mail_server(desk) as port:
        result = letter(scene, kind, "--registry", REGISTRY, *BY_ALL_MEANS[:-2], port=port)
    assert result.exit_code == 1, result.stderr
    assert "this is an exercise, and nothing of it is sent" in result.stderr
    assert (desk.letters, sent(scene)) == ([], [])


def test_exercise_about_one_network_is_not_sent_either(scene: Scene) -> None:
    desk = Desk()
    with mail_server(desk) as port:
        result = letter(scene, "abuse", "--registry", REGISTRY, *BY_ALL_MEANS, port=port)
    assert (result.exit_code, desk.letters) == (1, [])


def test_exercise_leaves_what_is_known_as_it_was(scene: Scene) -> None:
    letter(scene, "abuse", "--registry", REGISTRY)
    with scene.book() as (book, one):
        assert {found.address: found for found in book.attribution(one)} == {
            found.address: found for found in KNOWN
        }
    result = letter(scene, "abuse", "--dry-run")
    assert f"To:       {DESK}" in result.stdout
    assert "EXERCISE" not in result.stdout


def test_exercise_of_before_names_nobody_without_registry(original: Scene, tmp_path: Path) -> None:
    scene = original.copy(tmp_path)
    assert "abuse@hosting" in letter(scene, "abuse", "--registry", REGISTRY, "--dry-run").stdout
    shown = letter(scene, "abuse", "--dry-run").stdout
    assert "hosting" not in shown
    assert "nobody is known yet" in shown


# ---- what is asked for ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ((), []),
        (("--offline",), []),
        (("--fresh",), [THIEF, ACCOMPLICE]),
    ],
)
def test_registries_are_asked_for_what_is_not_known_or_when_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], asked: list[str]
) -> None:
    questions: list[str] = []

    def answer(addresses: Iterable[str], *_: object) -> Iterator[Responsible]:
        for address in addresses:
            questions.append(address)
            yield next(one for one in KNOWN if one.address == address)

    monkeypatch.setattr("ringfence.flow.brief.look_up", answer)
    result = run(
        "letter", scene.case_id, "abuse", "--dry-run", *options,
        "--settings", settings_for(scene), "--store", scene.store,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert sorted(questions) == asked


def test_offline_is_said_to_those_who_look_up(
    original: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[WhoOptions] = []

    def answer(addresses: Iterable[str], options: WhoOptions, *_: object) -> Iterator[Responsible]:
        said.append(options)
        return iter([next(one for one in KNOWN if one.address == a) for a in addresses])

    monkeypatch.setattr("ringfence.flow.brief.look_up", answer)
    letter(original.copy(tmp_path), "abuse", "--dry-run")
    assert said == [WhoOptions(offline=True)]


def test_dry_run_shows_the_letters_and_leaves_nothing(scene: Scene) -> None:
    result = letter(scene, "abuse", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.count("\nWHAT WE ASK\n") == 2
    assert result.stdout.count("=" * 72) == 1
    assert not scene.letters.exists()
    assert scene.entries("letter") == []


def test_each_letter_is_told_with_its_files_and_what_it_lacks(scene: Scene) -> None:
    need_paper()
    result = letter(scene, "carrier")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[0] == "fraud desk of Example Telecom <fraud@telecom.example>"
    for name in ("carrier.txt", "carrier.eml", "carrier.pdf", "carrier-calls.csv"):
        assert f"  {scene.letters / name}" in lines
    assert any(line.startswith("  note: costs are estimates") for line in lines)


def test_crowd_of_letters_is_counted(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringfence.cli.letter._TOLD", 1)
    told = letter(scene, "abuse").stdout
    assert f"and 1 letter more in {scene.letters}" in told
    assert told.count(".txt") == 1


def test_name_of_a_registry_steers_no_terminal(original: Scene, tmp_path: Path) -> None:
    known = who(THIEF, HOSTING, contact(DESK))
    assert known.network is not None
    vicious = replace(
        known, network=replace(known.network, holder="Evil\x1b[2J\r\nBcc: x@y.example")
    )
    scene = original.copy(tmp_path, vicious, KNOWN[1])
    result = letter(scene, "abuse", "--network", HOSTING)
    assert result.exit_code == 0, result.stderr
    assert "\x1b" not in result.output
    assert "\nBcc:" not in (scene.letters / "abuse-203.0.113.64-28.eml").read_text()


def test_part_of_the_case_whose_folder_is_gone_is_named(scene: Scene, tmp_path: Path) -> None:
    found = flow.investigate([str(EXAMPLES / "guessing.pcap")])
    with scene.book() as (book, one):
        book.merge(book.file(found.incident, str(tmp_path / "gone")).case.id, one.id)
    result = letter(scene, "abuse")
    assert result.exit_code == 0
    assert "left out of the letters: the folder of" in result.stderr
    assert str(tmp_path / "gone") in result.stderr


# ---- what goes wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("abuse", "--send", "--dry-run"), "--send and --dry-run: one of both"),
        (("abuse", "--yes"), "add --send"),
        (("abuse", "--in-the-clear"), "add --send"),
        (("abuze",), "there is no letter abuze: one of abuse, isp"),
        (("abuse", "--network", "192.0.2.1"), "no letter is about it; networks are"),
        (("abuse", "--registry", "nowhere"), "a folder of recorded answers"),
    ],
)
def test_options_that_make_no_sense(scene: Scene, arguments: tuple[str, ...], says: str) -> None:
    result = letter(scene, *arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert not scene.letters.exists()


def test_case_that_is_none(scene: Scene) -> None:
    result = run("letter", "RF-19990101-000000", "abuse", "--store", scene.store)
    assert (result.exit_code, "there is no case RF-1999" in result.stderr) == (2, True)


def test_settings_that_are_not_there(scene: Scene) -> None:
    result = run(
        "letter", scene.case_id, "abuse", "--settings", "none.toml", "--store", scene.store
    )
    assert (result.exit_code, "no such settings" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("", "is no longer at"),
        ("for-others/incident.json", "for-others/incident.json is missing"),
        ("evidence/bag-0001/data/attackers.pcapng", "no letter can rest on it"),
    ],
)
def test_folder_that_lost_something_is_an_error(scene: Scene, spoil: str, says: str) -> None:
    place = scene.folder / spoil
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    result = letter(scene, "abuse", "--send", "--yes", port=1)
    assert result.exit_code == 2
    assert says in result.stderr
    assert scene.entries("letter") == []


def test_case_without_a_folder_is_an_error(tmp_path: Path) -> None:
    found, store = incident(suspect(THIEF)), str(tmp_path / "cases.db")
    with Casebook(store) as book:
        book.file(found, None)
    result = letter(Scene(tmp_path / "x", found, store), "abuse")
    assert (result.exit_code, "has no case folder" in result.stderr) == (2, True)


def test_nobody_who_can_be_blamed_gets_no_letter(scene: Scene) -> None:
    """All are only suspected."""
    doubtful = replace(
        scene.incident,
        suspects=[replace(one, verdict="suspect") for one in scene.incident.suspects],
    )
    flow.folder.write_incident(scene.folder / "for-others/incident.json", doubtful)
    with scene.book() as (book, _):
        book.file(doubtful, str(scene.folder))
    for kind, says in (
        ("abuse", "no network to write to"),
        ("isp", "nothing that a provider should drop"),
        ("noc-call", "no reason to telephone"),
    ):
        result = letter(scene, kind, "--send", "--yes", port=1)
        assert result.exit_code == 2
        assert says in words(result.stderr)
    assert not scene.letters.exists()


def test_letters_folder_that_cannot_be_written_is_an_error(scene: Scene) -> None:
    scene.letters.write_text("a file where the folder belongs")
    result = letter(scene, "isp")
    assert result.exit_code == 2
    assert "letters" in result.stderr
    assert scene.entries("letter") == []


def test_without_a_mail_server_letters_are_kept_and_not_sent(scene: Scene) -> None:
    result = letter(scene, "isp", "--send", "--yes")
    assert result.exit_code == 1
    assert "no mail server is named: settings.toml, mail.server" in result.stderr
    assert "nothing was sent" in result.stderr
    assert (scene.letters / "isp.eml").exists()


def test_without_a_mailbox_of_ones_own_nothing_is_sent(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "nameless.toml"
    file.write_text('[isp]\nemail = "noc@isp.example"\n[mail]\nserver = "127.0.0.1"\n')
    result = run(
        "letter", scene.case_id, "isp", "--send", "--yes", "--offline",
        "--settings", str(file), "--store", scene.store,
    )  # fmt: skip
    assert result.exit_code == 1
    assert "no sender: write victim.email" in result.stderr
    assert "note: no mail of it: no sender" in result.stdout


def test_desk_that_nobody_knows_is_told_apart(original: Scene, tmp_path: Path) -> None:
    """One has a mailbox and gets its letter, the other is named."""
    scene = original.copy(tmp_path, KNOWN[0])
    desk = Desk()
    with mail_server(desk) as port:
        result = letter(scene, "abuse", "--send", "--yes", port=port)
    assert result.exit_code == 1
    assert [one.receivers for one in desk.letters] == [(DESK,)]
    assert f"abuse-{ACCOMPLICE}: no mailbox is known" in result.stderr


def test_nobody_to_ask_sends_nothing(scene: Scene) -> None:
    desk = Desk()
    with mail_server(desk) as port:
        result = letter(scene, "isp", "--send", port=port, given="y\n")
    assert result.exit_code == 2
    assert "nobody can answer here: add --yes" in result.stderr
    assert desk.letters == []
    assert (scene.letters / "isp.eml").exists()
    assert len(scene.entries("letter")) == 1


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits before it."""
    stdin = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr("ringfence.cli.letter.sys", SimpleNamespace(stdin=stdin))


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_who_does_not_agree_sends_nothing(scene: Scene, answer: str) -> None:
    desk = Desk()
    with mail_server(desk) as port:
        result = letter(scene, "isp", "--send", port=port, given=answer)
    assert result.exit_code == 1
    assert (desk.letters, sent(scene)) == ([], [])
    assert (scene.letters / "isp.eml").exists()


@pytest.mark.usefixtures("terminal")
def test_who_agrees_was_shown_receivers_and_subjects(scene: Scene) -> None:
    desk = Desk()
    with mail_server(desk) as port:
        result = letter(scene, "abuse", "--send", port=port, given="y\n")
    assert result.exit_code == 0, result.stderr
    assert f"To {DESK}: Abuse: SIP toll fraud" in result.stdout
    assert "Send 2 letters through 127.0.0.1?" in result.stdout
    assert len(desk.letters) == 2


@pytest.fixture
def with_copy(original: Scene, tmp_path: Path) -> Scene:
    """A network whose desk is one receiver, and a response team the other."""
    return original.copy(tmp_path, who(THIEF, HOSTING, contact(DESK), COPIED), KNOWN[1])


@pytest.mark.parametrize(("refused", "counts"), [(TEAM, True), (DESK, False)])
def test_one_of_two_receivers_is_refused(with_copy: Scene, refused: str, counts: bool) -> None:
    desk = Desk(refused={refused: "550 5.1.1 no such user \x1b[2J"})
    accepted = ({DESK, TEAM} - {refused}).pop()
    with mail_server(desk) as port:
        result = letter(with_copy, "abuse", "--send", "--yes", "--network", THIEF, port=port)
    assert result.exit_code == 1
    assert f"sent to {accepted}: " in result.stdout
    assert f"not taken for {refused}: 550 5.1.1 no such user" in result.stderr
    assert "\x1b" not in result.output
    assert len(sent(with_copy)) == counts
    (note,) = with_copy.entries("note")
    assert f"was not taken for {refused}" in note


def test_refused_letter_holds_up_no_other(scene: Scene) -> None:
    desk = Desk(refused={CLOUD_DESK: "550 5.1.1 no such user"})
    with mail_server(desk) as port:
        result = letter(scene, "abuse", "--send", "--yes", port=port)
    assert result.exit_code == 1
    assert f"not sent to {CLOUD_DESK}: mail server 127.0.0.1:" in result.stderr
    assert [one.receivers for one in desk.letters] == [(DESK,)]
    assert sent(scene) == [parsed(desk.letters[0].octets)["Message-ID"]]


def test_mailbox_that_mail_cannot_reach_holds_up_no_other(original: Scene, tmp_path: Path) -> None:
    """A registry may hold anything."""
    scene = original.copy(tmp_path, KNOWN[0], who(ACCOMPLICE, CLOUD, contact("abuse@localhost")))
    desk = Desk()
    with mail_server(desk) as port:
        result = letter(scene, "abuse", "--send", "--yes", port=port)
    assert result.exit_code == 1
    assert "is not one mail address" in result.stderr
    assert [one.receivers for one in desk.letters] == [(DESK,)]


def test_server_that_takes_nothing_leaves_drafts(scene: Scene) -> None:
    desk = Desk(answer="554 5.7.1 spam")
    with mail_server(desk) as port:
        result = letter(scene, "abuse", "--send", "--yes", port=port)
    assert result.exit_code == 1
    assert result.stderr.count("554 5.7.1 spam") == 2
    assert sent(scene) == []
    assert "not sent" in case(scene, "letters", scene.case_id).stdout


def test_nobody_listens_at_the_server(scene: Scene) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = letter(scene, "isp", "--send", "--yes", port=port)
    assert result.exit_code == 1
    assert "nobody listens there" in result.stderr
    assert sent(scene) == []


def test_connection_that_breaks_after_the_letter_is_noted(scene: Scene) -> None:
    envelope = ("220 mail\r\n", "250 mail\r\n", "250 ok\r\n", "250 ok\r\n", "354 go on\r\n")
    with vicious_server(script(*envelope)) as port:
        result = letter(scene, "isp", "--send", "--yes", port=port)
    assert result.exit_code == 1
    assert "it may have arrived" in words(result.stderr)
    message_id = parsed((scene.letters / "isp.eml").read_bytes())["Message-ID"]
    (note,) = scene.entries("note")
    assert re.match(rf"letter 1 may have been sent as {re.escape(message_id)}: ", note)
    assert sent(scene) == []


def test_nothing_goes_to_another_machine_in_the_clear_unless_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.reports.post._Line.is_loopback", lambda _: False)
    desk = Desk()
    with mail_server(desk) as port:
        result = letter(scene, "isp", "--send", "--yes", port=port)
        assert (result.exit_code, desk.letters) == (1, [])
        assert "is on another machine" in result.stderr
        result = letter(scene, "isp", "--send", "--yes", "--in-the-clear", port=port)
    assert result.exit_code == 0, result.stderr
    assert len(desk.letters) == 1
