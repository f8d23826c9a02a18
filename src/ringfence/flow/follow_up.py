"""The follow-up of cases, composed: letters, replies, contacts, marks; and what is due.

`Casebook` is made of this and of `flow/casebook.py`: one book, two pages.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ringfence.cases import steps
from ringfence.cases.agenda import Due, agenda, is_due
from ringfence.cases.checklist import checklist
from ringfence.cases.desks import bounced_mailboxes, desks
from ringfence.cases.standing import Investigated, Network, Standing, network_named
from ringfence.flow.moment import now, whoami
from ringfence.model.case import CLOSED, MERGED, OPEN, CameBack, Case, CaseError
from ringfence.model.follow_up import (
    DONE,
    NOT_NEEDED,
    OUTCOMES,
    PER_NETWORK,
    STEPS,
    TO_DO,
    Desk,
    FollowUp,
    Mark,
    Reply,
)
from ringfence.model.incident import Incident
from ringfence.model.letter import SentLetter
from ringfence.model.measure import Measure
from ringfence.model.responsible import COPY, FOUND, Contact, Responsible
from ringfence.model.settings import Settings
from ringfence.model.text import count, shown

if TYPE_CHECKING:
    from ringfence.store.cases import CaseStore
    from ringfence.store.opening import Database

__all__ = ["Due", "FollowUps", "is_due"]

ALL_NETWORKS = "all"
_MARKABLE = (DONE, NOT_NEEDED, TO_DO)
# Steps that the tool does itself, or that a command of their own does.
_NOT_MARKED = {
    "captured": "a capture was investigated",
    "users_excluded": "detection does it",
    "closed": "use `ringfence case close` or `reopen`",
}


class FollowUps(ABC):
    """What happens to a case after it was filed. Raises StoreError and CaseError."""

    def __init__(self, database: Database, store: CaseStore) -> None:
        from ringfence.store.attributions import AttributionStore
        from ringfence.store.letters import LetterStore
        from ringfence.store.marks import MarkStore
        from ringfence.store.measures import MeasureStore
        from ringfence.store.replies import ReplyStore
        from ringfence.store.returns import ReturnStore

        self._database, self._store = database, store
        self._letters, self._replies = LetterStore(database), ReplyStore(database)
        self._marks, self._attributions = MarkStore(database), AttributionStore(database)
        self._returns, self._measures = ReturnStore(database), MeasureStore(database)

    @property
    def database(self) -> Database:
        """The store, for what else is kept in it."""
        return self._database

    @abstractmethod
    def find(self, name: str) -> Case:
        """The one case of this number, or of a part of it. Raises CaseError."""

    def record_letter(self, case: Case, letter: SentLetter) -> SentLetter:
        """Keep a letter that was written; with its number.

        One that has a number is a draft of the case, written anew. Raises CaseError when it
        went out, or is none of the case.
        """
        case = self.find(case.id)
        changed, entry = steps.write_letter(case, letter, letter.at or now(), whoami())
        mine = replace(letter, case_id=case.id)
        if not letter.number:
            return self._letters.add(changed, entry, mine)
        if self._letter(case, letter.number).sent_at:
            raise CaseError(f"letter {letter.number} went out already: a new one has a new number")
        return self._letters.rewrite(changed, entry, mine)

    def letter_sent(self, case: Case, number: int, message_id: str, at: str) -> SentLetter:
        """Keep that a letter went out. Raises CaseError when it did before."""
        case = self.find(case.id)
        found = self._letter(case, number)
        if found.sent_at:
            raise CaseError(f"letter {number} went out already, on {found.sent_at}")
        sent = replace(found, message_id=message_id, sent_at=at)
        changed, entry = steps.send_letter(case, sent, whoami())
        self._letters.sent(changed, entry, sent)
        return sent

    def letters(self, case: Case | None = None, to: str | None = None) -> list[SentLetter]:
        """Letters of a case and of those merged into it; or all that went to a mailbox."""
        return self._letters.letters(case.id if case else None, to)

    def record_attribution(self, case: Case, found: Iterable[Responsible]) -> None:
        """Keep who answers for addresses; silence does not undo what was found before.

        What is found for a merged case is kept in the one that holds it.
        """
        case, at = self._survivor(self.find(case.id)), now()
        before = {one.address: one for one in self.attribution(case)}
        new = {one.address: one for one in found if _counts(one, before.get(one.address))}
        told = _networks_told(list(new.values()), before)
        changed, entry = (case, None)
        if told:
            changed, entry = steps.attribute(case, told, at, whoami())
        if new:
            octets = {address: msgspec.json.encode(one) for address, one in new.items()}
            self._attributions.keep(changed, entry, octets, at)

    def attribution(self, case: Case) -> list[Responsible]:
        """Who answers for its addresses, as the registries said last."""
        found = self._attributions.found(case.id).values()
        return [msgspec.json.decode(octets, type=Responsible) for octets in found]

    def marks(self, case: Case) -> list[Mark]:
        """What was said about its steps."""
        return self._marks.marks(case.id)

    def mark(self, name: str, step: str, state: str, text: str = "", network: str = "") -> Case:
        """Say how a step stands: done, not_needed, or to_do, which takes that back."""
        case = self.find(name)
        if step not in STEPS or state not in _MARKABLE:
            raise CaseError(f"no step {step}: one of {', '.join(s for s in STEPS)}")
        if step in _NOT_MARKED:
            raise CaseError(f"{step} is not for you to mark: {_NOT_MARKED[step]}")
        standing = self._standing(case)
        keys = self._keys(standing, step, network)
        if state == TO_DO:
            keys = [key for key in keys if standing.mark(step, key)]
            if not keys:
                raise CaseError(
                    f"{step} of {case.id}: nobody said anything that could be taken back; a letter "
                    "that went out stays"
                )
        at, who = now(), whoami()
        marks = [Mark(step, state, at, who, key, text.strip()) for key in keys]
        changed, entry = steps.mark(case, marks)
        self._marks.add(changed, entry, marks)
        return changed

    def reply(
        self,
        octets: bytes,
        case: str | None = None,
        outcome: str | None = None,
        letter: int | None = None,
    ) -> tuple[Reply, bool]:
        """File a mail that came back; and whether it is new. Raises CaseError.

        Filed again, it is what `outcome` and `letter` say now.
        """
        if outcome is not None and outcome not in OUTCOMES:
            raise CaseError(f"outcome {outcome}: one of {', '.join(OUTCOMES)}")
        from ringfence.cases.reply import match_reply, place_reply, read_reply

        at, who = now(), whoami()
        incoming = read_reply(octets, at)
        known = self._replies.of_message_id(incoming.reply.message_id)
        if known is not None and known.sender == incoming.reply.sender:
            return self._said_again(known, outcome, letter), False
        if case is not None:
            one = self._survivor(self.find(case))
            reply = place_reply(incoming.reply, one.id, self.letters(one), "you named the case")
        else:
            reply = match_reply(
                incoming,
                self._letters.of_message_ids(incoming.answers),
                self._existing,
                self._letters.letters,
            )
        reply = self._overruled(reply, outcome, letter)
        changed, entry = steps.take_reply(self.find(reply.case_id), reply, at, who)
        if not self._replies.add(changed, entry, reply):
            raise CaseError(
                f"a mail of {reply.sender} bears the Message-ID of another one: {reply.message_id}"
            )
        return reply, True

    def replies(self, case: Case) -> list[Reply]:
        """Mails that came back to a case and to those merged into it."""
        return self._replies.replies(case.id)

    def measures(self, case: Case) -> list[Measure]:
        """What the firewall was told for a case and for those merged into it."""
        return self._measures.of_case(case.id)

    def desks(self) -> list[Desk]:
        """Who answered, who acted, who is silent, over all cases."""
        return desks(self._letters.letters(), self._replies.replies(), now())

    def bounced(self) -> dict[str, str]:
        """Mailboxes that do not take letters, over all cases, and since which day."""
        return bounced_mailboxes(self._letters.letters(), self._replies.replies())

    def continues(self, case: Case) -> list[CameBack]:
        """Earlier cases of the same hand."""
        return self._returns.earlier(case.id)

    def came_back(self, case: Case) -> list[CameBack]:
        """Later cases of the same hand."""
        return self._returns.later(case.id)

    def follow_up(self, case: Case, settings: Settings, today: str) -> list[FollowUp]:
        """All steps of a case as they stand."""
        later = []
        for back in self.came_back(case):
            one = self.find(back.later)
            if one.state != MERGED:
                later.append((one, checklist(self._standing(one), settings, today)))
        return checklist(self._standing(case), settings, today, later)

    def follow_ups(self, settings: Settings, today: str) -> list[tuple[Case, list[FollowUp]]]:
        """The same of all open cases, the oldest first."""
        cases = sorted(self._store.cases(OPEN), key=lambda case: (case.opened_at, case.id))
        return [(case, self.follow_up(case, settings, today)) for case in cases]

    def due(self, cases: Iterable[tuple[Case, Sequence[FollowUp]]], today: str) -> list[Due]:
        """What of it is due, most urgent first."""
        return agenda(cases, today)

    def _letter(self, case: Case, number: int) -> SentLetter:
        """The letter of this number. Raises CaseError when the case has none."""
        found = next((one for one in self.letters(case) if one.number == number), None)
        if found is None:
            raise CaseError(f"{case.id} has no letter {number}: see `ringfence case letters`")
        return found

    def _standing(self, case: Case) -> Standing:
        """Everything that the checklist of a case is made from."""
        family = self._store.family(case.id)
        filed = sorted((f for one in family for f in self._store.filed(one)), key=lambda f: f.at)
        closings = [entry for entry in self._store.journal(case.id) if entry.kind == "closed"]
        return Standing(
            case=case,
            investigated=tuple(_investigated(f.at, f.incident, f.folder) for f in filed),
            letters=tuple(self.letters(case)),
            replies=tuple(self.replies(case)),
            marks=tuple(self.marks(case)),
            found=tuple(self.attribution(case)),
            continues=tuple(back.case_id for back in self.continues(case)),
            closed=f"{closings[-1].at} {closings[-1].text}"
            if case.state == CLOSED and closings
            else "",
            measures=tuple(self.measures(case)),
        )

    def _keys(self, standing: Standing, step: str, network: str) -> list[str]:
        """Keys of the networks that a mark is about; [""] for steps of the whole case."""
        if step not in PER_NETWORK:
            if network:
                raise CaseError(f"{step} is a step of the whole case: leave out --network")
            return [""]
        networks = standing.networks()
        if network == ALL_NETWORKS:
            return [one.key for one in networks]
        if network:
            one = network_named(networks, network)
            if one is None:
                raise CaseError(
                    f"no network {shown(network)} in {standing.case.id}: {_keyed(networks)}"
                )
            return [one.key]
        if len(networks) > 1:
            raise CaseError(f"{step}: say which with --network: {_keyed(networks)}, or all")
        return [networks[0].key if networks else ""]

    def _existing(self, name: str) -> str | None:
        """The case that this number leads to; None for a number that is none of ours."""
        found = next((c for c in self._store.named(name) if c.id.upper() == name.upper()), None)
        return self._survivor(found).id if found is not None else None

    def _survivor(self, case: Case) -> Case:
        """The case that it was merged into at last."""
        seen = {case.id}
        while case.state == MERGED and case.merged_into and case.merged_into not in seen:
            seen.add(case.merged_into)
            case = self.find(case.merged_into)
        return case

    def _said_again(self, known: Reply, outcome: str | None, letter: int | None) -> Reply:
        """A reply that is filed already, as somebody says now that it is."""
        said = self._overruled(known, outcome, letter)
        if said != known:
            case = self._survivor(self.find(said.case_id))
            changed, entry = steps.take_reply(case, said, now(), whoami())
            self._replies.change(changed, entry, replace(said, case_id=case.id))
        return said

    def _overruled(self, reply: Reply, outcome: str | None, letter: int | None) -> Reply:
        """What a person says counts more than what was read."""
        if letter is not None:
            self._letter(self.find(reply.case_id), letter)
            reply = replace(reply, letter=letter, how=f"you said that it answers letter {letter}")
        return replace(reply, outcome=outcome) if outcome else reply


def _investigated(at: str, document: bytes, folder: str | None) -> Investigated:
    """One investigation, and what of its folder is still there. Raises CaseError."""
    try:
        incident = msgspec.json.decode(document, type=Incident)
    except msgspec.MsgspecError as error:
        raise CaseError(
            f"the document filed at {at} is of another version ({error}): investigate its "
            "captures again, and close that case"
        ) from error
    place = Path(folder) if folder else None
    # A folder that was added to a case lies within it, beside the evidence of all.
    bags = (place / "evidence", place.parent / "evidence") if place else ()
    blocks = place / "block/nftables.nft" if place else None
    return Investigated(
        at, incident, folder,
        sealed=any(True for folder in bags for _ in folder.glob("bag-*")),
        blocks=str(blocks) if blocks is not None and blocks.is_file() else "",
    )  # fmt: skip


def _counts(one: Responsible, before: Responsible | None) -> bool:
    """Whether an answer takes the place of the one before; an exercise's never of a real one."""
    if before is None or before.exercise != one.exercise:
        return before is None or before.exercise
    return one.state == FOUND or before.state != FOUND


