"""The same attack through fail2ban's stock filter, on a real server's own log.

`fail2ban-regex` of Debian's fail2ban reads the log with the filter that it ships;
the jail's stock limits (10 failures in 10 minutes) say who is banned, after how
many failures. `python -m lab.fail2ban LOG` prints it. The log is that of an
Asterisk under the lab's attack: one attacker, one user with a bad PIN, one good user.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FILTER = Path("/etc/fail2ban/filter.d/asterisk.conf")
# Stock limits of the asterisk jail (jail.conf of fail2ban 1.0.2).
MAX_RETRY = 10
FIND_TIME_S = 600.0


class Fail2banMissingError(Exception):
    """fail2ban or its filter is not installed: says what to install."""


@dataclass(frozen=True, slots=True)
class Ban:
    """One address that the filter matched: lines, and when the jail would have banned it."""

    address: str
    matches: int
    banned_after_s: float | None  # since its first failure; None: never


def bans(log: Path) -> list[Ban]:
    """Whom the stock jail bans on this log, most matches first."""
    if shutil.which("fail2ban-regex") is None or not FILTER.exists():
        raise Fail2banMissingError("fail2ban is not installed: apt-get install fail2ban")
    command = ["fail2ban-regex", "-o", "<time> <ip>", str(log), str(FILTER)]
    output = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    return count(_matches(output.stdout.splitlines()))


def _matches(lines: Iterable[str]) -> Iterable[tuple[float, str]]:
    for line in lines:
        time, _, address = line.partition(" ")
        if address:
            yield float(time), address.strip()


def count(matches: Iterable[tuple[float, str]]) -> list[Ban]:
    """Apply the jail's limits to (time in s, address) pairs in order of time."""
    times: dict[str, list[float]] = defaultdict(list)
    recent: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=MAX_RETRY))
    banned: dict[str, float] = {}
    for time, address in matches:
        times[address].append(time)
        last = recent[address]
        last.append(time)
        if len(last) == MAX_RETRY and time - last[0] <= FIND_TIME_S and address not in banned:
            banned[address] = time - times[address][0]
    found = [Ban(address, len(seen), banned.get(address)) for address, seen in times.items()]
    return sorted(found, key=lambda ban: -ban.matches)


def main() -> int:
    """Print one line for each address; exit status 2 when it cannot run."""
    try:
        found = bans(Path(sys.argv[1]))
    except (Fail2banMissingError, IndexError) as error:
        sys.stderr.write(f"lab.fail2ban: {error}\n")
        return 2
    for ban in found:
        when = "never" if ban.banned_after_s is None else f"after {ban.banned_after_s:.1f} s"
        sys.stdout.write(f"{ban.address}: {ban.matches} lines matched, banned {when}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
