"""SIPp: the carrier, bulk callers, floods."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lab.addresses import PBX, SIP_PORT, TRUNK
from lab.processes import Processes

_SCENARIOS: Final = Path(__file__).with_name("sipp").resolve()


def scenario(name: str) -> str:
    """Path of one of our SIPp scenarios."""
    return str(_SCENARIOS / f"{name}.xml")


async def start_trunk(processes: Processes, folder: Path) -> None:
    """The carrier's gateway, answering on the trunk's address until the end."""
    command = ["sipp", "-sf", scenario("trunk"), "-i", TRUNK, "-p", str(SIP_PORT), "-rtp_echo",
               "-min_rtp_port", "16000", "-nostdin", "-nd", "-skip_rlimit"]  # fmt: skip
    await processes.start("carrier", "sipp-trunk", command, cwd=folder)


async def place(
    processes: Processes,
    folder: Path,
    host: str,
    name: str,
    lines: Sequence[str],
    options: Sequence[str],
    *,
    calls: int = 0,
    within_s: float = 20.0,
) -> int:
    """Run scenario `name` from `host` with one line of `lines` a call; SIPp's status."""
    table = folder / f"{name}-{len(list(folder.glob('*.csv')))}.csv"
    table.write_text("SEQUENTIAL\n" + "".join(f"{line}\n" for line in lines))
    command = ["sipp", f"{PBX}:{SIP_PORT}", "-sf", scenario(name), "-inf", str(table),
               "-m", str(calls or len(lines)), "-nostdin", "-skip_rlimit", *options]  # fmt: skip
    return await processes.run(host, f"sipp-{name}", command, within_s=within_s, cwd=folder)
