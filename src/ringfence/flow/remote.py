"""Remote users: peers added, listed, revoked; the tunnel up, down, and looked at.

    register ──▶ keys, addresses ──▶ files for the user
        └──────▶ rules, interface of this machine

The register says who may come in; the interface is made to say the same. Who is revoked is
taken out of the register first and out of the kernel at once: whatever fails after that, a
restart does not let him in again.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ringfence.flow.install.units import unit
from ringfence.flow.machine import Machine
from ringfence.model.remote import (
    INTERFACE,
    PORT,
    SIP_PORTS,
    Peer,
    RemoteError,
    Role,
    Standing,
    Traffic,
    Tunnel,
    Written,
    is_host,
)
from ringfence.remote import qr
from ringfence.remote.addresses import (
    check_free,
    choose_lan,
    choose_network,
    choose_network6,
    is_over,
    next_addresses,
)
from ringfence.remote.command import CommandError, Commands
from ringfence.remote.hints import user_sheet
from ringfence.remote.keys import new_pair, new_preshared, public_of
from ringfence.remote.register import Keys, Register, RegisterFiles, write_secret
from ringfence.remote.site import Wish, archive
from ringfence.remote.tunnel_rules import TunnelRules
from ringfence.remote.wireguard import Wireguard, server_settings, user_settings

__all__ = ["FOLDER", "UNIT", "RemoteAccess", "Wish"]

FOLDER = Path("/etc/ringfence/remote")
UNIT = "ringfence-remote.service"
# What phone systems use unless they are told otherwise; who runs first in this list decides.
_MEDIA = (
    (("rtpengine",), (30_000, 40_000)),
    (("asterisk",), (10_000, 20_000)),
    (("freeswitch",), (16_384, 32_768)),
    (("3CXPhoneSystem", "3CXMediaServer"), (9_000, 10_999)),
)
_ASTERISK = re.compile(r"^\s*(rtpstart|rtpend)\s*=\s*(\d{1,5})", re.MULTILINE)
_USUAL = (10_000, 20_000)


class RemoteAccess:
    """The tunnel of this machine. Every method raises RemoteError."""

    def __init__(
        self,
        folder: Path = FOLDER,
        commands: Commands | None = None,
        machine: Machine | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._files, self._commands = RegisterFiles(folder), commands or Commands()
        self._machine, self._now = machine or Machine(), now

    def begin(
        self,
        endpoint: str = "",
        *,
        port: int = PORT,
        network: str = "",
        media: tuple[int, int] | None = None,
        sip_ports: Sequence[int] = SIP_PORTS,
        interface: str = INTERFACE,
    ) -> Tunnel:
        """The tunnel's own side: keys, networks; what was there before stays."""
        with self._files.locked():
            found = self._files.read()
            if found is not None:
                raise RemoteError(
                    f"the tunnel is there already ({found.tunnel.where}): begin anew with "
                    "`ringfence remote down --purge`, and everybody needs a new file"
                )
            taken = self._taken()
            if network:
                check_free(network, taken)
            first, last = media or self._media()
            tunnel = Tunnel(
                endpoint=endpoint or self._endpoint(), port=port, interface=interface,
                network=network or choose_network(taken, secrets.randbelow),
                network6=choose_network6(secrets.randbelow),
                rtp_first=first, rtp_last=last, sip_ports=tuple(sip_ports),
            )  # fmt: skip
            self._files.write(Register(tunnel), Keys(new_pair().private, {}))
        return tunnel

    def has_begun(self) -> bool:
        """Whether there is a tunnel to add anybody to."""
        return self._files.read() is not None

    def add(self, name: str, out: Path, *, extension: str = "", with_qr: bool = False) -> Written:
        """One more user, with a file, a picture and a sheet in `out`."""
        return self._add(name, out, Role.USER, extension, with_qr=with_qr)

    def site(
        self, name: str, out: Path, wish: Wish | None = None, *, lan: str = "", nat: bool = False
    ) -> Written:
        """One more site, with the archive for its gateway in `out`."""
        return self._add(name, out, Role.SITE, lan=lan, nat=nat, wish=wish or Wish())

    def revoke(self, name: str) -> tuple[Peer, bool]:
        """Out, at once; and whether the interface runs, and knows."""
        with self._files.locked():
            register, keys = self._register()
            peer = register.peer(name)
            gone = replace(peer, revoked=_stamp(self._now()))
            peers = tuple(gone if one == peer else one for one in register.peers)
            shared = {k: v for k, v in keys.preshared.items() if k != peer.public_key}
            changed = replace(register, peers=peers)
            self._files.write(changed, Keys(keys.private, shared))
            wireguard = Wireguard(self._commands, register.tunnel)
            try:
                if not wireguard.is_up:
                    return gone, False
                wireguard.remove(peer.public_key)
                wireguard.route(_lans(changed))
            except RemoteError as error:
                raise RemoteError(
                    f"{name} is out of the register, but may be in until the tunnel is made anew "
                    f"(`ringfence remote up`): {error}"
                ) from None
        return gone, True

    def up(self) -> Tunnel:
        """Rules first, then the interface; twice is once."""
        with self._files.locked():
            register, keys = self._register()
            TunnelRules(self._commands).stand(register.tunnel)
            settings = server_settings(
                register.tunnel, keys.private, keys.preshared, register.peers
            )
            Wireguard(self._commands, register.tunnel).stand(settings, _lans(register))
        return register.tunnel

    def down(self, *, purge: bool = False) -> None:
        """No interface, no rules; with `purge` no keys, no peers and no unit."""
        with self._files.locked():
            register, _ = self._register()
            Wireguard(self._commands, register.tunnel).down()
            TunnelRules(self._commands).remove()
            if purge:
                self._stop_unit()
                self._files.remove()

    def listed(self) -> Register:
        """Who may come in, and who might."""
        return self._register()[0]

    def standing(self) -> Standing:
        """What each of them does now. No key leaves the kernel for it."""
        register = self.listed()
        wireguard = Wireguard(self._commands, register.tunnel)
        traffic = wireguard.traffic()
        return Standing(
            register.tunnel, wireguard.is_up, TunnelRules(self._commands).are_standing(),
            tuple((one, traffic.get(one.public_key, Traffic()))
                  for one in register.peers if one.is_in),
        )  # fmt: skip

    def start_unit(self, program: str) -> str:
        """Up now and at each start of the machine, where systemd rules it; what was done."""
        if not self._machine.is_running:
            self.up()
            return "up; there is no systemd here: see to it that `ringfence remote up` runs at boot"
        path = self._machine.path(f"/etc/systemd/system/{UNIT}")
        try:
            path.write_text(unit(UNIT, program))
        except OSError as error:
            raise RemoteError(f"{path}: {error.strerror}: use sudo") from None
        for words in (["daemon-reload"], ["enable", UNIT], ["restart", UNIT]):
            ran = self._machine.run(["systemctl", *words], "")
            if ran.code:
                raise RemoteError(f"systemctl {' '.join(words)}: {ran.error}")
        return f"up, and at each start of the machine ({UNIT})"

    def _stop_unit(self) -> None:
        path = self._machine.path(f"/etc/systemd/system/{UNIT}")
        if path.exists():
            self._machine.run(["systemctl", "disable", UNIT], "")
            path.unlink()
            self._machine.run(["systemctl", "daemon-reload"], "")

    def _add(
        self, name: str, out: Path, role: Role, extension: str = "", *, with_qr: bool = False,
        lan: str = "", nat: bool = False, wish: Wish | None = None,
    ) -> Written:  # fmt: skip
        with self._files.locked():
            register, keys = self._register()
            if any(one.name == name and one.is_in for one in register.peers):
                raise RemoteError(f"{name} is there already: revoke it first, or take another name")
            if role is Role.SITE:
                lan = self._lan(register, lan, nat=nat)
            now, pair, shared = self._now(), new_pair(), new_preshared()
            address, address6 = next_addresses(register.tunnel, register.peers, now)
            peer = Peer(
                name, pair.public, address, address6, _stamp(now), role, extension, lan, nat
            )
            server = public_of(keys.private)
            if wish is not None:
                octets = archive(register.tunnel, peer, wish, pair.private, shared, server)
                made, blocks = {f"{name}.tar.gz": octets}, ""
            else:
                text = user_settings(register.tunnel, peer, pair.private, shared, server)
                blocks = qr.terminal(text) if with_qr else ""
                made = {f"{name}.conf": text.encode(), f"{name}.png": qr.png(text),
                        f"{name}.txt": user_sheet(register.tunnel, peer).encode()}  # fmt: skip
            stay = tuple(one for one in register.peers if not is_over(one, now))
            changed = replace(register, peers=(*stay, peer))
            files = _write_all(out, made)
            try:
                self._files.write(
                    changed, Keys(keys.private, {**keys.preshared, pair.public: shared})
                )
                running = self._tell(changed, self._files.keys())
            except BaseException:
                _take_back(files)
                with suppress(RemoteError):
                    self._files.write(register, keys)
                raise
        return Written(peer, files, running, blocks)

    def _tell(self, register: Register, keys: Keys) -> bool:
        """The interface that runs, if one does."""
        wireguard = Wireguard(self._commands, register.tunnel)
        if not self._commands.has("wg") or not wireguard.is_up:
            return False
        wireguard.sync(
            server_settings(register.tunnel, keys.private, keys.preshared, register.peers)
        )
        wireguard.route(_lans(register))
        return True

    def _register(self) -> tuple[Register, Keys]:
        register = self._files.read()
        if register is None:
            raise RemoteError("there is no tunnel yet: `ringfence remote init` makes it")
        return register, self._files.keys()

    def _lan(self, register: Register, wanted: str, *, nat: bool) -> str:
        theirs = [one.lan for one in register.peers if one.is_in and one.routed_lan]
        taken = [*self._taken(), register.tunnel.network, *theirs]
        if not wanted:
            return choose_lan(taken, secrets.randbelow)
        # Behind its own address the network of a site is nobody's business but the tunnel's.
        check_free(wanted, [register.tunnel.network] if nat else taken)
        return wanted

    def _taken(self) -> list[str]:
        """Networks that this machine has a way to."""
        printed = self._commands.run("ip", "-j", "-4", "route", "show", "table", "all")
        return [str(one.get("dst", "")) for one in json.loads(printed or "[]")]

    def _endpoint(self) -> str:
        """This machine's own address, where the Internet has it so."""
        from ipaddress import ip_address

        try:
            printed = self._commands.run("ip", "-j", "route", "get", "1.1.1.1")
            source = str(json.loads(printed)[0].get("prefsrc", ""))
        except (CommandError, ValueError, IndexError):
            source = ""
        if is_host(source) and ip_address(source).is_global:
            return source
        raise RemoteError(
            "this machine does not know the address that the Internet has it by: say it with "
            "--endpoint (a name such as pbx.example.com, or the address of your router, which has "
            "to hand UDP port 51820 on to this machine)"
        )

    def _media(self) -> tuple[int, int]:
        for names, ports in _MEDIA:
            if self._machine.runs(*names):
                said = dict(_ASTERISK.findall(self._machine.text("/etc/asterisk/rtp.conf")))
                if "asterisk" in names and len(said) == 2:
                    return int(said["rtpstart"]), int(said["rtpend"])
                return ports
        return _USUAL


def _lans(register: Register) -> list[str]:
    return [one.routed_lan for one in register.peers if one.is_in and one.routed_lan]


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="seconds")


def _write_all(out: Path, made: dict[str, bytes]) -> tuple[str, ...]:
    """New files that their owner alone reads: all of them, or none."""
    written: list[str] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, octets in made.items():
            write_secret(out / name, octets)
            written.append(os.fspath(out / name))
    except OSError as error:
        _take_back(written)
        raise RemoteError(f"{error.filename}: {error.strerror}; name a folder with --out") from None
    return tuple(written)


def _take_back(files: Sequence[str]) -> None:
    for name in files:
        Path(name).unlink(missing_ok=True)
