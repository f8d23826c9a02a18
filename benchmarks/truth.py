"""What is in a made-up capture, counted while it is written: decoders are compared with it."""

import hashlib
from collections import Counter
from ipaddress import ip_address

import numpy as np
from numpy.typing import NDArray

from benchmarks.fields import Group, address_octets, hunted_extension
from benchmarks.messages import COMPACT_PHONE, ODD_CASE_PHONE, TEXTS
from benchmarks.template import Template
from benchmarks.traffic import ACCOUNTS_TAKEN, Sources

# The kind of attack, in the words of the incident document, and who does it.
_ATTACKS = {
    "password_guessing": "guesser",
    "enumeration": "enumerator",
    "scan": "scanner",
    "toll_fraud": "toll hunter",
}


class Ledger:
    """Adds up packets template by template."""

    def __init__(self, who: Sources) -> None:
        self._who = who
        self._labels: Counter[str] = Counter()
        self._packets = dict.fromkeys(("ipv6", "vlan", "compact", "odd_case"), 0)
        self._octets = 0
        self._requests_of = np.zeros(len(who.family), np.int64)
        self._sha256 = hashlib.sha256()

    def enter(self, template: Template, actor: NDArray[np.uint32]) -> None:
        """Add the packets of one template; `actor` says whose each is."""
        look, packets = template.look, len(actor)
        self._labels[template.label] += packets
        self._packets["ipv6"] += packets * (look.family == 6)
        self._packets["vlan"] += packets * look.vlan
        if look.from_source and "Desk {extension}" in TEXTS[look.message]:
            self._packets["compact"] += packets * (look.variant == COMPACT_PHONE)
            self._packets["odd_case"] += packets * (look.variant == ODD_CASE_PHONE)
        if look.from_source and template.label != "rtp":
            self._requests_of += np.bincount(actor, minlength=len(self._requests_of))

    def enter_octets(self, block: memoryview) -> None:
        """Add what was written to the file."""
        self._sha256.update(block)
        self._octets += len(block)

    def truth(self, seed: int) -> dict[str, object]:
        """Everything counted, ready for JSON."""
        labels = sorted(self._labels.items())
        methods = {label: packets for label, packets in labels if label.isupper()}
        statuses = {label: packets for label, packets in labels if label.isdigit()}
        messages = sum(methods.values()) + sum(statuses.values())
        attackers = self._attackers(seed)
        return {
            "bytes": self._octets,
            "sha256": self._sha256.hexdigest(),
            "packets": self._labels.total(),
            "sip_messages": messages,
            "rtp_packets": self._labels["rtp"],
            "sip_share": round(messages / self._labels.total(), 4),
            "requests": methods,
            "responses": statuses,
            **{f"{name}_packets": packets for name, packets in self._packets.items()},
            "sources": int(np.count_nonzero(self._requests_of)),
            "attacking_sources": len(attackers),
            "attackers": attackers,
        }

    def _attackers(self, seed: int) -> list[dict[str, object]]:
        return [
            self._attacker(kind, actor, seed)
            for kind, role in _ATTACKS.items()
            for actor in self._who.roles.get(role, ())
            if self._requests_of[actor]
        ]

    def _attacker(self, kind: str, actor: int, seed: int) -> dict[str, object]:
        number = np.array([actor], np.uint64)
        group = Group(seed, 0, 0, int(self._who.family[actor]), number, number, number)
        facts: dict[str, object] = {
            "address": str(ip_address(address_octets(group).tobytes())),
            "kind": kind,
            "requests": int(self._requests_of[actor]),
        }
        if kind == "password_guessing":
            facts["account"] = str(hunted_extension(group)[0])
            facts["taken"] = actor < ACCOUNTS_TAKEN
        return facts
