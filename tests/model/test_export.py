"""Formats of exports."""

from __future__ import annotations

from ringfence.model.export import FORMATS, INCIDENT_FORMATS, TLPS, ExportError


def test_formats_are_named_as_the_issue_of_a_file_is() -> None:
    assert FORMATS == ("csv", "json", "parquet", "pcapng")


def test_an_export_error_is_no_bug() -> None:
    assert not issubclass(ExportError, (ValueError, OSError))


def test_incidents_have_formats_and_colours_of_their_own() -> None:
    assert INCIDENT_FORMATS == ("stix", "misp", "case", "abuseipdb", "json")
    assert TLPS == ("clear", "green", "amber", "amber+strict", "red")
