"""baresip: a real softphone, configured from here."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.addresses import PBX
from lab.namespaces import LabError
from lab.processes import Processes

_CONFIG: Final = """poll_method {poll}
sip_listen {address}:{port}
net_interface eth0
rtp_ports 11000-11040
audio_player aubridge,nil
audio_source ausine,440
audio_alert aubridge,nil
module_path {modules}
module g711.so
module ausine.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""
_MODULES: Final = "/usr/lib/baresip/modules"


@dataclass(frozen=True, slots=True)
class Softphone:
    """One baresip: where it runs and what it registers as."""

    host: str
    address: str
    user: str
    password: str
    port: int = 5060
    expires_s: int = 600
    transport: str = "udp"
    server: str = PBX


async def start(
    processes: Processes, folder: Path, phone: Softphone, *, faster: int = 1
) -> asyncio.subprocess.Process:
    """Baresip running; with `faster`, its own clock runs that many times as fast."""
    if shutil.which("baresip") is None:
        raise LabError("baresip is missing: see lab/packages.txt")
    home = folder / f"baresip-{phone.user}-{phone.address}"
    home.mkdir(exist_ok=True)
    server = f"[{phone.server}]" if ":" in phone.server else phone.server
    local = f"[{phone.address}]" if ":" in phone.address else phone.address
    # faketime speeds up select() but not epoll_wait().
    poll = "select" if faster > 1 else "epoll"
    (home / "config").write_text(
        _CONFIG.format(poll=poll, address=local, port=phone.port, modules=_MODULES)
    )
    (home / "accounts").write_text(
        f"<sip:{phone.user}@{server};transport={phone.transport}>;auth_user={phone.user};"
        f"auth_pass={phone.password};regint={phone.expires_s};answermode=auto\n"
    )
    (home / "contacts").write_text("")
    command = ["baresip", "-f", str(home)]
    if faster > 1:
        if shutil.which("faketime") is None:
            raise LabError("faketime is missing: see lab/packages.txt")
        command = ["faketime", "-f", f"+0 x{faster}", *command]
    return await processes.start(phone.host, f"baresip-{phone.user}", command)
