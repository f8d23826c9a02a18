"""The guard's side: the warden is not there, hangs, was started again, answers nonsense."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread, Timer

import pytest

from ringfence.flow import warden_frames as frames
from ringfence.flow.firewall import Shape, new_measure
from ringfence.flow.remote_firewall import RemoteFirewall
from ringfence.flow.warden_socket import listening
from ringfence.model.measure import FirewallError, MeasureError
from tests.flow.walls import Recorder, in_force, served

HOUR = timedelta(hours=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "firewall.sock"


@pytest.fixture
def guard(path: Path) -> Iterator[RemoteFirewall]:
    with RemoteFirewall(path) as guard:
        yield guard


@contextmanager
def saying(path: Path, octets: bytes) -> Iterator[None]:
    """A server that says this to whoever asks, and hangs up."""
    with listening(path) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(octets)

        thread = Thread(target=answer)
        thread.start()
        yield
        thread.join(10)


def test_every_question_is_asked_and_answered(path: Path, guard: RemoteFirewall) -> None:
    wall = Recorder()
    wall.in_force = in_force(3)
    shape = Shape(("eth0",))
    with listening(path) as listener, served(listener, wall):
        assert guard.stand(shape, anew=True)
        assert not guard.stand()
        assert guard.restore() == [one.measure for one in wall.in_force]
        assert guard.look({"192.0.2.1": 3}, {"192.0.2.1": "192.0.2.2"}) == wall.in_force
        assert guard.slowed() == {"strangers": 7}
        ended = guard.release("2001:db8::1", "a user")
        assert ended == [*(x.measure for x in wall.in_force), *(x.held for x in wall.in_force)]
        guard.know([ip_address("192.0.2.7")], timedelta(seconds=0.5))
    assert wall.asked == [
        ("stand", shape, True),
        ("stand", None, False),
        ("restore",),
        ("look", {"192.0.2.1": 3}, {"192.0.2.1": "192.0.2.2"}),
        ("slowed",),
        ("release", "2001:db8::1", "a user"),
        ("know", (ip_address("192.0.2.7"),), timedelta(seconds=1)),
    ]


def test_long_lists_are_asked_in_turns(path: Path, guard: RemoteFirewall) -> None:
    wall = Recorder()
    now = datetime.now(UTC)
    many = [new_measure(f"203.0.{n >> 8}.{n & 255}", "x", HOUR, now) for n in range(1, 1202)]
    users = [ip_address(n) for n in range(0xC0000201, 0xC0000201 + frames.MAX_KNOWN + 1)]
    with listening(path) as listener, served(listener, wall):
        done, withheld = guard.apply(many)
        guard.know(users, HOUR)
        guard.know([], HOUR)
        assert guard.apply([]) == ([], [])
    assert (len(done), len(withheld)) == (1198, 3)
    assert [len(asked) - 1 for asked in wall.asked[:3]] == [500, 500, 201]
    assert [len(asked[1]) for asked in wall.asked[3:]] == [frames.MAX_KNOWN, 1]  # type: ignore[arg-type]


def test_of_what_is_still_heard_the_loudest_are_told(path: Path, guard: RemoteFirewall) -> None:
    wall = Recorder()
    heard = {f"2001:db8::{n:x}": n for n in range(20_000)}
    with listening(path) as listener, served(listener, wall):
        guard.look(heard, dict.fromkeys(heard, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"))
    _, told, moved = wall.asked[0]
    assert isinstance(told, dict)
    assert isinstance(moved, dict)
    assert (len(told), min(told.values()), len(moved)) == (5000, 15_000, 5000)


def test_reason_without_end_is_not_sent(path: Path, guard: RemoteFirewall) -> None:
    with pytest.raises(MeasureError, match="too much for one question"):
        guard.release("192.0.2.7", "x" * (1 << 20))


def test_warden_that_is_not_there_is_said_with_what_to_do(
    path: Path, guard: RemoteFirewall
) -> None:
    for _ in range(2):
        with pytest.raises(
            FirewallError, match=r"does not run; .* stays blocked .*systemctl status"
        ):
            guard.slowed()
    with listening(path) as listener, served(listener, Recorder()):
        assert guard.slowed() == {"strangers": 7}


def test_warden_that_was_started_again_is_called_again(path: Path, guard: RemoteFirewall) -> None:
    for _ in range(3):
        with listening(path) as listener, served(listener, Recorder()):
            assert guard.slowed() == {"strangers": 7}


def test_warden_that_hangs_is_left_and_its_late_answer_is_for_nobody(path: Path) -> None:
    wall = Recorder()
    wall.gate = Event()
    with (
        listening(path) as listener,
        served(listener, wall),
        RemoteFirewall(path, timeout_s=0.2) as guard,
    ):
        with pytest.raises(FirewallError, match="did not answer within 0 s"):
            guard.slowed()
        wall.gate.set()
        with RemoteFirewall(path) as patient:
            assert patient.slowed() == {"strangers": 7}  # its own


def test_list_of_all_that_is_in_force_has_longer(path: Path) -> None:
    wall = Recorder()
    wall.gate = Event()
    with (
        listening(path) as listener,
        served(listener, wall),
        RemoteFirewall(path, timeout_s=0.5) as guard,
    ):
        opened = Timer(1.0, wall.gate.set)
        opened.start()
        assert guard.look() == []
        opened.join()


def test_answers_in_drops_do_not_extend_the_time(path: Path) -> None:
    with listening(path) as listener, RemoteFirewall(path, timeout_s=0.3) as guard:
        over = Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                while not over.wait(0.05):
                    try:
                        connection.sendall(b"\x00")
                    except OSError:
                        return

        thread = Thread(target=drip)
        thread.start()
        with pytest.raises(FirewallError):
            guard.slowed()
        over.set()
        thread.join(10)


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"", "does not run"),
        (b"\xff\xff\xff\xff", "are the most"),
        (b"\x00\x00\x00\x04nope", "could not be asked"),
        (frames.frame(frames.Answer(frames.value("seven"))), "another version"),
        (frames.frame(frames.Answer(frames.value([7]), more=True)), "without end"),
        (frames.frame(frames.Answer(trouble=frames.Trouble("StoreErro", "\x1b[2J"))), r"^\\x1b"),
    ],
)
def test_answer_that_makes_no_sense_is_an_error(
    path: Path, guard: RemoteFirewall, octets: bytes, says: str
) -> None:
    with saying(path, octets), pytest.raises(FirewallError, match=says):
        guard.slowed()


def test_file_that_is_no_socket_is_said(path: Path, guard: RemoteFirewall) -> None:
    path.write_text("")
    with pytest.raises(FirewallError, match="does not run"):
        guard.slowed()
    with pytest.raises(FirewallError, match="too long"), RemoteFirewall(path / ("x" * 200)) as far:
        far.slowed()
