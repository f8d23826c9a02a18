"""What Kamailio says, counted and written down: `kamailio … | python -m lab.guard.scribe`.

How it works: with its switch TELLS the lab's Kamailio logs a line for each request that
got as far as itself, so behind every firewall, and one for each login (docs/guard.md).
The scribe reads them from the pipe and writes
  --tally   how many requests of each source arrived, with how many passwords refused, when
  --syslog  the same lines as a syslog has them: for a guard that has logs alone
  --asterisk  security events as an Asterisk writes them: for fail2ban and CrowdSec
Every line is written as soon as it is read; the tally twice a second and at the end. What
else Kamailio says goes to standard output.
"""

import argparse
import json
import os
import re
import select
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Final
from urllib.parse import unquote

# Sources that are counted one by one; what a flood invents beyond them is counted together.
MAX_SOURCES: Final = 50_000
OTHERS: Final = "others"
# Seconds of a source that are counted one by one.
MAX_SECONDS: Final = 600
# Lines of Kamailio's own: why it does not start, and not all that a flood makes it say.
MAX_SAID: Final = 500
_TALLY_EVERY_S: Final = 0.5
_PREFIX: Final = re.compile(rb"\s*\d+\((\d+)\) (.*)")
_SEEN: Final = re.compile(rb"seen ([\d.]+) (\S+) \d+ \w+ (\w+) (\S+)")
_EVENT: Final = re.compile(
    rb"ringfence/\S* kind=(?P<kind>\w+) src=(?P<source>\S+) port=(?P<port>\d+) "
    rb"proto=(?P<over>\w+) dst=(?P<server>\S+) dport=(?P<server_port>\d+) method=\S+ "
    rb"user=(?P<user>\S*) number=\S* callid=(?P<call_id>\S*) "
)
# What Asterisk calls it. A request without credentials for a user that exists is only asked.
_ASTERISK: Final = {
    "refused": ("ChallengeResponseFailed", "Error"),
    "no_account": ("InvalidAccountID", "Error"),
    "not_allowed": ("FailedACL", "Error"),
    "challenged": ("ChallengeSent", "Informational"),
    "accepted": ("SuccessfulAuth", "Informational"),
}


@dataclass(slots=True)
class Arrived:
    """What of one source reached the phone system. Times are epoch seconds; 0: never."""

    requests: int = 0
    credentials: int = 0  # requests with a password
    accepted: int = 0  # of them
    refused: int = 0
    first: float = 0.0
    last: float = 0.0
    by_second: dict[int, int] = field(default_factory=dict)
    by_method: dict[str, int] = field(default_factory=dict)

    def add(self, at: float, method: str, *, credentials: bool) -> None:
        """One request."""
        self.requests += 1
        self.credentials += credentials
        self.first = self.first or at
        self.last = at
        if int(at) in self.by_second or len(self.by_second) < MAX_SECONDS:
            self.by_second[int(at)] = self.by_second.get(int(at), 0) + 1
        if method in self.by_method or len(self.by_method) < len(_METHODS):
            self.by_method[method] = self.by_method.get(method, 0) + 1


_METHODS: Final = ("INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS", "SUBSCRIBE", "NOTIFY",
                   "PUBLISH", "MESSAGE", "REFER", "INFO", "PRACK", "UPDATE")  # fmt: skip


