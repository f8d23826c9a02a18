"""What the guard and the warden of the firewall say to each other.

A frame is four octets of length, the highest first, and so much JSON. A question is answered
by one frame, or by several where `more` says so.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ringfence.flow.firewall import Shape
from ringfence.model.case import CaseError, StoreError
from ringfence.model.measure import FirewallError, Held, Measure, MeasureError, Withheld
from ringfence.model.text import shown

ERRORS = (FirewallError, MeasureError, StoreError, CaseError)

# No question and no answer is longer: the lists below are cut to fit.
MAX_OCTETS = 1 << 20
LENGTH_OCTETS = 4
# Measures and addresses of one question: longer lists are asked in turns.
MAX_MEASURES = 500
MAX_KNOWN = 5_000
# Addresses that the phone system still hears, or whose hand went on: the most telling first.
MAX_TOLD = 5_000
# Of an answer that lists what is in force; 65 536 of each kind fit the firewall.
MAX_FRAMES = 1_000
MAX_TEXT = 400
MAX_ERROR = 1_000
MAX_NAME = 64  # of a case


class Stand(msgspec.Struct, tag="stand", tag_field="do", forbid_unknown_fields=True):
    shape: Shape | None = None
    anew: bool = False


class Restore(msgspec.Struct, tag="restore", tag_field="do", forbid_unknown_fields=True):
    pass


class Know(msgspec.Struct, tag="know", tag_field="do", forbid_unknown_fields=True):
    addresses: list[str]
    seconds: int


class Apply(msgspec.Struct, tag="apply", tag_field="do", forbid_unknown_fields=True):
    measures: list[Measure]


class Release(msgspec.Struct, tag="release", tag_field="do", forbid_unknown_fields=True):
    address: str
    why: str


class LookAgain(msgspec.Struct, tag="look", tag_field="do", forbid_unknown_fields=True):
    heard: dict[str, int] = {}
    moved: dict[str, str] = {}


class Slowed(msgspec.Struct, tag="slowed", tag_field="do", forbid_unknown_fields=True):
    pass


Question = Stand | Restore | Know | Apply | Release | LookAgain | Slowed


class Trouble(msgspec.Struct):
    """An error: its kind, by which it is raised again, and what it says."""

    kind: str
    text: str


class Answer(msgspec.Struct, omit_defaults=True):
    """What was asked for, or why not."""

    value: msgspec.Raw = msgspec.Raw(b"null")  # JSON as it is
    more: bool = False  # another frame of the same list follows
    trouble: Trouble | None = None


class Applied(msgspec.Struct):
    done: list[Measure]
    withheld: list[Withheld]


class Released(msgspec.Struct):
    measures: list[Measure]
    held: list[Held]


_QUESTION: msgspec.json.Decoder[Question] = msgspec.json.Decoder(Question)
_ANSWER = msgspec.json.Decoder(Answer)


def question_of(octets: bytes) -> Question:
    """Raises ValueError (of msgspec) for what is none."""
    return _QUESTION.decode(octets)


def answer_of(octets: bytes) -> Answer:
    """Raises ValueError (of msgspec) for what is none."""
    return _ANSWER.decode(octets)


def frame(said: Question | Answer) -> bytes:
    """Raises ValueError for what is too long."""
    octets = msgspec.json.encode(said)
    if len(octets) > MAX_OCTETS:
        raise ValueError(f"{len(octets):,} octets; {MAX_OCTETS:,} are the most")
    return len(octets).to_bytes(LENGTH_OCTETS, "big") + octets


def trouble_of(error: Exception) -> Answer:
    """An error to answer with; one that is more than ERRORS know is the nearest of them."""
    kind = next((one for one in ERRORS if isinstance(error, one)), FirewallError)
    return Answer(trouble=Trouble(kind.__name__, shown(str(error))[:MAX_ERROR]))


def error_of(trouble: Trouble) -> Exception:
    """The same, to be raised on the other side."""
    kind = next((one for one in ERRORS if one.__name__ == trouble.kind), FirewallError)
    return kind(shown(trouble.text)[:MAX_ERROR])


def value(found: Any) -> msgspec.Raw:  # noqa: ANN401  whatever JSON can say
    """Something to answer with."""
    return msgspec.Raw(msgspec.json.encode(found))


class Frames:
    """Octets in, whole frames out. Raises ValueError for one that is too long."""

    def __init__(self) -> None:
        self._octets = bytearray()

    def take(self, octets: bytes) -> list[bytes]:
        """The frames that are whole now."""
        self._octets += octets
        found = []
        while len(self._octets) >= LENGTH_OCTETS:
            length = int.from_bytes(self._octets[:LENGTH_OCTETS], "big")
            if length > MAX_OCTETS:
                raise ValueError(f"a frame of {length:,} octets; {MAX_OCTETS:,} are the most")
            if len(self._octets) < LENGTH_OCTETS + length:
                break
            found.append(bytes(self._octets[LENGTH_OCTETS : LENGTH_OCTETS + length]))
            del self._octets[: LENGTH_OCTETS + length]
        return found
