"""Asterisk's manager interface as `respond` uses it; the wire is tested with `sources`."""

from __future__ import annotations

import pytest

from ringfence.model.acting import ActError
from ringfence.respond.act.asterisk import Asterisk, Manager
from ringfence.respond.act.pbx import Pbx, end_calls, lock, unlock


class Played:
    """An Asterisk with channels and a database."""

    def __init__(self, *channels: str) -> None:
        self.channels = list(channels)
        self.database: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.may = True

    def act(self, action: str, **keys: str) -> list[dict[str, str]]:
        self.asked.append((action, keys))
        if not self.may:
            return [{"Response": "Error", "Message": "Permission denied"}]
        if action == "CoreShowChannels":
            rows = [{"Event": "CoreShowChannel", "Channel": name, "ConnectedLineNum": "00882\x1b",
                     "Duration": "00:00:07"} for name in self.channels]  # fmt: skip
            return [{"Response": "Success"}, *rows]
        if action == "Hangup":
            if keys["Channel"] not in self.channels:
                return [{"Response": "Error", "Message": "No such channel"}]
            self.channels.remove(keys["Channel"])
            return [{"Response": "Success", "Message": "Channel Hungup"}]
        place = f"{keys['Family']}/{keys['Key']}"
        if action == "DBPut":
            self.database[place] = keys["Val"]
        elif place not in self.database:
            return [{"Response": "Error", "Message": "Database entry not found"}]
        elif action == "DBDel":
            del self.database[place]
        return [{"Response": "Success"}]

    def close(self) -> None:
        pass


def no_wait(_: float) -> None:
    pass


def test_channels_of_this_account_are_hung_up_and_of_no_other() -> None:
    others = ["PJSIP/1010-0000000a", "PJSIP/carrier-0000000b", "Local/101@from-internal-0000000c;1"]
    played = Played("PJSIP/101-00000001", "SIP/101-00000002", *others)
    manager: Manager = played
    pbx: Pbx = Asterisk(manager, "127.0.0.1", locks=False)
    assert [call.what for call in pbx.calls("101")] == [
        r"PJSIP/101-00000001 with 00882\x1b, 00:00:07",
        r"SIP/101-00000002 with 00882\x1b, 00:00:07",
    ]  # fmt: skip
    assert end_calls(pbx, "101", no_wait).says == "2 calls of 101 ended"
    assert played.channels == others
    pbx.end(type(pbx.calls("1010")[0])("PJSIP/101-00000001", ""))  # gone meanwhile


def test_locking_is_a_list_that_the_dialplan_asks() -> None:
    played = Played()
    pbx = Asterisk(played, "127.0.0.1", locks=True)
    assert "the dialplan lets it call nobody" in lock(pbx, "101").says
    assert played.database == {"ringfence-locked/101": "1"}
    unlock(pbx, "101")
    assert played.database == {}


def test_where_the_dialplan_asks_no_list_it_is_said_what_to_do() -> None:
    played = Played()
    with pytest.raises(ActError, match="FreePBX: Applications, Extensions, 101: a new Secret"):
        lock(Asterisk(played, "127.0.0.1", locks=False), "101")
    assert played.asked == []


def test_a_user_of_ami_that_may_not_is_told_its_right() -> None:
    played = Played()
    played.may = False
    pbx = Asterisk(played, "127.0.0.1", locks=True)
    with pytest.raises(ActError, match="write = call,reporting,system"):
        pbx.calls("101")
    with pytest.raises(ActError, match="Permission denied"):
        pbx.is_locked("101")
