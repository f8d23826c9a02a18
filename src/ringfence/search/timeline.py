"""What the accused did over time: a second pass over the messages, by columns.

How it works: the incident says who is accused, of which kinds, and from when to
when; so the bins are known before the first message is read. A request belongs to
one kind: the first, in the order of what its method and credentials make likely,
that its sender is accused of.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ringfence.model.clock import nanoseconds
from ringfence.model.dossier import Timeline
from ringfence.model.incident import KINDS, Incident, Suspect
from ringfence.search.accused import Accused
from ringfence.search.rows import Rows
from ringfence.wire import _columns as columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ringfence.search.rows import Numbers
    from ringfence.wire.decoder import Decoder
    from ringfence.wire.table import MessageTable

# A picture has room for this many bins.
MAX_BINS = 120
# Lengths of bins that people count in: seconds, up to 30 days.
ROUND_S = (
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14_400.0, 21_600.0, 43_200.0),
    *(86_400.0 * days for days in (1, 2, 7, 14, 30)),
)
REFUSED, ACCEPTED = "refused", "accepted"

# What belongs to a call that has begun says nothing new of it.
_WITHIN_CALLS = (
    columns.M_ACK, columns.M_BYE, columns.M_CANCEL, columns.M_PRACK, columns.M_UPDATE,
    columns.M_INFO,
)  # fmt: skip
# Most likely first; what is not named follows in the order of KINDS.
_LIKELY = {
    "call": ("toll_fraud", "spoofed_call", "flood", "exploit", "password_guessing"),
    "call without credentials": ("flood", "toll_fraud", "spoofed_call", "exploit", "enumeration"),
    "registration": ("password_guessing", "flood", "exploit", "enumeration", "scan"),
    "registration without credentials": (
        "flood", "enumeration", "password_guessing", "exploit", "scan",
    ),
    "other": ("flood", "scan", "exploit", "enumeration"),
}  # fmt: skip
# Requests with credentials remembered to know a refusal from a challenge: older ones are
# forgotten, and a late answer to one then counts as a challenge.
_MAX_REMEMBERED = 65_536


def timeline_of(
    tables: Iterable[tuple[int, Decoder, MessageTable]], incident: Incident
) -> Timeline | None:
    """The deeds of all suspects over time; None when nobody is accused, or at no known time."""
    spans = [(nanoseconds(s.first_seen), nanoseconds(s.last_seen)) for s in incident.suspects]
    known = [(first, last) for first, last in spans if first and last]
    if not known:
        return None
    counting = _Counting(
        incident.suspects, min(first for first, _ in known), max(last for _, last in known)
    )
    for _, _, table in tables:
        counting.take(Rows(table))
    return counting.timeline()


def bin_length_s(duration_s: float) -> float:
    """The shortest round length of which MAX_BINS cover the duration."""
    most = MAX_BINS - 1  # the first bin begins before the first message
    return next((s for s in ROUND_S if duration_s <= s * most), duration_s / most)


class _Counting:
    """One count for each series and bin."""

    def __init__(self, suspects: list[Suspect], first_ns: int, last_ns: int) -> None:
        self._accused = Accused(s.address for s in suspects)
        self._kind_of = {
            what: np.array([_kind(s, likely) for s in suspects], np.int64)
            for what, likely in _LIKELY.items()
        }
        self._bin_s = bin_length_s((last_ns - first_ns) / 1e9)
        self._bin_ns = round(self._bin_s * 1e9)
        self._begins_ns = first_ns // self._bin_ns * self._bin_ns
        bins = (last_ns - self._begins_ns) // self._bin_ns + 1
        self._counts = np.zeros((len(KINDS) + 2, bins), np.int64)
        self._asked: list[set[int]] = [set(), set()]

    def take(self, table: Rows) -> None:
        """Count one table."""
        rows = table.all()
        self._take_requests(table, rows)
        self._take_answers(table, rows)

    def timeline(self) -> Timeline:
        """What was counted; a series without a message is left out."""
        names = (*KINDS, REFUSED, ACCEPTED)
        series = {
            name: tuple(counts.tolist())
            for name, counts in zip(names, self._counts, strict=True)
            if counts.any()
        }
        return Timeline(self._begins_ns, self._bin_s, series)

    def _take_requests(self, table: Rows, rows: Numbers) -> None:
        rows = rows[table.narrow("status", rows) == 0]
        senders = self._accused.numbers(table, "source", rows)
        method = table.narrow("method", rows)
        wanted = (senders >= 0) & ~np.isin(method, _WITHIN_CALLS)
        rows, senders, method = rows[wanted], senders[wanted], method[wanted]
        credentials = table.lengths("auth", rows) > 0
        self._remember(_keys(table, rows[credentials]))
        call, registration = method == columns.M_INVITE, method == columns.M_REGISTER
        for what, chosen in (
            ("call", call & credentials),
            ("call without credentials", call & ~credentials),
            ("registration", registration & credentials),
            ("registration without credentials", registration & ~credentials),
            ("other", ~call & ~registration),
        ):
            self._add(self._kind_of[what][senders[chosen]], table, rows[chosen])

    def _take_answers(self, table: Rows, rows: Numbers) -> None:
        rows = rows[table.narrow("status", rows) >= 200]
        rows = rows[self._accused.numbers(table, "destination", rows) >= 0]
        status, asked = table.narrow("status", rows), table.narrow("cseq_method", rows)
        enters = (asked == columns.M_INVITE) | (asked == columns.M_REGISTER)
        accepted = rows[enters & (status < 300)]
        asks = (status == 401) | (status == 407)
        with_credentials = self._had_credentials(_keys(table, rows[asks]))
        refused = [rows[(status >= 400) & ~asks], rows[asks][with_credentials]]
        for number, found in ((len(KINDS), np.concatenate(refused)), (len(KINDS) + 1, accepted)):
            self._add(np.full(len(found), number), table, found)

    def _add(self, series: NDArray[np.int64], table: Rows, rows: Numbers) -> None:
        times = table.wide("time", rows)
        begins = np.uint64(self._begins_ns)
        bins = (times - begins) // np.uint64(self._bin_ns)
        inside = (times >= begins) & (bins < self._counts.shape[1])
        np.add.at(self._counts, (series[inside], bins[inside].astype(np.int64)), 1)

    def _remember(self, keys: list[int]) -> None:
        self._asked[0].update(keys)
        if len(self._asked[0]) > _MAX_REMEMBERED:
            self._asked = [set(), self._asked[0]]

    def _had_credentials(self, keys: list[int]) -> NDArray[np.bool_]:
        recent, older = self._asked
        return np.array([key in recent or key in older for key in keys], np.bool_)


def _kind(suspect: Suspect, likely: tuple[str, ...]) -> int:
    """Number of the first likely kind that the suspect is accused of."""
    first = next((kind for kind in (*likely, *KINDS) if kind in suspect.kinds), "scan")
    return KINDS.index(first)


def _keys(table: Rows, rows: Numbers) -> list[int]:
    """One number for Call-ID and CSeq."""
    calls = table.wide("call_hash", rows).tolist()
    return [
        call << 32 | number & 0xFFFFFFFF
        for call, number in zip(calls, table.narrow("cseq_number", rows).tolist(), strict=True)
    ]
