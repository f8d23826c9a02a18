"""nft, run: its failures in words that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.model.measure import FirewallError
from ringfence.respond.nft import program as module
from ringfence.respond.nft.program import ExistsError, Program, TableMissingError


def nft(folder: Path, script: str) -> Program:
    """A stand-in that fails as nft does."""
    path = folder / "nft"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return Program((str(path),))


@pytest.mark.parametrize(("says", "words"), [
    ("netlink: Error: cache initialization failed: Operation not permitted", "sudo.*--dry-run"),
    ("Error: Could not process rule: Operation not supported", "leave out --device"),
    ("Error: JSON support not compiled-in", "without JSON"),
    ("Error: Could not process rule: No space left on device", "sets are full"),
    ("internal:0:0-0: Error: something new\nmore", "nft refuses: internal:0:0-0: Error: something"),
    ("", "no reason given"),
])  # fmt: skip
def test_failure_says_what_to_do(tmp_path: Path, says: str, words: str) -> None:
    with pytest.raises(FirewallError, match=words):
        nft(tmp_path, f"echo '{says}' >&2; exit 1").change([])


def test_what_is_not_there_is_told_apart(tmp_path: Path) -> None:
    gone = nft(tmp_path, "echo 'Error: No such file or directory' >&2; exit 1")
    with pytest.raises(TableMissingError):
        gone.change([])
    assert gone.listed("inet", "ringfence") is None


def test_what_is_there_already_is_told_apart(tmp_path: Path) -> None:
    there = nft(tmp_path, "echo 'Error: Could not process rule: File exists' >&2; exit 1")
    with pytest.raises(ExistsError, match="File exists"):
        there.change([])


def test_kernel_without_a_family_has_no_table_of_it(tmp_path: Path) -> None:
    old = nft(tmp_path, "echo 'Error: Operation not supported' >&2; exit 1")
    assert old.listed("netdev", "ringfence") is None


def test_missing_nft_names_its_package() -> None:
    with pytest.raises(FirewallError, match="apt install nftables"):
        Program(("no-such-nft",)).load("")


def test_list_that_is_no_json_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FirewallError, match="no JSON"):
        nft(tmp_path, "echo hello").listed("inet", "ringfence")


def test_nft_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT_S", 0.05)
    with pytest.raises(FirewallError, match="did not answer"):
        nft(tmp_path, "exec cat /dev/zero > /dev/null").load("")


def test_input_goes_in_as_it_is(tmp_path: Path) -> None:
    program = nft(tmp_path, f'cat > {tmp_path}/in; echo "$@" >> {tmp_path}/in')
    program.change([{"add": {"table": {"family": "inet", "name": "x"}}}])
    assert (tmp_path / "in").read_text() == (
        '{"nftables":[{"add":{"table":{"family":"inet","name":"x"}}}]}-j -f -\n'
    )
