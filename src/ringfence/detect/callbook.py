"""Answered calls by source, read from the records of the tally when they are asked for.

Reading a record costs more than keeping it, and an honest office has a hundred thousand:
only the calls of who is accused are read.
"""

from __future__ import annotations

from ringfence.detect import _fields as f
from ringfence.detect._calls import Calls, ended_unheard, key_of_call
from ringfence.detect.profile import Call, Profile

_WORD = 8


class CallBook:
    """The records of one tally, as they are now."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        # Each look at a table of a kernel makes a view: one is made for all looks.
        self._keys = memoryview(calls.keys)
        self._records = memoryview(calls.records)
        self._slots: dict[int, list[int]] = {}  # of each source, by its index
        if not calls.count:
            return
        states = self._records[f.C_STATE :: f.CALL_WIDTH]
        for slot, key in enumerate(self._keys.tolist()):
            if key and not (state := states[slot]) & f.C_EARLY:
                self._slots.setdefault(state >> 4, []).append(slot)

    def complete(self, source: int, profile: Profile) -> None:
        """Give the calls of a profile the answers and ends that the tally saw."""
        slots = {self._keys[slot]: slot for slot in self._slots.get(source, ())}
        for call_hash, call in profile.calls.items():
            if not call.answered_ns:
                call.ended_ns = ended_unheard(self._calls, call_hash)
                continue
            slot = slots.get(key_of_call(self._calls, call_hash))
            if slot is not None:
                call.answered_ns = min(call.answered_ns, self._number(slot, f.C_ANSWERED))
                call.ended_ns = self._number(slot, f.C_ENDED) or call.ended_ns

    def further(self, source: int, profile: Profile) -> tuple[Call, ...]:
        """Answered calls of a source that are not in its profile."""
        known = {
            key_of_call(self._calls, call_hash)
            for call_hash, call in profile.calls.items()
            if call.answered_ns
        }
        slots = self._slots.get(source, ())
        return tuple(self._call(slot) for slot in slots if self._keys[slot] not in known)

    def _call(self, slot: int) -> Call:
        answered_ns = self._number(slot, f.C_ANSWERED)
        return Call(
            self._name(slot, f.C_NUMBER, f.C_ACCOUNT),
            self._name(slot, f.C_ACCOUNT, f.CALL_WIDTH),
            answered_ns,
            status=200,
            answered_ns=answered_ns,
            ended_ns=self._number(slot, f.C_ENDED),
        )

    def _number(self, slot: int, field: int) -> int:
        return self._records[slot * f.CALL_WIDTH + field]

    def _name(self, slot: int, first: int, last: int) -> str:
        words = [self._number(slot, field) for field in range(first, last)]
        octets = b"".join(word.to_bytes(_WORD, "little") for word in words)
        return octets.rstrip(b"\0").decode("utf-8", "backslashreplace")
