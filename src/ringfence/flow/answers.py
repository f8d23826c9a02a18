"""Answers to challenges, taken out of captures: of users who belong here, and of attackers.

They stay in memory for one audit. A user belongs here when a server of ours let him in, or
when he asks from an address that the owner named as inside.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address

import numpy as np

from ringfence.audit.digest import Answer, hash_of
from ringfence.detect.sipvicious import read_tag
from ringfence.flow.investigation import read_messages
from ringfence.model.message import Message
from ringfence.search.rows import Rows
from ringfence.wire.errors import WireError
from ringfence.wire.message import parse_message

# Requests with credentials whose end is not known yet; the oldest first out.
MAX_WAITING = 10_000
# Answers that are kept of each side: anybody can send them.
MAX_ANSWERS = 50_000
MAX_WORDS = 200_000
_LONGEST = 1024  # of one parameter


@dataclass(slots=True)
class Taken:
    """What was taken. Nothing of it is shown or written."""

    ours: list[Answer] = field(default_factory=list, repr=False)
    theirs: list[Answer] = field(default_factory=list, repr=False)
    words: dict[tuple[str, str], None] = field(default_factory=dict, repr=False)
    accounts: dict[str, None] = field(default_factory=dict, repr=False)
    belong: set[str] = field(default_factory=set)  # users who belong here


def take_answers(
    paths: list[str],
    servers: Collection[str],
    attackers: Collection[str],
    own: Sequence[IPv4Network | IPv6Network] = (),
) -> Taken:
    """Answers of all captures. Raises CaptureError."""
    taker = _Taker(frozenset(servers), frozenset(attackers), tuple(own))
    for _, _, table in read_messages(paths):
        rows = Rows(table)
        every = rows.all()
        answered = rows.narrow("status", every) > 0
        wanted = every[answered | (rows.lengths("auth", every) > 0)]
        for row in wanted.tolist():
            source = str(ip_address(table.address(row, "source")))
            target = str(ip_address(table.address(row, "destination")))
            call = table.number(row, "call_hash"), table.number(row, "cseq_number")
            status = table.number(row, "status")
            if status:
                taker.answered(call, status, source, target)
            else:
                taker.asked(call, table.message(row), source, target)
        if attackers:
            taker.read_tags(table.text(row, "from_tag") for row in _of(rows, attackers))
    return taker.taken


@dataclass(slots=True)
class _Taker:
    servers: frozenset[str]
    attackers: frozenset[str]
    own: tuple[IPv4Network | IPv6Network, ...]
    taken: Taken = field(default_factory=Taken)
    waiting: OrderedDict[tuple[int, int], tuple[Answer, str, str]] = field(
        default_factory=OrderedDict, repr=False
    )

    def asked(self, call: tuple[int, int], octets: bytes, source: str, target: str) -> None:
        """A request with credentials."""
        try:
            message = parse_message(octets)
        except WireError:
            return
        answer = read_answer(message)
        if answer is None or target not in self.servers:
            return
        if source in self.attackers:
            self.taken.accounts.setdefault(answer.user)
            _add(self.taken.theirs, answer)
        elif self._inside(source):
            self.taken.belong.add(answer.user)
            _add(self.taken.ours, answer)
        else:
            self.waiting[call] = answer, source, target
            if len(self.waiting) > MAX_WAITING:
                self.waiting.popitem(last=False)

    def answered(self, call: tuple[int, int], status: int, source: str, target: str) -> None:
        """A response: of a server of ours that lets somebody in, or does not."""
        found = self.waiting.get(call)
        if found is None or status < 200 or (source, target) != (found[2], found[1]):
            return
        del self.waiting[call]
        if status < 300:
            self.taken.belong.add(found[0].user)
            _add(self.taken.ours, found[0])

    def read_tags(self, tags: Iterable[bytes]) -> None:
        """Guesses that a tool writes into its own tags."""
        for tag in tags:
            leak = read_tag(tag)
            if leak is None or not leak.target or len(self.taken.words) >= MAX_WORDS:
                continue
            if leak.tool in {"svwar", "svcrack"}:
                self.taken.accounts.setdefault(leak.target)
            if leak.guess is not None:
                self.taken.words.setdefault((leak.target, leak.guess))

    def _inside(self, address: str) -> bool:
        found = ip_address(address)
        return any(found in network for network in self.own)


def read_answer(message: Message) -> Answer | None:
    """The first answer to a challenge that a request holds; None when it holds none."""
    for digest in message.credentials:
        if digest.scheme.lower() != b"digest":
            continue
        user, realm, nonce = digest.username, digest.realm, digest.nonce
        uri, response = digest.uri, digest.response
        if not (user and nonce and uri and response) or realm is None:
            continue
        algorithm = _text(digest.algorithm or b"MD5")
        given = (user, realm, nonce, uri, response, digest.nc or b"", digest.cnonce or b"")
        if max(map(len, given)) > _LONGEST:
            continue
        qop = _text(digest.qop or b"").lower()
        return Answer(
            _text(user),
            _text(realm),
            _text(nonce),
            _text(uri),
            _text(message.method),
            _text(response),
            algorithm,
            qop,
            _text(digest.nc or b""),
            _text(digest.cnonce or b""),
            hash_of(algorithm, message.body) if qop == "auth-int" else "",
        )
    return None


def _of(rows: Rows, attackers: Collection[str]) -> list[int]:
    """Requests of attackers, their tags filled."""
    every = rows.all()
    packed = [_packed(address) for address in attackers]
    sources = rows.packed("source", every)
    wanted = set(packed)
    theirs = np.array([source in wanted for source in sources], dtype=bool)
    chosen = every[theirs & (rows.narrow("status", every) == 0)]
    rows.fill(chosen)
    return [int(row) for row in chosen]


def _packed(address: str) -> int:
    found = ip_address(address)
    return int(found) if found.version == 6 else 0xFFFF << 32 | int(found)


def _add(answers: list[Answer], answer: Answer) -> None:
    if len(answers) < MAX_ANSWERS:
        answers.append(answer)


def _text(octets: bytes) -> str:
    return octets.decode(errors="surrogateescape")
