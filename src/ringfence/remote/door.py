"""One-time links: made, weighed, used. Nothing here reads a clock, a file or chance.

How it works: a token is 16 random octets, the time when it ends (5 octets, seconds), and the
HMAC-SHA-256 of both by the machine's secret, in base64url: 71 letters. Whoever guesses has to
guess 128 random bits and a signature of 256. What was not signed here never gets as far as
the list of invitations, so a flood of guesses costs one hash each. The list has hashes of
tokens only: who reads it can open nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ringfence.model.door import (
    MAX_LASTS_S,
    MIN_LASTS_S,
    PAGE,
    Answer,
    DoorError,
    HostName,
    Invite,
    Opened,
    State,
)

SECRET_OCTETS = 32
RANDOM_OCTETS = 16
# Invitations that are valid at once, doors open at once, names: more than a company travels.
MAX_INVITES = 1024
MAX_OPENED = 1024
MAX_VALID_S = 90 * 86_400
MAX_USES = 100
_TIME_OCTETS = 5
_MAC_OCTETS = 32
_OCTETS = RANDOM_OCTETS + _TIME_OCTETS + _MAC_OCTETS
TOKEN_LETTERS = (_OCTETS * 8 + 5) // 6
_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{TOKEN_LETTERS}}}", re.ASCII)
# What a signature is for: a secret that signs something else some day opens no door with it.
_PURPOSE = b"ringfence door 1\0"
_NAME = re.compile(r"[\w][\w .@+-]{0,63}")
_EXTENSION = re.compile(r"[0-9]{0,16}", re.ASCII)
NOT_VALID = "this link is not valid: it was used, is over, or was never given out"


def make_token(secret: bytes, chance: bytes, valid_until: float) -> str:
    """A signed token. Raises DoorError for a secret or chance of another length."""
    if len(secret) != SECRET_OCTETS or len(chance) != RANDOM_OCTETS:
        raise DoorError("a secret of 32 octets and 16 random ones make a token")
    said = chance + int(valid_until).to_bytes(_TIME_OCTETS, "big")
    return base64.urlsafe_b64encode(said + _mac(secret, said)).rstrip(b"=").decode("ascii")


def is_signed(secret: bytes, token: str, now: float) -> bool:
    """Whether this machine made it, in these very letters, and its time is not over."""
    if not _TOKEN.fullmatch(token):
        return False
    octets = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    said, mac = octets[:-_MAC_OCTETS], octets[-_MAC_OCTETS:]
    is_ours = hmac.compare_digest(_mac(secret, said), mac)
    # Base64 has idle bits at its end: without this, four tokens would be one.
    is_exact = base64.urlsafe_b64encode(octets).rstrip(b"=") == token.encode("ascii")
    return is_ours and is_exact and int.from_bytes(said[RANDOM_OCTETS:], "big") > now


def hash_of(token: str) -> str:
    """What is kept and journaled of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def invited(state: State, invite: Invite, now: float) -> State:
    """With one invitation more; those that are over go. Raises DoorError."""
    check_name(invite.name)
    if not _EXTENSION.fullmatch(invite.extension):
        raise DoorError("an extension is up to 16 digits")
    if not MIN_LASTS_S <= invite.lasts_s <= MAX_LASTS_S:
        raise DoorError("a door is open for a minute to seven days: --for 12h")
    if not 1 <= invite.uses_left <= MAX_USES:
        raise DoorError(f"a link can be used 1 to {MAX_USES} times: --uses 1")
    if not now < invite.valid_until <= now + MAX_VALID_S:
        raise DoorError("a link is valid for up to 90 days: --valid 7d")
    state = tidy(state, now)
    if len(state.invites) >= MAX_INVITES:
        raise DoorError(f"{MAX_INVITES:,} links are valid already: close some first")
    return replace(state, invites=(*state.invites, invite))


