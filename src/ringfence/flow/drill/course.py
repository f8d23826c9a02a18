"""The drill itself, step by step: from the proof of ownership to the alarm that arrived.

How it works: what needs an address that nobody knows comes first, then the attack, then what
became of it. Nothing but the question for the proof is sent before that proof; an address of
this machine needs none. Each step says what it saw, what that means and what to do; a step
that cannot be carried out says so, and is never taken for passed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ringfence.flow.drill.line import ANSWER, REFUSED, Heard, Line, SpentError, is_own
from ringfence.flow.drill.proof import Proof
from ringfence.flow.drill.requests import TOOL_AGENT, options, register
from ringfence.flow.drill.stands import NONE, RUNS
from ringfence.model.drill import (
    ALARM,
    CLOSED,
    DOORS,
    ENDS,
    FAIL,
    OK,
    OWNERSHIP,
    STEPS,
    TOOL,
    UNCHECKED,
    WARN,
    DrillError,
    Step,
)
from ringfence.model.text import count, shown

# Requests of the attack tool; it is silenced when so many in a row got no answer.
BURST = 16
_SILENT = 3
# Where nothing answered before, a few show that nothing answers now.
_VAIN = 4
_ANSWER_S = 0.3
# When it asks whether the block has ended: one without proof of the address lasts 60 s, and who
# knocks meanwhile has it begin anew.
ENDS_S = (66.0, 134.0)
# An alarm waits some seconds for the proof that the block works.
ALARM_S = 8.0
MANAGERS = {
    5038: "Asterisk's manager interface",
    8021: "FreeSWITCH's event socket",
    8088: "Asterisk's HTTP (ARI)",
    8089: "Asterisk's HTTPS (ARI)",
}
TUNNEL = 5090
_TUNNEL = "3CX's tunnel"


@dataclass(frozen=True, slots=True)
class Course:
    """What is drilled, and how."""

    addresses: tuple[str, ...] = ()  # one of each version of IP at most
    drill: str = ""  # the mark of its packets
    key: bytes = b""  # by the code; none: only this machine's own addresses
    token_port: int = 5099
    sip_port: int = 5060
    tls_port: int = 5061
    wireguard_port: int = 51820
    closed: bool = False  # port 5060 is meant to be closed for this machine
    ends_s: tuple[float, ...] = ENDS_S


class Drill:
    """One drill. `confirm`: asks who sits before it; None: nobody does."""

    def __init__(
        self, course: Course, line: Line, confirm: Callable[[str], bool] | None = None
    ) -> None:
        self._course, self._line, self._confirm = course, line, confirm
        self._proofs: dict[str, Proof] = {}
        self._answers = False  # whether OPTIONS of a stranger were answered before the attack
        self._silenced = False
        self._blocked = False  # still, at the end
        self._own = False

    def steps(self) -> Iterator[Step]:
        """Each step, when it is done. Raises DrillError before anything but a question was sent."""
        yield self._owned()
        parts = (self._closed, self._doors, self._tool, self._ends, self._alarm)
        for name, part in zip(STEPS[1:], parts, strict=True):
            try:
                yield part()
            except SpentError:
                yield Step(
                    name, UNCHECKED, "as many packets as a drill may send were sent",
                    "so much answered that no more was tried", "repair what failed, drill again",
                )  # fmt: skip

    # ------------------------------------------------------------ whose it is

    def _owned(self) -> Step:
        course = self._course
        strange = [one for one in course.addresses if not is_own(one)]
        self._own = not strange
        if not strange:
            return Step(OWNERSHIP, OK, "it is an address of this machine")
        if not course.key:
            raise DrillError(
                "nothing was sent: run `ringfence drill token` on the phone system's machine, and "
                "name what it shows with --token"
            )
        for address in strange:
            proof = Proof(self._line, address, course.token_port, course.key, course.drill)
            proof.get()
            self._proofs[address] = proof
        seen = ", ".join(dict.fromkeys(one.you for one in self._proofs.values()))
        return Step(
            OWNERSHIP, OK, f"{', '.join(strange)} knows the code; it sees this machine as {seen}"
        )

    # ------------------------------------------------------------ before the attack

    def _closed(self) -> Step:
        if self._own:
            return _of_ourselves(CLOSED)
        course, line = self._course, self._line
        heard: list[tuple[str, Heard]] = []
        for address in course.addresses:
            mark = course.drill
            asked = {"OPTIONS": options(address, mark), "REGISTER": register(address, mark)}
            for name, request in asked.items():
                found = line.ask(address, course.sip_port, request, name)
                heard.append((f"{name} to {address} port {course.sip_port}/UDP", found))
                self._answers |= found.kind == ANSWER and address == course.addresses[0]
            by_tcp = options(address, mark, transport="TCP")
            found = line.reach(address, course.sip_port, "OPTIONS", by_tcp)
            heard.append((f"{address} port {course.sip_port}/TCP", found))
            found = line.reach(address, course.tls_port, "connection")
            heard.append((f"{address} port {course.tls_port}/TCP (TLS)", found))
        answered = [what for what, one in heard if one.is_answer]
        if not answered:
            note = " (some were refused by the machine)" if _refused(heard) else ""
            return Step(
                CLOSED, OK, f"{count(len(heard), 'attempt')}, and nobody answered{note}",
                "who is not admitted does not find this phone system",
            )  # fmt: skip
        return Step(
            CLOSED, FAIL if course.closed else WARN, f"answered: {'; '.join(answered)}",
            "anybody finds this phone system and may begin to guess",
            "close the port for strangers: `ringfence lockdown plan`; if this machine is admitted, "
            "drill from one that is not",
        )  # fmt: skip

    def _doors(self) -> Step:
        course, line = self._course, self._line
        open_ones, tunnel = [], ""
        address = course.addresses[0]
        for port, name in MANAGERS.items():
            if line.reach(address, port, "connection").is_answer:
                open_ones.append(f"{name} (port {port}/TCP)")
        if line.reach(address, TUNNEL, "connection").is_answer:
            tunnel = f"{_TUNNEL} (port {TUNNEL}/TCP) takes connections"
        # Four octets are no message of WireGuard: it says nothing to them, as to everything
        # that is not sealed with a key it knows.
        found = line.ask(address, course.wireguard_port, lambda _a, _p: b"\0\0\0\0", "four octets")
        guarded = {
            ANSWER: "something answers there that is not WireGuard",
            REFUSED: "nothing listens there",
        }.get(found.kind, "silent, as it should be")
        says = f"WireGuard's port {course.wireguard_port}/UDP: {guarded}"
        if open_ones:
            return Step(
                DOORS, WARN if self._own else FAIL,
                f"open from here: {', '.join(open_ones)}; {says}",
                "who guesses its password owns the phone system",
                "have it listen to 127.0.0.1 alone, or close its port in the firewall",
            )  # fmt: skip
        if tunnel or found.kind == ANSWER:
            return Step(
                DOORS, WARN, "; ".join(one for one in (tunnel, says) if one),
                "a door more to watch; behind 3CX's tunnel only 3CX's own log shows an attack",
                "close it where nobody needs it",
            )  # fmt: skip
        return Step(DOORS, OK, f"manager ports and 3CX's tunnel are closed from here; {says}")

    # ------------------------------------------------------------ the attack

    def _tool(self) -> Step:
        if self._own:
            return _of_ourselves(TOOL)
        course, line = self._course, self._line
        address, began = course.addresses[0], time.monotonic()
        sent = answers = silent = 0
        last_s = 0.0
        while sent < BURST and silent < (_SILENT if answers else _VAIN):
            make = register if sent % 2 else options
            request = make(address, course.drill, TOOL_AGENT)
            heard = line.ask(
                address, course.sip_port, request, "an attack tool's request",
                wait_s=_ANSWER_S, burst=True,
            )  # fmt: skip
            sent += 1
            if heard.kind == ANSWER:
                answers, silent, last_s = answers + 1, 0, time.monotonic() - began
            else:
                silent += 1
        self._silenced = silent >= _SILENT
        if not self._silenced:
            return self._not_dropped(sent, answers)
        if not answers:
            before = "" if self._answers else "; it answered nobody before, either"
            says = f"not one of {sent} requests was answered{before}"
        else:
            says = f"{count(answers, 'answer')}, then silence after {last_s:.1f} s"
        if self._answers:
            plain = line.ask(address, course.sip_port, options(address, course.drill), "OPTIONS")
            if plain.kind == ANSWER:
                self._silenced = False
                return Step(
                    TOOL, WARN, f"{says}; a request with another name is still answered",
                    "the phone system ignores the tool's name, and nobody blocks its address: "
                    "attackers change their name",
                    "let the guard act: `ringfence guard --enforce`",
                )  # fmt: skip
        return Step(TOOL, OK, says, "an attack tool is dropped")

    def _not_dropped(self, sent: int, answers: int) -> Step:
        told = self._stands() or {}
        if told.get("guard") == RUNS and told.get("enforcing") and told.get("kept"):
            return Step(
                TOOL, WARN, f"{answers} of {sent} requests were answered, as this address is never "
                f"blocked: {shown(str(told['kept']))}",
                "nothing is proven", "drill from another address",
            )  # fmt: skip
        if told.get("guard") == RUNS and not told.get("enforcing"):
            why = "the guard there only watches (dry run)"
            do = "let it act: `ringfence guard --enforce`"
        elif told.get("guard") == NONE:
            why, do = "no guard runs there", "start it: `ringfence guard --enforce`"
        else:
            why = "the guard does not hear it, knows this address, or blocked it within the hour"
            do = (
                "see `ringfence guard status` and `ringfence allow` there; drill an hour later, "
                "from an address that is not allowed"
            )
        return Step(
            TOOL, FAIL, f"{answers} of {sent} requests of an attack tool were answered",
            f"nobody stops it: {why}", do,
        )  # fmt: skip

    # ------------------------------------------------------------ what became of it

    def _ends(self) -> Step:
        if self._own:
            return _of_ourselves(ENDS)
        course, line = self._course, self._line
        if not self._silenced:
            return Step(ENDS, UNCHECKED, "nothing was blocked")
        if not self._answers:
            return Step(
                ENDS, UNCHECKED, "the port answered nobody before",
                "from here nobody sees whether a block has ended",
                f"on the phone system's machine: `ringfence blocks`; {self._undo()}",
            )  # fmt: skip
        address, began = course.addresses[0], time.monotonic()
        for at in course.ends_s:
            line.pause(max(0.0, began + at - time.monotonic()))
            heard = line.ask(address, course.sip_port, options(address, course.drill), "OPTIONS")
            if heard.kind == ANSWER:
                return Step(
                    ENDS, OK, f"answered again after {time.monotonic() - began:.0f} s",
                    "who was blocked by mistake is not locked out for ever",
                )  # fmt: skip
        self._blocked = True
        return Step(
            ENDS, WARN, f"still blocked after {time.monotonic() - began:.0f} s",
            "a block gets longer with each time", self._undo(),
        )  # fmt: skip

    def _alarm(self) -> Step:
        if self._own:
            return _of_ourselves(ALARM)
        told = None if self._blocked else self._stands(ALARM_S)
        if told is None:
            return self._asked_alarm()
        if told.get("guard") != RUNS:
            return Step(
                ALARM, FAIL, "no guard runs there", "nobody is told of an attack",
                "start it: `ringfence guard --enforce`",
            )  # fmt: skip
        if not told.get("seen"):
            return Step(
                ALARM, FAIL, "the guard there did not notice the drill",
                "it does not hear what arrives at the phone system",
                "see `ringfence guard status` and `ringfence doctor` there",
            )  # fmt: skip
        says = f"the guard noticed it ({shown(str(told.get('state')) or 'over')})"
        case = f", case {shown(str(told.get('case')))}" if told.get("case") else ""
        return _alarm_of(told, says, case)

    def _asked_alarm(self) -> Step:
        where = "the phone system's machine cannot be asked from here now"
        if self._confirm is None:
            return Step(
                ALARM, UNCHECKED, where, "nobody was here to say whether an alarm arrived",
                "`ringfence guard status` there; look into your mail",
            )  # fmt: skip
        if self._confirm("Did an alarm about this drill reach you?"):
            return Step(ALARM, OK, "an alarm arrived, you say")
        return Step(
            ALARM, FAIL, "no alarm arrived, you say", "nobody is told of an attack",
            "`ringfence alert test` and `ringfence guard status` there",
        )  # fmt: skip

    def _stands(self, wait_s: float = 0.0) -> dict[str, object] | None:
        """How the guard did; a second question where an alarm is still under way."""
        proof = self._proofs.get(self._course.addresses[0])
        told = proof.stands() if proof is not None else None
        if told is not None and proof is not None and wait_s and not told.get("reached"):
            self._line.pause(wait_s)
            told = proof.stands() or told
        return told

    def _undo(self) -> str:
        proof = self._proofs.get(self._course.addresses[0])
        you = shown(proof.you) if proof is not None else "ADDRESS"
        return f"to end it there: `ringfence unblock {you} --why drill`"


def unfinished(done: list[Step]) -> list[Step]:
    """What was not come to, after an end by hand."""
    names = {one.name for one in done}
    return [Step(name, UNCHECKED, "the drill was stopped") for name in STEPS if name not in names]


def _of_ourselves(name: str) -> Step:
    return Step(
        name, UNCHECKED, "this machine is the phone system's own",
        "its own packets never pass where strangers' do, and it is never blocked",
        "drill from another machine, with the code of `ringfence drill token`",
    )  # fmt: skip


def _alarm_of(told: dict[str, object], says: str, case: str) -> Step:
    """Of an attack that the guard noticed: whether anybody was told."""
    if told.get("reached"):
        return Step(ALARM, OK, f"{says}, and its alarm was delivered{case}")
    if told.get("told"):
        return Step(
            ALARM, WARN, f"{says}; its alarm waits, or nobody took it{case}",
            "you would not have heard of it yet", "`ringfence alert test` there",
        )  # fmt: skip
    return Step(
        ALARM, WARN, f"{says}, and raised no alarm{case}",
        "you would not have heard of it",
        "name somebody in [alerts] of the settings there; an alarm about the same address "
        "comes again after a quarter of an hour at the earliest",
    )  # fmt: skip


def _refused(heard: list[tuple[str, Heard]]) -> bool:
    return any(one.kind == REFUSED for _, one in heard)
