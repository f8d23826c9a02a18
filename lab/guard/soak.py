"""`python -m lab.guard.soak`: a guard under load for a long time, attacks coming and going.

How it works: thousands of phones register again and again through a real Kamailio (four
messages a time), the users of the other scenes register and call, and one attack after
another comes from an address of its own. Every two seconds a sample is taken: memory and
CPU of the guard's processes, what it says that it lost, how long its verdicts took. What
it should have seen is counted by the kernel beside it. Exit status: 0 nothing lost, memory
flat, no user hurt; 1 not so; 2 it cannot run.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from random import Random
from statistics import linear_regression
from typing import Any, Final

from lab import forge, sipp
from lab.__main__ import end_well_when_asked, require
from lab.accounts import ACCOUNTS, Account
from lab.addresses import SPREAD, Host
from lab.clock import Clock
from lab.guard.protectors import Ground, Ringfence
from lab.guard.users import Users
from lab.kamailio import Manners, start_pbx
from lab.namespaces import LabError, World, remove_abandoned
from lab.processes import Processes
from lab.scenarios.floods import invented
from lab.sipp import start_trunk
from lab.stage import Stage

PHONES: Final = 2000
_CROWD: Final = Host("crowd", "internet", ("203.0.113.200/24",))
_NETWORK: Final = "198.18.8.0/21"
_FIRST_USER: Final = 10_000
_MESSAGES_A_CALL: Final = 4
# Power is back somewhere: phones that nobody knows yet come in slowly enough for everybody.
_RAMP_S, _RAMP_RATE = 10.0, 220
_SAMPLE_EVERY_S: Final = 2.0
_PAUSE_S: Final = 6.0
_END_S: Final = 3.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
# Memory is flat when it grew less than this in the second half of the run.
FLAT_SHARE, FLAT_OCTETS = 0.02, 4 << 20
_KINDS: Final = ("guessing", "names", "flood", "invented", "hunt")
# All SIP that crosses the PBX's interface, before anything is dropped.
_COUNT: Final = """table netdev counted {
  counter sip {}
  chain in {
    type filter hook ingress device "eth0" priority -600;
    udp dport 5060 counter name sip
  }
  chain out {
    type filter hook egress device "eth0" priority -600;
    udp sport 5060 counter name sip
  }
}
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """The guard at one moment."""

    at_s: float  # since the load began
    rss: int  # octets, of the guard and its warden
    children_rss: int  # of what they started: nft, the investigation of a case
    cpu_s: float
    messages: int  # that it saw, by itself
    counted: int  # that crossed the interface
    lost: int
    pbx_dropped: int  # datagrams for which the phone system had no room: it is too slow
    cut: dict[str, int]  # packets that its rates dropped: of all strangers, of each
    median_s: float
    worst_s: float
    attack: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a soak."""

    seconds: float
    messages: int
    a_second: float
    lost: int  # it says
    unseen: int  # counted by the kernel and not by it
    rss_first: int
    rss_last: int
    grown: float  # octets in the second half, by a line through its samples
    cpu_share: float  # of one core
    median_s: float
    worst_s: float
    attacks: int
    pbx_dropped: int
    wishes: int
    hurts: int

    @property
    def is_flat(self) -> bool:
        """Whether memory stayed where it was."""
        return self.grown < max(FLAT_OCTETS, FLAT_SHARE * self.rss_last)

    @property
    def is_well(self) -> bool:
        """Whether all that is asked of a guard held."""
        return self.is_flat and not (self.lost or self.hurts) and self.unseen <= 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status as the module says."""
    asked = _parse(arguments)
    try:
        require()
        remove_abandoned()
        with World(str(os.getpid())) as world:
            verdict = asyncio.run(_soak(world, asked.minutes * 60, asked.rate, asked.out.resolve()))
    except LabError as error:
        print(f"lab.guard.soak: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("lab.guard.soak: stopped, everything removed", file=sys.stderr)
        return 2
    print(told(verdict))
    return 0 if verdict.is_well else 1


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab.guard.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=int, default=5000, help="SIP messages a second")
    parser.add_argument("--out", type=Path, default=Path("build/lab-guard"))
    return parser.parse_args(arguments)


async def _soak(world: World, seconds: float, rate: int, out: Path) -> Verdict:
    end_well_when_asked()
    folder = out / "run" / f"soak-{int(time.time())}"
    folder.mkdir(parents=True)
    world.add_crowd(_CROWD, _NETWORK)
    processes = Processes(world, folder)
    ground = Ground(world, processes, folder, folder / "asterisk.log", folder / "kamailio.log")
    guard = Ringfence()
    try:
        # It tells nothing: who wrote it all down would take from the phones' share of this machine.
        pbx = await start_pbx(
            world, processes, folder, Manners(), accounts=(*ACCOUNTS, *_crowd_accounts())
        )
        await start_trunk(processes, folder)
        await guard.start(ground)
        rng = Random("soak")
        stage = Stage(world, processes, folder, Clock(datetime.now(UTC)), rng, pbx)
        users = Users(stage, rng)
        try:
            return await _load(stage, users, guard, seconds, rate)
        finally:
            await users.stop()
            await asyncio.gather(*(phone.close() for phone in stage.phones))
    finally:
        await processes.stop_all()


