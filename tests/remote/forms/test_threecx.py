"""3CX: entries that keep it from blocking friends."""

from __future__ import annotations

import json

from ringfence.remote.forms.threecx import threecx_files
from tests.remote.forms.plans import plan


def test_each_entry_is_a_body_of_one_request() -> None:
    bodies, page = threecx_files(plan())
    entries = json.loads(bodies.text)
    assert {one["BlockType"] for one in entries} == {"Allow"}
    assert [one["IPAddrMask"] for one in entries] == [
        "192.0.2.10/32", "198.51.100.9/32", "203.0.113.0/24", "2001:db8::/48",
    ]  # fmt: skip
    assert entries[0]["ExpiresAt"] == "2027-11-26T12:00:00Z"
    assert "closes nothing" in page.text
