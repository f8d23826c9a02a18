"""`ringfence messages`, as somebody types it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.scene import capture_in, ringfence
from tests.search.scene import capture
from tests.wire_cases.reading import decode

if TYPE_CHECKING:
    from pathlib import Path


def test_every_message_is_a_line(tmp_path: Path) -> None:
    answer = ringfence("messages", capture_in(tmp_path))
    lines = answer.out.splitlines()
    assert answer.status == 0
    assert len(lines) == 7
    assert lines[0].startswith("2026-01-01T00:00:00.000000Z  203.0.113.7:5071")
    assert "401 INVITE" in lines[1]


def test_escape_sequences_do_not_reach_the_terminal(tmp_path: Path) -> None:
    answer = ringfence("messages", capture_in(tmp_path), "--text")
    assert "\x1b" not in answer.out
    assert r"sip:scan\x1b[31m@example.com" in answer.out


@pytest.mark.parametrize(("options", "count"), [
    (["--method", "INVITE"], 3),
    (["--method", "INVITE,PING"], 4),
    (["--method", "INVITE", "--method", "PING"], 4),
    (["--from", "203.0.113.0/24"], 4),
    (["--towards", "203.0.113.7"], 2),
    (["--address", "2001:db8::/32"], 1),
    (["--status", "401,2xx"], 2),
    (["--user", "240"], 5),
    (["--call-id", "call"], 5),
    (["--agent", "scanner"], 3),
    (["--anomaly", "BARE_LF"], 1),
    (["--where", "status == 4xx or method == PING"], 2),
    (["--method", "INVITE", "--limit", "2"], 2),
    (["--method", "BYE"], 0),
])  # fmt: skip
def test_options_choose(options: list[str], count: int, tmp_path: Path) -> None:
    answer = ringfence("messages", capture_in(tmp_path), *options)
    assert answer.status == 0
    assert len(answer.out.splitlines()) == count


def test_mistake_is_pointed_at(tmp_path: Path) -> None:
    answer = ringfence("messages", capture_in(tmp_path), "--where", "user == 1 and metod == X")
    assert answer.status == 2
    assert answer.err.splitlines() == [
        "ringfence: --where, column 15: no field is named metod; did you mean method?",
        "  user == 1 and metod == X",
        "                ^",
    ]


def test_mistake_far_to_the_right_is_still_seen(tmp_path: Path) -> None:
    expression = "user == 1 or " * 30 + "\x1bnope"
    _, shown, caret = ringfence(
        "messages", capture_in(tmp_path), "--where", expression
    ).err.splitlines()
    assert shown[caret.index("^") :].startswith(r"\x1bnope")


@pytest.mark.parametrize(("arguments", "says"), [
    (["--to", "xlsx"], "formats are csv, json, parquet, pcapng"),
    (["--out", "a.xlsx"], "say with --to"),
    (["--to", "pcapng"], "name a file with --out"),
    (["--to", "parquet", "--out", "-"], "name a file with --out"),
    (["--status", "4xy"], "--status: 4xy: not a number"),
    (["--from", "pbx.example.com"], "--from: pbx.example.com: not an address"),
    (["--limit", "0"], "limit"),
])  # fmt: skip
def test_wrong_options_are_explained(arguments: list[str], says: str, tmp_path: Path) -> None:
    answer = ringfence("messages", capture_in(tmp_path), *arguments)
    assert answer.status == 2
    assert says in answer.err


def test_no_capture() -> None:
    answer = ringfence("messages", "nowhere.pcap")
    assert answer.status == 2
    assert answer.err.startswith("ringfence: nowhere.pcap: ")


def test_csv_and_json_go_to_standard_output(tmp_path: Path) -> None:
    night = capture_in(tmp_path)
    rows = list(csv.DictReader(io.StringIO(ringfence("messages", night, "--to", "csv").out)))
    objects = [
        json.loads(line) for line in ringfence("messages", night, "--to", "json").out.splitlines()
    ]
    assert [row["packet"] for row in rows] == [str(o["packet"]) for o in objects] == list("1234567")


def test_format_follows_from_the_name(tmp_path: Path) -> None:
    answer = ringfence(
        "messages", capture_in(tmp_path), "--out", tmp_path / "x.json", "--status", "401"
    )
    assert answer.err == f"{tmp_path / 'x.json'}: 1 of 7 messages\n"
    assert json.loads((tmp_path / "x.json").read_text())["status"] == 401


def test_packets_come_out_as_they_went_in(tmp_path: Path) -> None:
    packed = tmp_path / "night.pcap.gz"
    packed.write_bytes(gzip.compress(capture()))
    out = tmp_path / "x.pcapng"
    answer = ringfence("messages", packed, "--to", "pcapng", "--out", out)
    assert answer.err == f"{out}: 7 messages\n"
    assert decode(out.read_bytes()).rows == [
        row | {"position": again["position"]}
        for row, again in zip(decode(capture()).rows, decode(out.read_bytes()).rows, strict=True)
    ]


def test_limit_holds_for_exports(tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    answer = ringfence("messages", capture_in(tmp_path), "--limit", "2", "--out", out)
    assert answer.err == f"{out}: the first 2 messages; there may be more\n"
    assert len(out.read_text().splitlines()) == 3


def test_several_captures_and_damage(tmp_path: Path) -> None:
    night = capture_in(tmp_path)
    broken = tmp_path / "broken.pcap"
    broken.write_bytes(capture() + b"\xff" * 2000)
    answer = ringfence("messages", night, broken, "--to", "json")
    assert {json.loads(line)["input"] for line in answer.out.splitlines()} == {0, 1}
    assert answer.err.startswith(f"ringfence: {broken}: at octet ")


def test_reader_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    """`ringfence messages night.pcap | head -1` prints no traceback."""
    night = capture_in(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-m", "ringfence", "messages", *[str(night)] * 2000],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def test_standard_input(tmp_path: Path) -> None:
    night = capture_in(tmp_path)
    with night.open("rb") as stream:
        run = subprocess.run(
            [sys.executable, "-m", "ringfence", "messages", "-", "--method", "PING"],
            stdin=stream,
            capture_output=True,
            text=True,
            check=True,
        )
    assert len(run.stdout.splitlines()) == 1
