"""The label file of a capture: who is who in it, and what they did."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

SCHEMA: Final = "ringfence.lab/1"
ROLES: Final = ("attacker", "innocent", "server", "trunk")
KINDS: Final = (
    "scan", "enumeration", "password_guessing", "toll_fraud", "flood", "exploit", "spoofed_call",
)  # fmt: skip
# Strongest first: the best proof that the address is not forged.
PROOFS: Final = ("tcp", "dialog", "nonce", "none")


@dataclass(frozen=True, slots=True)
class Call:
    """An answered call: the number as the source dialled it, and its length."""

    number: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Source:
    """One source address (or, of forged ones, the network they were drawn from).

    A scenario says everything but `proof` … `messages`; those are read off the
    capture, and what was said is checked against it (lab/truth.py).
    """

    address: str
    role: str
    # In a few words what it is: 'phone with a bad PIN', 'svcrack'.
    what: str
    kinds: tuple[str, ...] = ()
    # Accounts it asked for or guessed at; for a phone its own.
    accounts: tuple[str, ...] = ()
    accounts_taken: tuple[str, ...] = ()
    calls_answered: tuple[Call, ...] = ()
    # Sources that one hand moves share a campaign.
    campaign: str = ""
    # Somebody else also writes this address into his packets.
    forged: bool = False
    # What an operator should be told of an innocent source; empty when all is well.
    in_trouble: str = ""
    proof: str = ""
    begin: str = ""
    end: str = ""
    messages: int = 0
    ports: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.role not in ROLES or not set(self.kinds) <= set(KINDS):
            raise ValueError(f"{self.address}: no such role or kind: {self.role} {self.kinds}")
        if self.kinds and self.role != "attacker" and not self.forged:
            raise ValueError(f"{self.address}: {self.role} with kinds {self.kinds}")


@dataclass(frozen=True, slots=True)
class Label:
    """A label file."""

    scenario: str
    about: str
    capture: str
    sha256: str
    server: str
    vantage: str
    # How the capture differs from what was on the wire; empty when it does not.
    altered: tuple[str, ...]
    defended: tuple[str, ...]
    sources: tuple[Source, ...] = field(default=())
    schema: str = SCHEMA

    def write(self, path: Path) -> None:
        """Write as JSON, stable in its order."""
        document = {"schema": self.schema, **asdict(self)}
        document["sources"] = [_source(source) for source in self.sources]
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _source(source: Source) -> dict[str, object]:
    """One source as the file has it: success is an object of its own."""
    plain = asdict(source)
    success = {name: plain.pop(name) for name in ("accounts_taken", "calls_answered")}
    plain["success"] = success
    return plain


def read_sources(path: Path) -> Sequence[Source]:
    """The sources of a label file."""
    document = json.loads(path.read_text())
    if document.get("schema") != SCHEMA:
        raise ValueError(f"{path}: schema {document.get('schema')!r}, expected {SCHEMA!r}")
    return [_read_source(entry) for entry in document["sources"]]


def _read_source(entry: dict[str, object]) -> Source:
    success = entry.pop("success")
    assert isinstance(success, dict)
    calls = tuple(Call(**call) for call in success["calls_answered"])
    plain = {name: tuple(v) if isinstance(v, list) else v for name, v in entry.items()}
    taken = tuple(success["accounts_taken"])
    return Source(**plain, accounts_taken=taken, calls_answered=calls)  # type: ignore[arg-type]