class Scribe:
    """Lines of Kamailio in; a tally and lines for others out."""

    def __init__(
        self,
        *,
        asterisk: IO[str] | None = None,
        syslog: IO[str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.sources: dict[str, Arrived] = {}
        self._said = 0
        self._asterisk, self._syslog, self._now = asterisk, syslog, now

    def read(self, line: bytes) -> None:
        """One line of Kamailio's standard error."""
        _, script, text = line.partition(b"<script>: ")
        if not script and self._said < MAX_SAID:
            self._said += 1
            print(line.decode("utf-8", "replace"), flush=True)
        if seen := _SEEN.match(text):
            source = self._of(seen[2].decode("ascii", "replace"))
            method = seen[4].decode("ascii", "replace")[:16]
            source.add(float(seen[1]), method, credentials=seen[3] == b"credentials")
            return
        if event := _EVENT.match(text):
            self._count(event)
            if self._asterisk is not None:
                self._asterisk.write(asterisk_line(event, self._now()))
        if self._syslog is not None and (known := _PREFIX.match(line)):
            stamp = datetime.fromtimestamp(self._now()).strftime("%b %e %H:%M:%S")  # noqa: DTZ006
            said = known[2].decode("utf-8", "surrogateescape")
            self._syslog.write(f"{stamp} pbx kamailio[{known[1].decode()}]: {said}\n")

    def flush(self) -> None:
        """What was written is there for who reads it."""
        for out in (self._asterisk, self._syslog):
            if out is not None:
                out.flush()

    def _of(self, address: str) -> Arrived:
        if address not in self.sources and len(self.sources) >= MAX_SOURCES:
            address = OTHERS
        return self.sources.setdefault(address, Arrived())

    def _count(self, event: re.Match[bytes]) -> None:
        source, kind = self._of(event["source"].decode("ascii", "replace")), event["kind"]
        source.accepted += kind == b"accepted"
        source.refused += kind == b"refused"


def asterisk_line(event: re.Match[bytes], now: float) -> str:
    """A login as res_security_log of Asterisk tells it; empty for what it does not tell."""
    told = _ASTERISK.get(event["kind"].decode())
    if told is None:
        return ""
    name, severity = told
    at = datetime.fromtimestamp(now).astimezone()
    stamp = at.strftime("%Y-%m-%d %H:%M:%S.") + f"{at.microsecond // 1000:03d}"
    spoken = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}"
    over = event["over"].decode().upper()

    def plain(key: str) -> str:
        return unquote(event[key].decode("ascii", "replace")).replace('"', "'").replace("\n", " ")

    def place(address: str, port: str) -> str:
        host = event[address].decode().strip("[]")
        return f"IPV{6 if ':' in host else 4}/{over}/{host}/{event[port].decode()}"

    more = {"refused": ',Challenge="",Response="",ExpectedResponse=""', "challenged":
            ',Challenge=""', "accepted": ',UsingPassword="1"'}  # fmt: skip
    return (
        f'[{stamp}] SECURITY[4711] res_security_log.c: SecurityEvent="{name}",'
        f'EventTV="{spoken}{at.strftime("%z")}",Severity="{severity}",Service="PJSIP",'
        f'EventVersion="1",AccountID="{plain("user")}",SessionID="{plain("call_id")}",'
        f'LocalAddress="{place("server", "server_port")}",'
        f'RemoteAddress="{place("source", "port")}"{more.get(event["kind"].decode(), "")}\n'
    )


def read_tally(path: Path) -> dict[str, Arrived]:
    """What a scribe counted, by source; nothing while it has not written."""
    if not path.exists():
        return {}
    found = json.loads(path.read_text())
    for one in found.values():
        one["by_second"] = {int(second): count for second, count in one["by_second"].items()}
    return {address: Arrived(**one) for address, one in found.items()}


def _write(path: Path, sources: dict[str, Arrived]) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps({address: asdict(one) for address, one in sources.items()}))
    beside.replace(path)


def main() -> None:
    """Read standard input to its end."""
    parser = argparse.ArgumentParser(prog="python -m lab.guard.scribe", description=__doc__)
    parser.add_argument("--tally", type=Path, required=True)
    parser.add_argument("--asterisk", type=Path)
    parser.add_argument("--syslog", type=Path)
    given = parser.parse_args()
    files = [path.open("a", errors="surrogateescape") if path else None
             for path in (given.asterisk, given.syslog)]  # fmt: skip
    scribe = Scribe(asterisk=files[0], syslog=files[1])
    rest, due, dirty = b"", time.monotonic(), False
    while True:
        if select.select([sys.stdin], [], [], _TALLY_EVERY_S)[0]:
            octets = os.read(sys.stdin.fileno(), 1 << 16)
            if not octets:
                break
            *lines, rest = (rest + octets).split(b"\n")
            for line in lines:
                scribe.read(line)
            scribe.flush()
            dirty = True
        if dirty and time.monotonic() >= due:
            began = time.monotonic()
            _write(given.tally, scribe.sources)
            # Many sources take long to write, and Kamailio waits for who reads what it says.
            ended = time.monotonic()
            due, dirty = ended + max(_TALLY_EVERY_S, 50 * (ended - began)), False
    _write(given.tally, scribe.sources)


if __name__ == "__main__":
    main()
