"""Doors in the lockdown: links, tunnels and names weighed, opened in the firewall, journaled.

Whatever changes is written before the firewall hears of it: a link that was used is used, even
where the machine loses its power the moment after. Where the firewall refuses, it is put back.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol
from urllib.parse import urlsplit

from ringfence.flow.door_folder import DoorFolder
from ringfence.model.door import Answer, DoorError, HostName, Invite, Opened, State
from ringfence.model.endpoint import plain_address
from ringfence.remote import door, door_names, door_tunnel
from ringfence.remote.door_address import admissible
from ringfence.remote.door_names import Resolved
from ringfence.remote.door_tunnel import Peer

# Lines of refused links a minute: guesses must not push out of the journal who came in.
MAX_REFUSALS = 30
_MINUTE_S = 60.0
_LOOKUP_S = 5.0

__all__ = ["Doors", "Gate", "base_url", "resolve"]


class Gate(Protocol):
    """What opens addresses: `DoorTable`."""

    def set(self, ends: Mapping[str, float], now: float) -> None:
        """Each open until then; at 0.0 closed."""


class Doors:
    """All doors of this machine. Every method raises DoorError."""

    def __init__(
        self, folder: DoorFolder, gate: Gate, now: Callable[[], float] = time.time
    ) -> None:
        self._folder, self._gate, self._now = folder, gate, now
        self._minute, self._refused = 0.0, 0

    def invite(
        self, name: str, extension: str, lasts_s: int, uses: int, valid_s: int, url: str = ""
    ) -> str:
        """The link for somebody. It is given out here once, and kept nowhere."""
        now = self._now()
        with self._folder.held():
            state = self._folder.state()
            state = replace(state, url=base_url(url)) if url else state
            if not state.url:
                raise DoorError("where is the page? Say it once: --url https://pbx.example:8443")
            chance, valid_until = secrets.token_bytes(door.RANDOM_OCTETS), float(int(now + valid_s))
            token = door.make_token(self._folder.secret(), chance, valid_until)
            made = Invite(door.hash_of(token), name, extension, lasts_s, uses, valid_until)
            self._folder.keep(door.invited(state, made, now))
            self._folder.note("invited", name=name, extension=extension, token=made.hash,
                              lasts_s=lasts_s, uses=uses, valid_until=valid_until)  # fmt: skip
        return f"{state.url}/door/{token}"

    def look(self, token: str, address: str) -> Answer:
        """What the link would open; opens nothing, uses nothing."""
        address = str(admissible(address))
        with self._folder.held():
            state, secret = self._folder.state(), self._folder.secret()
        answer = door.weigh(state, secret, token, address, self._now())
        if answer.why:
            self._refuse(token, address)
        return answer

    def open(self, token: str, address: str) -> Answer:
        """Use the link once: the address may reach the phone system."""
        address, now = str(admissible(address)), self._now()
        with self._folder.held():
            before = self._folder.state()
            state, answer, made = door.use(before, self._folder.secret(), token, address, now)
            if made is not None:
                self._change(before, state, [address], now)
                self._note_opened([made])
        if made is None:
            self._refuse(token, address)
        return answer

    def close(self, name: str) -> tuple[tuple[Opened, ...], int]:
        """All of one person ends: doors, links, names. What ended."""
        now = self._now()
        with self._folder.held():
            before = self._folder.state()
            state, gone, links = door.closed(before, name)
            names = len(before.names) - len(state.names)
            if not gone and not links and not names:
                raise DoorError("nobody of this name has a door, link or host name")
            # First it is written: what the firewall refuses to end, it ends by itself.
            self._folder.keep(state)
            self._folder.note("closed", name=name, doors=len(gone), links=links, names=names)
            addresses = [one.address for one in gone if one.until > now]
            self._gate.set(door.until_of(state, addresses), now)
        return gone, links

    def add_name(self, host: str, name: str) -> str:
        """Look a dynamic-DNS name up from now on."""
        door.check_name(name)
        made = HostName(door_names.host_name(host), name)
        with self._folder.held():
            state = self._folder.state()
            self._folder.keep(door.named(state, made, door_names.MAX_NAMES))
            self._folder.note("name added", name=name, host=made.host)
        return made.host

    def refresh_names(self, look_up: Callable[[str], Resolved | None]) -> list[str]:
        """Names whose time is over are asked again; what was refused, in words."""
        now, refused = self._now(), []
        due = [one for one in self.listed().names if door_names.is_due(one, now)]
        for host in due:  # no lock while a name server thinks
            answer = look_up(host.host)
            doors, why = door_names.doors_of(host, answer, now) if answer else ([], [])
            refused += why
            after = replace(host, next_at=door_names.next_at(answer, now))
            with self._folder.held():
                before = self._folder.state()
                if host not in before.names:  # closed meanwhile
                    continue
                names = tuple(after if one == host else one for one in before.names)
                self._open(before, replace(before, names=names), doors, now)
        return refused

    def refresh_tunnel(
        self,
        peers: Iterable[Peer],
        registered: Iterable[str],
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> list[Opened]:
        """Who registered through the tunnel gets a door for his public address."""
        now = self._now()
        doors = door_tunnel.doors_of(peers, registered, names, now)
        if doors:
            with self._folder.held():
                state = self._folder.state()
                self._open(state, state, doors, now)
        return doors

    def restore(self) -> int:
        """What should be open, in the firewall again: after a restart, or a new lockdown."""
        now = self._now()
        with self._folder.held():
            state = door.tidy(self._folder.state(), now)
            self._folder.keep(state)
            ends = door.until_of(state, [one.address for one in state.opened])
            self._gate.set(ends, now)
        return len(ends)

    def listed(self) -> State:
        """All that is valid now."""
        with self._folder.held():
            return door.tidy(self._folder.state(), self._now())

    def _open(self, before: State, state: State, doors: Sequence[Opened], now: float) -> None:
        """Doors that renew themselves: journaled when they are new, not each minute."""
        held = {(o.address, o.name, o.how) for o in state.opened if o.until > now}
        self._change(before, door.opened(state, doors, now), [o.address for o in doors], now)
        self._note_opened(o for o in doors if (o.address, o.name, o.how) not in held)

    def _change(self, before: State, after: State, addresses: Iterable[str], now: float) -> None:
        self._folder.keep(after)
        try:
            self._gate.set(door.until_of(after, addresses), now)
        except DoorError:
            self._folder.keep(before)
            raise

    def _note_opened(self, doors: Iterable[Opened]) -> None:
        for one in doors:
            self._folder.note("opened", name=one.name, address=one.address, how=one.how,
                              by=one.by, until=one.until)  # fmt: skip

    def _refuse(self, token: str, address: str) -> None:
        """Journal a link that is not valid, so many a minute, and the rest as a number."""
        now = self._now()
        if not 0 <= now - self._minute < _MINUTE_S:
            if self._refused > MAX_REFUSALS:
                self._folder.note("refused, more", times=self._refused - MAX_REFUSALS)
            self._minute, self._refused = now, 0
        self._refused += 1
        if self._refused <= MAX_REFUSALS:
            self._folder.note("refused", address=address, token=door.hash_of(token))


def base_url(text: str) -> str:
    """Where the page is, without anything behind. Raises DoorError."""
    wrong = DoorError("the address of the page is like https://pbx.example:8443")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(" <>\"'\\")
    behind = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme != "https" or not host or not is_plain or behind or len(text) > 255:
        raise wrong
    shown = f"[{host}]" if ":" in host else host
    return f"https://{shown}" + (f":{port}" if port else "")


def resolve(host: str) -> Resolved | None:
    """Addresses of either kind by this machine's name servers; None where none answers."""
    import dns.exception
    import dns.resolver

    addresses: list[str] = []
    ttls = []
    for kind in ("A", "AAAA"):
        try:
            answer = dns.resolver.resolve(host, kind, lifetime=_LOOKUP_S, search=False)
        except dns.exception.DNSException:
            continue
        ttls.append(answer.chaining_result.minimum_ttl)
        addresses += [str(one) for one in answer if plain_address(str(one))]
    return Resolved(tuple(addresses), min(ttls)) if ttls else None
