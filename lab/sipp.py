"""SIPp: the carrier, bulk callers, guessers from many addresses, floods."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.addresses import PBX, SIP_PORT, TRUNK
from lab.processes import Processes
from lab.tone import write_tone

_SCENARIOS: Final = Path(__file__).with_name("sipp").resolve()
# Where a line of the table names its source address (SIPp counts from 0).
_SOURCE_FIELD: Final = 4
_SOUND: Final = re.compile(r"<nop><action><exec rtp_stream=[^\n]*</nop>\n")


@dataclass(frozen=True, slots=True)
class Line:
    """One call of SIPp: who, with which password, whom, as which program, from where."""

    user: str
    password: str = ""
    number: str = ""
    user_agent: str = "sipp"
    source: str = ""

    def __str__(self) -> str:
        credentials = f"[authentication username={self.user} password={self.password}]"
        return f"{self.user};{credentials};{self.number};{self.user_agent};{self.source}"


@dataclass(frozen=True, slots=True)
class Bulk:
    """How a table of lines is played: which scenario, from where, how fast."""

    scenario: str
    host: str
    source: str = ""
    port: int = 5071
    rate: float = 10.0
    talk_ms: int = 0
    transport: str = "u1"
    server: str = PBX
    calls: int = 0
    # Speak while a call lasts (scenario `call`).
    sound: bool = False
    within_s: float = 20.0


async def start_trunk(processes: Processes, folder: Path) -> None:
    """The carrier's gateway, answering on the trunk's address until the end."""
    command = ["sipp", "-sf", str(_SCENARIOS / "trunk.xml"), "-i", TRUNK, "-p", str(SIP_PORT),
               "-rtp_echo", "-mi", TRUNK, "-mp", "16000", "-nostdin", "-nd",
               "-skip_rlimit"]  # fmt: skip
    await processes.start("carrier", "sipp-trunk", command, cwd=folder)


async def place(processes: Processes, folder: Path, bulk: Bulk, lines: Iterable[Line]) -> int:
    """Play `bulk` with one line a call; SIPp's exit status.

    Without a `source` each line's own address is used (one socket an address).
    """
    table = list(lines)
    name = f"{bulk.scenario}-{len(list(folder.glob('*.csv')))}"
    (folder / f"{name}.csv").write_text("SEQUENTIAL\n" + "".join(f"{ln}\n" for ln in table))
    script = (_SCENARIOS / f"{bulk.scenario}.xml").read_text()
    if bulk.sound:
        write_tone(folder / "tone.ulaw")
    else:
        script = _SOUND.sub("", script)
    if not bulk.source:
        script = script.replace("[local_ip]", f"[field{_SOURCE_FIELD}]")
    (folder / f"{name}.xml").write_text(script)
    server = f"[{bulk.server}]" if ":" in bulk.server else bulk.server
    command = ["sipp", f"{server}:{SIP_PORT}", "-sf", f"{name}.xml", "-inf", f"{name}.csv",
               "-m", str(bulk.calls or len(table)), *_options(bulk)]  # fmt: skip
    return await processes.run(
        bulk.host, f"sipp-{name}", command, within_s=bulk.within_s, cwd=folder
    )


def _options(bulk: Bulk) -> Sequence[str]:
    # SIPp starts calls once a period: ten times a second, or slower rates evenly.
    per_s = bulk.rate >= 1
    rate = ["-r", str(round(bulk.rate)) if per_s else "1"]
    period = ["-rp", "1000" if per_s else str(round(1000 / bulk.rate))]
    plain = ["-p", str(bulk.port), "-d", str(bulk.talk_ms), "-nostdin", "-skip_rlimit", "-nd"]
    if not bulk.source:
        return [*rate, *period, *plain, "-t", "ui", "-ip_field", str(_SOURCE_FIELD)]
    media = [] if ":" in bulk.source else ["-mi", bulk.source]
    return [*rate, *period, *plain, *media, "-i", bulk.source, "-t", bulk.transport]
