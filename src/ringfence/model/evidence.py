"""Evidence: how it is to be sealed, what came of it, and what a check of it found."""

from __future__ import annotations

from dataclasses import dataclass


class EvidenceError(Exception):
    """Evidence that cannot be sealed or read: names the place, the reason, and what to do."""


@dataclass(frozen=True, slots=True)
class HostClock:
    """How far this host's clock is to be trusted; None where nobody can say."""

    synchronised: bool | None = None
    offset_s: float | None = None  # what the kernel still has to correct
    max_error_s: float | None = None


@dataclass(frozen=True, slots=True)
class SealOptions:
    """Who seals, with what, and what else goes in."""

    tool: str  # "ringfence 0.1.0"
    who: str  # "anna on pbx-host"
    case_id: str = ""
    clock: HostClock = HostClock()
    key_file: str = ""  # of the key that seals
    timestamp_url: str | None = None
    authority_file: str | None = None  # roots (PEM) that the time stamp has to lead to
    # Paths of the originals to copy in, one for each input of the incident; () copies none.
    originals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A bag that was written: `seal` is the SHA-256 that stands for all of it."""

    path: str
    seal: str
    key: str  # fingerprint, SHA256:…
    key_is_new: bool
    stamped_at: str | None
    files: int
    octets: int
    problems: tuple[str, ...]  # nothing that the bag is worse for, but to be told


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The key that this machine signs evidence with."""

    path: str
    line: str  # as in authorized_keys
    fingerprint: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was sealed: where (relative, with /), and what differs."""

    path: str
    says: str


@dataclass(frozen=True, slots=True)
class CheckedBag:
    """One bag, checked: what is wrong, and what a reader should know beside."""

    name: str
    seal: str
    files: int
    key: str | None  # fingerprint of the key that signed; None: no signature holds
    key_is_known: bool
    stamped_at: str | None
    stamped_by: str | None
    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """All bags of a folder, checked one by one and as a chain."""

    path: str
    bags: tuple[CheckedBag, ...]
    faults: tuple[Fault, ...]  # of the folder as a whole
    remarks: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Nothing differs from what was sealed."""
        return not self.faults and not any(bag.faults for bag in self.bags)
