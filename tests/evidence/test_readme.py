"""The page in the bag: its commands, run as they stand there, by a shell and nothing of ours."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ringfence.evidence.custody import NOTHING_BEFORE
from ringfence.evidence.readme import write_readme
from tests.evidence.conftest import ATTACK, Case
from tests.evidence.tsa import Authority

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("sha256sum", "sha512sum", "ssh-keygen", "openssl"))),
    reason="needs sha256sum, sha512sum, ssh-keygen and openssl",
)


def blocks_of(bag: Path) -> list[str]:
    """Commands that the page gives."""
    page = (bag / "README.md").read_text()
    return re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def follow(bag: Path, authority: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Do what the page says, block after block, until one fails."""
    blocks = blocks_of(bag)
    assert len(blocks) == 6
    run = subprocess.CompletedProcess[str]([], 0, "", "")
    said = ""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    if authority:
        environment["AUTHORITY"] = str(authority)
    for block in blocks:
        run = subprocess.run(
            ["sh", "-e", "-c", block],
            cwd=bag, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said += run.stdout
        if run.returncode:
            break
    return subprocess.CompletedProcess([], run.returncode, said, run.stderr)


@pytest.fixture
def stamped(case: Case, authority: Authority) -> Case:
    """Two bags; the second has all that a bag can have."""
    case.seal()
    with authority.serving() as url:
        case.seal(originals=(str(ATTACK),), timestamp_url=url)
    return case


def test_stock_tools_find_a_whole_bag_whole(stamped: Case, authority: Authority) -> None:
    first = follow(stamped.bag)
    assert first.returncode == 0, first.stderr
    second = follow(stamped.folder / "bag-0002", authority.root)
    assert second.returncode == 0, second.stderr
    assert 'Good "ringfence-evidence" signature' in second.stdout
    assert "custody log: whole" in second.stdout
    assert "files: those of the manifest, and no other" in second.stdout


def test_the_time_stamp_needs_an_authority_of_ones_own(stamped: Case) -> None:
    run = follow(stamped.folder / "bag-0002")
    assert run.returncode != 0
    assert "name the root certificate" in run.stderr


def added(bag: Path) -> None:
    (bag / "data/more").touch()


def linked(bag: Path) -> None:
    (bag / "data/more").symlink_to("/etc/passwd")


def changed(bag: Path) -> None:
    path = bag / "data/attackers.pcapng"
    octets = bytearray(path.read_bytes())
    octets[-20] ^= 1
    path.write_bytes(octets)


def custody_and_manifests(bag: Path) -> None:
    """A line of the log rewritten, and every manifest after it."""
    path = bag / "data/custody.jsonl"
    path.write_bytes(path.read_bytes().replace(b"anna", b"otto", 1))
    for algorithm in ("sha256", "sha512"):
        for kind in ("manifest", "tagmanifest"):
            name = f"{kind}-{algorithm}.txt"
            listed = [line.split("  ")[1] for line in (bag / name).read_text().splitlines()]
            run = subprocess.run(
                [f"{algorithm}sum", *listed], cwd=bag, capture_output=True, check=True
            )
            (bag / name).write_bytes(run.stdout)


def other_key(bag: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(bag.parent / "other")]
    subprocess.run(command, check=True)
    sealed = bag / "tagmanifest-sha256.txt"
    (bag / "tagmanifest-sha256.txt.sig").unlink()
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(bag.parent / "other")]
    subprocess.run([*command, "-n", "ringfence-evidence", str(sealed)], check=True)


@pytest.mark.parametrize("tamper", [added, linked, changed, custody_and_manifests, other_key])
def test_stock_tools_find_what_was_tampered_with(
    stamped: Case, authority: Authority, tamper: Callable[[Path], None]
) -> None:
    bag = stamped.folder / "bag-0002"
    tamper(bag)
    assert follow(bag, authority.root).returncode != 0


def test_a_broken_log_is_found_by_the_page_alone(stamped: Case) -> None:
    bag = stamped.bag
    block = blocks_of(bag)[4]
    path = bag / "data/custody.jsonl"
    path.write_bytes(path.read_bytes().replace(b"anna", b"otto", 1))
    run = subprocess.run(
        ["sh", "-e", "-c", block], cwd=bag, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "the chain is broken" in run.stdout


def test_files_are_told_by_what_they_are() -> None:
    page = write_readme(
        ["data/incident.json", "data/notes.txt"], "", "SHA256:x", NOTHING_BEFORE, "bag-0001", None
    )
    assert page.startswith("# Evidence: bag-0001\n")
    assert "- `data/incident.json`: what was found" in page
    assert "- `data/notes.txt`\n" in page
