"""Conversations as text: who sends which SIP message to whom, when, and what is answered.

    # What happens here, and why it is innocent or not.
    pbx   192.0.2.10                               a party: name, address[:port], its manners
    phone 198.51.100.7:5062 agent="Yealink SIP-T46S"
    eve   203.0.113.66 agent=friendly-scanner tag=svwar

    at 22:00                                       the clock: h:mm[:ss], seconds, or +seconds
    phone REGISTER 201 > 401 auth 200              challenge, credentials, acceptance
    eve REGISTER {100..140} every=0.1 > 404        one line each, a tenth of a second apart
    phone INVITE 202 > 401 auth 180 200 media=50 bye=60

    expect
    eve attacker enumeration +missing_accounts -flood
    phone ordinary

`captured from NAME` and `captured to NAME`: only that direction was. `with NAME` plays
another file first, its expectations left out. Ranges {a..b} and lists
{a,b} on a line run in step; shorter ones start again; `times=3` runs the line again, and
all of its ranges with it. Before `>` stands a request and its variants, `to=` names who
is asked (else the first party). After `>` comes what happens then, from left to right:

    401 486 200     the asked party answers (401:abc challenges with nonce abc)
    auth auth=1234  the request once more, with credentials (the right ones, or password 1234)
    again=2         the request is retransmitted; `echo`: the last answer is
    wait=5          time passes
    media=50        RTP packets of both sides; `cancel`, `bye=60`, `hangup=60`: the end, and who

`expect` names a party, its verdict (`accused` for attacker or suspect, * for any), the
kinds (exactly these when one is given), and clues that it must (+) or must not (-) bear;
`~nonce` is the proof of its address. Whoever is not named must not be accused.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from tests.conversations.carrier import Carrier
from tests.conversations.speech import Dialog, Speaker
from tests.wire_cases.compile import Packet
from tests.wire_cases.files import NANOSECONDS, Pcap

FOLDER = Path(__file__).parent
# 2026-10-05T00:00:00Z; only differences matter.
MIDNIGHT_NS = 1_791_158_400_000_000_000
# From one message to the next of the same exchange.
STEP_S = 0.01
# Where the source address stands in an Ethernet frame.
_IPV4_SOURCE = 26
_BRACES = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be said of one party."""

    party: str
    verdict: str = "*"
    kinds: frozenset[str] = frozenset()
    bears: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    proof: str = ""


@dataclass(slots=True)
class Scene:
    """One conversation: the packets, who is who, and what must come of it."""

    about: str = ""
    parties: dict[str, Speaker] = field(default_factory=dict)
    carrier: Carrier = field(default_factory=Carrier)
    expected: list[Expected] = field(default_factory=list)
    captured: tuple[str, str] | None = None

    @property
    def packets(self) -> list[Packet]:
        """Everything that was sent, in order of time."""
        captured = [packet for packet in self.carrier.packets if self._is_captured(packet)]
        return sorted(captured, key=lambda packet: packet.time_ns)

    def _is_captured(self, packet: Packet) -> bool:
        if not self.captured:
            return True
        way, name = self.captured
        at = _IPV4_SOURCE if way == "from" else _IPV4_SOURCE + 4
        return packet.octets[at : at + 4] == self.parties[name].address.packed

    def capture(self) -> bytes:
        """The conversation as a capture file."""
        return capture_of(self.packets)


def capture_of(packets: list[Packet]) -> bytes:
    """Packets as a pcap file with nanoseconds."""
    return Pcap(NANOSECONDS).file(packets)


def read_scenes(text: str) -> dict[str, Scene]:
    """Scenes under headings `== name`; what stands before the first belongs to each."""
    common, *parts = re.split(r"^== *", text, flags=re.MULTILINE)
    named = (part.partition("\n") for part in parts)
    return {name.strip(): read_scene(common + told) for name, _, told in named}


def read_scene(text: str) -> Scene:
    """The conversation that a text describes. Raises ValueError with the line."""
    stage = _Stage(Scene())
    told, _, expected = text.partition("\nexpect\n")
    for number, line in enumerate(told.splitlines(), 1):
        try:
            stage.read(line.strip())
        except (ValueError, KeyError, IndexError) as error:
            raise ValueError(f"line {number}, {line!r}: {error}") from error
    stage.scene.about = stage.scene.about.strip()
    for line in expected.splitlines():
        if line.strip() and not line.startswith("#"):
            stage.scene.expected += _read_expected(line)
    return stage.scene


def _read_expected(line: str) -> Iterator[Expected]:
    for words in _in_step(line.split()):
        party, verdict, *rest = words
        yield Expected(
            party,
            verdict,
            frozenset(w for w in rest if w[0] not in "+-~"),
            frozenset(w[1:] for w in rest if w[0] == "+"),
            frozenset(w[1:] for w in rest if w[0] == "-"),
            next((w[1:] for w in rest if w[0] == "~"), ""),
        )


def _in_step(words: list[str], times: int = 1) -> Iterator[list[str]]:
    """The line once for each value of its longest range; the others keep step."""
    ranges = [_values(found) for word in words for found in _BRACES.findall(word)]
    longest = max((len(values) for values in ranges), default=1)
    for n in range(longest * times):
        left = iter(ranges)
        yield [
            _BRACES.sub(lambda _, n=n, left=left: _nth(next(left), n), word)  # type: ignore[misc]
            for word in words
        ]


def _nth(values: list[str], n: int) -> str:
    return values[n % len(values)]


def _values(text: str) -> list[str]:
    first, dots, last = text.partition("..")
    if not dots:
        return text.split(",")
    width = len(first) if first.startswith("0") else 0
    return [str(n).zfill(width) for n in range(int(first), int(last) + 1)]


