"""A case with its folder, from which letters are written: built once, copied where it changes.

    original = build(tmp, "examples/attack.pcap")      seconds
    scene = original.copy(tmp_path)                    a tenth of one

Addresses, names and desks are those of the examples: made up.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import msgspec
import pytest

from ringfence import flow
from ringfence.cases.naming import name_case
from ringfence.flow import Owner
from ringfence.flow.casebook import Casebook
from ringfence.flow.settings import load_settings
from ringfence.model.case import Case
from ringfence.model.incident import Incident
from ringfence.model.letter import Letter
from ringfence.model.responsible import Responsible
from ringfence.model.settings import Settings
from tests.cases.standings import contact, who
from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"
# The second morning after the example night, and after the answers of tests/cases/mails.py.
TODAY = "2026-10-05T08:00:00Z"
# Both of the example night, each in a network of its own; the first has a second contact.
THIEF, ACCOMPLICE = "203.0.113.66", "203.0.113.91"
HOSTING, CLOUD = "203.0.113.64/28", "203.0.113.80/28"
DESK, NEXT_DESK, CLOUD_DESK = "abuse@hosting.example", "noc@hosting.example", "abuse@cloud.example"
KNOWN: tuple[Responsible, ...] = (
    who(THIEF, HOSTING, contact(DESK), contact(NEXT_DESK, "+1 202 555 0101")),
    who(ACCOMPLICE, CLOUD, contact(CLOUD_DESK)),
)
# The office's PBX in the examples, and one behind NAT, of the same length in a packet.
PBX, INSIDE, OUTSIDE = "192.0.2.10", "10.20.3.10", "198.51.100.200"


@dataclass(frozen=True, slots=True)
class Scene:
    """A case folder, and the store in which its case is filed."""

    folder: Path
    incident: Incident
    store: str

    @property
    def case_id(self) -> str:
        return name_case(self.incident)

    @property
    def letters(self) -> Path:
        return self.folder / "letters"

    def copy(self, place: Path, *known: Responsible) -> Scene:
        """The same in another place, filed there, with what is known of the networks."""
        folder = place / f"case-{self.case_id}"
        shutil.copytree(self.folder, folder)
        scene = replace(self, folder=folder, store=str(place / "cases.db"))
        with Casebook(scene.store) as book:
            book.record_attribution(book.file(self.incident, str(folder)).case, known)
        return scene

    @contextmanager
    def book(self) -> Iterator[tuple[Casebook, Case]]:
        """Its store, open, and its case."""
        with Casebook(self.store) as book:
            yield book, book.find(self.case_id)

    def entries(self, kind: str) -> list[str]:
        """What the journal tells of a kind."""
        with self.book() as (book, case):
            return [entry.text for entry in book.journal(case) if entry.kind == kind]


def build(place: Path, capture: Path, owner: Owner | None = None) -> Scene:
    """Investigate a capture into a case folder, which no store knows yet."""
    found = flow.investigate([str(capture)])
    folder = place / "original"
    flow.write_folder(found, [str(capture)], owner or Owner(), name_case(found.incident), folder)
    return Scene(folder, found.incident, "")


def behind_nat(place: Path) -> Path:
    """The example night, recorded where the PBX has a private address."""
    octets = (EXAMPLES / "attack.pcap").read_bytes()
    for outside, inside in (
        (PBX.encode(), INSIDE.encode()),
        (bytes(map(int, PBX.split("."))), bytes(map(int, INSIDE.split(".")))),
    ):
        octets = octets.replace(outside, inside)
    file = place / "nat.pcap"
    file.write_bytes(octets)
    return file


def stop_clock(patch: pytest.MonkeyPatch, at: str = TODAY) -> None:
    """It is this moment for all that a letter goes through."""
    for module in ("moment", "casebook", "follow_up", "brief", "letters"):
        patch.setattr(f"ringfence.flow.{module}.now", lambda: at)


def need_paper() -> None:
    """Skip where nothing can be put on paper."""
    pytest.importorskip("typst", reason="the extra `pdf` is not installed")


def example_settings() -> Settings:
    """Those that come with the examples, and nobody's environment."""
    return load_settings(str(EXAMPLES / "settings.toml"), {})


def secrets_of(folder: Path) -> dict[str, list[str]]:
    """What no stranger may read, as the folder's own document names it, in all its spellings."""
    incident = msgspec.json.decode((folder / "incident.json").read_bytes(), type=Incident)
    accounts = {one.account for one in incident.in_trouble if one.account}
    accounts |= {account for s in incident.suspects for account in s.accounts_taken}
    accounts |= {call.account for s in incident.suspects for call in s.calls_answered}
    users = {one.address for one in incident.in_trouble}
    # SIPVicious writes the account in hexadecimal into its tags.
    spelled = [name.encode().hex() for name in accounts]
    assert accounts
    assert users
    return {"accounts": sorted(accounts), "users": sorted(users), "tags": spelled}


def found_in(text: str, secrets: dict[str, list[str]]) -> list[str]:
    """Which of the secrets stand in a text: names as words of their own, tags anywhere."""
    words = [
        word
        for word in (*secrets["accounts"], *secrets["users"])
        if re.search(rf"(?<![\w.+-]){re.escape(word)}(?![\w-]|\.\d)", text)
    ]
    return words + [tag for tag in secrets["tags"] if tag in text]


def text_of(letter: Letter) -> str:
    """All that a receiver reads of a letter: subject, text, attachments, evidence within them."""
    parts = [letter.subject, letter.text]
    for one in (*letter.xarf, *letter.attachments):
        parts += [one.name, one.what, one.octets.decode()]
        if one.media_type == "application/json":
            parts += [
                msgspec.json.decode(f'"{item["payload"]}"', type=bytes).decode()
                for item in msgspec.json.decode(one.octets)["evidence"]
            ]
    return "\n".join(parts)


def parsed(octets: bytes) -> EmailMessage:
    """A mail, as its receiver's program reads it."""
    mail = message_from_bytes(octets, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def plain_text(mail: EmailMessage) -> str:
    """The letter itself, within whatever it is packed in."""
    part = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    text: str = part.get_content()
    return text
