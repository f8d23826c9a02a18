"""What fail2ban's stock filter makes of the attack that Ringfence judges."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab.fail2ban import FILTER, MAX_RETRY, Fail2banMissingError, bans, count


def test_ban_falls_at_the_tenth_failure_in_ten_minutes() -> None:
    (ban,) = count([(float(n), "203.0.113.66") for n in range(30)])
    assert (ban.matches, ban.banned_after_s) == (30, MAX_RETRY - 1.0)


def test_slow_guesses_are_never_banned() -> None:
    (ban,) = count([(70.0 * n, "203.0.113.66") for n in range(1000)])
    assert ban.banned_after_s is None


def test_missing_fail2ban_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(Fail2banMissingError, match="apt-get install fail2ban"):
        bans(Path("any.log"))


@pytest.mark.skipif(not FILTER.exists(), reason="fail2ban is not installed")
def test_user_with_a_bad_pin_is_banned_as_the_attacker_is(shared_data: Path) -> None:
    """On the real Asterisk log the stock jail bans the user; Ringfence helps him."""
    found = {ban.address: ban for ban in bans(shared_data / "pbx-logs/asterisk.security.log")}
    assert found["10.77.0.66"].banned_after_s is not None
    assert found["10.77.0.21"].banned_after_s is not None
    assert "10.77.0.20" not in found
