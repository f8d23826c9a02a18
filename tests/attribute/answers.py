"""Small RDAP answers of our own, for traps that registries set."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ringfence.attribute.answer import Answer, read_answer
from ringfence.attribute.contacts import contacts_of
from ringfence.model.responsible import Contact

Json = dict[str, object]

SOURCE = "rdap.arin.net"


def mail(text: object, **params: object) -> list[object]:
    """A property with a mailbox."""
    return ["email", params, "text", text]


def tel(text: object, types: object = "voice") -> list[object]:
    """A property with a telephone."""
    return ["tel", {"type": types}, "text", text]


def fn(text: str) -> list[object]:
    """A property with a name."""
    return ["fn", {}, "text", text]


def kind(text: str) -> list[object]:
    """A property with a kind."""
    return ["kind", {}, "text", text]


def entity(handle: str, roles: object, *properties: Sequence[object], **more: object) -> Json:
    """A party with its card."""
    card = ["vcard", [["version", {}, "text", "4.0"], *properties]]
    return {
        "objectClassName": "entity",
        "handle": handle,
        "roles": roles,
        "vcardArray": card,
        **more,
    }


def remark(*lines: str, title: str = "remarks") -> Json:
    """A remark."""
    return {"title": title, "description": list(lines)}


def network(*entities: Json, **more: object) -> Json:
    """A network of documentation."""
    return {
        "objectClassName": "ip network",
        "handle": "NET-203-0-113-0-1",
        "startAddress": "203.0.113.0",
        "endAddress": "203.0.113.255",
        "ipVersion": "v4",
        "name": "EXAMPLE",
        "entities": list(entities),
        **more,
    }


def octets(document: object) -> bytes:
    """As a server sends it."""
    return json.dumps(document).encode()


def read(document: Mapping[str, object], source: str = SOURCE) -> Answer:
    """The answer, read."""
    return read_answer(dict(document), source)


def contacts(*entities: Json, source: str = SOURCE, **more: object) -> tuple[Contact, ...]:
    """The contacts of a network with these parties."""
    return contacts_of(read(network(*entities, **more), source))


def mails(found: Sequence[Contact], *, usable: bool = True) -> list[str]:
    """Their mailboxes, best first."""
    return [c.email for c in found if c.email and c.usable == usable]