def _networks_told(found: Sequence[Responsible], before: dict[str, Responsible]) -> list[str]:
    """A line each network that is known anew, or otherwise than before."""
    groups: dict[str, list[Responsible]] = {}
    for one in found:
        old = before.get(one.address)
        if old is None or _as_told(old) != _as_told(one):
            groups.setdefault(one.key, []).append(one)
    return [_told(key, group) for key, group in groups.items()]


def _as_told(one: Responsible) -> tuple[str, Contact | None, bool]:
    """What the journal says of an answer."""
    return one.key, one.best, one.exercise


def _told(key: str, group: Sequence[Responsible]) -> str:
    one = group[0]
    ways = [c.email or c.form or c.phone for c in one.contacts if c.usable and c.grade != COPY]
    who = next((way for way in ways if way), None) or f"nobody ({one.says})"
    holder = one.network.holder if one.network is not None else None
    name = f"{key} ({holder})" if holder else key
    made_up = " (an exercise)" if one.exercise else ""
    return shown(f"{who} for {name}, {count(len(group), 'address', 'addresses')}{made_up}")[:400]


def _keyed(networks: Sequence[Network]) -> str:
    some = [network.key or "(not looked up)" for network in networks[:6]]
    more = f" and {len(networks) - 6} more" if len(networks) > 6 else ""
    return (", ".join(some) + more) or "it has none"
