"""Recording from an interface with the recorder that is there: dumpcap, else tcpdump.

How it works: the recorder writes into a folder of its own beside the file that is
wanted, this module watches time and size and what it says, and ends it with SIGINT, as
Ctrl-C does, so that the file is whole. Only then the file gets its name. Rules: never
over a file that is there, never readable by others, never without an end.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ringfence.model.recording import NoRecorderError, Recorded, Recording, RecordingError
from ringfence.model.text import shown

# SIP, and SIP over TLS (unreadable, but it shows who comes): RFC 3261, 18.
SIP_PORTS = (5060, 5061)
# A day: what runs longer is a service, and has one of its own.
MAX_SECONDS = 86_400.0
MAX_RING = 1000
MIN_OCTETS = 100_000
# A ring of tcpdump counts in millions of octets.
MIN_RING_OCTETS = 1_000_000

# The recorders' places, for users whose PATH has no sbin.
_SBIN = ("/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/local/bin")
_LOOK_S = 0.1  # how often size and time are looked at
_START_S = 10.0
_STOP_S = 5.0
# The kernel hands packets over in blocks, after so long at the latest: libpcap's own
# timeout is 1 s in tcpdump, 0.25 s in dumpcap. Who ends it sooner loses the last block.
_SETTLE_S = {"tcpdump": 1.1, "dumpcap": 0.4}
# What a recorder says is kept up to here: a line in an error, no log.
_MAX_SAID = 8192

# dumpcap greets first ("Capturing on") and names its file once it really listens.
_LISTENS = re.compile(rb"listening on|File: ")
_PACKETS = re.compile(r"Packets captured: (\d+)|(\d+) packets? captured")
_LOST = re.compile(
    r"received/dropped on interface .*?: \d+/(\d+)|(\d+) packets? dropped by (?:kernel|interface)"
)
_GREETING = re.compile(
    r"Capturing on|File: |Packets|(tcpdump: )?(data link|listening on)|Got \d|\d+ packets"
)
_FORBIDDEN = re.compile(r"permission|not permitted|privilege", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recorder:
    """A program that records: its name, and where it is."""

    name: str
    path: str


def find_recorder(path: str | None = None) -> Recorder:
    """Find dumpcap or tcpdump. Raises NoRecorderError, RecordingError if we may run neither."""
    if platform.system() == "Windows":
        raise NoRecorderError("on Windows it is Wireshark that records")
    places = path if path is not None else os.pathsep.join((os.environ.get("PATH", ""), *_SBIN))
    for name in ("dumpcap", "tcpdump"):
        found = shutil.which(name, path=places)
        if found:
            return Recorder(name, found)
    for place in places.split(os.pathsep):
        locked = Path(place, "dumpcap")
        if place and locked.is_file():
            raise RecordingError(
                f"you may not run {locked}: sudo usermod -aG wireshark $USER, sign in again "
                "(or run this command with sudo)"
            )
    raise NoRecorderError("neither dumpcap (Wireshark) nor tcpdump is installed here")


def interfaces() -> list[str]:
    """Names of this machine's interfaces, and `any` for all of them."""
    return [*(name for _, name in socket.if_nameindex()), "any"]


def capture_filter(ports: Sequence[int] = (), *, media: bool = False, vlan: bool = True) -> str:
    """What is recorded, in the language of libpcap.

    Later fragments have no ports, and a long INVITE comes in fragments: all of them are
    taken. Behind a VLAN tag everything stands four octets later, so it is said twice.
    """
    named = " or ".join(f"port {port}" for port in dict.fromkeys((*SIP_PORTS, *ports)))
    fragments = "(ip[6:2] & 0x1fff != 0) or (ip6[6] = 44)"
    wanted = f"{named} or {fragments}" + (" or udp" if media else "")
    return f"({wanted}) or (vlan and ({wanted}))" if vlan else wanted