def weigh(state: State, secret: bytes, token: str, address: str, now: float) -> Answer:
    """What this token would do for this address; changes nothing."""
    invite = _find(state, secret, token, now)
    if invite is None:
        return Answer(why=NOT_VALID)
    return Answer(invite.name, address, now + invite.lasts_s)


def use(
    state: State, secret: bytes, token: str, address: str, now: float
) -> tuple[State, Answer, Opened | None]:
    """The state after the token was used once; the door that it opens. Raises DoorError."""
    invite = _find(state, secret, token, now)
    if invite is None:
        return state, Answer(why=NOT_VALID), None
    left = replace(invite, uses_left=invite.uses_left - 1)
    state = replace(state, invites=tuple(left if one == invite else one for one in state.invites))
    door = Opened(address, invite.name, PAGE, now + invite.lasts_s, invite.hash)
    return opened(state, [door], now), Answer(invite.name, address, door.until), door


def opened(state: State, doors: Iterable[Opened], now: float) -> State:
    """With these open, each at least as long as it was. Raises DoorError where all are taken."""
    held = {_key(one): one for one in state.opened if one.until > now}
    for one in doors:
        before = held.get(_key(one))
        if before is None or before.until < one.until:
            held[_key(one)] = one
    if len(held) > MAX_OPENED:
        raise DoorError(f"{MAX_OPENED:,} doors are open already: ringfence lockdown door list")
    return replace(state, opened=tuple(held.values()))


def closed(state: State, name: str) -> tuple[State, tuple[Opened, ...], int]:
    """Without all that one person has: the state, the doors that close, links that end."""
    gone = tuple(one for one in state.opened if one.name == name)
    links = sum(one.name == name and is_usable(one) for one in state.invites)
    return (
        replace(
            state,
            invites=tuple(replace(o, revoked=True) if o.name == name else o for o in state.invites),
            opened=tuple(one for one in state.opened if one.name != name),
            names=tuple(one for one in state.names if one.name != name),
        ),
        gone,
        links,
    )


def until_of(state: State, addresses: Iterable[str]) -> dict[str, float]:
    """How long each address stays open, whoever has it; 0.0 where nobody does any more.

    Two users behind one router share its address: who closes one leaves the other in.
    """
    ends = dict.fromkeys(addresses, 0.0)
    for one in state.opened:
        if one.address in ends:
            ends[one.address] = max(ends[one.address], one.until)
    return ends


def tidy(state: State, now: float) -> State:
    """Without what is over."""
    return replace(
        state,
        invites=tuple(o for o in state.invites if is_usable(o) and o.valid_until > now),
        opened=tuple(o for o in state.opened if o.until > now),
    )


def is_usable(invite: Invite) -> bool:
    """Whether it was neither used up nor revoked."""
    return invite.uses_left > 0 and not invite.revoked


def check_name(name: str) -> None:
    """Raises DoorError for a name that no list or letter could show as it is."""
    if not _NAME.fullmatch(name):
        raise DoorError("a name is up to 64 letters, digits, blanks and . @ + - _")


def named(state: State, host: HostName, most: int) -> State:
    """With one host name more, or another owner of it. Raises DoorError."""
    others: Sequence[HostName] = [one for one in state.names if one.host != host.host]
    if len(others) >= most:
        raise DoorError(f"{most} names are looked up already: close some first")
    return replace(state, names=(*others, host))


def _find(state: State, secret: bytes, token: str, now: float) -> Invite | None:
    if not is_signed(secret, token, now):
        return None
    wanted = hash_of(token)
    found = None
    for one in state.invites:  # all of them, each in constant time
        if hmac.compare_digest(one.hash, wanted):
            found = one
    return found if found and is_usable(found) and found.valid_until > now else None


def _key(one: Opened) -> tuple[str, str, str, str]:
    return one.address, one.name, one.how, one.by


def _mac(secret: bytes, said: bytes) -> bytes:
    return hmac.digest(secret, _PURPOSE + said, "sha256")
