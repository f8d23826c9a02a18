"""Cases of the guard: the minute before the verdict, the minute after, and what they amount to.

How it works: a verdict opens an *episode*. What was kept from before it is written at once,
so that whoever kills the guard then takes no evidence away; a minute later the rest is, and
both are investigated in a process of their own, like captures of anybody. Verdicts within
that minute belong to the same episode. What a guard that died had written, the next one
investigates.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ringfence.evidence.cut import Cut
from ringfence.evidence.rolling import RollingBuffer
from ringfence.flow.drill.record import said_of_case
from ringfence.flow.guard.worker import Worker
from ringfence.flow.prelude import save_cut
from ringfence.model.endpoint import Address
from ringfence.model.guarding import Guarding
from ringfence.model.text import shown

CAPTURES = "captures"
_PARTS = ("before", "after")
# Cases that may be opened in an hour; a break-in has a budget of its own. What had none is
# said, and its packets are in the next case of the same attack.
MAX_AN_HOUR, MAX_LOUD_AN_HOUR = 12, 20
# The same attack opens another case after this time at the earliest.
AGAIN_S = 3600.0
# A cut of everything has so many packets at most: to write more takes the time in which
# others attack. Where there is more, it is what the accused sent and got.
MAX_WHOLE = 20_000
# Below this much room on the disk nothing is written.
LEAST_FREE = 256 * 1024 * 1024
# How often that is looked at: whoever must make room shall hear of it before he is attacked.
_ROOM_EVERY_S = 60.0
# An investigation may take so long; its captures stay in any case.
TIMEOUT_S = 900.0
MAX_KEYS = 4096
_NICE = 10
_FAILED = 2  # exit status of `ringfence investigate`


@dataclass(frozen=True, slots=True)
class Filed:
    """An episode was investigated: a case, or nothing that makes one."""

    case_id: str  # "": nobody is accused
    addresses: tuple[str, ...]
    folder: str
    name: str = ""  # of the episode


@dataclass(slots=True)
class _Episode:
    """From the first verdict to the end of what is kept after it."""

    name: str
    key: str  # of the attack
    at_ns: int  # of the clock of the buffer
    addresses: dict[str, None] = field(default_factory=dict)


class Clerk:
    """Writes and investigates, a thread each: what is kept waits for no investigation.

    The caller's thread cuts the buffer.
    """

    def __init__(
        self,
        wanted: Guarding,
        buffer: RollingBuffer,
        trouble: Callable[[str], None],
        command: Sequence[str] = (sys.executable, "-P", "-m", "ringfence"),
    ) -> None:
        self._wanted, self._buffer, self._trouble = wanted, buffer, trouble
        self._command = tuple(command)
        self._folder = Path(wanted.folder)
        self._captures = self._folder / CAPTURES
        self._writer = Worker("captures", self._failed)
        self._worker = Worker("cases", self._failed)
        self._open: _Episode | None = None
        self._opened: dict[str, float] = {}  # attack -> when its last case was opened
        self._keys: dict[str, str] = {}  # attacks of episodes that are investigated
        self._times: dict[bool, list[float]] = {False: [], True: []}
        self.servers: Sequence[Address] = ()  # ours, as they were found
        self._room_looked_at = -_ROOM_EVERY_S
        self._is_short = False  # of room on the disk
        self.left_out = 0  # verdicts for which no case was opened

    @property
    def is_alive(self) -> bool:
        """Whether cases would be written."""
        return self._writer.is_alive and self._worker.is_alive

    def verdict(self, key: str, address: str, now_ns: int, *, loud: bool) -> None:
        """There is a verdict about this address, which belongs to this attack."""
        if self._open is not None:
            self._buffer.hold(address, now_ns)
            self._open.addresses[address] = None
            return
        if not self._may(key, loud=loud):
            self.left_out += 1
            return
        self._buffer.hold(address, now_ns)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(2).hex()}"
        self._open = _Episode(name, key, now_ns, {address: None})
        cut = self._buffer.cut(self._whose(), now_ns, after_s=0)
        self._writer.put(lambda: self._write(cut, f"{name}-before"))

    def tick(self, now_ns: int) -> None:
        """Write the rest of an episode whose time has come; see to the room on the disk."""
        now = time.monotonic()
        if now - self._room_looked_at >= _ROOM_EVERY_S:
            self._room_looked_at = now
            self._writer.put(self._see_to_room)
        episode = self._open
        if episode is not None and now_ns >= episode.at_ns + self._buffer.after_ns:
            self._close_episode(episode)

    def results(self) -> list[Filed]:
        """Investigations that ended since it was asked last."""
        found = []
        while self._worker.done:
            result = self._worker.done.popleft()
            if not isinstance(result, Filed):
                continue
            found.append(result)
            key = self._keys.pop(result.name, "")
            if not result.case_id:  # the next verdict about this attack may say more
                self._opened.pop(key, None)
        return found

    def recover(self) -> int:
        """Investigate what an earlier guard had written and did not come to; how many."""
        if not self._captures.is_dir():
            return 0
        found = {
            path.name.removesuffix(f"-{part}.pcapng")
            for part in _PARTS
            for path in self._captures.glob(f"*-{part}.pcapng")
        }
        names = sorted(name for name in found if not self._result(name).exists())
        for name in names:
            self._worker.put(partial(self._investigate, name))
        return len(names)

    def close(self, timeout_s: float) -> None:
        """Write what there is of an open episode; the next guard investigates what is left."""
        if self._open is not None:
            self._close_episode(self._open)
        ends = time.monotonic() + timeout_s
        self._writer.close(timeout_s)
        self._worker.close(max(0.0, ends - time.monotonic()))

    def _close_episode(self, episode: _Episode) -> None:
        cut = self._buffer.cut(self._whose(), episode.at_ns + 1, before_s=0)
        self._buffer.release(episode.addresses)
        self._open = None
        self._keys[episode.name] = episode.key
        self._writer.put(lambda: self._end(cut, episode.name))

    def _whose(self) -> tuple[str, ...]:
        """Whose packets a cut holds; nobody's name: everybody's."""
        if self._open is None or self._buffer.filled().packets <= MAX_WHOLE:
            return ()
        return tuple(self._open.addresses)

    def _may(self, key: str, *, loud: bool) -> bool:
        """Whether this verdict opens an episode: few an hour, seldom of the same attack."""
        now = time.monotonic()
        times = self._times[loud] = [at for at in self._times[loud] if now - at < 3600.0]
        before = self._opened.get(key)
        is_again = before is not None and now - before < AGAIN_S
        if len(times) >= (MAX_LOUD_AN_HOUR if loud else MAX_AN_HOUR) or (is_again and not loud):
            return False
        times.append(now)
        self._opened.pop(key, None)
        if len(self._opened) >= MAX_KEYS:
            del self._opened[next(iter(self._opened))]
        self._opened[key] = now
        return True

    # ------------------------------------------------------------ in the threads

    def _end(self, cut: Cut, name: str) -> None:
        """The last of an episode, and its investigation: of what there is, if need be."""
        try:
            self._write(cut, f"{name}-after")
        finally:
            self._worker.put(lambda: self._investigate(name))

    def _write(self, cut: Cut, name: str) -> None:
        if not len(cut):
            return
        self._see_to_room()
        save_cut(cut, self._captures / f"{name}.pcapng", "kept by ringfence guard")

    def _see_to_room(self) -> None:
        """Raises OSError where nothing may be written."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(self._folder).free
        was_short, self._is_short = self._is_short, free < LEAST_FREE
        if self._is_short:
            raise OSError(
                f"{shown(str(self._folder))}: {free // 1_000_000:,} MB are free, and "
                f"{LEAST_FREE // 1_000_000:,} are needed: packets of a verdict are not kept; "
                "make room"
            )
        if was_short:
            self._trouble("")

    def _investigate(self, name: str) -> Filed | None:
        """The packets of an episode, investigated. Raises OSError, ValueError."""
        parts = [self._captures / f"{name}-{part}.pcapng" for part in _PARTS]
        captures = [str(part) for part in parts if part.exists()]
        if not captures:
            return None
        filed = self._ask(name, captures)
        if not filed.case_id and len(captures) > 1:
            # Who is blocked knocks in vain, and what he does in vain says less about him: the
            # verdict rests on what he did before it.
            filed = self._ask(name, captures[:1])
        self._note_drill(filed)
        return replace(filed, name=name)

    def _note_drill(self, filed: Filed) -> None:
        """A case of the owner's own drill says so in its journal."""
        said = said_of_case(Path(self._wanted.run), filed.addresses) if filed.case_id else ""
        if not said:
            return
        from ringfence.flow.casebook import Casebook, CaseError, StoreError

        try:
            with Casebook(self._wanted.store) as book:
                book.note(filed.case_id, said)
        except (CaseError, StoreError) as error:
            self._trouble(f"case {filed.case_id}: {error}")

    def _ask(self, name: str, captures: Sequence[str]) -> Filed:
        result = self._result(name)
        # Of this process: what a guard that was killed had begun may still be at work.
        part = result.with_name(f".{name}.{os.getpid()}.part")
        part.unlink(missing_ok=True)
        asked = [*self._command, "investigate", *captures, "--quiet", "--json", str(part)]
        servers = self._wanted.servers or self.servers
        asked += ["--store", self._wanted.store, *_owner(self._wanted, servers)]
        status, said = _run(asked, self._folder)
        if not part.exists():
            raise OSError(
                f"{shown(captures[0])} is kept, and could not be investigated: {shown(said)}; "
                f"try `ringfence investigate {shown(' '.join(captures))}`"
            )
        filed = _filed(part.read_bytes(), self._folder)
        part.rename(result)
        if status == _FAILED:
            self._trouble(f"case {filed.case_id}: {shown(said)}")
        else:
            self._trouble("")
        return filed

    def _result(self, name: str) -> Path:
        return self._captures / f"{name}.json"

    def _failed(self, _name: str, error: Exception) -> None:
        self._trouble(str(error))


def _filed(octets: bytes, folder: Path) -> Filed:
    """Which case it is, and who is accused in it."""
    import msgspec

    from ringfence.flow.casebook import name_case
    from ringfence.model.incident import Incident

    incident = msgspec.json.decode(octets, type=Incident)
    attackers = tuple(s.address for s in incident.suspects if s.verdict == "attacker")
    case_id = name_case(incident) if attackers else ""
    return Filed(case_id, attackers, str(folder / f"ringfence-{case_id}") if case_id else "")


def _owner(wanted: Guarding, servers: Sequence[Address]) -> Iterable[str]:
    for option, addresses in (
        ("--pbx", servers), ("--trunk", wanted.trunks), ("--known", wanted.known)
    ):  # fmt: skip
        for address in addresses:
            yield from (option, str(address))


def _run(command: Sequence[str], folder: Path) -> tuple[int, str]:
    """Its exit status, and the end of what it said. Raises OSError."""
    with subprocess.Popen(  # noqa: S603  an argument list, no shell
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)  # phones ring meanwhile
        try:
            _, said = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise OSError(f"the investigation took more than {TIMEOUT_S:.0f} s") from error
    return process.returncode, said.decode("utf-8", "replace").strip()[-300:]
