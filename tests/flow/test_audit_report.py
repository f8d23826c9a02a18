"""Every form of an audit; none of them can hold a secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

from ringfence.flow.audit_report import render_html, render_json, render_pdf, render_sarif
from tests.audits import night

NOW = datetime(2026, 11, 26, 19, tzinfo=timezone(timedelta(hours=1)))


def test_each_form_is_of_the_same_audit() -> None:
    found = night()
    assert json.loads(render_json(found))["can_be_entered"] == ["240", "201"]
    assert len(json.loads(render_sarif(found))["runs"][0]["results"]) == 7
    assert b"2 of 250 extensions can be entered today." in render_html(found, NOW)
    assert render_pdf(found, NOW).startswith(b"%PDF-")


def test_the_time_is_utc() -> None:
    assert b"2026-11-26 18:00:00 UTC" in render_html(night(), NOW)
    assert render_html(night(), NOW) == render_html(night(), NOW.astimezone(UTC))
