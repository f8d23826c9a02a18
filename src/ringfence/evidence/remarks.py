"""What there is to say about single packets: clues, accounts taken, calls answered.

How it works: clues name their packets. That a password was accepted, or a call was
answered, stands in the incident without one, so the messages are looked at: successful
answers to the accused, of which there are few.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from ringfence.evidence.roles import role_of
from ringfence.model.clock import utc
from ringfence.model.incident import Incident, Suspect
from ringfence.model.text import shown
from ringfence.wire import _columns as columns

if TYPE_CHECKING:
    from ringfence.wire.table import MessageTable

# Remarks on one packet, and acceptances of one account that are remarked on: a packet
# that each of a thousand clues names needs no thousand comments.
MAX_ON_PACKET = 12
MAX_ACCEPTANCES = 5
MAX_TEXT = 1000

Place = tuple[int, int]  # input, packet


class Remarks:
    """Comments by packet; `note_answers` adds what a table tells."""

    def __init__(self, incident: Incident, roles: dict[str, str]) -> None:
        self._roles = roles
        self._suspects = {ip_address(s.address).packed: s for s in incident.suspects}
        self._said: dict[Place, dict[str, None]] = {}
        self._acceptances: dict[tuple[str, str], int] = {}
        self._answered = {
            (s.address, call.answered_at): (call.number, call.account)
            for s in incident.suspects
            for call in s.calls_answered
        }
        self._written: set[Place] = set()
        for suspect in incident.suspects:
            self._note_clues(suspect)

    def take(self, source_input: int, packet: int) -> tuple[str, ...]:
        """Comments on this packet, which is written now."""
        place = source_input, packet
        if place not in self._said:
            return ()
        self._written.add(place)
        return tuple(self._said[place])

    def packets_of_input(self, source_input: int) -> set[int]:
        """Packets that there is something to say about."""
        return {packet for number, packet in self._said if number == source_input}

    @property
    def lost(self) -> int:
        """Packets that there is something to say about, and that were never written."""
        return len(self._said.keys() - self._written)

    def note_answers(self, table: MessageTable, rows: list[int], source_input: int) -> None:
        """Look at successful answers to the accused."""
        for row in rows:
            suspect = self._suspects.get(table.address(row, "destination"))
            said = suspect and self._answer(table, row, suspect)
            if said:
                self._note((source_input, table.number(row, "packet")), said)

    def _note_clues(self, suspect: Suspect) -> None:
        name = role_of(self._roles, suspect.address)
        for clue in suspect.clues:
            text = f"{name}: {clue.says[:MAX_TEXT]} (clue {clue.rule}, {clue.weight_db:+.1f} dB)"
            for message in clue.messages:
                self._note((message.input, message.packet), text)

    def _answer(self, table: MessageTable, row: int, suspect: Suspect) -> str | None:
        name = role_of(self._roles, suspect.address)
        method = table.number(row, "cseq_method")
        if method == columns.M_INVITE:
            moment = utc(table.number(row, "time")) or ""
            call = self._answered.get((suspect.address, moment))
            if call is None:
                return None
            account = f" on account {call[1]}" if call[1] else ""
            return f"{name}: call to {call[0]} answered{account}"
        if method != columns.M_REGISTER:
            return None
        table.fill_parts_of(row)
        account = shown(table.text(row, "to_user").decode("utf-8", "backslashreplace"))
        key = suspect.address, account
        if account not in suspect.accounts_taken:
            return None
        self._acceptances[key] = self._acceptances.get(key, 0) + 1
        if self._acceptances[key] > MAX_ACCEPTANCES:
            return None
        return f"{name}: password of {account} accepted: account taken"

    def _note(self, place: Place, text: str) -> None:
        said = self._said.setdefault(place, {})
        if len(said) < MAX_ON_PACKET:
            said[f"ringfence: {text}"] = None
