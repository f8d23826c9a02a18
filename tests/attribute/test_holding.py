from __future__ import annotations

from dataclasses import replace

from ringfence.attribute.cymru import Origin
from ringfence.attribute.holding import announced, filled, is_closer
from ringfence.model.responsible import Network

WIDE = Network("203.0.112.0", "203.0.127.255", (), "Provider", "P", None, "NL", "ripe", 64496)
NARROW = Network("203.0.113.0", "203.0.113.255", (), "Customer", "C", None, None, None)


def test_narrower_network_with_a_holder_is_closer() -> None:
    assert is_closer(NARROW, WIDE)
    assert not is_closer(WIDE, NARROW)
    assert not is_closer(replace(NARROW, holder=None), WIDE)
    assert is_closer(WIDE, None)


def test_network_without_addresses_is_never_closer() -> None:
    number = replace(WIDE, first="", last="")
    assert not is_closer(number, NARROW)
    assert is_closer(NARROW, number)


def test_gaps_are_filled_and_nothing_else() -> None:
    both = filled(NARROW, WIDE)
    assert (both.holder, both.country, both.registry, both.asn) == ("Customer", "NL", "ripe", 64496)
    assert filled(NARROW, None) == NARROW


def test_number_of_the_registry_stays_and_takes_no_name_of_another() -> None:
    origin = Origin(64500, "203.0.113.0/24", "DE", "ripe", "OTHER-AS")
    assert announced(NARROW, origin).as_name == "OTHER-AS"
    kept = announced(WIDE, origin)
    assert (kept.asn, kept.as_name, kept.country) == (64496, None, "NL")
