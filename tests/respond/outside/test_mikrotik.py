"""RouterOS' REST interface, played over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.model.outside import Entry, OutsideError
from ringfence.respond.outside.keeping import Outside
from ringfence.respond.outside.mikrotik import Mikrotik
from ringfence.sources.web import HttpsJson
from tests.https_server import Asked, Played, Reply, https_server
from tests.mail_server import certificate_of
from tests.respond.nft.measures import NOW, measure

HIM, V6 = "203.0.113.7", "2001:db8::7"
RULE = {".id": "*1", "chain": "prerouting", "action": "drop", "src-address-list": "ringfence"}


class Router:
    """A router with address lists and rules."""

    def __init__(self) -> None:
        self.lists: dict[str, list[dict[str, str]]] = {"ip": [], "ipv6": []}
        self.rules: list[dict[str, str]] = [RULE]
        self.has_v6 = True
        self.number = 0

    def answer(self, asked: Asked) -> Reply:
        if asked.login != "ringfence:s3cret":
            return 401, {"error": 401, "message": "Unauthorized"}
        _, _, family, _, menu, *key = asked.path.split("/")
        if family == "ipv6" and not self.has_v6:
            return 400, {"error": 400, "message": "Bad Request", "detail": "no such command"}
        if menu != "address-list":
            return 200, self.rules if menu == "raw" else []
        return self._list(asked, family, key)

    def _list(self, asked: Asked, family: str, key: list[str]) -> Reply:
        rows = self.lists[family]
        if asked.method == "GET":
            return 200, [row for row in rows if row["list"] == asked.params["list"]]
        if asked.method == "PUT":
            return self._add(rows, {name: str(value) for name, value in asked.json.items()})
        if not any(row[".id"] == key[0] for row in rows):
            return 404, {"error": 404, "message": "Not Found"}
        self.lists[family] = [row for row in rows if row[".id"] != key[0]]
        return 204, b""

    def _add(self, rows: list[dict[str, str]], row: dict[str, str]) -> Reply:
        if any((one["list"], one["address"]) == (row["list"], row["address"]) for one in rows):
            return 400, {"error": 400, "detail": "failure: already have such entry"}
        self.number += 1
        rows.append({".id": f"*{self.number:X}", "dynamic": "true", "disabled": "false", **row})
        return 201, rows[-1]


@contextmanager
def asked_of(
    router: Router, folder: Path, login: str = "s3cret"
) -> Iterator[tuple[Mikrotik, Played]]:
    certificate = certificate_of(folder)
    with https_server(certificate, router.answer) as server:
        web = HttpsJson(
            server.url, login=("ringfence", login), authority_file=str(certificate.root)
        )
        outside = Mikrotik(web, "ringfence", "pbx")
        yield outside, server
        outside.close()


def test_addresses_go_on_the_list_with_their_end_and_come_off_it(tmp_path: Path) -> None:
    router = Router()
    with asked_of(router, tmp_path) as (made, _):
        outside: Outside = made
        both = [measure(HIM), measure(V6, identifier="11112222")]
        assert outside.push(both, NOW) == {}
        entries = outside.standing()
        assert entries == [
            Entry(HIM, "0123abcd", "2026-11-25T04:12:00Z", ours=True, key="*1"),
            Entry(V6, "11112222", "2026-11-25T04:12:00Z", ours=True, key="*2"),
        ]
        assert router.lists["ip"][0]["timeout"] == "0d01:00:00"
        assert router.lists["ipv6"][0]["address"] == "2001:db8::7/128"
        outside.withdraw(entries)
        assert outside.standing() == []
        outside.withdraw(entries)  # gone by itself meanwhile


def test_entries_of_others_are_seen_and_are_not_ours(tmp_path: Path) -> None:
    router = Router()
    router.lists["ip"] = [
        {".id": "*A", "list": "ringfence", "address": "198.51.100.1", "comment": "by hand"},
        {".id": "*B", "list": "ringfence", "address": "198.51.100.2",
         "comment": "ringfence 0123abcd until 2026-11-25T04:12:00Z on branch"},
        {".id": "*C", "list": "ringfence", "address": "198.51.100.3", "disabled": "true"},
        {".id": "*D", "list": "ringfence", "address": "attacker.example"},
        {".id": "../../user", "list": "ringfence", "address": "198.51.100.4"},
        {".id": "*E", "list": "guests", "address": "198.51.100.5"},
    ]  # fmt: skip
    with asked_of(router, tmp_path) as (outside, _):
        found = outside.standing()
    assert found == [Entry("198.51.100.1", key="*A"), Entry("198.51.100.2", key="*B")]


def test_a_router_without_ipv6_says_so_of_ipv6_only(tmp_path: Path) -> None:
    router = Router()
    router.has_v6 = False
    with asked_of(router, tmp_path) as (outside, _):
        assert outside.standing() == []
        says = outside.push([measure(V6, identifier="11112222"), measure(HIM)], NOW)
        assert says == {"11112222": "this router has no IPv6 firewall"}
        assert [one.address for one in outside.standing()] == [HIM]


def test_a_refused_entry_does_not_hold_up_the_others(tmp_path: Path) -> None:
    router = Router()
    router.lists["ip"] = [{".id": "*A", "list": "ringfence", "address": HIM, "comment": ""}]
    other = measure("203.0.113.8", identifier="11112222")
    with asked_of(router, tmp_path) as (outside, _):
        (says,) = outside.push([measure(HIM), other], NOW).values()
        assert "already have such entry" in says
        assert [one.address for one in outside.standing()] == [HIM, "203.0.113.8"]


def test_a_list_that_no_rule_drops_is_doubted_with_the_command(tmp_path: Path) -> None:
    router = Router()
    with asked_of(router, tmp_path) as (outside, _):
        outside.push([measure(HIM)], NOW)
        outside.standing()
        assert outside.doubt() == ""
        for rules in ([], [{**RULE, "disabled": "true"}], [{**RULE, "action": "accept"}],
                      [{**RULE, "src-address-list": "other"}]):  # fmt: skip
            router.rules = rules
            assert "/ip firewall raw add chain=prerouting action=drop" in outside.doubt()


def test_a_wrong_password_is_said_without_it(tmp_path: Path) -> None:
    with (
        asked_of(Router(), tmp_path, "wr0ng") as (outside, _),
        pytest.raises(OutsideError, match="refuses the login") as error,
    ):
        outside.standing()
    assert "wr0ng" not in str(error.value)


def test_an_answer_that_is_no_list_is_an_error(tmp_path: Path) -> None:
    certificate = certificate_of(tmp_path)
    with https_server(certificate, lambda _: (200, {"a": 1})) as server:
        web = HttpsJson(server.url, authority_file=str(certificate.root))
        with pytest.raises(OutsideError, match="no list of entries"):
            Mikrotik(web, "ringfence", "pbx").standing()


def test_a_login_that_ends_in_the_middle_ends_the_round(tmp_path: Path) -> None:
    router = Router()
    certificate = certificate_of(tmp_path)

    def answer(asked: Asked) -> Reply:
        return router.answer(asked) if router.number < 1 else (401, {})

    with https_server(certificate, answer) as server:
        web = HttpsJson(
            server.url, login=("ringfence", "s3cret"), authority_file=str(certificate.root)
        )
        outside = Mikrotik(web, "ringfence", "pbx")
        with pytest.raises(OutsideError, match="401"):
            outside.push([measure(HIM), measure("203.0.113.8")], NOW)
    assert len(router.lists["ip"]) == 1
