"""What was read, and how sure it is."""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.incident import Campaign
from ringfence.reports.method import EXPLAINED, GLOSSARY, MAX_SOURCES, hands_of, sources_of
from tests.reports.dossiers import NIGHT, QUIET, READ


def test_captures_are_named_by_their_hash() -> None:
    (source,) = sources_of(QUIET)
    assert (source.path, source.sha256, source.size) == ("night.pcap", "ab" * 32, "4,096 bytes")
    assert source.not_decoded == (("media (RTP), counted only", 20),)


def test_what_was_not_decoded_is_listed_most_first() -> None:
    read = replace(READ, not_decoded={"a": 1, "b": 9}, problems=["cut at the end"])
    (source,) = sources_of(replace(QUIET, inputs=[read]))
    assert source.not_decoded == (("b", 9), ("a", 1))
    assert source.problems == ("cut at the end",)


def test_a_ring_of_thousands_of_captures_is_bounded() -> None:
    assert len(sources_of(replace(QUIET, inputs=[READ] * 5000))) == MAX_SOURCES


def test_a_source_alone_is_no_campaign() -> None:
    alone = Campaign("C-2", ["203.0.113.9"], "x", 0.0, [])
    incident = replace(NIGHT.incident, campaigns=[*NIGHT.incident.campaigns, alone])
    assert [hand.id for hand in hands_of(incident)] == ["C-1"]


def test_the_scale_is_explained() -> None:
    assert "decibans" in " ".join(EXPLAINED)
    assert [term.word for term in GLOSSARY] == sorted((t.word for t in GLOSSARY), key=str.casefold)
