"""Steps that each network has for itself: its contact found, its desk told and answering."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ringfence.cases.standing import Network, Standing
from ringfence.cases.terms import days_after, due
from ringfence.model.follow_up import (
    ACTED,
    ANSWERED,
    AUTOMATIC,
    BOUNCED,
    DONE,
    NOT_NEEDED,
    TO_DO,
    WAITING,
    FollowUp,
    Mark,
    Reply,
)
from ringfence.model.letter import ABUSE, NOC_CALL, SentLetter
from ringfence.model.responsible import COPY, FOUND
from ringfence.model.text import count, shown

# Of a reply that a step repeats, of addresses that it names.
_MAX_QUOTE = 100
_MAX_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Desk:
    """One network, what its desk was told, and what it said."""

    standing: Standing
    network: Network
    today: str

    @property
    def letters(self) -> list[SentLetter]:
        mine = self.network.addresses.keys()
        return [
            letter
            for letter in self.standing.of_kind(ABUSE)
            if letter.network == self.network.key or mine & set(letter.addresses)
        ]

    @property
    def sent(self) -> list[SentLetter]:
        return [letter for letter in self.letters if letter.sent_at]

    @property
    def mailed(self) -> Mark | None:
        return self.standing.mark("abuse_mailed", self.network.key)

    @property
    def phoned(self) -> Mark | None:
        return self.standing.mark("abuse_phoned", self.network.key)

    @property
    def told_at(self) -> str:
        """When it was told last: by a letter, or as somebody says."""
        times = [letter.sent_at for letter in self.sent]
        if self.mailed is not None and self.mailed.state == DONE:
            times.append(self.mailed.at)
        return max(times, default="")

    @property
    def untold(self) -> list[str]:
        """Addresses that no letter named yet."""
        named = {address for letter in self.sent for address in letter.addresses}
        said = self.mailed.at if self.mailed is not None else ""
        return [a for a, at in self.network.addresses.items() if a not in named and at > said]

    @property
    def replies(self) -> list[Reply]:
        return self.standing.replies_to(self.letters)

    @property
    def person(self) -> Reply | None:
        """The latest answer of a person; one that says what was done counts most."""
        for outcome in (ACTED, ANSWERED):
            if said := [reply for reply in self.replies if reply.outcome == outcome]:
                return said[-1]
        return None

    @property
    def bounced(self) -> Reply | None:
        """The bounce of the latest letter, where nothing else came back to it."""
        last = self.standing.replies_to(self.sent[-1:])
        bounces = [reply for reply in last if reply.outcome == BOUNCED]
        return bounces[-1] if bounces and len(bounces) == len(last) else None

    @property
    def turn_until(self) -> str:
        """Until when it is the desk's turn; "" where nobody told it."""
        phoned = self.phoned
        until = due("abuse_wait", self.told_at) if self.told_at else ""
        if phoned is not None and phoned.state == DONE and until:
            until = max(until, due("phoned_wait", phoned.at))
        return until

    @property
    def phone(self) -> str:
        return next((c.phone for c in self.network.contacts if c.phone), None) or ""

    def command(self, kind: str, send: str = "") -> str:
        return f"ringfence letter {self.standing.case.id} {kind}{send}"

    def step(self, name: str, state: str, says: str, **more: str | None) -> FollowUp:
        return FollowUp(name, state, says, network=self.network.key, **more)  # type: ignore[arg-type]


def desk_steps(standing: Standing, network: Network, today: str) -> Iterator[FollowUp]:
    """The steps of one network, in their order."""
    desk = _Desk(standing, network, today)
    contact = _contact(desk)
    yield contact
    yield _mailed(desk, contact.state == DONE)
    yield _phoned(desk)


def said(mark: Mark, network: str = "") -> FollowUp:
    """A step as somebody says that it stands."""
    words = mark.text or {DONE: "done", NOT_NEEDED: "not needed"}[mark.state]
    return FollowUp(mark.step, mark.state, f"{words} ({mark.who})", at=mark.at, network=network)


def quoted(reply: Reply) -> str:
    """Who said what in a mail that came back."""
    ticket = f", ticket {reply.tickets[0]}" if reply.tickets else ""
    return f'{reply.sender} on {reply.at[:10]}{ticket}: "{cut(reply.says, _MAX_QUOTE)}"'


