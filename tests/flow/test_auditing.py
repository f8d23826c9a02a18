"""Settings and captures in, what is weak out, worst first, without a secret."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ringfence.audit.credentials import urgency
from ringfence.flow.auditing import Further, audit, fetch, weigh
from ringfence.model.pbx import Extension, Pbx, Place, System
from ringfence.model.secret import Kind, Secret

PLANTED = "~summer~winter~"


def pbx() -> Pbx:
    secrets = (Secret(Kind.PASSWORD, PLANTED), Secret(Kind.VOICEMAIL, "0000"))
    made = Extension("9000", Place("pbx.csv", 2), secrets=secrets)
    return Pbx(System.LIST, ("pbx.csv",), (made,), unknown=("Colour",))


def test_all_is_counted_and_sorted() -> None:
    found = weigh([pbx()])
    assert (found.extensions, found.secrets, found.hashes) == (1, 2, 0)
    severities = [weakness.severity for weakness in found.weaknesses]
    assert severities
    assert severities == sorted(severities, reverse=True)
    assert any("Colour" in line for line in found.not_checked)


def test_nothing_written_holds_a_secret() -> None:
    assert PLANTED[:7] not in msgspec.json.encode(weigh([pbx()])).decode()


def test_a_capture_alone_is_audited(capture: Path) -> None:
    found = weigh([], [str(capture)])
    assert found.extensions
    assert found.answers


def test_all_users_of_a_3cx_are_fetched_page_by_page() -> None:
    class Xapi:
        def __init__(self) -> None:
            self.asked: list[Mapping[str, str]] = []

        def listed(self, path: str, params: Mapping[str, str]) -> list[object]:
            assert path == "/Users"
            self.asked.append(params)
            first, most = int(params["$skip"]), int(params["$top"])
            return [{"Number": str(1000 + n)} for n in range(first, min(first + most, 230))]

    xapi = Xapi()
    found = fetch(xapi, "https://pbx.example")
    assert [e.number for e in found.extensions] == [str(1000 + n) for n in range(230)]
    assert [params["$skip"] for params in xapi.asked] == ["0", "100", "200"]


def test_secrets_doors_and_captures_are_one_audit(capture: Path, tmp_path: Path) -> None:
    settings = tmp_path / "sip.conf"
    settings.write_text("[general]\nallowguest=yes\n[200]\ntype=friend\nsecret=200\n")
    found = audit([settings], [str(capture)])
    rules = {weakness.rule for weakness in found.weaknesses}
    assert {"is-number", "guests-may-call"} <= rules
    assert "tells-unknown-users" in rules, "which only the capture shows"
    assert list(found.weaknesses) == sorted(found.weaknesses, key=urgency)
    assert any("does not say" in line for line in found.not_checked)


def test_a_probe_alone_is_an_audit() -> None:
    found = audit([], further=Further(probe="127.0.0.1:9"))
    assert found.sources == ("sip:127.0.0.1:9",)
    assert found.not_checked
