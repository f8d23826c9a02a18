"""A guard from its settings to its end: who does what with which rights, and who is told.

How it works: as root, without a service manager, the warden is started first; then this
process gives up every right but those that listening takes, and reads strangers' octets only
after that. With a service manager, which gives each part its own rights, it finds the warden's
socket where that is.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.flow.log_lines import LogLines
from ringfence.flow.privileges import CAP_NET_ADMIN, PrivilegeError, drop_privileges, held
from ringfence.flow.remote_firewall import RemoteFirewall
from ringfence.flow.warden_child import child
from ringfence.flow.warden_socket import NAME, is_served
from ringfence.model.guarding import GuardError, Guarding
from ringfence.model.measure import Allowed, FirewallError
from ringfence.model.settings import Settings
from ringfence.model.text import shown

if TYPE_CHECKING:
    from ringfence.flow.guard.guard import Guard

# A warden that was just started has its socket at once, and answers a moment later.
_CHILD_S = 20.0


def guard(
    wanted: Guarding,
    settings: Settings,
    write: Callable[[str], object],
    began: Callable[[Guard], None] = lambda _: None,
) -> None:
    """Guard until SIGTERM or SIGINT; `write` gets its log. Raises GuardError and others'."""
    log = LogLines(write, time.monotonic, lambda: datetime.now(UTC))
    _make_folders(wanted)
    with ExitStack() as stack:
        wall = None
        if wanted.enforce:
            wall = stack.enter_context(RemoteFirewall(stack.enter_context(_warden(wanted)), 20.0))
        _give_up_rights()
        _befriend(wanted)
        # numpy begins threads: rights first
        from ringfence.flow.acting import acting_of
        from ringfence.flow.guard.guard import Guard
        from ringfence.flow.outside import outsiders_of

        guard = Guard(
            wanted, settings, log, wall,
            outsiders_of(settings, wanted.store) if wall is not None else None,
            acting_of(settings),
        )  # fmt: skip
        stack.enter_context(_told_to_end(guard))
        guard.run(lambda: began(guard))


def _make_folders(wanted: Guarding) -> None:
    for folder in (wanted.run, wanted.folder):
        try:
            Path(folder).mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as error:
            raise GuardError(f"{shown(folder)}: {error.strerror or error}") from error
        if not os.access(folder, os.W_OK):
            raise GuardError(f"{shown(folder)}: may not be written; see guard.folder and --run")


@contextmanager
def _warden(wanted: Guarding) -> Iterator[Path]:
    """Where the warden is asked: it is there, or is started, which takes root."""
    place = Path(wanted.run) / NAME
    if is_served(place):
        yield place
        return
    if not held()["CapEff"] >> CAP_NET_ADMIN & 1:
        raise GuardError(
            f"--enforce: nobody serves {shown(str(place))}, and this process may not change the "
            "firewall: start it as root, or `ringfence guard firewall` beside it"
        )
    try:
        with child(Path(wanted.run), wanted.store) as path:
            yield path
    except FirewallError as error:
        raise GuardError(str(error)) from error


def _give_up_rights() -> None:
    """All but those of listening; nothing to give up where there never was any."""
    if not held()["CapPrm"]:
        return
    try:
        drop_privileges()
    except PrivilegeError as error:
        raise GuardError(f"rights could not be given up: {error}") from error


def _befriend(wanted: Guarding) -> None:
    """Trunks and users that were named are on the allow list: nothing blocks them by mistake."""
    from ringfence.flow.casebook import Casebook
    from ringfence.flow.moment import utc, whoami
    from ringfence.store.measures import MeasureStore

    with Casebook(wanted.store) as book:
        store = MeasureStore(book.database)
        there = {one.network for one in store.allowed()}
        now = utc(datetime.now(UTC))
        for why, addresses in (("a trunk, by the settings", wanted.trunks),
                               ("known, by the settings", wanted.known)):  # fmt: skip
            for address in addresses:
                if str(address) not in there:
                    store.allow(Allowed(str(address), why, whoami(), now))


@contextmanager
def _told_to_end(guard: Guard) -> Iterator[None]:
    """SIGTERM and SIGINT end it in order; the second one at once."""
    both = (signal.SIGTERM, signal.SIGINT)

    def end(*_: object) -> None:
        guard.stop()
        for one in both:
            signal.signal(one, signal.SIG_DFL)

    before = {}
    for one in both:
        with suppress(ValueError):  # another thread than the first: a test
            before[one] = signal.signal(one, end)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
