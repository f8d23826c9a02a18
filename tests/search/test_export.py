"""Exports: what a spreadsheet, a script, a database and Wireshark get."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from ringfence.model.export import FORMATS, ExportError
from ringfence.model.question import Question
from ringfence.search import export
from ringfence.search.cells import header
from ringfence.search.export import CsvWriter, JsonWriter, open_writer
from ringfence.search.selection import Selection
from ringfence.wire.decoder import Decoder
from ringfence.wire.records import PacketKeeper
from tests.search.scene import capture, fed
from tests.wire_cases.compile import packets_of
from tests.wire_cases.reading import decode

if TYPE_CHECKING:
    from pathlib import Path

EVERYTHING = Question()


def selected(question: Question = EVERYTHING, octets: bytes | None = None) -> Selection:
    decoder = Decoder(rows=3)
    decoder.keeper = PacketKeeper()
    return Selection(fed(capture() if octets is None else octets, decoder), question)


def as_csv(octets: bytes | None = None) -> list[dict[str, str]]:
    stream = io.BytesIO()
    writer = CsvWriter(stream)
    selected(octets=octets).export(writer)
    writer.close()
    return list(csv.DictReader(io.StringIO(stream.getvalue().decode())))


def invite(display: str) -> bytes:
    """A capture of one message with this display name."""
    text = (
        "packet\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 5060 > 5060\n"
        "| INVITE sip:1@192.0.2.1 SIP/2.0\n"
        f'! From: "{display}" <sip:1@192.0.2.1>\\r\\n\n| Call-ID: x\n|\n'
    )
    return capture(packets_of(text))


def test_csv_has_a_header_and_a_line_a_message() -> None:
    rows = as_csv()
    assert len(rows) == 7
    assert tuple(rows[0]) == header()
    assert (rows[0]["method"], rows[0]["status"], rows[1]["status"]) == ("INVITE", "", "401")


@pytest.mark.parametrize("formula", [
    "=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0",
])  # fmt: skip
def test_a_display_name_is_no_formula(formula: str) -> None:
    (row,) = as_csv(invite(formula))
    assert row["from_display"] == f"'{formula}"


@pytest.mark.parametrize("hidden", [r"\t=1", r"\r=1", r"\x00=1", r"\x1b]0;owned\x07"])
def test_control_octets_start_no_cell(hidden: str) -> None:
    (row,) = as_csv(invite(hidden))
    assert row["from_display"].isprintable()
    assert row["from_display"][0] not in "=+-@"


def test_line_ends_and_quotes_stay_inside_their_cell() -> None:
    rows = as_csv(invite(r'a\xe2\x80\xa8b,\\"c'))
    assert len(rows) == 1
    assert rows[0]["from_display"] == r"a\u2028b,\"c"


def test_json_is_an_object_a_line_without_what_is_not_there() -> None:
    stream = io.BytesIO()
    writer = JsonWriter(stream)
    selected(Question(where="packet <= 2")).export(writer)
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["packet"], first["method"]) == (1, "INVITE")
    assert "status" not in first
    assert (second["status"], second["challenge_nonce"]) == (401, "abcd")
    assert set(first) | set(second) <= set(header())


def exported(form: str, out: Path, question: Question = EVERYTHING) -> Path:
    with open_writer(form, str(out), ["night.pcap"], "test") as writer:
        selected(question).export(writer)
    return out


def test_pcapng_holds_the_packets_of_the_chosen_only(tmp_path: Path) -> None:
    out = exported("pcapng", tmp_path / "x.pcapng", Question(methods=("INVITE",)))
    assert decode(out.read_bytes()).texts == [
        text for n, text in enumerate(decode(capture()).texts, 1) if n in (1, 3, 4)
    ]
    assert b"night.pcap" in out.read_bytes()


def test_parquet_has_typed_columns(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    out = exported("parquet", tmp_path / "odd '[*]? name.parquet")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        relation = connection.from_parquet(
            str(out).replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
        )
        types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        rows = (
            relation.filter("status = 401").project("source, time::VARCHAR, auth_user").fetchall()
        )
    assert tuple(types) == header()
    assert (types["status"], types["source"]) == ("BIGINT", "VARCHAR")
    assert types["time"] == "TIMESTAMP WITH TIME ZONE"
    assert rows == [("192.0.2.1", "2026-01-01 00:00:00.1+00", None)]
    assert list(tmp_path.iterdir()) == [out]


def test_parquet_without_duckdb_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(export, "import_module", missing)
    with pytest.raises(ExportError, match=r"pip install 'ringfence\[parquet\]'"):
        exported("parquet", tmp_path / "x.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "parquet"])
def test_a_failure_leaves_the_old_file_and_no_rest(form: str, tmp_path: Path) -> None:
    out = tmp_path / "x"
    out.write_text("before")

    def breaks() -> None:
        with open_writer(form, str(out), ["night.pcap"], "test") as writer:
            selected().export(writer)
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        breaks()
    assert out.read_text() == "before"
    assert list(tmp_path.iterdir()) == [out]


def test_a_link_laid_in_the_way_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("before")
    (tmp_path / ".x.csv.part").symlink_to(precious)
    exported("csv", tmp_path / "x.csv")
    assert precious.read_text() == "before"


def test_a_capture_is_never_written_to(tmp_path: Path) -> None:
    given = tmp_path / "night.pcap"
    given.write_bytes(capture())
    (tmp_path / "other").symlink_to(given)
    for out in (given, tmp_path / "other"):
        with (
            pytest.raises(ExportError, match="never written to"),
            open_writer("pcapng", str(out), [str(given)], "test"),
        ):
            pass
    assert given.read_bytes() == capture()


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    exported("json", pipe)
    reader.join()
    assert len(got[0].splitlines()) == 7
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_parquet_is_not_poured_into_a_terminal() -> None:
    with pytest.raises(ExportError, match="--out"), open_writer("parquet", "-", [], "test"):
        pass


def test_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="xlsx"), open_writer("xlsx", str(tmp_path / "x"), [], ""):
        pass