async def _load(stage: Stage, users: Users, guard: Ringfence, seconds: float, rate: int) -> Verdict:
    await users.open()
    await _crowd(stage, _RAMP_RATE, _RAMP_S)
    attacks = _Attacks(stage)
    sampler = _Sampler(stage, guard, attacks)
    users.work()
    await asyncio.sleep(_END_S)
    sampler.begin()
    going = asyncio.create_task(attacks.go_on())
    sampling = asyncio.create_task(sampler.go_on())
    try:
        await _crowd(stage, rate / _MESSAGES_A_CALL, seconds)
    finally:
        for task in (going, sampling):
            task.cancel()
        ended = await asyncio.gather(going, sampling, return_exceptions=True)
    for fault in ended:
        if isinstance(fault, Exception):
            raise LabError(f"the soak broke off: {fault!r}") from fault
    await users.stop()
    await asyncio.sleep(_END_S)
    sampler.take()
    (stage.folder / "samples.json").write_text(
        json.dumps([asdict(one) for one in sampler.samples], indent=1) + "\n"
    )
    for hurt in users.hurts[:20]:
        at_s = hurt.at - time.time() + time.monotonic() - sampler.began
        print(f"{at_s:.0f} s: {hurt.user} wanted {hurt.wanted}: {hurt.status or 'no answer'}")
    return judge(sampler.samples, attacks.done, users.done, len(users.hurts))


async def _crowd(stage: Stage, calls_s: float, seconds: float) -> None:
    """Everybody of the crowd registers in turn."""
    lines = [
        sipp.Line(one.user, one.password, user_agent="Yealink SIP-T46S 66.86.0.15",
                  source=_address(number))
        for number, one in enumerate(_crowd_accounts())
    ]  # fmt: skip
    bulk = sipp.Bulk(
        "guess", "crowd", rate=calls_s, calls=int(calls_s * seconds), within_s=seconds + 30
    )
    await sipp.place(stage.processes, stage.folder, bulk, lines)


def _crowd_accounts() -> list[Account]:
    return [Account(str(_FIRST_USER + n), f"crowd-{n * 7919}", f"Phone {n}") for n in range(PHONES)]


def _address(number: int) -> str:
    return f"198.18.{8 + (number + 1) // 256}.{(number + 1) % 256}"


class _Attacks:
    """One attack after another, each from the next address, with a pause between."""

    def __init__(self, stage: Stage) -> None:
        self.now, self.done = "", 0
        self._stage = stage

    async def go_on(self) -> None:
        for name, source in zip(cycle(_KINDS), cycle(SPREAD), strict=False):
            self.now = name
            await self._attack(name, source)
            self.now, self.done = "", self.done + 1
            await asyncio.sleep(_PAUSE_S)

    async def _attack(self, name: str, source: str) -> None:
        stage, users = self._stage, range(100, 400)
        match name:
            case "guessing":
                bulk = sipp.Bulk("guess", "internet", source, rate=100)
                lines = [sipp.Line("214", str(n), user_agent="Zoiper rv2.10.3.2") for n in users]
            case "names":
                bulk = sipp.Bulk("register", "internet", source, rate=60)
                lines = [sipp.Line(str(n), user_agent="eyeBeam release 3006o") for n in users]
            case "flood":
                bulk = sipp.Bulk("flood", "internet", source, rate=300, calls=1200)
                lines = [sipp.Line("100", "", "201", "friendly-scanner")]
            case "hunt":
                bulk = sipp.Bulk("invite", "internet", source, rate=15)
                lines = [sipp.Line("100", "", f"{n}449098790122", "sipcli/v1.8") for n in users][
                    :60
                ]
            case _:
                # Always the same senders: what is asked is whether memory leaks, not how large
                # the table of all senders is when it is full.
                forged = invented(stage.rng, 2000, Random("senders"))
                await forge.send(stage.world, "internet", forged, per_s=400)
                return
        await sipp.place(stage.processes, stage.folder, bulk, lines)


