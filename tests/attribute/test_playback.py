"""A folder of recorded answers that plays registry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringfence.attribute.client import MAX_OCTETS
from ringfence.attribute.errors import AttributionError, BadAnswerError, NotRegisteredError
from ringfence.attribute.playback import MAX_ANSWERS, Playback
from tests.attribute.answers import network, octets

WIDE = network()
NARROW = network(startAddress="203.0.113.64", endAddress="203.0.113.79", handle="NARROW")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a-wide.json").write_bytes(octets(WIDE))
    (tmp_path / "b-narrow.json").write_bytes(octets(NARROW))
    (tmp_path / "README.md").write_text("no answer")
    return tmp_path


@pytest.mark.parametrize(("question", "name"), [
    ("/ip/203.0.113.66", "b-narrow.json"),
    ("/ip/203.0.113.80", "a-wide.json"),
    ("/ip/203.0.113.64/29", "b-narrow.json"),
    ("/ip/203.0.113.64/26", "a-wide.json"),
])  # fmt: skip
def test_the_narrowest_network_answers(folder: Path, question: str, name: str) -> None:
    play = Playback.of_folder(folder)
    body = play.get(f"{play.base}{question}")
    assert body.host == name
    assert body.octets == (folder / name).read_bytes()


@pytest.mark.parametrize("question", ["/ip/198.51.100.1", "/ip/2001:db8::1", "/ip/203.0.0.0/16"])
def test_what_is_not_recorded_is_not_registered(folder: Path, question: str) -> None:
    with pytest.raises(NotRegisteredError, match="holds no answer"):
        Playback.of_folder(folder).get(f"https://rdap.example{question}")


@pytest.mark.parametrize("question", ["", "/ip/", "/ip/nobody", "/ip/203.0.113.0/99", "/help"])
def test_no_question_about_an_address(folder: Path, question: str) -> None:
    with pytest.raises(BadAnswerError):
        Playback.of_folder(folder).get(f"https://rdap.example{question}")


@pytest.mark.parametrize(("text", "why"), [
    ("<html>", "HTML"),
    ("{", "broken JSON"),
    ("[1]", "no JSON object"),
    (json.dumps({"objectClassName": "entity", "handle": "E"}), "no answer about a network"),
    (json.dumps({"errorCode": 404}), "knows no such object"),
    (" " * (MAX_OCTETS + 1), "more than"),
])  # fmt: skip
def test_a_file_that_is_no_answer_is_named(folder: Path, text: str, why: str) -> None:
    (folder / "broken.json").write_text(text)
    with pytest.raises(AttributionError, match=rf"broken\.json: .*{why}"):
        Playback.of_folder(folder)


def test_a_folder_without_answers(tmp_path: Path) -> None:
    with pytest.raises(AttributionError, match="no recorded answers"):
        Playback.of_folder(tmp_path)


def test_a_folder_of_too_many_is_read_in_part(tmp_path: Path) -> None:
    answer = octets(WIDE)
    for number in range(MAX_ANSWERS + 5):
        (tmp_path / f"{number:05}.json").write_bytes(answer)
    assert len(Playback.of_folder(tmp_path).answers) == MAX_ANSWERS
