"""The table of the lockdown in this machine's kernel: tried, kept, looked at, taken away.

What is in force is always read from the kernel. It alone says whether a trial is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from ringfence.model.lockdown import LockdownError, Standing, TurnedAway
from ringfence.model.measure import FirewallError
from ringfence.remote import ruleset
from ringfence.remote.ruleset import (
    FAMILY,
    FORM,
    KEPT,
    SWITCHES,
    TABLE,
    TRIAL,
    Closing,
    Member,
    Network,
)

LEAST_S, MOST_S = 10, 3600
# What a new table takes over: open doors, and whom our phone system calls or sends media to.
# Who was turned away is counted anew for each plan.
_CARRIED = ("door", "called", "media")
_LISTED = 500  # of those who were turned away


class Nft(Protocol):
    """This machine's nft. Each method raises FirewallError, and does all of it or nothing."""

    def load(self, text: str) -> None:
        """Rules in nft's own language."""
        ...

    def change(self, commands: Sequence[Mapping[str, Any]]) -> None:
        """Commands of libnftables-json(5)."""
        ...

    def listed(self, family: str, table: str) -> list[dict[str, Any]] | None:
        """All that is in a table; None where there is none."""
        ...


class Gate:
    """Every method raises FirewallError; those that cannot be done so LockdownError."""

    def __init__(self, nft: Nft) -> None:
        self._nft = nft

    def standing(self) -> Standing:
        """How it is now. It is whole as its own rules say: see `is_whole_with`."""
        return _standing(self._listed())

    def is_whole_with(self, trial: Closing | None, kept: Closing | None) -> bool:
        """Whether these plans' rules are all there: another program may have taken some."""
        items = self._listed()
        if items is None:
            return trial is None and kept is None
        expected = {chain: len(rules) for chain, rules in ruleset.chains(trial, kept).items()}
        found = Counter(str(item["rule"]["chain"]) for item in items if "rule" in item)
        return dict(found) == {chain: number for chain, number in expected.items() if number}

    def begin(self, trial: Closing, kept: Closing | None, seconds: int) -> None:
        """This plan for so many seconds; then the kept one is back, or everything is open."""
        if not LEAST_S <= seconds <= MOST_S:
            raise LockdownError(f"{seconds} seconds: from {LEAST_S} to {MOST_S:,}")
        self._nft.load(ruleset.table(trial, kept, seconds, _carried(self._listed())))

    def confirm(self, trial: Closing) -> None:
        """The plan on trial is kept from now on. Raises LockdownError where its time is over."""
        self._check_trial(trial)
        text = ruleset.table(None, trial, 0, _carried(self._listed()), ended=trial.id)
        try:
            self._nft.load(text)
        except FirewallError:
            self._check_trial(trial)  # its time was over between both
            raise

    def keep(self, kept: Closing) -> None:
        """This plan is in force until it is taken away, as after a start of the machine."""
        self._nft.load(ruleset.table(None, kept, 0, _carried(self._listed())))

    def admit(self, networks: Iterable[Network], name: str = KEPT) -> None:
        """These are the only ones that the kept plan admits; doors are left alone."""
        found = list(networks)
        commands: list[dict[str, Any]] = []
        prefix = "admit" if name == KEPT else "next"
        for version in (4, 6):
            named = f"{prefix}{version}"
            commands.append({"flush": {"set": _set(named)}})
            values = [_value(one) for one in ruleset.collapsed(found, version)]
            if values:
                commands.append({"add": {"element": {**_set(named), "elem": values}}})
        self._nft.change(commands)

    def remove(self) -> None:
        """Nothing of ours is left, and everything is open."""
        self._nft.load(ruleset.removal())

    def _check_trial(self, trial: Closing) -> None:
        found = self.standing()
        if not found.trial_left_s:
            raise LockdownError(
                "there is no plan on trial, or its time is over and it opened by itself: "
                "ringfence lockdown apply"
            )
        if found.trial != trial.id:
            raise LockdownError(
                f"another plan ({found.trial or 'unknown'}) is on trial by now: "
                "ringfence lockdown status"
            )

    def _listed(self) -> list[dict[str, Any]] | None:
        return self._nft.listed(FAMILY, TABLE)


def _standing(items: Sequence[Mapping[str, Any]] | None) -> Standing:
    if items is None:
        return Standing()
    form = _form(items)
    left = [
        int(one.get("expires", 0))
        for name, one in _elements(items)
        if name == SWITCHES[TRIAL] and one.get("timeout")
    ]
    is_kept = any(name == SWITCHES[KEPT] for name, _ in _elements(items))
    turned = sorted(
        (
            TurnedAway(str(one["val"]), int((one.get("counter") or {}).get("packets", 0)))
            for name, one in _elements(items)
            if name[:-1] == "turned"
        ),
        key=lambda one: (-one.packets, one.address),
    )
    return Standing(
        is_there=True,
        is_whole=form is not None,
        is_kept=is_kept,
        trial=(form or {}).get(TRIAL, "") if left else "",
        # nft tells whole seconds, rounded down: the last one is one.
        trial_left_s=max(1, min(left)) if left else 0,
        kept=(form or {}).get(KEPT, "") if is_kept else "",
        turned_away=tuple(turned[:_LISTED]),
        doors=tuple(str(one["val"]) for name, one in _elements(items) if name[:-1] == "door"),
    )


def _form(items: Iterable[Mapping[str, Any]]) -> dict[str, str] | None:
    for name, one in _elements(items):
        if name == "form":
            form, *words = str(one.get("comment", "")).split(" ")
            return (
                dict(word.split("=", 1) for word in words if "=" in word) if form == FORM else None
            )
    return None


def _carried(items: Sequence[Mapping[str, Any]] | None) -> dict[str, list[Member]]:
    members: dict[str, list[Member]] = {}
    for name, one in _elements(items or ()):
        key = _key(one["val"])
        if name[:-1] in _CARRIED and key:
            # Without its own time an element has that of its set.
            timeout, left = int(one.get("timeout", 0)), int(one.get("expires", 0))
            members.setdefault(name, []).append(Member(key, timeout, left))
    return members


def _elements(items: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name of the set, and the element without its frame."""
    for item in items:
        found = item.get("set")
        for one in (found or {}).get("elem", ()):
            inner = one["elem"] if isinstance(one, dict) and "elem" in one else {"val": one}
            yield str(found["name"]) if found else "", inner


def _key(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and "concat" in value:
        return " . ".join(str(part) for part in value["concat"])
    return ""


def _set(name: str) -> dict[str, str]:
    return {"family": FAMILY, "table": TABLE, "name": name}


def _value(network: Network) -> object:
    if network.prefixlen == network.max_prefixlen:
        return str(network.network_address)
    return {"prefix": {"addr": str(network.network_address), "len": network.prefixlen}}
