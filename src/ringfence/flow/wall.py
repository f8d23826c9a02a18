"""What the guard asks of a firewall, be it in this process or behind a socket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ringfence.flow.firewall import InForce, Shape
    from ringfence.model.endpoint import Address
    from ringfence.model.measure import Held, Measure, Withheld


class Wall(Protocol):
    """`flow.firewall.Firewall` and `flow.remote_firewall.RemoteFirewall`.

    Every method raises FirewallError, MeasureError, StoreError, CaseError, and may be called
    again after any of them: what is done already is not done twice.
    """

    def stand(self, shape: Shape | None = None, *, anew: bool = False) -> bool:
        """Tables of this shape; whether they were made now. `anew`: an interface came back."""
        ...

    def restore(self) -> list[Measure]:
        """What should be in force and is not, put back for what is left of its time."""
        ...

    def know(self, addresses: Iterable[Address], lasts: timedelta) -> None:
        """Users were let in from these, or we call them: they are no strangers."""
        ...

    def apply(self, measures: Sequence[Measure]) -> tuple[list[Measure], list[Withheld]]:
        """Those that are in force now, and those that were left alone, each with the reason."""
        ...

    def release(self, address: str, why: str) -> list[Measure | Held]:
        """What was in force against it, and is no more."""
        ...

    def look(
        self, heard: Mapping[str, int] | None = None, moved: Mapping[str, str] | None = None
    ) -> list[InForce]:
        """All that is in force or should be, and whether it works."""
        ...

    def slowed(self) -> dict[str, int]:
        """Packets dropped for their rate: `limited`, `strangers`, `crowd`."""
        ...
