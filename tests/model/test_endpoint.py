"""Address and port."""

from __future__ import annotations

from ringfence.model.endpoint import endpoint


def test_ipv6_stands_in_brackets() -> None:
    assert endpoint("192.0.2.1", 5060) == "192.0.2.1:5060"
    assert endpoint("2001:db8::1", 5060) == "[2001:db8::1]:5060"
