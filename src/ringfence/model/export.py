"""What an export can be written as, and why one cannot be."""

from __future__ import annotations

# Messages, and incidents.
FORMATS = ("csv", "json", "parquet", "pcapng")
INCIDENT_FORMATS = ("stix", "misp", "case", "abuseipdb", "json")
# How far others may pass on what they are told (Traffic Light Protocol 2.0).
TLPS = ("clear", "green", "amber", "amber+strict", "red")


class ExportError(Exception):
    """Something that an export needs is missing, or its target is wrong: says what to do."""
