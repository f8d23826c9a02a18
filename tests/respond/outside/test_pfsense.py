"""pfSense's REST package, played over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.model.outside import Entry, OutsideError
from ringfence.respond.outside.keeping import Outside
from ringfence.respond.outside.pfsense import Pfsense
from ringfence.sources.web import HttpsJson
from tests.https_server import Asked, Reply, https_server
from tests.mail_server import certificate_of
from tests.respond.nft.measures import NOW, measure

HIM, V6 = "203.0.113.7", "2001:db8::7"
BY_HAND = ("198.51.100.1/32", "scanner, by Anna")


class Firewall:
    """A pfSense with two aliases."""

    def __init__(self, kind: str = "network") -> None:
        self.rows = [BY_HAND]
        self.kind = kind
        self.name = "ringfence"
        self.answers_with = "ringfence"
        self.applied = True
        self.apply_says = True

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("x-api-key") != "s3cret":
            return 401, {"code": 401, "message": "Authentication failed"}
        if asked.path.endswith("/apply"):
            if asked.method == "POST":
                self.applied = True
            return 200, {"data": {"applied": self.applied and self.apply_says}}
        if asked.method == "GET":
            alias = {
                "id": 3, "name": self.name, "type": self.kind, "descr": "",
                "address": [text for text, _ in self.rows],
                "detail": [remark for _, remark in self.rows],
            }  # fmt: skip
            return 200, {"code": 200, "data": [{"id": 0, "name": "office"}, alias]}
        body = asked.json
        assert isinstance(body["address"], list)
        assert isinstance(body["detail"], list)
        assert body["id"] == 3
        self.rows = list(zip(body["address"], body["detail"], strict=True))
        self.applied = False
        return 200, {"code": 200, "data": {"id": 3, "name": self.answers_with}}


@contextmanager
def asked_of(firewall: Firewall, folder: Path) -> Iterator[Outside]:
    certificate = certificate_of(folder)
    with https_server(certificate, firewall.answer) as server:
        key = {"X-API-Key": "s3cret"}
        web = HttpsJson(server.url, headers=key, authority_file=str(certificate.root))
        outside = Pfsense(web, "ringfence", "pbx")
        yield outside
        outside.close()


def test_entries_bear_our_remark_and_those_of_others_go_back_as_they_were(tmp_path: Path) -> None:
    firewall = Firewall()
    with asked_of(firewall, tmp_path) as outside:
        both = [measure(HIM), measure(V6, identifier="11112222")]
        assert outside.push(both, NOW) == {}
        assert firewall.rows == [
            BY_HAND,
            ("203.0.113.7/32", "ringfence 0123abcd until 2026-11-25T04:12:00Z on pbx"),
            ("2001:db8::7/128", "ringfence 11112222 until 2026-11-25T04:12:00Z on pbx"),
        ]
        assert firewall.applied
        entries = outside.standing()
        assert entries[0] == Entry("198.51.100.1", key="198.51.100.1/32")
        assert [one.ours for one in entries] == [False, True, True]
        outside.withdraw(entries)
        assert firewall.rows == [BY_HAND]


def test_an_alias_of_hosts_takes_hosts_and_says_so_of_networks(tmp_path: Path) -> None:
    firewall = Firewall("host")
    with asked_of(firewall, tmp_path) as outside:
        network = measure("203.0.113.0/24", identifier="11112222")
        says = outside.push([measure(HIM), network], NOW)
        assert list(says) == ["11112222"]
        assert [text for text, _ in firewall.rows] == ["198.51.100.1/32", HIM]
        firewall.rows = []
        assert list(outside.push([network], NOW)) == ["11112222"]
        assert firewall.rows == []


@pytest.mark.parametrize(("name", "kind", "says"), [
    ("other", "network", "no alias ringfence: make one"), ("ringfence", "port", "no addresses"),
])  # fmt: skip
def test_an_alias_that_cannot_serve_is_told(
    tmp_path: Path, name: str, kind: str, says: str
) -> None:
    firewall = Firewall(kind)
    firewall.name = name
    with asked_of(firewall, tmp_path) as outside, pytest.raises(OutsideError, match=says):
        outside.standing()


def test_when_the_answer_is_about_another_alias_nothing_more_is_written(tmp_path: Path) -> None:
    firewall = Firewall()
    firewall.answers_with = "office"  # somebody deleted an alias between question and change
    with asked_of(firewall, tmp_path) as outside:
        for _ in range(2):
            firewall.rows = [BY_HAND]
            with pytest.raises(OutsideError, match="changed by somebody else"):
                outside.push([measure(HIM)], NOW)
        assert firewall.rows == [BY_HAND]  # the second time nothing was sent
        firewall.answers_with = "ringfence"
        with pytest.raises(OutsideError, match="start the guard again"):
            outside.push([measure(HIM)], NOW)


def test_a_change_that_waits_is_doubted(tmp_path: Path) -> None:
    firewall = Firewall()
    with asked_of(firewall, tmp_path) as outside:
        assert outside.doubt() == ""
        firewall.apply_says = False
        assert "waits to be applied" in outside.doubt()


@pytest.mark.parametrize("answer", [[], {}, {"data": {}}, {"data": [{"name": "ringfence"}]},
    {"data": [{"name": "ringfence", "id": 1, "type": "host", "address": "x"}]},
])  # fmt: skip
def test_an_answer_that_makes_no_sense_is_an_error(tmp_path: Path, answer: object) -> None:
    certificate = certificate_of(tmp_path)
    with https_server(certificate, lambda _: (200, answer)) as server:
        web = HttpsJson(server.url, authority_file=str(certificate.root))
        with pytest.raises(OutsideError, match="pfSense at localhost"):
            Pfsense(web, "ringfence", "pbx").standing()
