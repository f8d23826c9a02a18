"""Events of a phone system."""

from __future__ import annotations

from ringfence.model.event import EVENT_KINDS, REFUSED, Event


def test_what_the_log_does_not_say_is_empty() -> None:
    event = Event(REFUSED, "kamailio.log", "198.51.100.7")
    assert event.kind in EVENT_KINDS
    assert (event.port, event.transport, event.time_ns, event.count) == (0, "", 0, 1)
