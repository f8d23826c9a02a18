"""Who makes the socket, what lies there already, and who may come."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from ringfence.flow.warden_socket import NAME, is_served, listening, objection, passed, peer
from ringfence.model.measure import FirewallError

STRANGER = 65_534


def test_socket_is_for_our_user_and_group_and_goes_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "run" / NAME
    with listening(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert stat.S_IMODE(path.parent.stat().st_mode) & 0o007 == 0
        assert is_served(path)
    assert not path.exists()


def test_socket_of_one_that_was_killed_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
        dead.listen()
    assert path.exists()
    assert not is_served(path)
    with listening(path):
        assert is_served(path)


def test_socket_of_one_that_lives_is_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with listening(path):
        with (
            pytest.raises(FirewallError, match="another `ringfence guard firewall` serves it"),
            listening(path),
        ):
            pass
        assert is_served(path)


def test_socket_of_a_successor_is_not_taken_away(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with listening(path):
        path.unlink()
        with socket.socket(socket.AF_UNIX) as later:
            held = (tmp_path / "a", tmp_path / "b")  # so that its inode is another one
            for one in held:
                one.touch()
            later.bind(str(path))
    assert path.is_socket()


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text("a letter")
    with pytest.raises(FirewallError, match="is no socket"), listening(path):
        pass
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(FirewallError, match="is no socket"), listening(link):
        pass
    assert path.read_text() == "a letter"


def test_path_that_no_socket_can_have_is_said(tmp_path: Path) -> None:
    with pytest.raises(FirewallError, match="too long"), listening(tmp_path / ("x" * 200)):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(FirewallError, match="Not a directory"), listening(tmp_path / "file" / NAME):
        pass


def test_systemd_hands_over_to_us_only() -> None:
    other = {"LISTEN_PID": str(os.getpid() + 1), "LISTEN_FDS": "1"}
    assert passed(other) is None
    assert other == {}  # nor to what we start
    assert passed({}) is None
    assert passed({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "0"}) is None
    assert passed({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "many"}) is None


def test_our_own_user_may_come(tmp_path: Path) -> None:
    with listening(tmp_path / NAME) as listener, socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(tmp_path / NAME))
        connection, _ = listener.accept()
        with connection:
            assert peer(connection)[:2] == (os.getpid(), os.geteuid())
            assert objection(connection, listener) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="other users need root")
@pytest.mark.parametrize(
    ("groups", "group", "may"),
    [([], STRANGER, False), ([], 4242, True), ([7, 4242], STRANGER, True)],
)
def test_others_may_come_by_the_group_of_the_socket_only(
    tmp_path: Path, groups: list[int], group: int, may: bool
) -> None:
    path = Path(f"/tmp/ringfence-{os.getpid()}.sock")  # noqa: S108  where others may enter
    with listening(path) as listener:
        os.chown(path, 0, 4242)
        path.chmod(0o666)  # so that only we refuse
        if os.fork() == 0:
            os.setgroups(groups)
            os.setresgid(group, group, group)
            os.setresuid(STRANGER, STRANGER, STRANGER)
            with socket.socket(socket.AF_UNIX) as asking:
                asking.connect(str(path))
                asking.recv(1)
            os._exit(0)
        connection, _ = listener.accept()
        with connection:
            refused = objection(connection, listener)
        os.wait()
    assert (refused == "") is may
    if not may:
        assert f"of user {STRANGER} is neither root" in refused
