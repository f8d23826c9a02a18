"""Whom redaction protects: everybody but the accused, as far as the captures name him.

How it works: `Learning` reads the messages in which no accused source takes part and
keeps the accounts, names, hosts and addresses of those who wrote them. What an
accused source writes is evidence and stays, unless it is one of these.
Rules: what was dialled is no account, for attackers' calls are relayed under our own
name; when a set is full nobody is taken for a stranger any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from ringfence.evidence.redaction.addresses import is_anybodys, is_private, read_address
from ringfence.model.incident import Incident
from ringfence.wire import _columns as columns
from ringfence.wire.grammar import unquote
from ringfence.wire.uri import unescape

if TYPE_CHECKING:
    from ringfence.wire.table import MessageTable

# Accounts, names, hosts, addresses of ordinary users, each (some 20 MiB together): a
# large provider's. Then `everybody` is set, and every name is taken for a user's.
MAX_PEOPLE = 100_000


# Names that are looked for inside of words: shorter ones stand everywhere by chance.
LEAST_NAME: Final = 5
MOST_NAME: Final = 64
# Different lengths of them, each one more look at every octet; the longest count.
MAX_LENGTHS: Final = 24
_QUOTED_PAIR = re.compile(rb"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class People:
    """The accused, the attacked, and what is known of all others. Addresses are octets."""

    accused: frozenset[bytes]
    defended: frozenset[bytes]
    accounts: frozenset[bytes] = frozenset()  # lower case, escapes resolved
    names: frozenset[bytes] = frozenset()
    hosts: frozenset[bytes] = frozenset()
    addresses: frozenset[bytes] = frozenset()
    tried: frozenset[bytes] = frozenset()  # names that the accused wrote: they stay
    everybody: bool = False  # more were seen than could be remembered

    def is_account(self, name: bytes) -> bool:
        """Whether a real user has this name, in any case and escaped or not."""
        if self.everybody:
            return True
        plain = meaning(name)
        return any(one in self.accounts or one in self.names for one in (plain, unescape(plain)))

    def is_free(self, name: bytes) -> bool:
        """Whether this may be a pseudonym: nobody's name, and none that stays."""
        plain = name.lower()
        return not (plain in self.accounts or plain in self.names or plain in self.tried)

    def is_name(self, display_name: bytes) -> bool:
        """Whether a real user is shown by this name, or by one of its words."""
        plain = unquote(b'"' + display_name + b'"').lower().strip()
        if plain in self.names or plain in self.accounts or self.is_account(display_name):
            return True
        words = plain.split()
        return any(word in self.accounts or word in self.names for word in words)

    def is_host(self, host: bytes) -> bool:
        """Whether users or their servers go by this host name, or by another of its domain."""
        plain = host.lower().rstrip(b".")
        return self.everybody or plain in self.hosts or domain_of(plain) in self.hosts

    def keeps(self, packed: bytes, *, claimed: bool) -> bool:
        """Whether this address may be shown; `claimed`: an accused source wrote it."""
        if is_anybodys(packed):
            return True
        if is_private(packed):
            return False
        if packed in self.accused or packed in self.defended:
            return True
        return claimed and not self.everybody and packed not in self.addresses


