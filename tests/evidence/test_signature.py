"""Signatures: ssh-keygen takes ours, we take those of ssh-keygen, and nothing else."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ringfence.evidence.signature import (
    NAMESPACE,
    check,
    fingerprint,
    key_blob,
    key_line,
    read_key_line,
    sign,
)
from ringfence.model.evidence import EvidenceError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
BLOB = key_blob(KEY.public_key())
OCTETS = b"what is sealed\n"

needs_ssh_keygen = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="no ssh-keygen (package openssh-client)"
)


def test_who_signed_is_told() -> None:
    assert check(sign(KEY, OCTETS), OCTETS) == BLOB


def test_another_text_is_not_what_was_signed() -> None:
    with pytest.raises(EvidenceError, match="not one over this file"):
        check(sign(KEY, OCTETS), OCTETS + b"x")


def test_every_flipped_bit_is_noticed() -> None:
    signature = sign(KEY, OCTETS)
    for at in range(len(signature)):
        for bit in range(8):
            changed = bytearray(signature)
            changed[at] ^= 1 << bit
            with pytest.raises(EvidenceError):
                check(bytes(changed), OCTETS)


@pytest.mark.parametrize("octets", [b"", b"\xff" * 100, b"-----BEGIN SSH SIGNATURE-----\n"])
def test_what_is_no_signature_is_refused(octets: bytes) -> None:
    with pytest.raises(EvidenceError):
        check(octets, OCTETS)


def ssh_keygen(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = ["ssh-keygen", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def key_file(folder: Path) -> Path:
    path = folder / "key"
    path.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    path.chmod(0o600)
    return path


@needs_ssh_keygen
@pytest.mark.parametrize("octets", [OCTETS, b"", bytes(range(256)) * 1000])
def test_ssh_keygen_verifies_ours(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "sig").write_bytes(sign(KEY, octets))
    (tmp_path / "allowed").write_text(f"me {key_line(BLOB, 'x')}\n")
    arguments = ["-Y", "verify", "-f", tmp_path / "allowed", "-I", "me", "-n"]
    run = ssh_keygen(*arguments, NAMESPACE, "-s", tmp_path / "sig", stdin=octets)
    assert run.returncode == 0, run.stderr
    run = ssh_keygen(*arguments, NAMESPACE, "-s", tmp_path / "sig", stdin=octets + b"x")
    assert run.returncode != 0
    run = ssh_keygen(*arguments, "email", "-s", tmp_path / "sig", stdin=octets)
    assert run.returncode != 0


@needs_ssh_keygen
def test_ours_is_octet_for_octet_that_of_ssh_keygen(tmp_path: Path) -> None:
    arguments = ["-Y", "sign", "-f", key_file(tmp_path), "-n", NAMESPACE]
    assert ssh_keygen(*arguments, stdin=OCTETS).stdout == sign(KEY, OCTETS)


@needs_ssh_keygen
def test_a_signature_for_another_purpose_is_refused(tmp_path: Path) -> None:
    made = ssh_keygen("-Y", "sign", "-f", key_file(tmp_path), "-n", "git", stdin=OCTETS).stdout
    with pytest.raises(EvidenceError, match="another purpose"):
        check(made, OCTETS)


@needs_ssh_keygen
def test_the_fingerprint_is_that_of_ssh_keygen(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(key_line(BLOB, "x") + "\n")
    shown = ssh_keygen("-l", "-f", tmp_path / "key.pub").stdout.decode()
    assert shown.split()[1] == fingerprint(BLOB)


def test_a_key_is_read_from_the_lines_that_ssh_writes() -> None:
    line = key_line(BLOB, "x")
    assert read_key_line(line) == read_key_line(f'me namespaces="a" {line}') == BLOB


@pytest.mark.parametrize("line", [
    "", "ssh-ed25519", "ssh-ed25519 !!!", "ssh-rsa AAAA", "ssh-ed25519 AAAA",
    "ssh-ed25519 " + base64.b64encode(BLOB + b"x").decode(),
    "ssh-ed25519 " + base64.b64encode(BLOB[:-1]).decode(),
])  # fmt: skip
def test_what_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(EvidenceError):
        read_key_line(line)
