"""The register: root's alone, replaced whole, read with care."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.model.remote import RemoteError
from ringfence.remote.register import Keys, Register, RegisterFiles, write_secret
from tests.model.test_remote import KEY, PEER, TUNNEL

KEYS = Keys("P" * 42 + "A=", {KEY: "S" * 42 + "A="})


@pytest.fixture
def files(tmp_path: Path) -> RegisterFiles:
    made = RegisterFiles(tmp_path / "remote")
    with made.locked():
        made.write(Register(TUNNEL, (PEER,)), KEYS)
    return made


def test_what_is_written_is_read(files: RegisterFiles) -> None:
    assert files.read() == Register(TUNNEL, (PEER,))
    assert files.keys() == KEYS


def test_root_alone_reads_it(files: RegisterFiles, tmp_path: Path) -> None:
    folder = tmp_path / "remote"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}


def test_peers_are_listed_without_secrets(files: RegisterFiles, tmp_path: Path) -> None:
    text = (tmp_path / "remote/peers.json").read_text()
    assert KEYS.private not in text
    assert KEYS.preshared[KEY] not in text
    assert KEYS.private not in repr(KEYS)
    assert KEYS.preshared[KEY] not in repr(KEYS)


def test_a_crash_before_the_end_leaves_the_old_one(files: RegisterFiles, tmp_path: Path) -> None:
    (tmp_path / "remote/.peers.json.new").write_text("half")
    assert files.read() == Register(TUNNEL, (PEER,))
    with files.locked():
        files.write(Register(TUNNEL), KEYS)
    assert files.read() == Register(TUNNEL)
    assert not (tmp_path / "remote/.peers.json.new").exists()


@pytest.mark.parametrize(("was", "becomes"), [
    ('"anna"', '"../anna"'), ('"10.87.12.2"', '"10.87.12.2; reboot"'), ('"user"', '"king"'),
    ('"peers"', '"pears"'), ("{", "["),
])  # fmt: skip
def test_what_was_changed_by_hand_is_refused(
    files: RegisterFiles, tmp_path: Path, was: str, becomes: str
) -> None:
    path = tmp_path / "remote/peers.json"
    changed = path.read_text().replace(was, becomes, 1)
    path.write_text(changed)
    if was == '"peers"':  # an unknown word is nobody's: nobody may come in
        assert files.read() == Register(TUNNEL)
        return
    with pytest.raises(RemoteError, match="changed by hand"):
        files.read()


def test_damaged_keys_are_not_repeated(files: RegisterFiles, tmp_path: Path) -> None:
    (tmp_path / "remote/keys.json").write_text('{"private": 5, "preshared": {"secret": 1}}')
    with pytest.raises(RemoteError) as caught:
        files.keys()
    assert "secret" not in str(caught.value)


def test_nothing_there_is_nothing(tmp_path: Path) -> None:
    assert RegisterFiles(tmp_path).read() is None
    with pytest.raises(RemoteError, match="missing"):
        RegisterFiles(tmp_path).keys()


def test_nobody_is_called_so() -> None:
    assert Register(TUNNEL, (PEER,)).peer("anna") == PEER
    with pytest.raises(RemoteError, match="nobody is called"):
        Register(TUNNEL, (PEER,)).peer("ben")


def test_a_secret_is_never_written_over_nor_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_secret(tmp_path / "link", b"x")
    assert not (tmp_path / "elsewhere").exists()


def test_removed_is_gone(files: RegisterFiles, tmp_path: Path) -> None:
    files.remove()
    assert not (tmp_path / "remote").exists()
