"""One scenario played: the PBX, the carrier and the capture up, then what happens."""

import asyncio
import hashlib
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import Final

from lab import pcapfile, truth
from lab.accounts import account
from lab.addresses import PBX, PBX6, TRUNK, TRUNK_INBOUND, office_phone
from lab.capture import Capture
from lab.clock import Clock
from lab.deskphone import DeskPhone
from lab.endpoint import Where
from lab.kamailio import Manners, start_pbx
from lab.labels import Label, Source
from lab.makes import DESK, Make
from lab.namespaces import World
from lab.processes import Processes
from lab.sipp import start_trunk

_MEDIA_PORTS: Final = range(30000, 31001)
_SERVERS: Final = tuple(ip_address(server).packed for server in (PBX, PBX6))


@dataclass(frozen=True, slots=True)
class Thinning:
    """Sound kept in the written capture: one packet in `keep`, `cut` octets of it."""

    keep: int = 10
    cut: int = 262144


@dataclass(frozen=True, slots=True)
class Scenario:
    """One entry of the lab: what is played and how it is written down."""

    name: str
    about: str
    play: Callable[["Stage"], Awaitable[None]]
    begins: str = "2026-10-05T08:30:00+00:00"
    manners: Manners = field(default_factory=Manners)
    # (over_s, factor): pauses longer than over_s are written factor times as long.
    gaps: tuple[float, float] | None = None
    thinning: Thinning = field(default_factory=Thinning)
    # Host and interface that the capture is taken on.
    vantage: tuple[str, str] = ("pbx", "eth0")
    within_s: float = 60.0
    # Name in examples/ for the ones that ship with the project.
    example: str = ""


@dataclass(slots=True)
class Stage:
    """What a scenario has at hand while it plays."""

    world: World
    processes: Processes
    folder: Path
    clock: Clock
    rng: Random
    pbx: asyncio.subprocess.Process
    sources: list[Source] = field(default_factory=list)
    phones: list[DeskPhone] = field(default_factory=list)

    def declare(self, address: str, role: str, what: str, **facts: object) -> None:
        """Label a source; see labels.Source for what can be said."""
        self.sources.append(Source(address, role, what, **facts))  # type: ignore[arg-type]

    async def phone(
        self,
        number: int,
        *,
        make: Make | None = None,
        tcp: bool = False,
        what: str = "",
        label: bool = True,
    ) -> DeskPhone:
        """Head-office phone `number`, plugged in: extension 201 + number, make in turn."""
        where = Where("office", office_phone(number), 0 if tcp else 5060, tcp)
        chosen = make or DESK[number % len(DESK)]
        user = str(201 + number)
        if label:
            self.declare(where.address, "innocent", what or f"desk phone ({chosen.name})",
                         accounts=(user,))  # fmt: skip
        return await self.plug_in(where, user, chosen)

    async def plug_in(self, where: Where, user: str, make: Make) -> DeskPhone:
        """Any phone anywhere, unplugged when the scenario ends."""
        phone = DeskPhone(self.world, where, account(user), make)
        await phone.open()
        self.phones.append(phone)
        return phone


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scenario: its files, and what is wrong with its label."""

    scenario: str
    capture: Path
    label: Path
    packets: int
    octets: int
    wrong: Sequence[str]


async def play(world: World, scenario: Scenario, out: Path) -> Outcome:
    """Play one scenario and write its capture and label into `out`."""
    folder = out / "run" / scenario.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    processes = Processes(world, folder)
    raw = Capture(folder / "raw.pcap", *scenario.vantage)
    try:
        pbx = await start_pbx(world, processes, folder, scenario.manners)
        await start_trunk(processes, folder)
        await raw.start(processes)
        clock = Clock(datetime.fromisoformat(scenario.begins))
        stage = Stage(world, processes, folder, clock, Random(scenario.name), pbx)
        stage.declare(PBX, "server", "the PBX (Kamailio)")
        try:
            await asyncio.wait_for(scenario.play(stage), scenario.within_s)
        finally:
            await asyncio.gather(*(phone.close() for phone in stage.phones))
        await raw.stop()
    finally:
        await processes.stop_all()
    return _write_down(scenario, stage, raw.path, out)


def _write_down(scenario: Scenario, stage: Stage, raw: Path, out: Path) -> Outcome:
    """The capture moved and thinned, and the label that was checked against it."""
    capture, label = out / f"{scenario.name}.pcap", out / f"{scenario.name}.json"
    packets = pcapfile.moved(pcapfile.read(raw), stage.clock.written)
    if scenario.gaps is not None:
        packets = pcapfile.stretched_gaps(packets, *scenario.gaps, _SERVERS)
    kept = pcapfile.thinned(packets, _MEDIA_PORTS, scenario.thinning.keep, scenario.thinning.cut)
    count = pcapfile.write(capture, kept, pcapfile.link_type(raw))
    seen = truth.observe(capture, (PBX, PBX6))
    sources = _with_carrier(stage.sources, seen)
    document = Label(
        scenario=scenario.name,
        about=scenario.about,
        capture=capture.name,
        sha256=hashlib.sha256(capture.read_bytes()).hexdigest(),
        server=f"Kamailio, {_manners(scenario.manners)}",
        vantage=" ".join(scenario.vantage),
        altered=_alterations(scenario, stage, sound=any(one.sounds for one in seen.values())),
        defended=tuple(s.address for s in sources if s.role == "server"),
        sources=tuple(truth.completed(source, seen) for source in sources),
    )
    document.write(label)
    wrong = truth.disagreements(document.sources, seen)
    return Outcome(scenario.name, capture, label, count, capture.stat().st_size, wrong)


def _with_carrier(sources: Sequence[Source], seen: dict[str, truth.Seen]) -> list[Source]:
    """The declared sources, and the carrier's gateways when they took part undeclared."""
    every = list(sources)
    declared = {source.address for source in sources}
    for address, what in ((TRUNK, "the carrier's gateway"), (TRUNK_INBOUND, "calls from outside")):
        if address in seen and address not in declared:
            every.append(Source(address, "trunk", what))
    if PBX6 in seen and PBX not in seen:
        every = [replace(s, address=PBX6) if s.address == PBX else s for s in every]
    elif PBX6 in seen:
        every.append(Source(PBX6, "server", "the PBX (Kamailio), its IPv6 address"))
    return every


def _manners(manners: Manners) -> str:
    parts = [
        "answers 404 for unknown users" if manners.leaky else "answers alike for unknown users",
        "403 for wrong passwords" if manners.forbids else "a new challenge for wrong passwords",
    ]
    return ", ".join(parts)


def _alterations(scenario: Scenario, stage: Stage, *, sound: bool) -> tuple[str, ...]:
    said = []
    if stage.clock.changed or scenario.gaps is not None:
        said.append("time was stretched: seconds of the run are written as minutes or hours")
    if sound and scenario.thinning.keep > 1:
        said.append(f"of the sound (RTP) one packet in {scenario.thinning.keep} is kept")
    if sound and scenario.thinning.cut < 1500:
        said.append(f"sound packets are cut to {scenario.thinning.cut} octets")
    return tuple(said)


def ship(outcome: Outcome, name: str, examples: Path) -> None:
    """Copy a capture and its label into `examples` as `name`.pcap and `name`.json."""
    examples.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(outcome.capture, examples / f"{name}.pcap")
    text = outcome.label.read_text()
    text = text.replace(f'"capture": "{outcome.capture.name}"', f'"capture": "{name}.pcap"', 1)
    (examples / f"{name}.json").write_text(text)
