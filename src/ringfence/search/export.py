"""Chosen messages as CSV, JSON lines, Parquet or pcapng.

How it works: each writer takes rows of one table after the other and writes them
to a stream that is open already; only Parquet, which DuckDB writes, needs a file's
name. Strangers' text is escaped as everywhere; CSV cells that a spreadsheet would
take for a formula get an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO, Protocol

import msgspec

from ringfence.model.export import FORMATS, ExportError
from ringfence.search.cells import Cell, cells, header
from ringfence.search.fields import EXPORTED, Kind
from ringfence.wire.pcapng_writer import PcapngWriter
from ringfence.wire.records import packets_of

if TYPE_CHECKING:
    from ringfence.search.rows import Numbers, Rows
    from ringfence.wire.decoder import Decoder

# What spreadsheets take for the start of a formula; tabs and line ends are escaped before.
_FORMULA = ("=", "+", "-", "@")
_BUFFER = 1024 * 1024
# Rows that DuckDB writes at a time, and what it may hold meanwhile.
_PARQUET_GROUP = 16_384
_PARQUET_MEMORY = "128MB"


class Writer(Protocol):
    """Takes messages in the order of the capture; `close` ends the file that was begun."""

    without_packets: int  # messages whose packets were not found any more

    def take(self, table: Rows, rows: Numbers, source_input: int, decoder: Decoder) -> None:
        """Write these rows of a table that is at hand now."""
        ...

    def close(self) -> None:
        """Write what is left; the stream stays open."""
        ...


class CsvWriter:
    """RFC 4180 with a header line, UTF-8."""

    without_packets = 0

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._line((header(),))

    def take(self, table: Rows, rows: Numbers, source_input: int, decoder: Decoder) -> None:
        del decoder
        columns = [_harmless(column) for column in cells(table, rows, source_input)]
        self._line(zip(*columns, strict=True))

    def close(self) -> None:
        self._stream.flush()

    def _line(self, rows: Iterable[Iterable[Cell]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        self._stream.write(text.getvalue().encode())


def _harmless(column: list[Cell]) -> list[Cell]:
    return [
        f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
        for cell in column
    ]


class JsonWriter:
    """One object a line; what is not there is left out."""

    without_packets = 0

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._encode = msgspec.json.Encoder().encode
        self._names = header()

    def take(self, table: Rows, rows: Numbers, source_input: int, decoder: Decoder) -> None:
        del decoder
        for row in zip(*cells(table, rows, source_input), strict=True):
            there = {n: cell for n, cell in zip(self._names, row, strict=True) if cell is not None}
            self._stream.write(self._encode(there) + b"\n")

    def close(self) -> None:
        self._stream.flush()


class PacketWriter:
    """The packets of the messages, as captured, in a new pcapng file."""

    def __init__(self, stream: BinaryIO, application: str, names: list[str]) -> None:
        self.without_packets = 0
        self._stream = stream
        self._names = names
        self._writer = PcapngWriter(application)
        stream.write(self._writer.start())

    def take(self, table: Rows, rows: Numbers, source_input: int, decoder: Decoder) -> None:
        name = self._names[source_input]
        for records in packets_of(decoder, table.table, rows.tolist()):
            self.without_packets += records is None
            for r in records or ():
                packet = self._writer.packet(r.link, name, r.time_ns, r.octets, r.original)
                self._stream.write(packet)

    def close(self) -> None:
        self._stream.flush()


class ParquetWriter:
    """Rows into a file of their own first, which DuckDB then packs."""

    without_packets = 0

    def __init__(self, stream: BinaryIO, between: Path, target: Path) -> None:
        self._duckdb = require_duckdb()
        self._rows = JsonWriter(stream)
        self._between = between
        self._target = target

    def take(self, table: Rows, rows: Numbers, source_input: int, decoder: Decoder) -> None:
        self._rows.take(table, rows, source_input, decoder)

    def close(self) -> None:
        self._rows.close()
        settings = {
            "autoinstall_known_extensions": "false",
            "memory_limit": _PARQUET_MEMORY,
            "threads": 1,
        }
        with self._duckdb.connect(config=settings) as connection:
            connection.execute(_copy(self._between, self._target))


def require_duckdb() -> ModuleType:
    """The duckdb module. Raises ExportError that says how to get it."""
    try:
        return import_module("duckdb")
    except ModuleNotFoundError as error:
        raise ExportError(
            "Parquet needs DuckDB, which is not installed: `pip install 'ringfence[parquet]'`"
        ) from error


_TYPES = {Kind.NUMBER: "BIGINT", Kind.TIME: "TIMESTAMPTZ"}


def _copy(between: Path, target: Path) -> str:
    """The statement that packs the rows; names of columns are ours, paths are quoted."""
    types = {"input": "BIGINT"} | {
        field.name: "VARCHAR" if field.name == "order_hash" else _TYPES.get(field.kind, "VARCHAR")
        for field in EXPORTED
    }
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    source = _quoted(_literal(str(between)))
    read = f"read_json({source}, format='newline_delimited', columns={{{columns}}})"
    return (
        f"COPY (SELECT * FROM {read}) TO {_quoted(str(target))} "  # noqa: S608  no stranger's text
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_PARQUET_GROUP})"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _literal(path: str) -> str:
    """A path that is no pattern to DuckDB."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


@contextmanager
def open_writer(form: str, out: str, inputs: list[str], application: str) -> Iterator[Writer]:
    """A writer for a file, or for standard output ("-"). Raises ExportError, OSError.

    A file appears under its name when it is whole; one that was there stays until then.
    """
    if out == "-":
        if form == "parquet":
            raise ExportError("Parquet cannot go to standard output; name a file with --out")
        yield from _writing(_writer(form, sys.stdout.buffer, inputs, application))
        return
    target = Path(out)
    _spare_inputs(target, inputs)
    if target.exists() and not target.is_file():  # a pipe, a device
        with target.open("wb") as stream:
            yield from _writing(_writer(form, stream, inputs, application))
        return
    yield from _writing_file(form, target, inputs, application)


def _writing_file(form: str, target: Path, inputs: list[str], application: str) -> Iterator[Writer]:
    part = target.with_name(f".{target.name}.part")
    rows = target.with_name(f".{target.name}.rows")
    try:
        part.unlink(missing_ok=True)
        rows.unlink(missing_ok=True)
        if form == "parquet":
            with rows.open("xb", _BUFFER) as stream:
                yield from _writing(ParquetWriter(stream, rows, part))
        else:
            with part.open("xb", _BUFFER) as stream:
                yield from _writing(_writer(form, stream, inputs, application))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
        rows.unlink(missing_ok=True)


def _writing(writer: Writer) -> Iterator[Writer]:
    yield writer
    writer.close()


def _writer(form: str, stream: BinaryIO, inputs: list[str], application: str) -> Writer:
    if form == "csv":
        return CsvWriter(stream)
    if form == "json":
        return JsonWriter(stream)
    if form == "pcapng":
        return PacketWriter(stream, application, inputs)
    raise ExportError(f"{form} cannot be written here; formats are {', '.join(FORMATS)}")


def _spare_inputs(target: Path, inputs: list[str]) -> None:
    for path in inputs:
        if path != "-" and target.exists() and Path(path).exists() and target.samefile(path):
            raise ExportError(f"{target} is one of the captures; they are never written to")
