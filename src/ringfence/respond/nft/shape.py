"""What our tables look like: at which interfaces, for which ports, how strangers are slowed down.

The shape stands in the tables themselves (the comment of one element), so that whoever
comes after a crash, or beside a guard that runs, finds it and does not change it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ringfence.model.measure import MeasureError

# Raised when the rules change: tables of another form are made anew.
FORM = "1"
# Interfaces are named by the administrator, and go into quotes: IFNAMSIZ less one.
_DEVICE = re.compile(r"[A-Za-z0-9_.@:-]{1,15}", re.ASCII)
# What fits the comment of an element (128 octets) with room for everything else.
MAX_DEVICES = 3
MAX_PORTS = 6
_MAX_COMMENT = 127
_MAX_RATE = 1_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """Packets a second that pass for ever, and how many may come at once."""

    a_second: int
    burst: int


# A stranger is an address that no user was let in from and that nobody named. A phone with
# a wrong password (baresip) sends 16 REGISTERs in 8 ms; an office of 50 phones behind one
# address sends two REGISTERs each when its line is back: 200 at once hurt neither. What is
# more is sent again by every phone after 0.5, 1, 2, 4 s (RFC 3261 17.1.2.2): 100 more phones
# are back within ten seconds. A guesser at 150 a second is held to 20 from his second second on.
STRANGER = Rate(20, 200)
# All strangers together: a flood under a million forged names finds each name unused. A small
# phone system answers a few thousand requests a second; users that are known are not counted.
CROWD = Rate(1000, 2000)
# An address that attacks but may be forged: whoever really lives there can still register
# (two messages a minute) and make a call (ten).
SLOW = Rate(5, 10)


@dataclass(frozen=True, slots=True)
class Shape:
    """Raises MeasureError for names and numbers that are none."""

    devices: tuple[str, ...] = ()  # where packets are dropped first, at ingress
    sip_ports: tuple[int, ...] = (5060, 5061)
    ssh_ports: tuple[int, ...] = (22,)
    stranger: Rate | None = None  # None: strangers are not slowed down
    crowd: Rate | None = None

    def __post_init__(self) -> None:
        """Nothing else may stand in a rule."""
        for device in self.devices:
            if not _DEVICE.fullmatch(device):
                raise MeasureError(f"{device!r} is no name of an interface: see `ip link`")
        if len(self.devices) > MAX_DEVICES:
            raise MeasureError(f"{len(self.devices)} interfaces; {MAX_DEVICES} are the most")
        for ports in (self.sip_ports, self.ssh_ports):
            if not 0 < len(ports) <= MAX_PORTS or not all(0 < port < 65536 for port in ports):
                raise MeasureError(f"ports {ports}: one to {MAX_PORTS}, each 1 to 65535")
        for rate in (self.stranger, self.crowd):
            if rate and not (0 < rate.a_second <= _MAX_RATE and 0 < rate.burst <= _MAX_RATE):
                raise MeasureError(f"rate {rate}: 1 to {_MAX_RATE:,} a second, and at once")
        if len(comment_of(self)) > _MAX_COMMENT:
            raise MeasureError("too many long interfaces and ports: name fewer")


def comment_of(shape: Shape) -> str:
    """The shape in one line: `1 dev=eth0 sip=5060,5061 ssh=22 stranger=20/200`."""
    words = {
        "dev": ",".join(shape.devices),
        "sip": ",".join(map(str, shape.sip_ports)),
        "ssh": ",".join(map(str, shape.ssh_ports)),
        "stranger": _rate_words(shape.stranger),
        "crowd": _rate_words(shape.crowd),
    }
    return " ".join([FORM, *(f"{name}={text}" for name, text in words.items() if text)])


def shape_of(comment: str) -> Shape | None:
    """The shape that was written so; None for another form or what is none of ours."""
    form, *rest = comment.split(" ")
    words = dict(word.partition("=")[::2] for word in rest)
    if form != FORM:
        return None
    try:
        return Shape(
            devices=tuple(words["dev"].split(",")) if words.get("dev") else (),
            sip_ports=_numbers(words, "sip"),
            ssh_ports=_numbers(words, "ssh"),
            stranger=_rate(words.get("stranger", "")),
            crowd=_rate(words.get("crowd", "")),
        )
    except ValueError:
        return None


def _rate_words(rate: Rate | None) -> str:
    return f"{rate.a_second}/{rate.burst}" if rate else ""


def _rate(text: str) -> Rate | None:
    a_second, _, burst = text.partition("/")
    return Rate(int(a_second), int(burst)) if text else None


def _numbers(words: Mapping[str, str], name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in words.get(name, "").split(","))