def cut(text: str, most: int) -> str:
    """The beginning of a text."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def named(addresses: Sequence[str]) -> str:
    """The first addresses, and how many more there are."""
    more = len(addresses) - _MAX_NAMED
    some = ", ".join(shown(address) for address in addresses[:_MAX_NAMED])
    return f"{some} and {more:,} more" if more > 0 else some


def _contact(desk: _Desk) -> FollowUp:
    step, network = "contact_found", desk.network
    mark = desk.standing.mark(step, network.key)
    if mark is not None:
        return said(mark, network.key)
    day = due(step, network.filed_at)
    if not network.key:
        return desk.step(
            step, TO_DO, f"Ask the registries who answers for {named(list(network.addresses))}.",
            due=day, command=desk.command(ABUSE),
        )  # fmt: skip
    who = network.who
    reached = [
        c.email or c.form or c.phone
        for c in network.contacts
        if c.grade != COPY and (c.email or c.form or c.phone)
    ]
    if who is not None and who.state == FOUND and reached:
        made_up = " (an exercise: ask the registries before you write)" if who.exercise else ""
        return desk.step(step, DONE, f"{network.name}: {reached[0]}{made_up}", at=who.at)
    why = cut(who.says, 160) if who is not None else ""
    return desk.step(
        step, TO_DO, f"Nobody to write to: {why} Ask again, or look at its upstream.",
        due=day, command=f"ringfence who --case {desk.standing.case.id} --fresh",
    )  # fmt: skip


def _mailed(desk: _Desk, has_contact: bool) -> FollowUp:
    step, network = "abuse_mailed", desk.network
    send = desk.command(ABUSE, " --send")
    if desk.mailed is not None and desk.mailed.state == NOT_NEEDED:
        return said(desk.mailed, network.key)
    if not desk.told_at:
        written = f"Written ({desk.letters[-1].file}), not sent. " if desk.letters else ""
        if not has_contact and not written:
            return desk.step(step, TO_DO, "Write as soon as a contact is found.")
        return desk.step(
            step, TO_DO, f"{written}Send {network.name} the letter about its "
            f"{count(len(network.addresses), 'address', 'addresses')}.",
            due=due(step, network.filed_at), command=send,
        )  # fmt: skip
    if untold := desk.untold:
        at = min(network.addresses[address] for address in untold)
        return desk.step(
            step, TO_DO, f"Tell {network.name} of {named(untold)}, too: not in the last letter.",
            due=due(step, at), command=send,
        )  # fmt: skip
    return _answered(desk, send)


def _answered(desk: _Desk, send: str) -> FollowUp:
    """What came back to a letter that went out, or was said to have."""
    step, name, until = "abuse_mailed", desk.network.name, desk.turn_until
    reply = desk.person
    if reply is not None:
        what = "acted" if reply.outcome == ACTED else "answered"
        if reply.outcome == ANSWERED and _seen_after(desk, reply.at):
            return desk.step(
                step, TO_DO, f"{name} answered, and it goes on: write again. {quoted(reply)}",
                due=due("isp_wait", reply.at), at=desk.told_at, command=send,
            )  # fmt: skip
        return desk.step(step, DONE, f"{name} {what}. {quoted(reply)}", at=reply.at)
    if bounce := desk.bounced:
        return desk.step(
            step, TO_DO, f"The letter to {name} came back. {_next_contact(desk)} "
            f"{cut(bounce.says, _MAX_QUOTE)}",
            due=bounce.at[:10], at=desk.told_at, command=desk.command(ABUSE),
        )  # fmt: skip
    automatic = [reply for reply in desk.replies if reply.outcome == AUTOMATIC]
    so_far = f" So far: {quoted(automatic[-1])}" if automatic else ""
    if desk.today <= until:
        return desk.step(
            step, WAITING, f"{name} was told on {desk.told_at[:10]}: its turn.{so_far}",
            due=until, at=desk.told_at,
        )  # fmt: skip
    phone = " or telephone" if desk.phone else ""
    return desk.step(
        step, TO_DO, f"No answer of {name} since {desk.told_at[:10]}: write again{phone}.{so_far}",
        due=_day_after(until), at=desk.told_at, command=send,
    )  # fmt: skip


def _phoned(desk: _Desk) -> FollowUp:
    step, script = "abuse_phoned", desk.command(NOC_CALL)
    mark = desk.phoned
    if mark is not None:
        return said(mark, desk.network.key)
    if desk.person is not None:
        return desk.step(step, NOT_NEEDED, f"{desk.network.name} answered the letter.")
    if not desk.network.key:
        return desk.step(step, TO_DO, "Telephone when a contact is found and does not answer.")
    if not desk.phone:
        return desk.step(step, NOT_NEEDED, f"No telephone number of {desk.network.name} is known.")
    return _to_phone(desk, script)


def _to_phone(desk: _Desk, script: str) -> FollowUp:
    """At once while it goes on or mail does not reach it; else when it was silent."""
    step = "abuse_phoned"
    call = f"Telephone {desk.network.name}, {shown(desk.phone)}"
    if desk.standing.goes_on():
        return desk.step(
            step, TO_DO, f"{call}: it goes on.", due=desk.network.filed_at[:10], command=script
        )
    if bounce := desk.bounced:
        return desk.step(
            step, TO_DO, f"{call}: the letter came back.", due=bounce.at[:10], command=script
        )
    if not desk.told_at:
        return desk.step(step, TO_DO, f"{call}, when the letter is not answered.", command=script)
    day = _day_after(desk.turn_until)
    silent = desk.today >= day
    says = f"{call}: no answer since {desk.told_at[:10]}." if silent else (
        f"{call}, when there is no answer by then."
    )  # fmt: skip
    return desk.step(step, TO_DO, says, due=day, command=script)


def _next_contact(desk: _Desk) -> str:
    """Whom to try instead of the mailboxes that bounced."""
    tried = {box for letter in desk.sent for box in letter.to}
    for contact in desk.network.contacts:
        if contact.email and contact.grade != COPY and contact.email.lower() not in tried:
            return f"Write to {contact.email}."
    for contact in desk.network.contacts:
        if contact.form:
            return f"Use its form: {contact.form}."
    if desk.phone:
        return f"Telephone {shown(desk.phone)}."
    return "No other contact is known: ask its upstream, or the registry."


def _seen_after(desk: _Desk, at: str) -> bool:
    mine = desk.network.addresses
    return any(s.address in mine and s.last_seen[:19] > at[:19] for s in desk.standing.suspects())


def _day_after(day: str) -> str:
    return days_after(day, 1)