class _Sampler:
    """The guard's figures, every now and then."""

    def __init__(self, stage: Stage, guard: Ringfence, attacks: _Attacks) -> None:
        assert guard.process is not None
        self.samples: list[Sample] = []
        self._world = stage.world
        self._namespace = stage.world.namespace("pbx")
        self._group, self._attacks = guard.process.pid, attacks
        self._status = stage.folder / "run" / "status.json"
        self.began = 0.0
        self._nft("-f", "-", text=_COUNT)

    def begin(self) -> None:
        """The load begins now."""
        self.began = time.monotonic()
        self.take()

    async def go_on(self) -> None:
        while True:
            await asyncio.sleep(_SAMPLE_EVERY_S)
            self.take()
            self._tell(self.samples[-1])

    def take(self) -> None:
        """One sample."""
        said: dict[str, Any] = json.loads(self._status.read_text())
        rss, children_rss, cpu_s = used(self._group)
        self.samples.append(
            Sample(
                at_s=round(time.monotonic() - self.began, 2),
                rss=rss,
                children_rss=children_rss,
                cpu_s=cpu_s,
                messages=said["messages"],
                counted=self._counted(),
                lost=said["lost"],
                pbx_dropped=self._pbx_dropped(),
                cut=self._cut(),
                median_s=said["latency_median_s"],
                worst_s=said["latency_worst_s"],
                attack=self._attacks.now,
            )
        )

    def _tell(self, one: Sample) -> None:
        if len(self.samples) % 15 == 0:
            print(
                f"{one.at_s:7.0f} s  {one.rss >> 20:5} MiB  cpu {one.cpu_s:7.1f} s  "
                f"{one.messages:10,} seen  {one.lost} lost  {one.cut}  {one.attack}",
                flush=True,
            )

    def _counted(self) -> int:
        listed = json.loads(self._nft("-j", "list", "counter", "netdev", "counted", "sip"))
        return int(
            next(one["counter"]["packets"] for one in listed["nftables"] if "counter" in one)
        )

    def _pbx_dropped(self) -> int:
        """Of the sockets at port 5060, as the kernel counts (proc(5), net/udp: the last column)."""
        with self._world.entered("pbx"):
            lines = Path("/proc/thread-self/net/udp").read_text().splitlines()[1:]
        return sum(int(line.split()[-1]) for line in lines if ":13C4 " in line)

    def _cut(self) -> dict[str, int]:
        listed = json.loads(self._nft("-j", "list", "counters"))
        found = [one["counter"] for one in listed["nftables"] if "counter" in one]
        return {f"{one['family']} {one['name']}": int(one["packets"]) for one in found
                if one["table"] == "ringfence" and one["packets"]}  # fmt: skip

    def _nft(self, *arguments: str, text: str = "") -> str:
        done = subprocess.run(
            ["ip", "netns", "exec", self._namespace, "nft", *arguments],
            input=text, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise LabError(f"nft: {done.stderr.strip()}")
        return done.stdout


def used(group: int) -> tuple[int, int, float]:
    """Resident octets of a guard and its warden, of what they started, and CPU seconds of all."""
    rss, children, ticks = 0, 0, 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            command = (stat.parent / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it ended meanwhile
        if int(fields[2]) == group:
            octets = int(fields[21]) * _PAGE
            rss += octets if b"guard" in command else 0
            children += 0 if b"guard" in command else octets
            ticks += int(fields[11]) + int(fields[12])
    return rss, children, ticks / _TICKS


def judge(samples: Sequence[Sample], attacks: int, wishes: int, hurts: int) -> Verdict:
    """What a run's samples say. The first was taken before the load, the last after it."""
    first, last = samples[0], samples[-1]
    half = list(islice(samples, len(samples) // 2, len(samples)))
    slope = 0.0
    if len(half) > 1:
        slope = linear_regression(
            [one.at_s for one in half], [float(one.rss) for one in half]
        ).slope
    seconds = last.at_s - first.at_s
    messages = last.messages - first.messages
    return Verdict(
        seconds=round(seconds, 1),
        messages=messages,
        a_second=round(messages / max(seconds, 1.0), 1),
        lost=last.lost - first.lost,
        unseen=(last.counted - first.counted) - messages,
        rss_first=first.rss,
        rss_last=last.rss,
        grown=round(slope * (half[-1].at_s - half[0].at_s)),
        cpu_share=round((last.cpu_s - first.cpu_s) / max(seconds, 1.0), 3),
        median_s=last.median_s,
        worst_s=last.worst_s,
        attacks=attacks,
        pbx_dropped=last.pbx_dropped - first.pbx_dropped,
        wishes=wishes,
        hurts=hurts,
    )


def told(verdict: Verdict) -> str:
    """A verdict in words."""
    memory = "flat" if verdict.is_flat else "NOT FLAT"
    return (
        f"{verdict.seconds:,.0f} s, {verdict.messages:,} messages ({verdict.a_second:,.0f}/s),"
        f" {verdict.attacks} attacks\n"
        f"lost: {verdict.lost:,} by its own count; {verdict.unseen:,} crossed unseen\n"
        f"memory: {verdict.rss_first >> 20} MiB before, {verdict.rss_last >> 20} MiB after,"
        f" {verdict.grown / 2**20:+.1f} MiB in the second half: {memory}\n"
        f"CPU: {verdict.cpu_share:.0%} of a core; verdict to rule: median"
        f" {verdict.median_s * 1000:.0f} ms, 99 in 100 within {verdict.worst_s * 1000:.0f} ms\n"
        f"users: {verdict.wishes:,} wishes, {verdict.hurts} not granted; the phone system itself"
        f" had no room for {verdict.pbx_dropped:,} requests\n"
        f"{'well' if verdict.is_well else 'NOT WELL'}"
    )


if __name__ == "__main__":
    sys.exit(main())
