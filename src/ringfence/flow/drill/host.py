"""The phone system's side of a drill: proves whose machine it is, and tells how the guard did.

It answers nobody who does not know the code, with fewer octets than a question may have; one
drill uses the code, and who only repeats what another said is told nothing and noted nowhere.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from ringfence.flow.drill.code import MAX_OCTETS, TO_DRILL, TO_HOST, opened, sealed
from ringfence.flow.drill.record import MAX_SOURCES, Source, write_record
from ringfence.flow.moment import utc
from ringfence.model.drill import DrillError
from ringfence.model.endpoint import plain_address
from ringfence.model.text import shown

PORT = 5099
LASTS = timedelta(minutes=15)
HELLO, BEGIN, STANDS = "hello", "begin", "stands"
# How long it looks for a datagram before it looks at the time.
_LOOK_S = 0.5
# An address that answered over TCP is proven, and is blocked for an hour: long enough for an
# attacker, too long for the owner's own line.
LIFTED_AFTER = timedelta(seconds=60)

Stands = Callable[[str, str], dict[str, object]]


class Host:
    """One code: from its making to its end."""

    def __init__(
        self, key: bytes, addresses: Iterable[str], made_at: datetime, folder: Path,
        stands: Stands, nonce: Callable[[], str],
    ) -> None:  # fmt: skip
        """`stands`: how the guard did about an address since a time; `folder`: the guard's."""
        self.until = made_at + LASTS
        self._key, self._addresses = key, frozenset(addresses)
        self._folder, self._stands, self._nonce = folder, stands, nonce
        self._asked: dict[str, str] = {}  # source -> what it has to repeat
        self._sources: dict[str, Source] = {}
        self._lifted: set[str] = set()
        self.drill = ""  # whose the code is

    def over(self, now: datetime) -> list[str]:
        """Addresses whose drill began a minute ago: what was done about them may end. Once."""
        due = [
            one.address
            for one in self._sources.values()
            if one.address not in self._lifted
            and now - datetime.fromisoformat(one.since) >= LIFTED_AFTER
        ]
        self._lifted.update(due)
        return due

    def answer(self, octets: bytes, source: str, now: datetime) -> bytes | None:
        """What to send back; None: nothing. Raises OSError where the folder cannot be written."""
        said = opened(self._key, octets, TO_HOST)
        if said is None or now >= self.until or said.get("pbx") not in self._addresses:
            return None
        drill = str(said.get("drill"))
        if self.drill not in ("", drill):
            return None
        answered = self._about(str(said.get("ask")), drill, str(said.get("nonce")), source, now)
        if answered is None:
            return None
        told = {"to": TO_DRILL, "pbx": said["pbx"], "drill": drill, "turn": said.get("turn")}
        return sealed(self._key, {**told, **answered})

    def _about(
        self, ask: str, drill: str, nonce: str, source: str, now: datetime
    ) -> dict[str, object] | None:
        if ask == HELLO:
            if source not in self._asked and len(self._asked) >= MAX_SOURCES:
                return None
            self._asked[source] = self._nonce()
            return {"nonce": self._asked[source], "you": source, "until": utc(self.until)}
        # Who repeats what he overheard never hears what he would have to repeat now.
        if ask == BEGIN and nonce == self._asked.get(source):
            self.drill = drill
            if source not in self._sources:
                self._sources[source] = Source(source, utc(now), utc(self.until), drill)
                write_record(self._folder, self._sources.values())
            return {"you": source}
        if ask == STANDS and source in self._sources:
            return self._stands(source, self._sources[source].since)
        return None


def listening(port: int) -> list[socket.socket]:
    """Where it is asked: both versions of IP. Raises DrillError."""
    found = []
    for family, anywhere in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104
        one = None
        try:
            one = socket.socket(family, socket.SOCK_DGRAM)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((anywhere, port))
        except OSError as error:
            if one is not None:
                one.close()
            if family == socket.AF_INET6:  # a machine without it
                continue
            raise DrillError(
                f"port {port}/UDP: {error.strerror or error}; name another with --port, here "
                "and for the drill"
            ) from error
        found.append(one)
    return found


def serve(
    host: Host,
    sockets: list[socket.socket],
    report: Callable[[str], None],
    lift: Callable[[str], None],
) -> None:
    """Answer until the code's end; `lift` the block of who drilled. Raises OSError."""
    drilled = ""
    while (now := datetime.now(UTC)) < host.until:
        for one in select.select(sockets, [], [], _LOOK_S)[0]:
            octets, where = one.recvfrom(MAX_OCTETS + 1)
            source = plain_address(str(where[0]).partition("%")[0])
            answer = host.answer(octets, str(source), now) if source is not None else None
            if answer is not None:
                one.sendto(answer, where)
        for address in host.over(now):
            lift(address)
        if host.drill != drilled:
            drilled = host.drill
            report(f"drill {shown(drilled)} has begun; the code is used")


def addresses_of(named: Iterable[str]) -> tuple[str, ...]:
    """Addresses of the phone system: those that are named, else all of this machine.

    Raises DrillError.
    """
    from ringfence.respond.keep import environment, kept

    try:
        found = [str(ip_address(one)) for one in named]
    except ValueError as error:
        raise DrillError(f"--pbx takes an address: {error}") from error
    if not found:
        own = (one for one in kept(environment()) if one.why == "it is an address of this machine")
        found = [one.address for one in own if not ip_address(one.address).is_loopback]
    if not found:
        raise DrillError("this machine has no address: name the phone system's with --pbx")
    return tuple(dict.fromkeys(found))
