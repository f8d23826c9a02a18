"""What the guard does beyond this machine: routers, the phone system's own list, its accounts.

How it works: after the firewall took measures, other machines that block for us get them too
(`flow/outside.py`), by threads of their own. An account that an attacker took is told with what
can be done about it, and done without being asked only where the owner said so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ringfence.flow.guard.worker import Worker
from ringfence.model.decision import LIMIT

if TYPE_CHECKING:
    from ringfence.flow.acting import Acting
    from ringfence.flow.firewall import InForce
    from ringfence.flow.outside import Outsiders
    from ringfence.model.acting import Done
    from ringfence.model.measure import Measure

# Measures of other commands (`unblock`, `block`) reach the other machines within this.
SETTLE_S = 60.0


class Afield:
    """Other machines of one guard; without any, nothing."""

    def __init__(
        self,
        outsiders: Outsiders | None,
        acting: Acting | None,
        did: Callable[[Done], object],
        trouble: Callable[[str], None],
    ) -> None:
        self._outsiders, self._acting = outsiders, acting
        self._did, self._trouble = did, trouble
        self._worker = Worker("acting", lambda _, error: trouble(str(error)))
        self._settled: float | None = None

    def start(self) -> None:
        """Begin to see to other machines."""
        if self._outsiders is not None:
            self._outsiders.start()

    def close(self) -> None:
        """What stands there stays, to its end."""
        if self._outsiders is not None:
            self._outsiders.close()
        self._worker.close(10.0)
        if self._acting is not None:
            self._acting.close()

    def acted(self, measures: Iterable[Measure]) -> None:
        """These are in force here."""
        if self._outsiders is not None:
            hard = [one for one in measures if one.action != LIMIT]
            if hard:
                self._outsiders.apply(hard, datetime.now(UTC))

    def released(self, addresses: Iterable[str]) -> None:
        """Nothing is done about these any more."""
        named = list(addresses)
        if self._outsiders is not None and named:
            self._outsiders.withdraw(named, datetime.now(UTC))

    def settle(self, in_force: Iterable[InForce], now_s: float) -> None:
        """All that is in force here, as it is; anything else of ours goes. Once a minute."""
        if self._outsiders is None:
            return
        if self._settled is None or now_s - self._settled >= SETTLE_S:
            self._settled = now_s
            measures = [one.measure for one in in_force if one.measure.action != LIMIT]
            self._outsiders.settle(measures, datetime.now(UTC))

    def taken(self, accounts: Iterable[str]) -> None:
        """An attacker has these: do what the owner wants done at once."""
        acting, named = self._acting, tuple(dict.fromkeys(accounts))
        if acting is None or not named:
            return

        def act() -> None:
            for done in acting.taken(named, datetime.now(UTC)):
                self._did(done)
                if not done.ok:
                    self._trouble(f"{done.where}: {done.says}")

        self._worker.put(act)

    def ready(self, accounts: Iterable[str]) -> tuple[str, ...]:
        """Commands that a person can give about these accounts."""
        if self._acting is None:
            return ()
        return tuple(one.command for one in self._acting.ready(accounts))

    @property
    def wrong(self) -> list[str]:
        """What is wrong with other machines."""
        if self._outsiders is None:
            return []
        return [
            f"{state.name}: {state.trouble or state.doubt}"
            for state in self._outsiders.standing()
            if state.trouble or state.doubt
        ]
