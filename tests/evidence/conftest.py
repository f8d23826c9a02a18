"""A small attack, investigated and sealed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ringfence import flow
from ringfence.evidence.seal import seal
from ringfence.model.evidence import Sealed, SealOptions
from ringfence.model.incident import Incident
from tests.evidence.tsa import Authority

NOW = "2026-11-25T20:00:00.000000Z"
ATTACK = Path(__file__).resolve().parent.parent.parent / "examples/attack.pcap"


def now() -> str:
    return NOW


@dataclass(frozen=True)
class Case:
    """What seals need, with a key of its own."""

    folder: Path
    incident: Incident
    options: SealOptions
    captures: tuple[str, ...] = (str(ATTACK),)

    def seal(
        self,
        folder: Path | None = None,
        add: Callable[[Path], None] | None = None,
        **changes: object,
    ) -> Sealed:
        """The next bag."""
        options = replace(self.options, **changes)  # type: ignore[arg-type]
        tables = flow.read_messages(list(self.captures), keep_packets=True)
        return seal(folder or self.folder, self.incident, tables, options, now, add)

    @property
    def bag(self) -> Path:
        return self.folder / "bag-0001"


@pytest.fixture(scope="session")
def incident() -> Incident:
    """What the example that ships with the project tells."""
    return flow.investigate([str(ATTACK)]).incident


@pytest.fixture
def case(tmp_path: Path, incident: Incident) -> Case:
    """A case that nobody sealed yet."""
    options = SealOptions("ringfence 1", "anna on pbx", "RF-1", key_file=str(tmp_path / "key"))
    return Case(tmp_path / "evidence", incident, options)


@pytest.fixture
def sealed(case: Case) -> Case:
    """The case with its first bag."""
    case.seal(add=add_messages)
    return case


def add_messages(data: Path) -> None:
    """What others write into the bag before it is sealed."""
    (data / "messages.csv").write_text("input,packet\n0,1\n")


@pytest.fixture(scope="session")
def _made_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    return Authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def authority(_made_authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """A time stamp authority that behaves, until a test says otherwise."""
    pytest.importorskip("rfc3161_client")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    _made_authority.status, _made_authority.octets = 200, None
    return _made_authority
