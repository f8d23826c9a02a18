"""What the guard may have done to the firewall, checked as if a stranger had taken it over.

None of the seven takes our tables away, names a friend, or reaches a rule of anybody else.
Addresses, ports, identifiers and times are made anew, texts are made plain, and whom nobody
may block is for the firewall behind it, which asks the machine itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ringfence.flow import warden_frames as frames
from ringfence.flow.firewall import GUARD
from ringfence.flow.moment import host, utc
from ringfence.flow.wall import Wall
from ringfence.model.decision import BLOCK, LIMIT, NARROW
from ringfence.model.measure import Held, Measure, MeasureError, Withheld
from ringfence.model.text import shown
from ringfence.respond.nft.elements import elements_of, source_of, text_of
from ringfence.respond.nft.firewall import seconds_left

if TYPE_CHECKING:
    import msgspec

# The guard's longest block is a week; its limits are for minutes.
LONGEST = {BLOCK: timedelta(days=31), NARROW: timedelta(days=31), LIMIT: timedelta(days=1)}
LONGEST_KNOWN = timedelta(days=90)
_LISTED_OCTETS = frames.MAX_OCTETS - 1024


def answers(
    wall: Wall, question: frames.Question, now: datetime | None = None
) -> Iterator[frames.Answer]:
    """What the firewall says to it. Raises `frames.ERRORS`."""
    match question:
        case frames.Apply():
            yield _said(_apply(wall, question, now or datetime.now(UTC)))
        case frames.LookAgain():
            _bounded(max(len(question.heard), len(question.moved)), frames.MAX_TOLD)
            moved = {address: _plain(where) for address, where in question.moved.items()}
            yield from _listed(wall.look(question.heard, moved))
        case frames.Release():
            ended = wall.release(question.address, _plain(question.why))
            measures = [one for one in ended if isinstance(one, Measure)]
            held = [one for one in ended if isinstance(one, Held)]
            yield _said(frames.Released(measures, held))
        case frames.Know():
            _know(wall, question)
            yield _said(None)
        case frames.Stand():
            yield _said(wall.stand(question.shape, anew=question.anew))
        case frames.Restore():
            yield from _listed(wall.restore())
        case frames.Slowed():
            yield _said(wall.slowed())


def checked(measure: Measure, now: datetime) -> Measure:
    """The measure, made anew from what was understood of it. Raises MeasureError."""
    address = text_of(source_of(measure.address))
    left = timedelta(seconds=seconds_left(replace(measure, address=address), now))
    longest = LONGEST.get(measure.action)
    if longest is None:
        raise MeasureError(f"{address}: {_plain(measure.action)!r} is nothing for the firewall")
    if left > longest:
        raise MeasureError(f"{address}: {measure.action} for {left}; {longest} is the longest")
    if not measure.case_id.isascii() or len(measure.case_id) > frames.MAX_NAME:
        raise MeasureError(f"{address}: {_plain(measure.case_id)!r} is no number of a case")
    until = utc(datetime.fromisoformat(measure.until))
    made = Measure(
        measure.id, measure.action, address, _plain(measure.reason), GUARD, utc(now), until,
        tuple(sorted(set(measure.ports))), _plain(measure.case_id), host=host(),
    )  # fmt: skip
    elements_of(made, 1)
    return made


def _apply(wall: Wall, question: frames.Apply, now: datetime) -> frames.Applied:
    """One that makes no sense, or is over by now, holds up no other."""
    _bounded(len(question.measures), frames.MAX_MEASURES)
    fit, refused = [], []
    for one in question.measures:
        try:
            fit.append(checked(one, now))
        except MeasureError as error:
            refused.append(Withheld(_plain(one.address), str(error)))
    done, withheld = wall.apply(fit) if fit else ([], [])
    return frames.Applied(done, [*withheld, *refused])


def _know(wall: Wall, question: frames.Know) -> None:
    lasts = timedelta(seconds=min(question.seconds, 2**31))
    if not timedelta(0) < lasts <= LONGEST_KNOWN:
        raise MeasureError(f"known for {lasts}; {LONGEST_KNOWN} is the longest")
    _bounded(len(question.addresses), frames.MAX_KNOWN)
    networks = [source_of(one) for one in question.addresses]
    if any(one.prefixlen != one.max_prefixlen for one in networks):
        raise MeasureError("users are known by their addresses, not by networks")
    wall.know([one.network_address for one in networks], lasts)


def _listed(found: Sequence[object]) -> Iterator[frames.Answer]:
    """In frames that are never too long; one at least."""
    some: list[msgspec.Raw] = []
    size = 0
    for one in found:
        octets = frames.value(one)
        if size + len(octets) > _LISTED_OCTETS and some:
            yield _said(some, more=True)
            some, size = [], 0
        some.append(octets)
        size += len(octets) + 1
    yield _said(some)


def _said(found: object, *, more: bool = False) -> frames.Answer:
    return frames.Answer(frames.value(found), more)


def _bounded(number: int, most: int) -> None:
    if number > most:
        raise MeasureError(f"{number:,} at once; {most:,} are the most")


def _plain(text: str) -> str:
    return shown(text)[: frames.MAX_TEXT]