class HiddenNames:
    """Finds names of real users inside of longer words, by looking at every place."""

    def __init__(self, people: People) -> None:
        names = people.accounts | people.names | people.hosts
        self._names = frozenset(name for name in names if _stands_out(name))
        lengths = sorted({len(name) for name in self._names}, reverse=True)
        self._lengths = lengths[:MAX_LENGTHS]

    def find(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Places in the text, from left to right, none twice; the longest name counts."""
        plain, at = text.lower(), 0
        if not self._lengths:
            return
        while at <= len(plain) - self._lengths[-1]:
            size = next((n for n in self._lengths if plain[at : at + n] in self._names), 0)
            if size:
                yield at, at + size
            at += size or 1


def _stands_out(name: bytes) -> bool:
    """Whether random tokens hardly ever hold it: not short, no number."""
    if not LEAST_NAME <= len(name) <= MOST_NAME:
        return False
    return not _HEX.fullmatch(name) or len(name) > 2 * LEAST_NAME


def meaning(name: bytes) -> bytes:
    """A name as whoever reads it takes it: escapes, quoted pairs and blanks resolved."""
    plain = _QUOTED_PAIR.sub(rb"\1", unescape(name)) if b"\\" in name else unescape(name)
    return plain.translate(None, b' \t\r\n\0"').lower()


def domain_of(host: bytes) -> bytes:
    """The last two labels of a host name."""
    return b".".join(host.rsplit(b".", 2)[-2:])


def packed_of(addresses: Iterable[str]) -> frozenset[bytes]:
    """Addresses of an incident document as octets."""
    return frozenset(ip_address(address).packed for address in addresses)


@dataclass(slots=True)
class Learning:
    """Collects people from tables; `people` is what was learnt.

    Accused are the attackers, or those whom `only` names: a mere suspect may be a user.
    """

    incident: Incident
    only: frozenset[bytes] | None = None
    _sets: dict[str, set[bytes]] = field(
        default_factory=lambda: {
            name: set() for name in ("accounts", "names", "hosts", "addresses", "tried")
        }
    )
    _full: bool = False
    _accused: frozenset[bytes] = frozenset()
    _defended: frozenset[bytes] = frozenset()

    def __post_init__(self) -> None:
        incident = self.incident
        attackers = packed_of(s.address for s in incident.suspects if s.verdict == "attacker")
        self._accused = attackers if self.only is None else self.only
        self._defended = packed_of(incident.defended)
        for suspect in incident.suspects:
            for account in suspect.accounts_taken:
                self._add("accounts", account.encode())
        for user in incident.in_trouble:
            self._add("accounts", user.account.encode())
            self._add_address(ip_address(user.address).packed)

    def take(self, table: MessageTable) -> None:
        """Learn from the messages of a table that is at hand."""
        table.fill_parts()
        for row in table.rows():
            source = table.address(row, "source")
            if source in self._accused:
                self._take_tried(table, row)
                continue
            if table.number(row, "method"):
                self._take_request(table, row, source)
            elif table.text(row, "cseq").endswith(b"REGISTER") and _is_success(table, row):
                # Whoever is let in is a user: an office may share an attacker's address.
                self._add("accounts", table.text(row, "to_user"))
                self._add("names", table.text(row, "to_display"))
            for name in ("auth_realm", "challenge_realm"):
                self._add_host(table.text(row, name))

    def people(self) -> People:
        """Everybody so far."""
        sets = {name: frozenset(found) for name, found in self._sets.items()}
        return People(self._accused, self._defended, **sets, everybody=self._full)

    def _take_tried(self, table: MessageTable, row: int) -> None:
        for name in ("uri_user", "from_user", "to_user", "auth_user"):
            plain = unescape(table.text(row, name)).lower()
            if len(self._sets["tried"]) < MAX_PEOPLE:
                self._sets["tried"].add(plain)

    def _take_request(self, table: MessageTable, row: int, source: bytes) -> None:
        """A request of somebody else; our servers relay what attackers write, too."""
        self._add_address(table.address(row, "destination"))
        if source in self._defended:
            return
        self._add_address(source)
        self._add("accounts", table.text(row, "auth_user"))
        self._add("accounts", table.text(row, "from_user"))
        self._add("names", table.text(row, "from_display"))
        self._add_host(table.text(row, "from_host"))
        self._add_contact(table.text(row, "contact"))
        if table.number(row, "method") == columns.M_REGISTER:
            self._add("accounts", table.text(row, "to_user"))
            self._add("names", table.text(row, "to_display"))

    def _add_contact(self, value: bytes) -> None:
        head, at, rest = value.partition(b"@")
        if at:
            self._add("accounts", head.rpartition(b":")[2])
            host = rest.partition(b">")[0].partition(b";")[0]
            self._add_host(host.rpartition(b":")[0] or host)

    def _add_host(self, host: bytes) -> None:
        packed = read_address(host.strip(b"[] "))
        if packed is not None:
            self._add_address(packed)
        elif host and host.lower() not in _NOBODYS:
            plain = host.lower().strip().rstrip(b".")
            self._add("hosts", plain)
            if b"." in plain:
                self._add("hosts", domain_of(plain))

    def _add_address(self, packed: bytes) -> None:
        if packed not in self._accused and packed not in self._defended:
            self._add_to("addresses", packed)

    def _add(self, name: str, text: bytes) -> None:
        for plain in {meaning(text), unquote(b'"' + text + b'"').lower().strip()}:
            if plain and plain not in _NOBODYS:
                self._add_to(name, plain)

    def _add_to(self, name: str, value: bytes) -> None:
        found = self._sets[name]
        if value not in found and len(found) >= MAX_PEOPLE:
            self._full = True
        else:
            found.add(value)


def _is_success(table: MessageTable, row: int) -> bool:
    return 200 <= table.number(row, "status") < 300


_HEX = re.compile(rb"[0-9a-f.-]+")
# Names that stand for nobody, or are what software comes with.
_NOBODYS: Final = frozenset(
    (b"anonymous", b"unknown", b"invalid", b"anonymous.invalid", b"asterisk", b"localhost")
)
