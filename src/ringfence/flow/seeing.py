"""Captures in, what they show of the owner's own servers out."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from ipaddress import IPv4Network, IPv6Network

from ringfence.audit.seen import Seen
from ringfence.audit.watching import Watching
from ringfence.detect.servers import find_ours
from ringfence.detect.watch import Watch
from ringfence.flow.investigation import Address, read_messages
from ringfence.model.text import shown
from ringfence.wire.gathering import ROWS


def see(
    paths: list[str],
    servers: Sequence[Address] = (),
    own: Sequence[IPv4Network | IPv6Network] = (),
    accused: Collection[Address] = (),
    known: Collection[Address] = (),
    problems: list[str] | None = None,
) -> Seen:
    """Read the captures once. Raises CaptureError.

    `servers`: the owner's; found as `investigate` finds them where he names none. `own`: his
    networks that are not private: who comes from there comes from inside. `accused`: attackers,
    whose registrations are no need of his. `known`: carriers, whose calls may go through.
    """
    watching = Watching(own)
    watch = None if servers else Watch(ROWS, seed=int.from_bytes(os.urandom(8), "little"))
    for number, _, table in read_messages(paths, problems):
        watching.take(table)
        if watch is not None:
            watch.take(table, number)
    ours = tuple(servers) if watch is None else find_ours(watch.sources().servers)
    source = paths[0] if len(paths) == 1 else f"{len(paths)} captures"
    return watching.seen(ours, accused, known, shown(source))
