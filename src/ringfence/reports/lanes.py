"""Who stands where in a ladder, and what its arrows say: the same for text and picture."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.endpoint import endpoint
from ringfence.model.exchange import Event
from ringfence.model.text import shown

OTHERS = "others"
# Reason phrases and users are a stranger's: longer ones are cut.
MAX_REASON = 26
MAX_USER = 32
MAX_SDP = 48
# A silence worth a line of its own.
PAUSE_NS = 20_000_000_000


@dataclass(frozen=True, slots=True)
class Lane:
    """One lifeline: an address, with its port where that tells two apart, and ports seen."""

    name: str
    ports: str


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lifelines in the order in which they appear; the last stands for all `others`, if any."""

    lanes: tuple[Lane, ...]
    numbers: dict[str, int]
    with_port: bool

    def ends(self, event: Event) -> tuple[int, int]:
        """Lanes that the event goes from and to."""
        last = len(self.lanes) - 1
        source, destination = _names(event, self.with_port)
        return self.numbers.get(source, last), self.numbers.get(destination, last)


def lanes_of(events: tuple[Event, ...], most: int) -> Lanes:
    """At most `most` lanes, at least two."""
    with_port = any(event.source == event.destination for event in events)
    ports: dict[str, set[int]] = {}
    for event in events:
        source, destination = _names(event, with_port)
        ports.setdefault(source, set()).add(event.source_port)
        ports.setdefault(destination, set()).add(event.destination_port)
    names = list(ports)
    kept = names if len(names) <= most else names[: most - 1]
    lanes = [Lane(name, "" if with_port else _ports(ports[name])) for name in kept]
    if len(kept) < len(names):
        lanes.append(Lane(OTHERS, f"{len(names) - len(kept)} addresses"))
    return Lanes(tuple(lanes), {name: n for n, name in enumerate(kept)}, with_port)


def _names(event: Event, with_port: bool) -> tuple[str, str]:
    if not with_port:
        return event.source, event.destination
    return (
        endpoint(event.source, event.source_port),
        endpoint(event.destination, event.destination_port),
    )


def _ports(ports: set[int]) -> str:
    return f"port {min(ports)}" if len(ports) == 1 else f"{len(ports):,} ports"


def label(event: Event) -> str:
    """What an arrow says first: REGISTER 1001, or 401 Unauthorized (REGISTER)."""
    method = shown(event.method)
    if not event.status:
        return f"{method} {cut(shown(event.user), MAX_USER)}".rstrip()
    reason = cut(shown(event.reason), MAX_REASON)
    return f"{event.status} {reason}".rstrip() + (f" ({method})" if method else "")


def marks(event: Event) -> tuple[str, ...]:
    """What else is to be seen: sent again, credentials, a challenge, a session description."""
    found = []
    if event.repeats:
        found.append("again")
    if event.credentials is not None:
        found.append(f"credentials {cut(shown(event.credentials), MAX_USER)}".rstrip())
    if event.challenges:
        found.append("challenge")
    if event.sdp_address or event.sdp_port:
        found.append(f"SDP {_media(event)}")
    return tuple(found)


def _media(event: Event) -> str:
    """Where media is wanted: only the port, when it is where the message comes from."""
    port = f"port {event.sdp_port}" if event.sdp_port else "no port"
    if event.sdp_address in ("", event.source):
        return port
    address = cut(shown(event.sdp_address), MAX_SDP)
    return endpoint(address, event.sdp_port) if event.sdp_port else f"{address} {port}"


def cut(text: str, most: int) -> str:
    """The text, at most this long."""
    return text if len(text) <= most else text[: most - 1] + "…"


def offset(time_ns: int, start_ns: int) -> str:
    """Time since the first message: +0.123, +1:02:03, +2d 03:04."""
    ns = max(0, time_ns - start_ns)
    seconds = ns // 1_000_000_000
    if seconds < 1000:
        return f"+{seconds}.{ns % 1_000_000_000 // 1_000_000:03d}"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"+{days}d {hours % 24:02d}:{minutes % 60:02d}"
    return f"+{hours}:{minutes % 60:02d}:{seconds % 60:02d}"


def pause(before_ns: int, time_ns: int) -> str:
    """The silence between two messages in words, "" when it is too short to mention."""
    if time_ns - before_ns < PAUSE_NS:
        return ""
    seconds = (time_ns - before_ns) // 1_000_000_000
    for size, word, smaller, small_word in (
        (86_400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if seconds >= size:
            rest = seconds % size // smaller
            return (
                f"{seconds // size} {word}" + (f" {rest} {small_word}" if rest else "") + " later"
            )
    return f"{seconds} s later"


def summary(events: tuple[Event, ...], omitted: int) -> str:
    """How many messages; how many more there are."""
    count = len(events)
    text = f"{count:,} message" + ("" if count == 1 else "s")
    return f"{text}, and {omitted:,} more that are not shown" if omitted else text
