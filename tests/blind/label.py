"""What is true of a capture, and where an investigation differs from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from random import Random

from ringfence.flow import Investigation
from ringfence.model.incident import Suspect
from tests.blind.net import Net
from tests.wire_cases.compile import Packet

# A call's length may be off by this much: answers travel.
SECONDS_APART = 2.5


@dataclass(frozen=True, slots=True)
class Call:
    """An answered call: as dialled, in full, and how long."""

    dialled: str
    e164: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """The truth about a source, or about a network of them.

    `may` are kinds that an expert might name or not; `least` is the mildest verdict that
    is right: 'suspect' where senders prove nothing. Of a network `share` must be accused.
    """

    address: str
    role: str = "attacker"
    kinds: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    taken: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    proof: str = ""
    least: str = "attacker"
    share: float = 1.0
    count: int = 1
    minutes: float = 0.0  # of all answered calls, where there are too many to name


@dataclass(slots=True)
class Capture:
    """One capture in the making."""

    name: str
    net: Net
    said: list[Said] = field(default_factory=list)
    in_trouble: list[tuple[str, str]] = field(default_factory=list)
    alter: Callable[[list[Packet]], list[Packet]] | None = None

    def attacker(
        self, address: str, kinds: str, *, may: str = "", taken: str = "", calls: tuple[Call, ...] = (),
        proof: str = "", least: str = "attacker", share: float = 1.0, count: int = 1, minutes: float = 0.0,
    ) -> None:  # fmt: skip
        self.said.append(
            Said(
                address, "attacker", frozenset(kinds.split()), frozenset(may.split()),
                tuple(sorted(taken.split())), calls, proof, least, share, count, minutes,
            )
        )  # fmt: skip

    def forged(self, *addresses: str) -> None:
        """Somebody else writes these addresses; to suspect them is right, to accuse them not."""
        self.said += [Said(address, "forged") for address in addresses]

    def unclear(self, *addresses: str) -> None:
        self.said += [Said(address, "unclear") for address in addresses]

    @property
    def rng(self) -> Random:
        return self.net.rng

    @property
    def packets(self) -> list[Packet]:
        ordered = sorted(self.net.packets, key=lambda packet: packet.time_ns)
        return self.alter(ordered) if self.alter else ordered


def _covers(said: Said, address: str) -> bool:
    return ip_address(address) in ip_network(said.address)


def complaints(capture: Capture, found: Investigation) -> Iterator[str]:
    """Every difference, in words, the class of failure first."""
    suspects = found.incident.suspects
    for suspect in suspects:
        named = next((s for s in capture.said if _covers(s, suspect.address)), None)
        if named is None or (named.role == "forged" and suspect.verdict == "attacker"):
            borne = ", ".join(f"{c.rule} {c.weight_db:+}" for c in suspect.clues)
            yield (
                f"FALSE ACCUSATION {suspect.address} {suspect.verdict} {suspect.weight_db} dB "
                f"{suspect.kinds}: {borne}"
            )
    for said in capture.said:
        if said.role == "attacker":
            yield from _of_attacker(said, [s for s in suspects if _covers(said, s.address)], found)
    told = {(entry.address, entry.account) for entry in found.incident.in_trouble}
    for entry in capture.in_trouble:
        if entry not in told:
            yield f"NOT IN TROUBLE {entry}, told {sorted(told)[:4]}"


def _of_attacker(said: Said, suspects: list[Suspect], found: Investigation) -> Iterator[str]:
    good = [s for s in suspects if said.least == "suspect" or s.verdict == "attacker"]
    if len(good) < said.share * said.count:
        weighed = [v for v in found.verdicts if _covers(said, str(v.deeds.address))]
        best = max(weighed, key=lambda v: v.weight_db, default=None)
        borne = ", ".join(f"{c.rule} {c.weight_db:+}" for c in best.clues) if best else "nothing"
        verdict = best.verdict if best else "unremarkable"
        yield (
            f"LOST {said.address}: {len(good)} of {said.count}, {verdict} "
            f"{best.weight_db if best else ''}: {borne}"
        )
    if not suspects:
        return
    kinds = {kind for s in suspects for kind in s.kinds}
    if extra := kinds - said.kinds - said.may:
        yield f"EXTRA KINDS {said.address}: {sorted(extra)}, labelled {sorted(said.kinds)}"
    if missing := said.kinds - kinds:
        yield f"MISSING KINDS {said.address}: {sorted(missing)}, said {sorted(kinds)}"
    taken = tuple(sorted({account for s in suspects for account in s.accounts_taken}))
    if taken != said.taken:
        yield f"ACCOUNTS TAKEN {said.address}: {taken}, labelled {said.taken}"
    if said.minutes:
        told = sum(s.minutes for s in suspects)
        if abs(told - said.minutes) > 0.1 * said.minutes:
            yield f"MINUTES {said.address}: {told:.0f}, labelled {said.minutes:.0f}"
    else:
        yield from _of_calls(said, suspects)
    proofs = {s.proven for s in suspects}
    if said.proof and proofs != {said.proof}:
        yield f"PROOF {said.address}: {sorted(proofs)}, labelled {said.proof}"


def _of_calls(said: Said, suspects: list[Suspect]) -> Iterator[str]:
    calls = [call for s in suspects for call in s.calls_answered]
    heard, wanted = sorted(c.dialled for c in calls), sorted(c.dialled for c in said.calls)
    if heard != wanted:
        yield f"CALLS {said.address}: {heard}, labelled {wanted}"
    for label in said.calls:
        for call in calls:
            if call.dialled != label.dialled:
                continue
            if label.e164 and call.number != label.e164:
                yield f"NUMBER {said.address}: {call.number}, labelled {label.e164}"
            if label.seconds and abs((call.seconds or 0.0) - label.seconds) > SECONDS_APART:
                yield f"LENGTH {said.address}: {call.seconds} s, labelled {label.seconds} s"
