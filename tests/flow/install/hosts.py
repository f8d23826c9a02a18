"""Machines below a folder on which something can be installed, with programs that are recorded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.flow.install.installing import Wish, install
from ringfence.flow.install.uninstalling import uninstall
from ringfence.flow.machine import Machine
from tests.flow.machines import machine, network

if TYPE_CHECKING:
    import pytest

PROGRAM = "/opt/ringfence/bin/ringfence"
WISH = Wish(PROGRAM)
UNIT = "/etc/systemd/system/ringfence-guard.service"
DROP_IN = f"{UNIT}.d/machine.conf"
SETTINGS = "/etc/ringfence/settings.toml"
STORE = "/var/lib/ringfence/cases.db"
# Of a user that no machine has.
UID = 4_242_424
_RECORDS = '#!/bin/sh\necho "$(basename "$0") $*" >> "$RECORDED"\n'
_ADDS = f'echo "ringfence:x:{UID}:{UID}::/:/bin/false" >> "$MADE_UP/etc/{{table}}"\n'
ASTERISK = {
    "/etc/asterisk/logger.conf": "[logfiles]\nsecurity => security\n",
    "/var/log/asterisk/security": "",
}


class Host:
    """A machine with systemd; its systemctl, useradd and userdel write down what they are told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = folder / "root"
        (self.root / "run/systemd/system").mkdir(parents=True)
        (self.root / "etc").mkdir()
        (folder / "bin").mkdir()
        adds = _ADDS.format(table="passwd") + _ADDS.format(table="group")
        for name, more in (("systemctl", ""), ("useradd", adds), ("userdel", "")):
            self.program(folder, name, more)
        self._folder, self._recorded = folder, folder / "recorded"
        monkeypatch.setenv("RECORDED", str(self._recorded))
        monkeypatch.setenv("MADE_UP", str(self.root))
        monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
        self.lines: list[str] = []
        self.cleared: list[str] = []

    def program(self, folder: Path, name: str, more: str) -> None:
        path = folder / "bin" / name
        path.write_text(_RECORDS + more)
        path.chmod(0o755)

    def fails(self, name: str, says: str) -> None:
        self.program(self._folder, name, f"echo '{says}' >&2; exit 5\n")

    @property
    def machine(self) -> Machine:
        return Machine(self.root)

    def install(self, wish: Wish = WISH) -> list[str]:
        """What it says, and nothing of before."""
        self.lines.clear()
        install(self.machine, wish, self.lines.append)
        return self.lines

    def uninstall(self, *, purge: bool = False, is_packaged: bool = False) -> list[str]:
        self.lines.clear()
        uninstall(
            self.machine, self.lines.append, purge=purge, is_packaged=is_packaged,
            clear=self._clear, opened=lambda: "lockdown: open again",
            ended=lambda purge: "tunnel: down" if purge else "",
        )  # fmt: skip
        return self.lines

    def _clear(self, store: str) -> str:
        self.cleared.append(store)
        return "firewall: cleared"

    def recorded(self) -> list[str]:
        """What its programs were told since this was asked last."""
        if not self._recorded.exists():
            return []
        found = self._recorded.read_text().splitlines()
        self._recorded.unlink()
        return found

    def with_phone_system(self) -> None:
        machine(self.root, {**network("ens3"), **ASTERISK})

    def text(self, name: str) -> str:
        return (self.root / name.lstrip("/")).read_text()

    def files(self) -> list[str]:
        """All files and folders of ours."""
        return sorted(
            f"/{path.relative_to(self.root)}"
            for path in self.root.rglob("*")
            if "ringfence" in str(path.relative_to(self.root))
        )
