"""The table of the tunnel in a kernel. What passes is tried in tests/flow/test_remote.py."""

from __future__ import annotations

from dataclasses import replace

from ringfence.remote.command import Commands
from ringfence.remote.tunnel_rules import TunnelRules, rules
from tests.model.test_remote import TUNNEL
from tests.respond.block.wire import Wire, needs


@needs("nft")
def test_loaded_twice_is_once_and_taken_away_nothing_is_left() -> None:
    with Wire() as wire:
        made = TunnelRules(Commands(("ip", "netns", "exec", f"{wire.prefix}in")))
        assert not made.are_standing()
        made.stand(TUNNEL)
        once = wire.run("nft", "list", "ruleset")
        made.stand(TUNNEL)
        assert wire.run("nft", "list", "ruleset") == once
        assert made.are_standing()
        wire.run("nft", "flush", "chain", "inet", "ringfence_remote", "passes")
        assert not made.are_standing()
        made.remove()
        assert wire.run("nft", "list", "ruleset") == ""
        made.remove()


def test_only_the_ports_that_were_named() -> None:
    text = rules(replace(TUNNEL, sip_ports=(5080,), rtp_first=9000, rtp_last=10_999))
    assert "th dport { 5080 } counter accept" in text
    assert "udp dport 9000-10999 counter accept" in text
    assert text.count("accept\n") - text.count("policy accept") <= 6
    assert "5060" not in text
