"""Does a measure work? Its counters, looked at again and again, say so.

How it works: the firewall counts for each measure what it dropped, and behind all rules of
this machine what got through all the same; the phone system's own log tells what it still
hears. A measure is effective from the last look at which something more had got through.
Nothing dropped and nothing passed proves nothing: he may have stopped.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.decision import LIMIT
from ringfence.model.measure import (
    EFFECTIVE,
    MOVED,
    NOT_EFFECTIVE,
    UNKNOWN,
    Effect,
    Held,
    Measure,
)
from ringfence.model.text import count

# What was under way in the phone system when the measure began, it may log until then.
LAG_S = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be seen of one measure at one moment."""

    after_s: float  # since the measure began
    held: Held | None  # None: it is not in the firewall
    heard: int = 0  # messages of it that the phone system told of, LAG_S after it began
    allowed: str = ""  # what of the allow list holds the address: a network
    moved_to: str = ""  # where the same hand goes on


class Watching:
    """One measure, watched."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self._passed = 0
        self._heard = 0
        self._dropped = 0
        self._quiet_since: float | None = None

    def look(self, look: Look) -> Effect:
        """What became of it until now."""
        if look.held is None:
            return Effect(NOT_EFFECTIVE, _GONE, None, self._dropped, self._passed)
        held = look.held
        leaks = held.passed > self._passed or look.heard > self._heard
        # Counters begin at nothing when somebody made the tables anew.
        self._passed, self._heard, self._dropped = held.passed, look.heard, held.dropped
        if look.moved_to:
            why = f"the attack goes on from {look.moved_to}"
            return Effect(MOVED, why, self._quiet_since, held.dropped, held.passed)
        if leaks:
            self._quiet_since = None
            return Effect(NOT_EFFECTIVE, self._why(look), None, held.dropped, held.passed)
        if held.dropped == 0:
            return Effect(UNKNOWN, _SILENT, None, 0, held.passed)
        if self._quiet_since is None:
            self._quiet_since = look.after_s
        return Effect(
            EFFECTIVE, _words(self.measure, held), self._quiet_since, held.dropped, held.passed
        )

    def _why(self, look: Look) -> str:
        held = look.held
        if look.allowed:
            return f"the allow list lets it through: ringfence allow {look.allowed} --remove"
        if held is not None and held.passed:
            return (
                f"{count(held.passed, 'packet')} got past the rules: another program changed our "
                "tables; they are made anew by the next `ringfence block`"
            )
        if self.measure.action == LIMIT:
            return "what is below its rate passes, as it should: the address may be forged"
        if held is not None and held.dropped:
            return (
                "the phone system still hears some of it, which did not come as packets of this "
                "address: through a proxy, a tunnel, or another port of an address that is narrowed"
            )
        return (
            "the phone system still hears it, and no packet of this address comes by here: it "
            "comes through a proxy or a tunnel, or past this machine to a container or virtual "
            "machine (name their interface with --device)"
        )


def effect_of(measure: Measure, held: Held | None, allowed: str = "") -> Effect:
    """What one look tells, when nobody watched before."""
    effect = Watching(measure).look(Look(0.0, held, allowed=allowed))
    return Effect(effect.state, effect.why, None, effect.dropped, effect.passed)


_GONE = (
    "it is no longer in the firewall: another program took our tables away, or the machine was "
    "started again; `ringfence blocks --restore` puts it back"
)
_SILENT = "nothing came from it since: it stopped, or it comes where this machine does not see it"


def _words(measure: Measure, held: Held) -> str:
    dropped = count(held.dropped, "packet")
    if measure.action == LIMIT:
        return f"{dropped} above its rate dropped"
    if held.late and held.late == held.dropped:
        return (
            f"{dropped} dropped, by an interface that was not named: name it with --device, and "
            "they are dropped sooner"
        )
    return f"{dropped} dropped, none got through"
