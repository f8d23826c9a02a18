"""What every harness of a phone system's log or interface holds about its events."""

from __future__ import annotations

from ipaddress import ip_address

from fuzz.harness import hold
from ringfence.model.event import EVENT_KINDS, Event
from ringfence.model.heard import Heard
from ringfence.wire.log_place import MAX_TEXT

# Who really sent what is fuzzed, and nobody else may be accused of it.
SENDER, VICTIM = "203.0.113.66", "198.51.100.1"
# Octets that are no UTF-8 become four characters each.
_LONGEST = 4 * MAX_TEXT


def hold_event(event: Event) -> None:
    """A kind that exists, an address that is one, numbers and texts within their bounds."""
    hold(event.kind in EVENT_KINDS, "a kind that does not exist")
    hold(str(ip_address(event.source)) == event.source, "no address, or not its usual spelling")
    hold(event.server == "" or ip_address(event.server), "a server that is no address")
    hold(0 <= event.port <= 65535 and 0 <= event.server_port <= 65535, "no port")
    hold(1 <= event.count <= 10_000, "counted too often")
    texts = (
        event.account, event.method, event.call_id, event.number,
        event.claimed_user_agent, event.claimed_nonce, event.transport,
    )  # fmt: skip
    hold(all(len(text) <= _LONGEST for text in texts), "a text beyond its bound")


def hold_counts(heard: Heard, events: list[Event]) -> None:
    """The account of lines is straight."""
    hold(heard.understood <= heard.ours, "more understood than ours")
    hold(len(events) <= heard.understood, "more events than lines that were understood")
    hold(all(count > 0 for _, count in heard.not_understood), "a reason without a line")
