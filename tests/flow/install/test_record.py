"""The list of what was made."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ringfence.flow.install.record import (
    RECORD,
    InstallError,
    Record,
    read_record,
    sha256,
    write,
    write_record,
)
from ringfence.flow.machine import Machine
from tests.flow.machines import machine


def test_what_is_written_is_read(tmp_path: Path) -> None:
    one = machine(tmp_path, {"/etc/ringfence/x": ""})
    record = Record({"/etc/ringfence/settings.toml": "00"}, ["/var/lib/ringfence"], made_user=True)
    write_record(one, record)
    assert read_record(one) == record
    assert stat.S_IMODE((tmp_path / RECORD[1:]).stat().st_mode) == 0o600


def test_nothing_was_installed(tmp_path: Path) -> None:
    assert read_record(Machine(tmp_path)) is None


@pytest.mark.parametrize("text", ["{", "[]", '{"files": []}', '{"files": {}, "folders": 7}'])
def test_list_that_somebody_changed(tmp_path: Path, text: str) -> None:
    with pytest.raises(InstallError, match="changed by hand"):
        read_record(machine(tmp_path, {RECORD: text}))


def test_file_that_was_changed_since(tmp_path: Path) -> None:
    one = machine(tmp_path, {"/etc/ringfence/a": "ours"})
    record = Record({"/etc/ringfence/a": sha256("ours")})
    assert record.is_as_written(one, "/etc/ringfence/a")
    (tmp_path / "etc/ringfence/a").write_text("mine")
    assert not record.is_as_written(one, "/etc/ringfence/a")
    assert not record.is_as_written(one, "/etc/ringfence/b")


def test_file_has_its_mode_before_anything_is_in_it(tmp_path: Path) -> None:
    write(Machine(tmp_path), "/secret", "first", 0o600)
    write(Machine(tmp_path), "/secret", "second", 0o640)
    assert (tmp_path / "secret").read_text() == "second"
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
