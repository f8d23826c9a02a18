"""`ip`, `wg` and `nft`, run; their errors in words, and no key in any of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from ringfence.model.remote import RemoteError
from ringfence.model.text import shown

TIMEOUT_S = 20.0
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# `wg` repeats a key that it does not like.
_LOOKS_LIKE_KEY = re.compile(r"[A-Za-z0-9+/]{40,}=*")
_PACKAGES = {
    "wg": "wireguard-tools", "ip": "iproute2", "nft": "nftables",
}  # fmt: skip


class CommandError(RemoteError):
    """A program that said no."""


class Commands:
    """Programs of this machine, or of what `prefix` leads into (a namespace)."""

    def __init__(self, prefix: Sequence[str] = ()) -> None:
        self._prefix = tuple(prefix)

    def has(self, program: str) -> bool:
        """Whether it is installed."""
        return _found(program) is not None

    def run(self, *words: str, given: str = "") -> str:
        """What it prints. Raises CommandError, or RemoteError where there is no such program."""
        try:
            done = subprocess.run(  # noqa: S603  an argument list, no shell
                self._line(words), input=given.encode(), capture_output=True, check=False,
                timeout=TIMEOUT_S, env=_environment(),
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise RemoteError(f"{words[0]} did not answer within {TIMEOUT_S:.0f} s") from None
        except OSError as error:
            raise RemoteError(f"{words[0]} cannot be started: {error.strerror}") from None
        if done.returncode:
            raise CommandError(f"{words[0]}: {_said(done.stderr)}")
        return done.stdout.decode(errors="replace")

    def leave_running(self, *words: str, more: Mapping[str, str] | None = None) -> None:
        """Start a program that goes on by itself in the background. Raises RemoteError."""
        try:
            done = subprocess.run(  # noqa: S603  an argument list, no shell
                self._line(words), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, check=False, timeout=TIMEOUT_S,
                env={**_environment(), **(more or {})},
            )  # fmt: skip
        except (subprocess.TimeoutExpired, OSError):
            raise RemoteError(f"{words[0]} does not start") from None
        if done.returncode:
            raise CommandError(f"{words[0]} ended with status {done.returncode}")

    def _line(self, words: Sequence[str]) -> list[str]:
        program = _found(words[0])
        if program is None:
            package = _PACKAGES.get(words[0], words[0])
            raise RemoteError(
                f"{words[0]} is missing: sudo apt install {package} (Debian, Ubuntu, 3CX), "
                f"sudo dnf install {package} (Red Hat)"
            )
        return [*self._prefix, program, *words[1:]]


def _found(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path=_PATH)


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "PATH": f"{os.environ.get('PATH', '')}:{_PATH}"}


def _said(stderr: bytes) -> str:
    text = stderr.decode(errors="replace")
    first = next((line.strip() for line in text.splitlines() if line.strip()), "no reason given")
    return shown(_LOOKS_LIKE_KEY.sub("(key)", first)[:300])
