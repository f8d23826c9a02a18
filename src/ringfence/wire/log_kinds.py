"""Which log a file is: by its lines, not by its name."""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.wire.asterisk_log import AsteriskLog
from ringfence.wire.freeswitch_log import FreeswitchLog
from ringfence.wire.kamailio_log import KamailioLog
from ringfence.wire.log_reader import LogReader
from ringfence.wire.log_time import LogClock

NAMES = ("asterisk", "freeswitch", "kamailio")
# So many lines say what a log is; a log that is silent about logins for longer is none for us.
SAMPLE = 20_000


def open_reader(name: str, clock: LogClock, mark: str = "") -> LogReader:
    """The reader of this kind of log."""
    if name == "kamailio":
        return KamailioLog(clock, mark)
    return {"asterisk": AsteriskLog, "freeswitch": FreeswitchLog}[name](clock)


def name_kind(lines: Sequence[bytes]) -> str:
    """The kind whose reader knows most of these lines as its own; "" if none knows any."""
    best, most = "", 0
    for name in NAMES:
        reader = open_reader(name, LogClock())
        reader.read(lines[:SAMPLE])
        if reader.heard.ours > most:
            best, most = name, reader.heard.ours
    return best
