"""How the guard of this machine did about one address: what the host of a drill tells."""

from __future__ import annotations

import re
from pathlib import Path

from ringfence.flow.guard.bearing import read_bearing
from ringfence.model.case import StoreError
from ringfence.model.guarding import GuardError

# A datagram has room for so much of a reason.
MAX_WHY = 200
NONE, HANGS, RUNS = "none", "hangs", "runs"


def stands_about(folder: Path, store: str, address: str, since: str) -> dict[str, object]:
    """The guard's status and its alarms, as far as they are about this address."""
    told, reached, kept = _of_store(store, address, since)
    found: dict[str, object] = {"guard": NONE, "told": told, "reached": reached, "kept": kept}
    try:
        status, is_fresh = read_bearing(folder)
    except GuardError:
        return found
    attack = next((one for one in status.attacks if address in one.addresses), None)
    block = next((one for one in status.blocks if one.address == address), None)
    return {
        **found,
        "guard": RUNS if is_fresh else HANGS,
        "enforcing": status.enforcing,
        "seen": attack is not None and attack.last_at[:19] >= since[:19],
        "state": attack.state if attack else "",
        "case": attack.case_id if attack else "",
        "until": block.until if block else "",
    }


def _of_store(store: str, address: str, since: str) -> tuple[int, int, str]:
    """Alarms that name it since then, how many of them somebody got; why it is never blocked."""
    from ringfence.flow.casebook import Casebook
    from ringfence.respond.keep import environment, kept, objection
    from ringfence.store.alerts import DELIVERED, AlertStore
    from ringfence.store.measures import MeasureStore

    # Not a longer one that begins so: 192.0.2.1 is not 192.0.2.10.
    whole = re.compile(rf"(?<![0-9a-f.:]){re.escape(address)}(?![0-9a-f.:]*[0-9a-f])")
    try:
        with Casebook(store) as book:
            raised = AlertStore(book.database).raised_since(since)
            allowed = MeasureStore(book.database).allowed()
    except (StoreError, OSError):
        raised, allowed = [], []
    about = [state for text, state in raised if whole.search(text)]
    why = objection(address, kept(environment()), allowed) or ""
    return len(about), about.count(DELIVERED), why[:MAX_WHY]
