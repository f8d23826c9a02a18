"""What a guard is asked to do, put together from the settings and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from pathlib import Path

from ringfence.flow.places import default_store, places, runtime_folder
from ringfence.model.endpoint import Address, plain_address
from ringfence.model.guarding import (
    GuardError,
    Guarding,
    Hears,
    HepWanted,
    LogWanted,
    ServiceWanted,
)
from ringfence.model.machines import Threecx
from ringfence.model.settings import GuardSettings, Settings
from ringfence.model.text import shown
from ringfence.sources.ami import PORT as AMI_PORT
from ringfence.sources.freeswitch_socket import PORT as FREESWITCH_PORT
from ringfence.wire.log_kinds import NAMES as LOG_KINDS

_ROUTES, _ROUTES_6 = Path("/proc/net/route"), Path("/proc/net/ipv6_route")
_ANYWHERE = "00000000"
_CASES = "cases"
# The settings of each.
_NAMES = {"ami": "guard.ami", "freeswitch": "guard.freeswitch", "3cx": "threecx"}


@dataclass(frozen=True, slots=True)
class Said:
    """What the command line says; empty: the settings do."""

    interfaces: Sequence[str] = ()
    ports: Sequence[int] = ()
    hep: str = ""
    logs: Sequence[str] = ()
    pbx: Sequence[str] = ()
    trunks: Sequence[str] = ()
    known: Sequence[str] = ()
    enforce: bool = False
    store: str = ""
    run: str = ""


def asked(loaded: Settings, said: Said) -> Guarding:
    """The whole of it. Raises GuardError with what to write."""
    settings = loaded.guard
    hears = Hears(
        interfaces=tuple(said.interfaces or settings.interfaces),
        ports=tuple(said.ports or settings.ports),
        hep=_hep(said.hep or settings.hep, settings),
        logs=tuple(_log(text, settings.mark) for text in said.logs or settings.logs),
        services=tuple(_services(settings, loaded.threecx)),
    )
    if not (hears.has_packets or hears.logs or hears.services):
        hears = replace(hears, interfaces=default_interfaces())
    store = said.store or default_store()
    return Guarding(
        hears=hears,
        folder=settings.folder or str(_beside(store)),
        run=said.run or str(runtime_folder()),
        store=store,
        servers=_addresses(said.pbx or settings.pbx, "--pbx"),
        trunks=_addresses(said.trunks or settings.trunks, "--trunk"),
        known=_addresses(said.known or settings.known, "--known"),
        enforce=said.enforce or settings.enforce,
        guesses_a_day=settings.guesses_a_day,
        before_s=settings.before_s,
        after_s=settings.after_s,
        buffer_octets=settings.buffer_mb * 1024 * 1024,
        metrics_port=settings.metrics_port,
    )


def default_interfaces(routes: Path = _ROUTES, routes_6: Path = _ROUTES_6) -> tuple[str, ...]:
    """Those of the default routes (proc(5)). Raises GuardError where there is none."""
    found = []
    for line in _lines(routes)[1:]:
        name, destination, *rest = line.split()
        if destination == _ANYWHERE and rest[5] == _ANYWHERE:
            found.append(name)
    for line in _lines(routes_6):
        fields = line.split()
        if len(fields) == 10 and fields[0] == 4 * _ANYWHERE and fields[1] == "00":
            found.append(fields[9])
    names = tuple(dict.fromkeys(name for name in found if name != "lo"))
    if not names:
        raise GuardError("no interface has the default route: name one with --interface")
    return names


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except OSError:
        return []


def _beside(store: str) -> Path:
    """Cases are beside the store, where that is a file."""
    return places().cases if "://" in store else Path(store).absolute().parent / _CASES


def _hep(text: str, settings: GuardSettings) -> HepWanted | None:
    if not text:
        return None
    address, colon, port = text.rpartition(":")
    address = address.strip("[]") if colon else "127.0.0.1"
    if not (port.isascii() and port.isdigit() and len(port) < 6 and plain_address(address)):
        raise GuardError(f"HEP: {shown(text[:100])}: say 9060, 192.0.2.1:9060, [2001:db8::1]:9060")
    senders = tuple(ip_network(one) for one in settings.hep_from)
    if not (ip_address(address).is_loopback or settings.hep_key or senders):
        raise GuardError(
            f"HEP at {address}: whoever reaches it could make up attacks of anybody; say who may "
            "send in guard.hep_from, or give agents a key (guard.hep_key_file)"
        )
    return HepWanted(address, int(port), settings.hep_key, senders)


def _log(text: str, mark: str) -> LogWanted:
    kind, colon, path = text.partition(":")
    if not colon or kind not in LOG_KINDS or not path:
        raise GuardError(
            f"--log {shown(text[:100])}: say KIND:PATH, with a kind of {', '.join(LOG_KINDS)}"
        )
    return LogWanted(kind, path, mark)


def _services(settings: GuardSettings, threecx: Threecx) -> list[ServiceWanted]:
    found = []
    if settings.ami:
        user, at, where = settings.ami.rpartition("@")
        if not at or not user:
            raise GuardError("guard.ami: write USER@HOST, or USER@HOST:PORT")
        found.append(_service("ami", where, AMI_PORT, user, settings.ami_secret))
    if settings.freeswitch:
        secret = settings.freeswitch_secret
        found.append(_service("freeswitch", settings.freeswitch, FREESWITCH_PORT, "", secret))
    if threecx.url:
        found.append(ServiceWanted("3cx", threecx.url, 0, threecx.client_id, threecx.secret))
    for one in found:
        if not one.secret:
            raise GuardError(f"{_NAMES[one.kind]} has no secret: write it into a file of its own")
    return found


def _service(kind: str, where: str, port: int, user: str, secret: str) -> ServiceWanted:
    host, colon, number = where.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return ServiceWanted(kind, where.strip("[]"), port, user, secret)
    if not (number.isascii() and number.isdigit() and 0 < int(number[:6]) < 65_536):
        raise GuardError(f"{_NAMES[kind]}: {shown(where[:100])}: no port of 1 to 65535")
    return ServiceWanted(kind, host.strip("[]"), int(number), user, secret)


def _addresses(texts: Sequence[str], option: str) -> tuple[Address, ...]:
    found = []
    for text in texts:
        address = plain_address(text)
        if address is None:
            raise GuardError(
                f"{option} {shown(text[:100])}: not an IP address (like 192.0.2.1 or 2001:db8::1)"
            )
        found.append(address)
    return tuple(found)
