"""Outcomes of scenes as lines of a table."""

from lab.guard.scene import Met, Outcome

_WIDTHS = "{scene:15} {address:15} {sent:>6} {admitted:>8} {refused:>7} {seconds:>11} {users}"


def heading() -> str:
    """The names of the columns."""
    return _WIDTHS.format(
        scene="scene", address="attacker", sent="sent", admitted="arrived", refused="refused",
        seconds="dropped after", users="users: wishes, not granted; met with",
    )  # fmt: skip


def rows(outcome: Outcome) -> list[str]:
    """One line for each attacker, and one for each goal that was missed."""
    users = f"{outcome.wishes}, {len(outcome.hurts)}"
    lines = [_row(outcome.scene, met, users) for met in outcome.met]
    if not lines:
        met = ", ".join(f"{m.address} {m.action}" for m in outcome.innocents_met)
        lines = [
            _WIDTHS.format(
                scene=outcome.scene, address="nobody", sent="", admitted="", refused="",
                seconds="", users=f"{users}; {met or '-'}",
            )
        ]  # fmt: skip
    return [*lines, *(f"    MISSED: {one}" for one in outcome.missed)]


def _row(scene: str, met: Met, users: str) -> str:
    return _WIDTHS.format(
        scene=scene,
        address=met.address,
        sent=met.sent,
        admitted=met.arrived.requests,
        refused=met.arrived.credentials - met.arrived.accepted,
        seconds=seconds(met),
        users=f"{users}; {', '.join(met.measures) or '-'}",
    )


def seconds(met: Met) -> str:
    """How long it took until nothing of him arrived any more."""
    if met.dropped_after_s is not None:
        return f"{met.dropped_after_s:.2f} s"
    return "slowed down" if "limit" in met.measures else "never"
