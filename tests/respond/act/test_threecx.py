"""3CX's calls and extensions, played over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.model.acting import ActError
from ringfence.respond.act.pbx import Pbx, end_calls, lock, unlock
from ringfence.respond.act.threecx import Threecx
from ringfence.sources.xapi import Xapi
from tests.https_server import Asked, Reply, https_server
from tests.mail_server import certificate_of


def groups(role: object) -> list[object]:
    return [{"GroupId": 28, "Rights": {"RoleName": role}}]


class Played:
    """A 3CX with users and calls."""

    def __init__(self) -> None:
        self.calls: list[dict[str, object]] = [
            {"Id": 1, "Caller": "101 Anna Example", "Callee": "00882 \x1b"},
            {"Id": 2, "Caller": "Anna Example (101)", "Callee": "102"},
            {"Id": 3, "Caller": "1010 Bert", "Callee": "101"},
            {"Id": 4, "Caller": "0301234 101 Anna", "Callee": "800"},
            {"Id": "5", "Caller": "101"}, {"Id": 6, "Caller": None},
        ]  # fmt: skip
        self.users: list[dict[str, object]] = [
            {"Id": 51, "Number": "101", "FirstName": "Anna", "LastName": "Example", "Enabled": True,
             "Groups": groups("users")},
            {"Id": 50, "Number": "100", "Enabled": True, "Groups": groups("system_owners")},
            {"Id": 52, "Number": "102", "Enabled": True},
            {"Id": 53, "Number": "103", "Enabled": True, "Groups": [{"GroupId": 1}]},
        ]  # fmt: skip
        self.may = True

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/connect/token":
            return 200, {"access_token": "t", "expires_in": 60}
        if not self.may:
            return 403, {}
        if asked.method != "GET":
            return self._change(asked, int(asked.path.split("(")[1].split(")")[0]))
        if asked.path.endswith("/Users"):
            assert asked.params["$expand"] == "Groups($expand=Rights)"
            wanted = asked.params["$filter"].removeprefix("Number eq '").removesuffix("'")
            return 200, {"value": [user for user in self.users if user["Number"] == wanted]}
        return 200, {"value": self.calls}

    def _change(self, asked: Asked, number: int) -> Reply:
        if asked.path.endswith("Pbx.DropCall"):
            if not any(call["Id"] == number for call in self.calls):
                return 404, {}
            self.calls = [call for call in self.calls if call["Id"] != number]
            return 204, b""
        next(user for user in self.users if user["Id"] == number).update(asked.json)
        return 204, b""


@contextmanager
def asked_of(pbx: Played, folder: Path) -> Iterator[Pbx]:
    certificate = certificate_of(folder)
    with https_server(certificate, pbx.answer) as server:
        xapi = Xapi(server.url, "ringfence", "s3cret", authority_file=str(certificate.root))
        one = Threecx(xapi)
        yield one
        one.close()


def no_wait(_: float) -> None:
    pass


def test_calls_that_the_extension_made_end_and_no_others(tmp_path: Path) -> None:
    played = Played()
    with asked_of(played, tmp_path) as pbx:
        calls = pbx.calls("101")
        assert [call.key for call in calls] == ["1", "2"]
        assert calls[0].what == r"101 Anna Example to 00882 \x1b"
        assert end_calls(pbx, "101", no_wait).says == "2 calls of 101 ended"
        pbx.end(calls[0])  # gone meanwhile
    assert [call["Id"] for call in played.calls] == [3, 4, "5", 6]


def test_an_extension_is_switched_off_and_on(tmp_path: Path) -> None:
    played = Played()
    with asked_of(played, tmp_path) as pbx:
        done = lock(pbx, "101")
        assert done.says == "101 is locked: the extension of Anna Example is switched off"
        assert played.users[0]["Enabled"] is False
        unlock(pbx, "101")
        assert played.users[0]["Enabled"] is True


@pytest.mark.parametrize(("number", "says"), [
    ("100", "runs 3CX"), ("102", "cannot be read"), ("103", "cannot be read"),
    ("104", "no extension 104"),
])  # fmt: skip
def test_nobody_locks_out_who_runs_it(tmp_path: Path, number: str, says: str) -> None:
    played = Played()
    with asked_of(played, tmp_path) as pbx, pytest.raises(ActError, match=says):
        lock(pbx, number)
    assert all(user["Enabled"] for user in played.users)


def test_an_application_that_may_not_says_so(tmp_path: Path) -> None:
    played = Played()
    played.may = False
    with asked_of(played, tmp_path) as pbx, pytest.raises(ActError, match="403"):
        pbx.calls("101")
