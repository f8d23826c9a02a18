"""Settings and captures in, what is weak out, worst first, without a secret."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ringfence.flow.auditing import weigh
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
