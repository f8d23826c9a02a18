"""A folder of recorded answers that plays registry: an exercise without any network.

How it works: each file is one RDAP answer about a network (RFC 9083). A question for
an address is answered with the narrowest network that holds it, one for a prefix (the
way up from a customer's network) with the narrowest that holds all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from ringfence.attribute.answer import read_answer
from ringfence.attribute.client import ACCEPT, MAX_OCTETS, Body
from ringfence.attribute.errors import AttributionError, BadAnswerError, NotRegisteredError
from ringfence.attribute.loose import read_json
from ringfence.attribute.span import Span, holds, prefix_span, size, span_of
from ringfence.attribute.special import maybe_address
from ringfence.model.text import shown

# Answers of one folder; an exercise has a handful.
MAX_ANSWERS = 1000


@dataclass(frozen=True, slots=True)
class _Recorded:
    span: Span
    name: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Playback:
    """Answers questions to a registry from a folder, and knows nothing else."""

    name: str
    answers: tuple[_Recorded, ...]

    @classmethod
    def of_folder(cls, folder: Path) -> Self:
        """The answers in a folder. Raises AttributionError, which names the file that is none."""
        try:
            files = sorted(folder.glob("*.json"))[:MAX_ANSWERS]
            answers = tuple(_recorded(file) for file in files)
        except OSError as error:
            raise AttributionError(f"{shown(str(folder))}: {error.strerror or error}") from error
        if not answers:
            raise AttributionError(
                f"{shown(str(folder))}: no recorded answers (RDAP, *.json) in this folder"
            )
        return cls(shown(folder.resolve().name), answers)

    @property
    def base(self) -> str:
        """What stands in place of a registry's address."""
        return f"folder://{self.name}"

    def get(self, url: str, _accept: str = ACCEPT, /) -> Body:
        """The recorded answer to a question. Raises NotRegisteredError, BadAnswerError."""
        asked = _asked(url)
        fitting = [a for a in self.answers if holds(a.span, asked[0]) and holds(a.span, asked[1])]
        if not fitting:
            raise NotRegisteredError(f"{self.name} holds no answer about it")
        found = min(fitting, key=lambda answer: size(answer.span))
        return Body(found.octets, found.name, f"{self.base}/{found.name}")


def _asked(url: str) -> Span:
    """The addresses that a question `…/ip/203.0.113.5` or `…/ip/203.0.113.0/24` is about."""
    what = urlsplit(url).path.rpartition("/ip/")[2]
    prefix, _, bits = what.partition("/")
    address = maybe_address(prefix)
    span = prefix_span(prefix, bits) if bits else (address, address) if address else None
    if span is None:
        raise BadAnswerError(f"{shown(url[:100])}: no question that a recorded answer answers")
    return span


def _recorded(file: Path) -> _Recorded:
    """One answer. Raises AttributionError, OSError."""
    with file.open("rb") as stream:
        octets = stream.read(MAX_OCTETS + 1)
    if len(octets) > MAX_OCTETS:
        raise AttributionError(f"{shown(str(file))}: more than {MAX_OCTETS:,} octets")
    try:
        network = read_answer(read_json(octets, file.name), file.name).network
    except AttributionError as error:
        raise AttributionError(f"{shown(str(file))}: {error}") from error
    span = span_of(network.first, network.last) if network else None
    if span is None:
        raise AttributionError(f"{shown(str(file))}: no answer about a network")
    return _Recorded(span, shown(file.name), octets)
