"""Who else sends from an address: ports of users told from those of an attacker, as they come.

How it works: ports at which somebody failed or a tool spoke are hostile. A user is let
in, from a port that is not, with an account that was not guessed at here, or before
anything bad was seen. Rules: a mistake for the attacker leaves a block out; one for a
user cuts him off; so doubt leaves it out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ringfence.detect.deeds import Deeds

# (account, port, time in ns) of a success
Success = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Sharers:
    """How many ports of users there are, and which ports are the attacker's alone."""

    users: int
    attack_ports: tuple[int, ...]


def find_sharers(deeds: Deeds, quiet: Iterable[Success]) -> Sharers:
    """Users and attacker behind one address; `quiet` are successes that were put by."""
    profile = deeds.profile
    refused = set(profile.texts("refused_accounts"))
    misused = {call.account for call in deeds.foreign_answered}
    since = _first_misdeed(deeds)
    let_in = [
        (account, port, time_ns)
        for (what, account, port), time_ns in profile.flows.items()
        if what == "entered"
    ]
    users: set[int] = set()
    for account, port, time_ns in (*let_in, *quiet):
        if account in misused:
            continue
        came_first = not since or time_ns < since
        if came_first or (account not in refused and port not in profile.hostile_ports):
            users.add(port)
    return Sharers(len(users), tuple(sorted(profile.hostile_ports - users)))


def _first_misdeed(deeds: Deeds) -> int:
    """Time of the first thing that was bad; 0 when there is none."""
    seen = deeds.profile.seen
    bad = ("refused", "not_found", "sipvicious_tag")
    places = [seen[clue][0][2] for clue in bad if clue in seen]
    times = [time_ns for time_ns in (deeds.counts.since, *places) if time_ns]
    return min(times, default=0)
