"""The programs that are run side by side, and how each is told to do its best."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

RINGFENCE = "ringfence"

# The eleven fields that a person needs who counts attempts by hand.
_FIELDS = (
    "frame.time_epoch", "ip.src", "ip.dst", "sip.Method", "sip.Status-Code", "sip.Call-ID",
    "sip.CSeq", "sip.from.user", "sip.to.user", "sip.User-Agent", "sip.auth.username",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Peer:
    """One program with its arguments."""

    name: str
    program: str  # name or path of what is run
    package: str  # Debian's, or how to get it
    does: str
    arguments: Callable[[str], list[str]]
    version_option: str = "--version"
    cores: int = 1
    on_slice_only: bool = False  # it would take minutes on a whole capture
    statuses: tuple[int, ...] = (0,)  # exit statuses of a run that went well
    answers: bool = False  # prints an incident document, or its run does not count

    def command(self, capture: Path) -> list[str]:
        """The command line for one capture."""
        return [self.program, *self.arguments(str(capture))]

    def is_installed(self) -> bool:
        """Whether it can be started here."""
        return shutil.which(self.program) is not None

    def version(self) -> str:
        """The line in which it says its version, or an empty one."""
        asked = subprocess.run(
            [self.program, self.version_option], capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, timeout=20,
        )  # fmt: skip
        lines = (asked.stdout + asked.stderr).splitlines()
        return next((line.strip(" .") for line in lines if any(map(str.isdigit, line))), "")


def _fields(capture: str) -> list[str]:
    wanted = [part for field in _FIELDS for part in ("-e", field)]
    return ["-n", "-r", capture, "-Y", "sip", "-T", "fields", *wanted]


def _investigate(name: str, cores: int) -> Peer:
    return Peer(
        name=name,
        # The command of the environment that runs this.
        program=str(Path(sys.executable).with_name(RINGFENCE)),
        package="this project: make demo",
        does="decodes, judges every source, writes the incident document",
        arguments=lambda capture: ["investigate", "--json", "-", capture],
        cores=cores,
        statuses=(0, 1),  # 1: attackers found
        answers=True,
    )


PEERS = (
    _investigate(RINGFENCE, 1),
    _investigate(f"{RINGFENCE}, two cores", 2),
    Peer("cat", "cat", "coreutils", "reads", lambda capture: [capture]),
    Peer(
        "tcpdump -w", "tcpdump", "tcpdump", "copies each packet: libpcap's floor, no SIP",
        lambda capture: ["-r", capture, "-w", "/dev/null"],
    ),
    Peer(
        "ngrep", "ngrep", "ngrep", "prints packets that match ^INVITE, no SIP",
        lambda capture: ["-q", "-I", capture, "^INVITE", "port 5060"], "-V",
    ),
    Peer(
        "sipgrep", "sipgrep", "sipgrep", "prints messages that match ^INVITE, with their dialogs",
        lambda capture: ["-C", "-I", capture, "^INVITE"], "-V",
    ),
    Peer(
        "tshark sip,stat", "tshark", "tshark", "dissects, counts methods and statuses",
        lambda capture: ["-n", "-q", "-r", capture, "-z", "sip,stat"],
    ),
    Peer(
        "tshark fields", "tshark", "tshark", "dissects, prints 11 fields of each SIP message",
        _fields,
    ),
    Peer(
        "sngrep", "sngrep", "sngrep", "dissects, builds dialogs",
        lambda capture: ["-N", "-q", "-F", "-I", capture], on_slice_only=True,
    ),
)  # fmt: skip
