"""What tests of the command line share: a run, and a capture of a hostile sender."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ringfence.cli.app import app
from tests.wire_cases.compile import packets_of
from tests.wire_cases.files import Pcap

Run = Callable[..., Result]

# Clears the screen, renames the window, turns text around, rings: all in one name.
HOSTILE = r"\x1b[2J\x1b]0;gone\x07\xe2\x80\xae042\x9b31m"
# Hex of "101", the octet 01 and a number: SIPVicious wrote this From tag.
_TAG = "3130310131323334"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `ringfence` with arguments, on a terminal of 80 columns without colours."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands leave nothing in the project or at home, and read no settings there."""
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))
    home = str(tmp_path_factory.mktemp("home"))
    monkeypatch.setenv("XDG_DATA_HOME", home)
    monkeypatch.setenv("XDG_CONFIG_HOME", home)
    monkeypatch.delenv("RINGFENCE_SETTINGS", raising=False)


@pytest.fixture
def attack(root: Path) -> Path:
    """The example that ships with the project."""
    return root / "examples/attack.pcap"


@pytest.fixture
def quiet(tmp_path: Path) -> Path:
    """A capture in which nobody attacks."""
    return _capture(tmp_path / "quiet.pcap", [_request("198.51.100.7", "OPTIONS", "1", "Phone")])


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """A capture with a mere suspect: a program that attackers like to use says hello."""
    return _capture(
        tmp_path / "doubtful.pcap", [_request("203.0.113.66", "OPTIONS", "1", "sipcli/v1.8")]
    )


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A scanner and a user with a wrong password, both with escapes in all they write."""
    packets = [
        _request("203.0.113.66", "OPTIONS", f"s{n}", f"friendly-scanner {HOSTILE}", tag=_TAG)
        for n in range(4)
    ]
    for n in range(4):
        packets.append(_request("198.51.100.9", "REGISTER", f"u{n}", HOSTILE, user=HOSTILE))
        packets.append(_refusal("198.51.100.9", f"u{n}"))
    return _capture(tmp_path / "hostile.pcap", packets)


def _capture(path: Path, packets: list[str]) -> Path:
    path.write_bytes(Pcap().file(packets_of("\n".join(packets))))
    return path


def _request(
    source: str, method: str, call: str, agent: str, *, tag: str = "1", user: str = ""
) -> str:
    credentials = (
        f'Authorization: Digest username="{user}", realm="pbx", nonce="n{call}",'
        f' uri="sip:192.0.2.10", response="{call}"'
    )
    lines = [
        f"{method} sip:{user or 100}@192.0.2.10 SIP/2.0",
        f"Via: SIP/2.0/UDP {source}:5060;branch=z9hG4bK{call}",
        f"From: <sip:{user or 100}@192.0.2.10>;tag={tag}",
        f"To: <sip:{user or 100}@192.0.2.10>",
        f"Call-ID: {call}@{source}",
        f"CSeq: 1 {method}",
        f"User-Agent: {agent}",
        *([credentials] if user else []),
        "Content-Length: 0",
        "",
        "",
    ]
    return _packet(source, "192.0.2.10", lines)


def _refusal(target: str, call: str) -> str:
    lines = [
        "SIP/2.0 401 Unauthorized",
        f"Via: SIP/2.0/UDP {target}:5060;branch=z9hG4bK{call}",
        f"From: <sip:{HOSTILE}@192.0.2.10>;tag=1",
        f"To: <sip:{HOSTILE}@192.0.2.10>;tag=2",
        f"Call-ID: {call}@{target}",
        "CSeq: 1 REGISTER",
        f'WWW-Authenticate: Digest realm="pbx", nonce="x{call}"',
        "Content-Length: 0",
        "",
        "",
    ]
    return _packet("192.0.2.10", target, lines)


def _packet(source: str, target: str, lines: list[str]) -> str:
    payload = "\n! ".join(line + r"\r\n" for line in lines[:-1])
    return f"packet\neth\nip4 {source} > {target}\nudp 5060 > 5060\n! {payload}"
