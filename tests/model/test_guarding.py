"""What a guard is asked: secrets are not shown, and what has packets is known."""

from __future__ import annotations

from ringfence.model.guarding import Hears, HepWanted, LogWanted, ServiceWanted


def test_secrets_are_not_shown() -> None:
    hears = Hears(
        hep=HepWanted("127.0.0.1", 9060, "k3y"), logs=(LogWanted("kamailio", "/x", "w0rd"),),
        services=(ServiceWanted("ami", "h", 1, "u", "s3cret"),),
    )  # fmt: skip
    assert not any(secret in repr(hears) for secret in ("k3y", "w0rd", "s3cret"))


def test_logs_and_events_are_no_packets() -> None:
    assert not Hears(logs=(LogWanted("asterisk", "/x"),)).has_packets
    assert Hears(interfaces=("eth0",)).has_packets
    assert Hears(hep=HepWanted("::1", 9060)).has_packets
