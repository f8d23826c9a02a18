"""The follow-up of one case: which steps it has, how each stands, what to do and until when.

How it works: a step is derived from what the store knows (investigations, letters, replies,
contacts), so that nobody has to tick what the tool did or saw. What somebody said of a
step (a mark) counts more than what is derived; taking it back derives the step anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ringfence.cases.desk_steps import cut, desk_steps, named, quoted, said
from ringfence.cases.standing import Standing
from ringfence.cases.terms import days_after, due
from ringfence.model.case import CLOSED, Case
from ringfence.model.countries import NAMES
from ringfence.model.follow_up import (
    ACTED,
    ANSWERED,
    BOUNCED,
    DONE,
    NOT_NEEDED,
    PER_NETWORK,
    STEPS,
    TO_DO,
    WAITING,
    FollowUp,
)
from ringfence.model.letter import CARRIER, FBI, IC3, ISP, POLICE
from ringfence.model.measure import Measure
from ringfence.model.settings import Settings
from ringfence.model.text import count, shown

_US = "US"
_IC3_FORM = "https://complaint.ic3.gov"
# What must be done again when the same hand comes from other addresses.
AGAIN = ("blocked", "isp_asked", *PER_NETWORK)


def checklist(
    standing: Standing,
    settings: Settings,
    today: str,
    later: Sequence[tuple[Case, Sequence[FollowUp]]] = (),
) -> list[FollowUp]:
    """All steps of a case in their order; `later`: checklists of cases of the same hand since."""
    day = today[:10]
    steps = _Steps(standing, settings, day)
    found = list(steps.of_case())
    networks = standing.networks()
    for network in networks:
        found += desk_steps(standing, network, day)
    if not networks:
        found += [steps.no_network(step) for step in PER_NETWORK]
    found.sort(key=lambda step: _ORDER[step.step])
    again = [step for case, theirs in later for step in _again(case, theirs)]
    return [*found, *again, steps.closed([*found, *again])]


_ORDER = {step: place for place, step in enumerate(STEPS)}


def _again(case: Case, steps: Sequence[FollowUp]) -> Iterator[FollowUp]:
    """What a later case of the same hand asks for."""
    for step in steps:
        closed = case.state == CLOSED and step.state == TO_DO
        if step.step in AGAIN and step.state != NOT_NEEDED and not closed:
            yield replace(step, says=f"Again, for {case.id}: {step.says}")


class _Steps:
    """Steps that a case has once."""

    def __init__(self, standing: Standing, settings: Settings, today: str) -> None:
        self._standing = standing
        self._today = today
        self._case = standing.case.id
        self._since = standing.case.opened_at
        self._country = settings.victim.country.strip().upper()

    def of_case(self) -> Iterator[FollowUp]:
        """All but the last, in no order; what somebody said of one comes first."""
        derived = (
            self._captured, self._users, self._evidence, self._blocked, self._credentials,
            self._carrier, self._isp, self._ic3, self._fbi, self._agent, self._trace,
            self._registry, self._police,
        )  # fmt: skip
        for derive in derived:
            yield derive()

    def closed(self, steps: Sequence[FollowUp]) -> FollowUp:
        """The last step, when nothing else is open."""
        if self._standing.is_closed:
            when, _, why = self._standing.closed.partition(" ")
            return FollowUp("closed", DONE, why or "Closed.", at=when or None)
        left = sum(step.state in (TO_DO, WAITING) for step in steps)
        if left:
            return FollowUp("closed", TO_DO, f"When the other {count(left, 'step')} are done.")
        return FollowUp(
            "closed", TO_DO, "Nothing else is open: close it.", due=self._today,
            command=f"ringfence case close {self._case} --why 'all done'",
        )  # fmt: skip

    def no_network(self, step: str) -> FollowUp:
        """A step of networks where nobody can be blamed."""
        return self._said(step) or FollowUp(
            step, NOT_NEEDED, "No address is proven: a letter might blame who was only named."
        )

    def _captured(self) -> FollowUp:
        investigated = self._standing.investigated
        inputs = {i.sha256: i for one in investigated for i in one.incident.inputs}
        messages = sum(i.sip_messages for i in inputs.values())
        says = f"{count(len(inputs), 'capture')}, {count(messages, 'SIP message')}."
        if self._standing.continues:
            says += f" The same hand as in {', '.join(self._standing.continues[:3])}."
        at = investigated[0].at if investigated else self._since
        return FollowUp("captured", DONE, says, at=at)

    def _users(self) -> FollowUp:
        last = self._standing.investigated[-1:]
        ordinary = sum(one.incident.ordinary for one in last)
        trouble = sum(len(one.incident.in_trouble) for one in last)
        says = f"{count(ordinary, 'ordinary source')} left alone"
        says += f", {count(trouble, 'user')} to help." if trouble else "."
        return FollowUp("users_excluded", DONE, says, at=last[0].at if last else self._since)

    def _evidence(self) -> FollowUp:
        step = "evidence_sealed"
        if mark := self._said(step):
            return mark
        investigated = self._standing.investigated
        without = [one for one in investigated if not one.sealed]
        if investigated and len(without) < len(investigated):
            done = next(one for one in investigated if one.sealed)
            return FollowUp(step, DONE, f"In {shown(done.folder or '')}/evidence.", at=done.at)
        names = " ".join(_quoted(i.path) for one in without[-1:] for i in one.incident.inputs)
        gone = any(one.folder for one in without)
        says = "The case folder is no longer where it was: seal" if gone else "Seal"
        return FollowUp(
            step, TO_DO, f"{says} the captures before they are overwritten.",
            due=due(step, self._since),
            command=f"ringfence investigate {names or 'CAPTURE'} --out ringfence-{self._case}-2",
        )  # fmt: skip

    def _blocked(self) -> FollowUp:
        step, blamed = "blocked", self._standing.blamed()
        mark = self._standing.mark(step)
        found = {address: self._standing.block_of(address) for address in blamed}
        blocks = [block for block in found.values() if block is not None]
        new = [a for a, at in blamed.items() if not found[a] and (mark is None or at > mark.at)]
        if mark is not None and not (mark.state == DONE and new):
            return said(mark)
        if blocks and not new:
            return _in_firewall(blocks)
        if not blamed:
            return FollowUp(
                step, NOT_NEEDED, "No address is proven: whom to block could be anybody."
            )
        lists = [one.blocks for one in self._standing.investigated if one.blocks]
        more = " (new since the last block)" if mark is not None or blocks else ""
        what = f"Drop {named(new)} at the firewall{more}."
        if lists:
            what = (
                f"Load the list against {named(new)}{more}; it leaves out what would hit you. "
                "Lists for other firewalls lie beside it."
            )
        load = f"sudo nft -f {_quoted(lists[-1])} && " if lists else ""
        return FollowUp(
            step, TO_DO, what,
            due=due(step, blamed[new[0]]), command=f"{load}ringfence case done {self._case} {step}",
        )  # fmt: skip

    def _credentials(self) -> FollowUp:
        step = "credentials_fixed"
        if mark := self._said(step):
            return mark
        done = f"ringfence case done {self._case} {step}"
        if taken := self._standing.accounts_taken():
            return FollowUp(
                step, TO_DO, f"Somebody knows the password of {named(taken)}: set another one, end "
                "its calls and foreign registrations.",
                due=due("credentials_taken", self._since), command=done,
            )  # fmt: skip
        if self._standing.kinds() & {"password_guessing", "enumeration"}:
            return FollowUp(
                step, TO_DO, "Passwords were guessed at: make them long and random, none like the "
                "extension.",
                due=due("credentials_guessed", self._since), command=done,
            )  # fmt: skip
        return FollowUp(step, NOT_NEEDED, "Nobody guessed at passwords.")

    def _carrier(self) -> FollowUp:
        calls, taken = self._standing.calls(), self._standing.accounts_taken()
        if not calls and not taken:
            return self._said("carrier_told") or FollowUp(
                "carrier_told", NOT_NEEDED, "No call was answered, and nobody got in."
            )
        says = (
            f"By telephone first: bar calls abroad, dispute {count(calls, 'answered call')}."
            if calls
            else "Ask your carrier to bar what you do not call: somebody got in."
        )
        day = due("carrier_calls" if calls else "carrier_account", self._since)
        return self._letter("carrier_told", CARRIER, says, day)

    def _isp(self) -> FollowUp:
        step, standing = "isp_asked", self._standing
        flood = "flood" in standing.kinds()
        if not flood and not standing.goes_on():
            return self._said(step) or FollowUp(
                step, NOT_NEEDED, "No flood, and it does not go on: your own block is enough."
            )
        why = "it fills your line" if flood else "it goes on"
        return self._letter(
            step, ISP, f"Ask your ISP to drop it upstream: {why}.", due(step, self._since)
        )

    def _letter(self, step: str, kind: str, says: str, day: str) -> FollowUp:
        """A step that a letter to one of the owner's own providers does."""
        if mark := self._said(step):
            return mark
        command = f"ringfence letter {self._case} {kind} --send"
        letters = self._standing.of_kind(kind)
        sent = [letter for letter in letters if letter.sent_at]
        if not sent:
            written = f" Written ({letters[-1].file}), not sent." if letters else ""
            return FollowUp(step, TO_DO, says + written, due=day, command=command)
        told, replies = sent[-1].sent_at, self._standing.replies_to(sent)
        if people := [reply for reply in replies if reply.outcome in (ACTED, ANSWERED)]:
            return FollowUp(step, DONE, f"Answered. {quoted(people[-1])}", at=told)
        last = self._standing.replies_to(sent[-1:])
        if last and all(reply.outcome == BOUNCED for reply in last):
            return FollowUp(
                step, TO_DO, f"The letter came back: telephone them. {cut(last[-1].says, 100)}",
                due=last[-1].at[:10], at=told, command=f"ringfence case done {self._case} {step}",
            )  # fmt: skip
        until = due(f"{kind}_wait", told)
        if self._today <= until:
            return FollowUp(step, WAITING, f"Told on {told[:10]}: their turn.", due=until, at=told)
        return FollowUp(
            step, TO_DO, f"No answer since {told[:10]}: telephone them.",
            due=days_after(until, 1), at=told, command=f"ringfence case done {self._case} {step}",
        )  # fmt: skip

    def _ic3(self) -> FollowUp:
        step = "ic3_filed"
        if other := self._said(step) or self._elsewhere(step, "IC3 takes complaints"):
            return other
        term = "ic3_loss" if self._standing.harmed() else "ic3_attempt"
        day, writes = due(term, self._since), f"ringfence letter {self._case} {IC3}"
        if not self._country:
            return FollowUp(
                step, TO_DO, "In the USA: file it. Elsewhere, say where you are in settings.toml "
                "(victim.country), and this asks no more.",
                due=day, command=writes,
            )  # fmt: skip
        if letters := self._standing.of_kind(IC3):
            return FollowUp(
                step, TO_DO, f"Type {letters[-1].file} in at {_IC3_FORM}, and keep its number.",
                due=day, command=f"ringfence case done {self._case} {step} --note 'IC3 NUMBER'",
            )  # fmt: skip
        return FollowUp(
            step, TO_DO, f"Write the answers for the form of {_IC3_FORM}.", due=day, command=writes
        )

    def _fbi(self) -> FollowUp:
        step = "fbi_office"
        if other := self._said(step) or self._elsewhere(step, "the FBI has field offices"):
            return other
        if not self._standing.harmed():
            return FollowUp(step, NOT_NEEDED, "Nobody got in, nothing is lost: IC3 is enough.")
        if sent := [letter for letter in self._standing.of_kind(FBI) if letter.sent_at]:
            return FollowUp(step, DONE, f"Letter to {sent[-1].receiver}.", at=sent[-1].sent_at)
        number = self._ic3_number()
        return FollowUp(
            step, TO_DO, f"Tell your field office, with the IC3 number{number}; sign and hand in.",
            due=due(step, self._since) if self._country else None,
            command=f"ringfence letter {self._case} {FBI}",
        )  # fmt: skip

    def _ic3_number(self) -> str:
        mark = self._standing.mark("ic3_filed")
        return f" ({cut(mark.text, 60)})" if mark and mark.state == DONE and mark.text else ""

    def _agent(self) -> FollowUp:
        step = "agent_assigned"
        if other := self._said(step) or self._elsewhere(step, "the FBI assigns agents"):
            return other
        told = self._fbi()
        if told.state == NOT_NEEDED:
            return FollowUp(step, NOT_NEEDED, "The field office was not asked.")
        if told.at is None:
            return FollowUp(step, TO_DO, "When the field office was told.")
        return self._after(step, told.at, "Ask the field office who has the case")

    def _trace(self) -> FollowUp:
        step = "trace_handed_over"
        if mark := self._said(step):
            return mark
        before = self._agent() if self._country in (_US, "") else self._police()
        if before.state == NOT_NEEDED:
            return FollowUp(step, NOT_NEEDED, "Nobody investigates who could take it.")
        if before.at is None or before.state == TO_DO:
            return FollowUp(step, TO_DO, "When somebody is there to take it.")
        return self._after(step, before.at, "Hand over evidence/, and note who took it")

    def _registry(self) -> FollowUp:
        step = "victim_registry"
        if other := self._said(step) or self._elsewhere(step, "its Victim Notification System is"):
            return other
        agent = self._agent()
        if agent.state == NOT_NEEDED:
            return FollowUp(step, NOT_NEEDED, "No agent, so no entry in the registry.")
        if agent.state != DONE or agent.at is None:
            return FollowUp(step, TO_DO, "When an agent has the case.")
        return self._after(step, agent.at, "Look up what the Victim Notification System says")

    def _police(self) -> FollowUp:
        step = "police"
        if mark := self._said(step):
            return mark
        if not self._standing.harmed():
            return FollowUp(
                step, NOT_NEEDED, "Nobody got in, nothing is lost; you may report it all the same."
            )
        if sent := [letter for letter in self._standing.of_kind(POLICE) if letter.sent_at]:
            return FollowUp(step, DONE, f"Letter to {sent[-1].receiver}.", at=sent[-1].sent_at)
        place = f" in {NAMES.get(self._country, self._country)}" if self._country else ""
        return FollowUp(
            step, TO_DO, f"Report it to the police{place}: sign the letter, hand it in, note the "
            "number.",
            due=due(step, self._since), command=f"ringfence letter {self._case} {POLICE}",
        )  # fmt: skip

    def _after(self, step: str, at: str, says: str) -> FollowUp:
        return FollowUp(
            step, TO_DO, f"{says}.", due=due(step, at),
            command=f"ringfence case done {self._case} {step} --note 'NAME, NUMBER'",
        )  # fmt: skip

    def _said(self, step: str) -> FollowUp | None:
        mark = self._standing.mark(step)
        return said(mark) if mark is not None else None

    def _elsewhere(self, step: str, what: str) -> FollowUp | None:
        """A step of the USA, where the owner is somewhere else."""
        if self._country in (_US, ""):
            return None
        place = NAMES.get(self._country, self._country)
        return FollowUp(step, NOT_NEEDED, f"You are in {place}; {what} in the USA.")


def _in_firewall(blocks: Sequence[Measure]) -> FollowUp:
    """All that is blamed was told to the firewall."""
    first, more = min(block.until for block in blocks), " or later" if len(blocks) > 1 else ""
    says = f"In the firewall: {named([block.address for block in blocks])}; until {first}{more}."
    return FollowUp("blocked", DONE, says, at=min(block.since for block in blocks))


def _quoted(path: str) -> str:
    """A path that can be pasted into a shell, whatever stands in it."""
    if path and all(c.isascii() and (c.isalnum() or c in "/._-+@:,=") for c in path):
        return path
    return "'" + shown(path).replace("'", "'\\''") + "'"
