"""Programs that are started: what they say comes back, keys do not."""

from __future__ import annotations

import pytest

from ringfence.model.remote import RemoteError
from ringfence.remote.command import CommandError, Commands

KEY = "k" * 42 + "A="


def test_what_it_prints_comes_back() -> None:
    assert Commands().run("cat", given="yes") == "yes"
    assert Commands(("env", "ASKED=1")).run("sh", "-c", "echo $ASKED $LC_ALL") == "1 C\n"


def test_a_key_in_a_complaint_is_left_out() -> None:
    """`wg` repeats a key that it does not like."""
    with pytest.raises(CommandError) as caught:
        Commands().run("sh", "-c", f"echo 'Key is not correct: {KEY}' >&2; exit 1")
    assert str(caught.value) == "sh: Key is not correct: (key)"


def test_a_program_that_is_missing_says_its_package() -> None:
    with pytest.raises(RemoteError, match="apt install no-such-program"):
        Commands().run("no-such-program")
    assert not Commands().has("no-such-program")
    assert Commands().has("sh")


def test_what_goes_on_in_the_background_holds_nothing_open() -> None:
    Commands().leave_running("sh", "-c", "sleep 5 & exit $CODE", more={"CODE": "0"})
    with pytest.raises(CommandError, match="status 3"):
        Commands().leave_running("sh", "-c", "exit $CODE", more={"CODE": "3"})
