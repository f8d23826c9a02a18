"""Keys, held against WireGuard's own `wg`."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from ringfence.model.remote import RemoteError
from ringfence.remote.keys import is_public, new_pair, new_preshared, public_of


@pytest.mark.skipif(shutil.which("wg") is None, reason="wg missing: apt install wireguard-tools")
def test_public_keys_are_those_that_wg_makes() -> None:
    pair = new_pair()
    told = subprocess.run(
        ["wg", "pubkey"], input=pair.private, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == pair.public == public_of(pair.private)


def test_no_key_is_shown() -> None:
    pair = new_pair()
    assert pair.private not in repr(pair)


def test_no_two_are_alike() -> None:
    assert (
        len({new_preshared() for _ in range(50)} | {new_pair().private for _ in range(50)}) == 100
    )


def test_a_damaged_key_is_not_repeated() -> None:
    with pytest.raises(RemoteError) as caught:
        public_of("not-a-key")
    assert "not-a-key" not in str(caught.value)


def test_zeros_are_no_public_key() -> None:
    assert is_public(new_pair().public)
    assert not is_public("A" * 43 + "=")
    assert not is_public("short")
