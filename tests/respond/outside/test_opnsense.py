"""OPNsense's alias, played over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.model.outside import OutsideError
from ringfence.respond.outside.keeping import Outside
from ringfence.respond.outside.opnsense import Opnsense
from ringfence.sources.web import HttpsJson
from tests.https_server import Asked, Reply, https_server
from tests.mail_server import certificate_of
from tests.respond.nft.measures import NOW, measure

HIM, V6 = "203.0.113.7", "2001:db8::7"


class Firewall:
    """An OPNsense with one alias."""

    def __init__(self) -> None:
        self.table: list[str] = []
        self.has_alias = True
        self.pages = True
        self.refuses: set[str] = set()
        self.tells_aliases = True

    def answer(self, asked: Asked) -> Reply:
        if asked.login != "key:s3cret":
            return 401, {"status": 401, "message": "Authentication Failed"}
        verb = asked.path.split("/")[4]
        if verb == "getAliasUUID":
            if not self.tells_aliases:
                return 404, {"errorMessage": "Endpoint not found"}
            return 200, {"uuid": "0-1-2"} if self.has_alias else []
        if verb == "list":
            rows = [{"ip": one} for one in self.table]
            return 200, {"total": len(rows), "rows": rows} if self.pages else self.table
        address = str(asked.json["address"])
        if address in self.refuses:
            return 200, {"status": "not_an_address"}
        if verb == "add":
            self.table.append(address)
        else:
            self.table.remove(address)
        return 200, {"status": "done"}


@contextmanager
def asked_of(firewall: Firewall, folder: Path) -> Iterator[Outside]:
    certificate = certificate_of(folder)
    with https_server(certificate, firewall.answer) as server:
        web = HttpsJson(server.url, login=("key", "s3cret"), authority_file=str(certificate.root))
        yield Opnsense(web, "ringfence")
        web.close()


@pytest.mark.parametrize("pages", [True, False])
def test_addresses_go_into_the_alias_and_out_of_it(tmp_path: Path, pages: bool) -> None:
    firewall = Firewall()
    firewall.pages = pages
    with asked_of(firewall, tmp_path) as outside:
        assert outside.push([measure(HIM), measure(V6)], NOW) == {}
        assert firewall.table == [HIM, V6]
        entries = outside.standing()
        assert [(one.address, one.ours) for one in entries] == [(HIM, True), (V6, True)]
        outside.withdraw(entries[:1])
        assert [one.address for one in outside.standing()] == [V6]
        assert outside.doubt() == ""


def test_without_the_alias_nothing_is_made_and_it_is_said_how(tmp_path: Path) -> None:
    firewall = Firewall()
    firewall.has_alias = False
    with asked_of(firewall, tmp_path) as outside:
        with pytest.raises(OutsideError, match="no alias ringfence: make one"):
            outside.standing()
        assert firewall.table == []
        firewall.tells_aliases = False  # a version that cannot be asked
        assert outside.standing() == []


def test_a_refusal_is_told_of_the_one_that_it_is_about(tmp_path: Path) -> None:
    firewall = Firewall()
    firewall.refuses = {V6}
    with asked_of(firewall, tmp_path) as outside:
        says = outside.push([measure(V6, identifier="11112222"), measure(HIM)], NOW)
        assert list(says) == ["11112222"]
        assert "did not add 2001:db8::7" in says["11112222"]
        firewall.refuses = {HIM}
        with pytest.raises(OutsideError, match="did not delete"):
            outside.withdraw(outside.standing())


def test_an_answer_that_is_no_list_is_an_error(tmp_path: Path) -> None:
    certificate = certificate_of(tmp_path)
    with https_server(certificate, lambda _: (200, {"uuid": "x"})) as server:
        web = HttpsJson(server.url, authority_file=str(certificate.root))
        with pytest.raises(OutsideError, match="no list of addresses"):
            Opnsense(web, "ringfence").standing()