@dataclass(slots=True)
class _Stage:
    """The scene while its lines are played."""

    scene: Scene
    clock_s: float = 0.0

    def read(self, line: str) -> None:
        if line.startswith("#"):
            self.scene.about += line[1:].strip() + " "
        elif line:
            words = shlex.split(line, comments=False)
            if words[0] == "with":
                self._play_first(words[1])
            elif words[0] == "captured":
                self.scene.captured = (words[1], words[2])
            elif words[0] == "at":
                self._set_clock(words[1])
            elif next(_in_step(words[:1]))[0] in self.scene.parties:
                self._act(words)
            else:
                self._introduce(words)

    def _play_first(self, name: str) -> None:
        text = (FOLDER / f"{name}.txt").read_text().partition("\nexpect\n")[0]
        for line in text.splitlines():
            if not line.startswith("#"):
                self.read(line.strip())

    def _set_clock(self, text: str) -> None:
        if text.startswith("+"):
            self.clock_s += float(text[1:])
            return
        parts = [float(part) for part in text.split(":")]
        hours, minutes, seconds = ([*parts, 0.0] if len(parts) == 2 else [0.0, 0.0, *parts])[-3:]
        self.clock_s = hours * 3600 + minutes * 60 + seconds

    def _introduce(self, words: list[str]) -> None:
        for name, where, *manners in _in_step(words):
            address, port = where, "5060"
            if where.count(":") == 1:
                address, _, port = where.partition(":")
            elif where.startswith("["):
                address, _, port = where[1:].partition("]:")
            options = _options(manners)
            self.scene.parties[name] = Speaker(
                name, ip_address(address), int(port or 5060), "tcp" in manners, options
            )

    def _act(self, words: list[str]) -> None:
        options = _options(words)
        every, times = float(options.get("every", "1")), int(options.get("times", "1"))
        for said in _in_step(words, times):
            _Exchange(self.scene, said, self.clock_s).play()
            self.clock_s += every


def _options(words: list[str]) -> dict[str, str]:
    """What is written name=value, before the arrow."""
    ahead = words[: words.index(">")] if ">" in words else words
    return dict(word.split("=", 1) for word in ahead if "=" in word)


@dataclass(slots=True)
class _Exchange:
    """One line of action: a request and what comes of it."""

    scene: Scene
    words: list[str]
    clock_s: float
    dialog: Dialog = field(init=False)
    answerer: Speaker = field(init=False)
    caller: Speaker = field(init=False)

    def play(self) -> None:
        arrow = self.words.index(">") if ">" in self.words else len(self.words)
        name, method, target, *_ = [*self.words[:arrow], ""]
        options = _options(self.words)
        self.caller = self.scene.parties[name]
        asked = options.get("to", next(iter(self.scene.parties)))
        self.answerer = self.scene.parties[asked]
        target = "" if "=" in target else target
        self.dialog = self.caller.begin(method, target, self.answerer, options)
        self._ask(self.dialog.request(credentials=options.get("auth")))
        for step in self.words[arrow + 1 :]:
            self._step(*step.partition("=")[::2])

    def _step(self, word: str, value: str) -> None:
        if word[:3].isdigit():
            self._answer(int(word[:3]), word[4:])
        elif word == "auth":
            self._ask(self.dialog.request(credentials=value))
        elif word == "again":
            for _ in range(int(value or 1)):
                self._ask(self.dialog.last_request, after_s=0.5)
        elif word == "echo":
            self._reply(self.dialog.last_response)
        elif word == "wait":
            self.clock_s += float(value)
        elif word == "media":
            self._media(int(value))
        elif word == "cancel":
            self._ask(self.dialog.cancel())
        elif word in ("bye", "hangup"):
            self._end(word, float(value or 1))
        else:
            raise ValueError(f"{word!r} is nothing that can happen")

    def _answer(self, status: int, nonce: str) -> None:
        self._reply(self.dialog.response(status, nonce))
        acknowledges = self.dialog.manners.get("ack") != "none"
        if self.dialog.method == "INVITE" and status >= 200 and acknowledges:
            self._ask(self.dialog.ack(status))

    def _end(self, word: str, after_s: float) -> None:
        self.clock_s += after_s
        if word == "bye":
            self._ask(self.dialog.bye())
            self._reply(self.dialog.response(200))
        else:
            hangup, done = self.dialog.hangup()
            self._reply(hangup)
            self._ask(done)

    def _media(self, packets: int) -> None:
        began_s = self.clock_s
        for n in range(packets):
            self.clock_s = began_s + 0.02 * n
            sound = self.dialog.sound(n)
            self._send(self.caller, self.answerer, sound, ports=self.dialog.media_ports)
            self._send(self.answerer, self.caller, sound, ports=self.dialog.media_ports[::-1])
        self.clock_s = began_s

    def _ask(self, octets: bytes, after_s: float = STEP_S) -> None:
        self._send(self.caller, self.answerer, octets)
        self.clock_s += after_s

    def _reply(self, octets: bytes) -> None:
        self._send(self.answerer, self.caller, octets)
        self.clock_s += STEP_S

    def _send(
        self, source: Speaker, target: Speaker, octets: bytes, ports: tuple[int, int] | None = None
    ) -> None:
        tcp = (self.caller.tcp or self.answerer.tcp) and ports is None
        source_port, target_port = ports or (source.port, target.port)
        self.scene.carrier.carry(
            MIDNIGHT_NS + round(self.clock_s * 1e9),
            (source.address, source_port),
            (target.address, target_port),
            octets,
            tcp=tcp,
        )
