"""3CX's blocklist, played over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.model.outside import Entry, OutsideError
from ringfence.respond.outside.keeping import Outside
from ringfence.respond.outside.threecx import BY_ITSELF, ThreecxBlocklist
from ringfence.sources.xapi import Xapi
from tests.https_server import Asked, Reply, https_server
from tests.mail_server import certificate_of
from tests.respond.nft.measures import NOW, measure

HIM, V6 = "203.0.113.7", "2001:db8::7"


class Threecx:
    """A 3CX with a blocklist."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.refuses: set[object] = set()
        self.may = True

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/connect/token":
            return 200, {"access_token": "t", "expires_in": 60}
        if not self.may:
            return 403, {}
        if asked.method == "GET":
            return 200, {"value": self.rows}
        if asked.path.endswith("BulkIpsDelete"):
            ids = asked.json["ids"]
            assert isinstance(ids, list)
            self.rows = [row for row in self.rows if row["Id"] not in ids]
            return 204, b""
        if asked.json["IPAddrMask"] in self.refuses:
            return 400, {"error": {"code": "", "message": "IPAddrMask: wrong form"}}
        row = {"Id": len(self.rows) + 1, "AddedBy": "Manual", **asked.json}
        self.rows.append(row)
        return 201, row


@contextmanager
def asked_of(pbx: Threecx, folder: Path) -> Iterator[Outside]:
    certificate = certificate_of(folder)
    with https_server(certificate, pbx.answer) as server:
        xapi = Xapi(server.url, "ringfence", "s3cret", authority_file=str(certificate.root))
        outside = ThreecxBlocklist(xapi, "pbx")
        yield outside
        outside.close()


def test_entries_have_their_end_and_our_mark_and_come_off_again(tmp_path: Path) -> None:
    pbx = Threecx()
    with asked_of(pbx, tmp_path) as outside:
        assert outside.push([measure(HIM), measure(V6, identifier="11112222")], NOW) == {}
        assert pbx.rows[0] == {
            "Id": 1, "AddedBy": "Manual", "IPAddrMask": "203.0.113.7/32", "BlockType": "Block",
            "Description": "ringfence 0123abcd until 2026-11-25T04:12:00Z on pbx",
            "ExpiresAt": "2026-11-25T04:12:00Z",
        }  # fmt: skip
        entries = outside.standing()
        assert entries[1] == Entry(V6, "11112222", "2026-11-25T04:12:00Z", ours=True, key="2")
        outside.withdraw(entries)
        assert outside.standing() == []
        assert outside.doubt() == ""


def test_what_3cx_blocked_itself_is_read_and_never_ours(tmp_path: Path) -> None:
    pbx = Threecx()
    pbx.rows = [
        {"Id": 4, "IPAddrMask": "198.51.100.9/255.255.255.255", "BlockType": "Block",
         "Description": "too many requests", "ExpiresAt": "2026-11-25T04:00:00.5Z",
         "AddedBy": BY_ITSELF},
        {"Id": "5", "IPAddrMask": HIM, "BlockType": "Block"},
        {"Id": 6, "IPAddrMask": None, "BlockType": "Block"},
        {},
    ]  # fmt: skip
    with asked_of(pbx, tmp_path) as outside:
        (entry,) = outside.standing()
    assert entry == Entry("198.51.100.9", until="2026-11-25T04:00:00Z", key="4", by=BY_ITSELF)


def test_what_3cx_allows_is_left_alone(tmp_path: Path) -> None:
    pbx = Threecx()
    pbx.rows = [{"Id": 4, "IPAddrMask": "203.0.113.0/24", "BlockType": "Allow"}]
    with asked_of(pbx, tmp_path) as outside:
        assert outside.standing() == []
        says = outside.push([measure(HIM)], NOW)
    assert says == {"0123abcd": "3CX has it on its own allow list"}
    assert len(pbx.rows) == 1


def test_a_refused_entry_does_not_hold_up_the_others(tmp_path: Path) -> None:
    pbx = Threecx()
    pbx.refuses = {"2001:db8::7/128"}
    with asked_of(pbx, tmp_path) as outside:
        says = outside.push([measure(V6, identifier="11112222"), measure(HIM)], NOW)
        assert list(says) == ["11112222"]
        assert "IPAddrMask: wrong form" in says["11112222"]
        assert [one.address for one in outside.standing()] == [HIM]


def test_an_application_that_may_not_is_told_its_role(tmp_path: Path) -> None:
    pbx = Threecx()
    pbx.may = False
    with asked_of(pbx, tmp_path) as outside:
        with pytest.raises(OutsideError, match="403, does not allow it: the application needs"):
            outside.standing()
        with pytest.raises(OutsideError, match="403"):
            outside.push([measure(HIM)], NOW)
