"""FreeSWITCH's commands as `respond` uses them; the wire is tested with `sources`."""

from __future__ import annotations

import json

import pytest

from ringfence.model.acting import ActError
from ringfence.respond.act.freeswitch import Console, Freeswitch
from ringfence.respond.act.pbx import Pbx, end_calls, lock, unlock

THIEF = "00000000-0000-0000-0000-000000000001"
FORGED = "00000000-0000-0000-0000-000000000002"
RINGING = "00000000-0000-0000-0000-000000000003"
OTHER = "00000000-0000-0000-0000-000000000004"


class Played:
    """A FreeSWITCH with channels and a database."""

    def __init__(self) -> None:
        self.logins = {THIEF: "101", FORGED: "_undef_", OTHER: "102"}
        self.rows = [
            self.row(THIEF, "inbound", "sofia/internal/anything@x"), self.row(FORGED, "inbound"),
            self.row(RINGING, "outbound"), self.row(OTHER, "inbound"),
            {"uuid": "1; shutdown", "direction": "outbound", "name": "x", "presence_id": "101@x"},
        ]  # fmt: skip
        self.database: dict[str, str] = {}
        self.asked: list[str] = []
        self.has_db = True

    @staticmethod
    def row(uuid: str, direction: str, name: str = "sofia/internal/101@pbx") -> dict[str, str]:
        return {
            "uuid": uuid, "direction": direction, "name": name, "presence_id": "101@pbx",
            "dest": "00882",
        }  # fmt: skip

    def api(self, command: str) -> str:
        self.asked.append(command)
        word, _, rest = command.partition(" ")
        if word == "show":
            return json.dumps({"row_count": len(self.rows), "rows": self.rows})
        if word == "uuid_getvar":
            return self.logins.get(rest.split()[0], "_undef_")
        if word == "uuid_kill":
            uuid = rest.split()[0]
            found = any(row["uuid"] == uuid for row in self.rows)
            self.rows = [row for row in self.rows if row["uuid"] != uuid]
            return "+OK\n" if found else "-ERR No such channel!\n"
        if not self.has_db:
            return "-ERR db Command not found!\n"
        verb, _, key, *value = rest.split("/")
        if verb == "insert":
            self.database[key] = value[0]
        elif verb == "delete":
            del self.database[key]
        else:
            return self.database.get(key, "-ERR no reply\n")
        return "+OK"

    def close(self) -> None:
        pass


def no_wait(_: float) -> None:
    pass


def test_calls_of_who_logged_in_and_to_his_phone_end_and_no_others() -> None:
    played = Played()
    console: Console = played
    pbx: Pbx = Freeswitch(console, "127.0.0.1", locks=False)
    assert [call.key for call in pbx.calls("101")] == [THIEF, RINGING]
    assert end_calls(pbx, "101", no_wait).says == "2 calls of 101 ended"
    assert [row["uuid"] for row in played.rows][:2] == [FORGED, OTHER]
    assert [c for c in played.asked if "shutdown" in c] == []
    pbx.end(type(pbx.calls("102")[0])(THIEF, ""))  # gone meanwhile


def test_locking_is_a_list_that_the_dialplan_asks() -> None:
    played = Played()
    pbx = Freeswitch(played, "127.0.0.1", locks=True)
    assert "call nobody" in lock(pbx, "101").says
    assert played.database == {"101": "locked"}
    unlock(pbx, "101")
    assert played.database == {}


def test_where_the_dialplan_asks_no_list_it_is_said_what_to_do() -> None:
    with pytest.raises(ActError, match="a new password in its file of the directory"):
        lock(Freeswitch(Played(), "127.0.0.1", locks=False), "101")


def test_a_freeswitch_without_its_database_says_so() -> None:
    played = Played()
    played.has_db = False
    pbx = Freeswitch(played, "127.0.0.1", locks=True)
    with pytest.raises(ActError, match="is mod_db loaded"):
        pbx.is_locked("101")
    with pytest.raises(ActError, match="is mod_db loaded"):
        pbx.lock("101")


@pytest.mark.parametrize("says", ["-ERR", "[" * 100_000, '{"rows": 1}'])
def test_a_list_that_is_none_is_an_error(says: str) -> None:
    class Odd(Played):
        def api(self, command: str) -> str:
            return says if command else ""

    with pytest.raises(ActError, match="its list of channels"):
        Freeswitch(Odd(), "127.0.0.1", locks=False).calls("101")


def test_a_call_that_cannot_be_ended_is_said() -> None:
    class Stubborn(Played):
        def api(self, command: str) -> str:
            return "-ERR \x1b no" if command.startswith("uuid_kill") else super().api(command)

    pbx = Freeswitch(Stubborn(), "127.0.0.1", locks=False)
    with pytest.raises(ActError, match=r"-ERR \\x1b no"):
        end_calls(pbx, "101", no_wait)
