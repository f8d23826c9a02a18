import json
from pathlib import Path

import pytest

from lab.labels import Call, Label, Source, read_sources

THIEF = Source(
    "203.0.113.66", "attacker", "svcrack", kinds=("password_guessing", "toll_fraud"),
    accounts=("240",), accounts_taken=("240",), calls_answered=(Call("9011449098790115", 61.5),),
    proof="nonce", begin="2026-10-03T01:00:00.000Z", end="2026-10-03T01:02:00.000Z", messages=7,
    ports=(5060, 5071),
)  # fmt: skip
HONEST = Source("192.0.2.20", "innocent", "desk phone", in_trouble="bad PIN")


def written(path: Path) -> Path:
    label = Label(
        scenario="x", about="x", capture="x.pcap", sha256="00", server="x", vantage="pbx eth0",
        altered=(), defended=("192.0.2.10",), sources=(THIEF, HONEST),
    )  # fmt: skip
    label.write(path)
    return path


def test_a_label_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_sources(written(tmp_path / "x.json")) == [THIEF, HONEST]


def test_success_stands_apart_in_the_file(tmp_path: Path) -> None:
    document = json.loads(written(tmp_path / "x.json").read_text())
    assert document["sources"][0]["success"] == {
        "accounts_taken": ["240"],
        "calls_answered": [{"number": "9011449098790115", "seconds": 61.5}],
    }


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "x.json")
    path.write_text(path.read_text().replace("ringfence.lab/1", "ringfence.lab/9"))
    with pytest.raises(ValueError, match=r"ringfence\.lab/9"):
        read_sources(path)


@pytest.mark.parametrize(("role", "kinds"), [
    ("suspect", ()),
    ("attacker", ("spam",)),
    ("innocent", ("scan",)),
])  # fmt: skip
def test_impossible_labels_are_refused(role: str, kinds: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"198\.51\.100\.1"):
        Source("198.51.100.1", role, "x", kinds=kinds)


def test_a_forged_trunk_may_carry_what_others_did_in_its_name() -> None:
    assert Source("198.51.100.31", "trunk", "x", kinds=("spoofed_call",), forged=True).forged
