"""What a capture itself says about each source, by tshark, and whether a label agrees.

tshark is not ours: a fault of our own decoder cannot hide a fault of a label.
"""

import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final

from lab.clock import iso
from lab.labels import PROOFS, Call, Source
from lab.namespaces import LabError

_FIELDS: Final = (
    "frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "udp.srcport", "tcp.srcport",
    "sip.Method", "sip.Status-Code", "sip.CSeq.seq", "sip.CSeq.method", "sip.Call-ID",
    "sip.r-uri.user", "sip.from.user", "sip.from.tag", "sip.to.user", "sip.to.tag",
    "sip.auth.username", "sip.auth.nonce", "sip.Via.branch", "rtp.ssrc",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One SIP message (or RTP packet) as tshark reads it."""

    at: float
    source: str
    target: str
    port: int
    tcp: bool
    method: str
    status: int
    cseq: str
    cseq_method: str
    call_id: str
    uri_user: str
    from_user: str
    from_tag: str
    to_user: str
    to_tag: str
    auth_user: str
    nonce: str
    branch: str
    rtp: bool


@dataclass(slots=True)
class Seen:
    """What one source did in the capture."""

    first: float = 0.0
    last: float = 0.0
    messages: int = 0
    ports: set[int] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    proofs: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    registered: set[str] = field(default_factory=set)
    # Requests with credentials that were refused with 401, 403 or 407.
    refused: int = 0
    dialled: set[str] = field(default_factory=set)
    asked_for: set[str] = field(default_factory=set)
    answered: list[Call] = field(default_factory=list)
    sounds: int = 0


def lines(path: Path) -> Iterator[Line]:
    """The SIP messages and RTP packets of a capture, in order."""
    command = ["tshark", "-n", "-r", str(path), "-Y", "sip || rtp", "-T", "fields",
               "-E", "separator=/t", "-E", "occurrence=f", "-d", "udp.port==30000-31000,rtp",
               "-o", "rtp.heuristic_rtp:TRUE"]  # fmt: skip
    for name in _FIELDS:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2):
        raise LabError(f"tshark: {done.stderr.strip()}")
    for row in done.stdout.splitlines():
        yield _line(row.split("\t"))


def _line(cells: Sequence[str]) -> Line:
    by_name = dict(zip(_FIELDS, cells, strict=False))
    get = by_name.get
    return Line(
        at=float(by_name["frame.time_epoch"]),
        source=get("ip.src") or get("ipv6.src") or "",
        target=get("ip.dst") or get("ipv6.dst") or "",
        port=int(get("udp.srcport") or get("tcp.srcport") or 0),
        tcp=bool(get("tcp.srcport")),
        method=get("sip.Method") or "",
        status=int(get("sip.Status-Code") or 0),
        cseq=get("sip.CSeq.seq") or "",
        cseq_method=get("sip.CSeq.method") or "",
        call_id=get("sip.Call-ID") or "",
        uri_user=get("sip.r-uri.user") or "",
        from_user=get("sip.from.user") or "",
        from_tag=get("sip.from.tag") or "",
        to_user=get("sip.to.user") or "",
        to_tag=get("sip.to.tag") or "",
        auth_user=(get("sip.auth.username") or "").strip('"'),
        nonce=(get("sip.auth.nonce") or "").strip('"'),
        branch=get("sip.Via.branch") or "",
        rtp=bool(get("rtp.ssrc")) and not get("sip.CSeq.method"),
    )


class _Reader:
    """Walks a capture once and remembers what servers said to whom."""

    def __init__(self, servers: Sequence[str]) -> None:
        self._servers = set(servers)
        self.seen: dict[str, Seen] = defaultdict(Seen)
        # By the address they were sent to: nonces, To-tags, branches of our requests.
        self._nonces: set[tuple[str, str]] = set()
        self._tags: set[tuple[str, str]] = set()
        self._branches: set[tuple[str, str]] = set()
        self._pending: dict[tuple[str, str, str, str], Line] = {}
        self._calls: dict[tuple[str, str], tuple[str, float]] = {}

    def read(self, line: Line) -> None:
        """Take in the next message."""
        if line.source in self._servers:
            self._from_server(line)
        self._from_anyone(line)

    def _from_server(self, line: Line) -> None:
        if line.status and line.nonce:
            self._nonces.add((line.target, line.nonce))
        if line.status and line.to_tag:
            self._tags.add((line.target, line.to_tag))
        if line.method:
            self._branches.add((line.target, line.branch))
            self._tags.add((line.target, line.from_tag))
            if line.method == "BYE":
                self._end((line.target, line.call_id), line.at)
        if line.status >= 200:
            self._final(line)

    def _final(self, line: Line) -> None:
        key = (line.target, line.call_id, line.cseq, line.cseq_method)
        request = self._pending.pop(key, None)
        if request is None:
            return
        asker = self.seen[line.target]
        if request.auth_user and line.status < 300:
            asker.accepted.add(request.auth_user)
            if request.method == "REGISTER":
                asker.registered.add(request.auth_user)
        if request.auth_user and line.status in (401, 403, 407):
            asker.refused += 1
        if request.method == "INVITE" and line.status < 300 and not request.to_tag:
            self._calls[(line.target, line.call_id)] = (request.uri_user, line.at)
            asker.answered.append(Call(request.uri_user, 0.0))

    def _from_anyone(self, line: Line) -> None:
        seen = self.seen[line.source]
        if line.rtp:
            seen.sounds += 1
            return
        if not seen.messages:
            seen.first = line.at
        seen.last, seen.messages = line.at, seen.messages + 1
        seen.ports.add(line.port)
        seen.proofs |= self._proofs_of(line)
        if not line.method:
            return
        seen.methods.add(line.method)
        self._pending[(line.source, line.call_id, line.cseq, line.cseq_method)] = line
        if line.method in ("REGISTER", "OPTIONS", "SUBSCRIBE"):
            seen.asked_for.add(line.to_user)
        if line.method == "INVITE" and not line.to_tag:
            seen.dialled.add(line.uri_user)
        if line.method == "BYE":
            self._end((line.source, line.call_id), line.at)

    def _proofs_of(self, line: Line) -> set[str]:
        proofs = {"tcp"} if line.tcp else set()
        if line.method and line.to_tag and (line.source, line.to_tag) in self._tags:
            proofs.add("dialog")
        if line.status and (line.source, line.branch) in self._branches:
            proofs.add("dialog")
        if line.method and line.nonce and (line.source, line.nonce) in self._nonces:
            proofs.add("nonce")
        return proofs

    def _end(self, key: tuple[str, str], at: float) -> None:
        begun = self._calls.pop(key, None)
        if begun is None:
            return
        number, since = begun
        answered = self.seen[key[0]].answered
        answered[answered.index(Call(number, 0.0))] = Call(number, round(at - since, 1))


def observe(path: Path, servers: Sequence[str]) -> dict[str, Seen]:
    """What every source of SIP in the capture did."""
    return read_all(lines(path), servers)


def read_all(every: Iterable[Line], servers: Sequence[str]) -> dict[str, Seen]:
    """What every source of these messages did; `servers` are ours."""
    reader = _Reader(servers)
    for line in every:
        reader.read(line)
    return {address: seen for address, seen in reader.seen.items() if seen.messages}


def completed(source: Source, seen: dict[str, Seen]) -> Source:
    """The label with proof, times, counts and ports as the capture has them."""
    mine = _of(source, seen)
    if not mine:
        return source
    proofs = set.union(*(one.proofs for one in mine))
    calls = tuple(
        Call(call.number, max((c.seconds for one in mine for c in one.answered
                               if c.number == call.number), default=0.0))
        for call in source.calls_answered
    )  # fmt: skip
    return replace(
        source,
        proof=next((proof for proof in PROOFS if proof in proofs), "none"),
        begin=iso(min(one.first for one in mine)),
        end=iso(max(one.last for one in mine)),
        messages=sum(one.messages for one in mine),
        ports=tuple(sorted(set.union(*(one.ports for one in mine))))[:20],
        calls_answered=calls,
    )


def _of(source: Source, seen: dict[str, Seen]) -> list[Seen]:
    """What the address, or the addresses of the network, did."""
    if "/" not in source.address:
        return [seen[source.address]] if source.address in seen else []
    network = ip_network(source.address)
    return [one for address, one in seen.items() if ip_address(address) in network]


def disagreements(sources: Sequence[Source], seen: dict[str, Seen]) -> list[str]:
    """Where labels and capture differ, in words; empty when all is well."""
    wrong = [
        f"{s.address}: labelled but not in the capture"
        for s in sources
        if not _of(s, seen) and s.role != "server"  # a server may say nothing
    ]
    wrong += [
        f"{address}: in the capture but not labelled"
        for address in seen
        if not any(address == s.address or _covers(s.address, address) for s in sources)
    ]
    for source in sources:
        for one in _of(source, seen):
            wrong += [f"{source.address}: {fault}" for fault in _faults(source, one)]
    return wrong


def _covers(network: str, address: str) -> bool:
    return "/" in network and ip_address(address) in ip_network(network)


def _faults(source: Source, seen: Seen) -> Iterator[str]:
    taken = set(source.accounts_taken)
    if not taken <= seen.accepted:
        yield f"accounts taken {sorted(taken - seen.accepted)} were never accepted"
    if source.role == "attacker" and seen.accepted - taken:
        yield f"accepted {sorted(seen.accepted - taken)} is not labelled as taken"
    answered = {call.number for call in seen.answered}
    wanted = {call.number for call in source.calls_answered}
    if source.role == "attacker" and answered != wanted:
        yield f"answered calls are {sorted(answered)}, labelled {sorted(wanted)}"
    if "toll_fraud" in source.kinds and "INVITE" not in seen.methods:
        yield "toll fraud without an INVITE"
    if "password_guessing" in source.kinds and not seen.refused:
        yield "guessing, but no credentials were refused"
    if "enumeration" in source.kinds and len(seen.asked_for | seen.dialled) < 5:
        yield "enumeration of fewer than five names"
    if "scan" in source.kinds and not seen.methods & {"OPTIONS", "REGISTER", "INVITE"}:
        yield "a scan that asked nothing"
    if "bad PIN" in source.what and (seen.registered or not seen.refused):
        yield "a bad PIN that was accepted, or never refused"