def record(
    wanted: Recording,
    recorder: Recorder | None = None,
    started: Callable[[], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Recorded:
    """Record until time, size or Ctrl-C ends it. Raises RecordingError.

    `started` is called once the recorder listens.
    """
    _check(wanted)
    recorder = recorder or find_recorder()
    names = _names(wanted)
    if not wanted.force:
        _refuse_existing(names)
    out = Path(wanted.out)
    try:
        folder = Path(tempfile.mkdtemp(prefix=".ringfence-capture-", dir=out.parent))
    except OSError as error:
        raise RecordingError(f"{shown(str(out.parent))}: {error.strerror}") from error
    try:
        command = _command(recorder, wanted, folder / "packets", _filter_for(recorder, wanted))
        watch = _Watch(wanted, folder, clock, started, _SETTLE_S.get(recorder.name, 1.1))
        ended = watch.run(command)
        recorded = _in_order(folder)
        if not watch.listened or not recorded:
            raise RecordingError(_why_not(watch.said(), recorder, wanted))
        files = _put_in_place(recorded, names, wanted)
    finally:
        # Kept when something went wrong after packets had come: they are evidence.
        with contextlib.suppress(OSError):
            _remove_if_empty(folder)
    return Recorded(
        files=tuple(map(str, files)),
        octets=sum(file.stat().st_size for file in files),
        packets=_number(_PACKETS, watch.said()),
        lost=_number(_LOST, watch.said()),
        ended=ended,
        complaint=_complaint(watch.said()) if ended == "recorder" else "",
    )


class _Watch:
    """One run of a recorder: what it says, how long, how much."""

    def __init__(
        self,
        wanted: Recording,
        folder: Path,
        clock: Callable[[], float],
        started: Callable[[], None] | None,
        settle_s: float,
    ) -> None:
        self._settle_s = settle_s
        self._wanted = wanted
        self._folder = folder
        self._clock = clock
        self._started = started
        self._said = b""
        self.listened = False

    def said(self) -> str:
        """What the recorder wrote on standard error."""
        return self._said.decode(errors="replace")

    def run(self, command: list[str]) -> str:
        """Start it, watch it, end it; why it ended."""
        try:
            # A group of its own: Ctrl-C is for us, and we tell it when its time has come.
            with (
                _ended_like_ctrl_c(),
                subprocess.Popen(  # noqa: S603  a list of arguments, no shell
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    process_group=0,
                ) as process,
            ):
                try:
                    ended = self._follow(process)
                except KeyboardInterrupt:
                    ended = "you"
                finally:
                    self._end(process)
                return ended
        except OSError as error:
            raise RecordingError(f"{command[0]}: {error.strerror}") from error

    def _follow(self, process: subprocess.Popen[bytes]) -> str:
        limit = self._clock() + _START_S
        for _ in self._looks(process):
            now = self._clock()
            if not self.listened and _LISTENS.search(self._said):
                self.listened = True
                limit = now + self._wanted.seconds
                if self._started is not None:
                    self._started()
            if now >= limit:
                return "time"
            if not self._wanted.ring and self._octets() >= self._wanted.max_octets:
                return "size"
        return "recorder"

    def _looks(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Again and again, sooner when it says something; until it closes its mouth."""
        assert process.stderr is not None  # noqa: S101  it is a pipe
        with selectors.DefaultSelector() as ready:
            ready.register(process.stderr, selectors.EVENT_READ)
            while True:
                if ready.select(_LOOK_S):
                    heard = os.read(process.stderr.fileno(), 4096)
                    if not heard:
                        return
                    self._hear(heard)
                yield

    def _hear(self, heard: bytes) -> None:
        """Counts that are written over each other on one line are no news."""
        kept = self._said + heard
        self._said = kept if len(kept) <= _MAX_SAID else kept[:1024] + kept[-_MAX_SAID + 1024 :]

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """As Ctrl-C does it; the rest of its words are its counts. Twice Ctrl-C is at once."""
        with contextlib.suppress(KeyboardInterrupt):
            self._settle(process)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        try:
            _, rest = process.communicate(timeout=_STOP_S)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
            _, rest = process.communicate()
        self._hear(rest or b"")

    def _settle(self, process: subprocess.Popen[bytes]) -> None:
        """Let it write what the kernel still holds."""
        if self.listened:
            until = time.monotonic() + self._settle_s
            for _ in self._looks(process):
                if time.monotonic() >= until:
                    return

    def _octets(self) -> int:
        return sum(path.stat().st_size for path in self._folder.iterdir())


def _check(wanted: Recording) -> None:
    if wanted.interface not in interfaces():
        raise RecordingError(
            f"there is no interface named {shown(wanted.interface)}: "
            f"there are {', '.join(interfaces())}"
        )
    if not 0 < wanted.seconds <= MAX_SECONDS:
        raise RecordingError("a recording lasts more than nothing and a day at most")
    if any(not 0 < port < 65_536 for port in wanted.ports):
        raise RecordingError("a port is a number from 1 to 65535")
    if not 0 <= wanted.ring <= MAX_RING or wanted.ring == 1:
        raise RecordingError(f"a ring has 2 to {MAX_RING} files")
    least = MIN_RING_OCTETS if wanted.ring else MIN_OCTETS
    if wanted.max_octets < least:
        raise RecordingError(f"a file holds {least:,} octets at least")


def _command(recorder: Recorder, wanted: Recording, out: Path, what: str) -> list[str]:
    """Both say every second how much there is: should this process die, they end of it.

    dumpcap's own limits are a second net, a little wider than ours.
    """
    if recorder.name == "dumpcap":
        ring = ["-b", f"filesize:{wanted.max_octets // 1000}", "-b", f"files:{wanted.ring}"]
        once = ["-a", f"filesize:{wanted.max_octets // 1000 + 1000}"]
        return [
            recorder.path, "-i", wanted.interface, "-f", what, "-w", str(out),
            "-a", f"duration:{int(wanted.seconds + _START_S + 5)}",
            *(ring if wanted.ring else once),
        ]  # fmt: skip
    ring = ["-C", str(wanted.max_octets // 1_000_000), "-W", str(wanted.ring)]
    # As root it would turn into another user, who may not write here.
    user = ["-Z", "root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [
        recorder.path, "-i", wanted.interface, "-n", "-U", "-v", "-s", "0", *user, "-w", str(out),
        *(ring if wanted.ring else []), what,
    ]  # fmt: skip


def _filter_for(recorder: Recorder, wanted: Recording) -> str:
    """The filter that this interface can: some kinds of link know no VLANs."""
    what = capture_filter(wanted.ports, media=wanted.media)
    arguments = [recorder.path, "-i", wanted.interface, "-d"]
    arguments += ["-f", what] if recorder.name == "dumpcap" else [what]
    try:
        tried = subprocess.run(  # noqa: S603  a list of arguments, no shell
            arguments, capture_output=True, text=True, check=False, timeout=_START_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RecordingError(f"{recorder.path} does not answer") from error
    if tried.returncode and "vlan" in tried.stderr.lower():
        return capture_filter(wanted.ports, media=wanted.media, vlan=False)
    if tried.returncode and _FORBIDDEN.search(tried.stderr):
        raise RecordingError(_why_not(tried.stderr, recorder, wanted))
    return what


def _why_not(said: str, recorder: Recorder, wanted: Recording) -> str:
    if _FORBIDDEN.search(said):
        return (
            f"you may not listen on {wanted.interface}: run this command with sudo, or once: "
            f"sudo setcap cap_net_raw,cap_net_admin=eip {recorder.path} (for dumpcap on Debian: "
            "sudo dpkg-reconfigure wireshark-common, then sudo usermod -aG wireshark $USER and "
            "sign in again)"
        )
    return f"{recorder.name} on {wanted.interface}: {_complaint(said) or 'it recorded nothing'}"


def _complaint(said: str) -> str:
    """The first line that is no greeting and no count."""
    lines = (line.strip() for line in re.split(r"[\r\n]+", said))
    return next((shown(line)[:200] for line in lines if line and not _GREETING.match(line)), "")


def _number(pattern: re.Pattern[str], said: str) -> int | None:
    numbers = [int(next(filter(None, found))) for found in pattern.findall(said)]
    return sum(numbers) if numbers else None


def _names(wanted: Recording) -> list[Path]:
    out = Path(wanted.out)
    if not wanted.ring:
        return [out]
    return [out.with_name(f"{out.stem}-{n:03d}{out.suffix}") for n in range(1, wanted.ring + 1)]


def _refuse_existing(names: list[Path]) -> None:
    there = next((name for name in names if os.path.lexists(name)), None)
    if there is not None:
        raise RecordingError(f"{shown(str(there))} is there already: --force writes over it")


def _in_order(folder: Path) -> list[Path]:
    """What was recorded, the oldest first."""
    files = [path for path in folder.iterdir() if path.stat().st_size]
    return sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _put_in_place(recorded: list[Path], names: list[Path], wanted: Recording) -> list[Path]:
    """Give the files their names, never over one that came in between."""
    placed = []
    for file, name in zip(recorded, names, strict=False):
        file.chmod(0o600)
        try:
            if wanted.force:
                file.replace(name)
            else:
                _move_to_free(file, name)
        except OSError as error:
            raise RecordingError(
                f"{shown(str(name))}: {error.strerror}; what was recorded is {shown(str(file))}"
            ) from error
        placed.append(name)
    return placed


def _move_to_free(file: Path, name: Path) -> None:
    """A hard link refuses a name that is taken; where there are none, look first."""
    try:
        os.link(file, name)
    except (PermissionError, NotImplementedError):
        if os.path.lexists(name):
            raise FileExistsError(17, "is there already", str(name)) from None
        file.rename(name)
    else:
        file.unlink()


def _remove_if_empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.stat().st_size == 0:
            path.unlink()
    folder.rmdir()


@contextlib.contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """`kill` and a terminal that is closed end it as Ctrl-C does."""
    signs = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = []
    with contextlib.suppress(ValueError):  # only the main thread may
        before = [(sign, signal.signal(sign, _interrupt)) for sign in signs]
    try:
        yield
    finally:
        for sign, handler in before:
            signal.signal(sign, handler)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
