"""The sheet for users: a strip each, with nothing of another's."""

from __future__ import annotations

from ringfence.model.new_secret import NewSecret
from ringfence.model.secret import Kind
from ringfence.reports.audit.sheet import render_sheet, strips

SECRETS = (
    NewSecret("1001", "Emmy", Kind.PASSWORD, "AuthPassword", "pw-of-1001"),
    NewSecret("201", "Ada", Kind.PASSWORD, "AuthPassword", "pw-of-201"),
    NewSecret("201", "Ada", Kind.VOICEMAIL, "VMPin", "83461752"),
)


def test_each_extension_has_one_strip_in_the_order_of_numbers() -> None:
    found = strips(SECRETS)
    assert [strip.extension for strip in found] == ["201", "1001"]
    assert [line.text for line in found[0].lines] == ["pw-of-201", "83461752"]


def test_the_page_holds_each_secret_once_and_runs_nothing() -> None:
    page = render_sheet(SECRETS, "2026-11-26T18:00:00+00:00")
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("pw-of-201") == page.count("83461752") == 1
    assert page.count('class="strip"') == 2
    assert "<script" not in page
    assert "default-src &#39;none&#39;" in page
    assert "New since 2026-11-26;" in page


def test_a_users_name_is_no_markup() -> None:
    one = NewSecret("<i>2", "<script>x</script>\x1b", Kind.PIN, "PIN", "1")
    page = render_sheet([one], "2026-11-26")
    assert "<script>" not in page
    assert r"&lt;script&gt;x&lt;/script&gt;\x1b" in page


def test_a_strip_does_not_show_its_secret_by_accident() -> None:
    assert "pw-of-201" not in repr(strips(SECRETS))
    assert "pw-of-201" not in repr(SECRETS)
