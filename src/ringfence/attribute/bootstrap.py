"""Which registry answers for an address: IANA's bootstrap (RFC 9224), in a form of our own.

A line each: `published FAMILY DATE`, `base REGISTRY URL`, `FAMILY REGISTRY PREFIX...`.
The copy that ships stands beside this file; `ringfence data update` writes a newer one
into the user's data directory, and the newer of both is used.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from importlib import resources
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from tempfile import NamedTemporaryFile

from ringfence.attribute.client import HttpClient
from ringfence.attribute.errors import AttributionError, BadAnswerError
from ringfence.attribute.loose import Fields, items, plain, read_json, texts
from ringfence.attribute.registries import registry_of_host
from ringfence.attribute.special import IP
from ringfence.model.text import shown

IANA = "https://data.iana.org/rdap/"
NAME = "bootstrap.txt"
FAMILIES = ("ipv4", "ipv6")
# IANA's files have 221 and 37 prefixes; a file with fewer than half was cut or made up.
LEAST = {"ipv4": 100, "ipv6": 15}
MAX_PREFIXES = 5000
MAX_OCTETS = 512 * 1024

Prefix = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Prefixes with the base of the server that answers for them."""

    published: dict[str, str]  # by family, ISO 8601
    bases: dict[str, str]  # by registry
    prefixes: tuple[tuple[Prefix, str], ...]

    def registry_of(self, address: IP) -> str | None:
        """The registry with the longest prefix that holds the address."""
        found = [
            (prefix.prefixlen, name)
            for prefix, name in self.prefixes
            if prefix.version == address.version and address in prefix
        ]
        return max(found)[1] if found else None

    def base_of(self, address: IP) -> str | None:
        """Where to ask about it."""
        return self.bases.get(self.registry_of(address) or "")


def shipped() -> Bootstrap:
    """The copy that came with the program."""
    text = resources.files("ringfence.attribute").joinpath(NAME).read_text("utf-8")
    return read_bootstrap(text, NAME)


def load(folder: Path) -> Bootstrap:
    """The newer of the shipped copy and the one in this folder; a broken one does not count."""
    ours = shipped()
    try:
        theirs = read_bootstrap((folder / NAME).read_text("utf-8"), NAME)
    except (OSError, ValueError, AttributionError):
        return ours
    newer = all(theirs.published[family] >= ours.published[family] for family in FAMILIES)
    return theirs if newer else ours


def read_bootstrap(text: str, source: str) -> Bootstrap:
    """Our own form. Raises BadAnswerError with the line."""
    published: dict[str, str] = {}
    bases: dict[str, str] = {}
    prefixes: list[tuple[Prefix, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        match line.split():
            case [] | ["#", *_]:
                pass
            case ["published", family, date] if family in FAMILIES:
                published[family] = date
            case ["base", name, url]:
                bases[name] = url
            case [family, name, *given] if family in FAMILIES and name in bases:
                prefixes += [(_prefix(p, family, source), name) for p in given]
            case _:
                raise BadAnswerError(f"{source}, line {number}: {shown(line[:80])}")
    if set(published) != set(FAMILIES) or not prefixes:
        raise BadAnswerError(f"{source}: incomplete")
    return Bootstrap(published, bases, tuple(prefixes))


def write_bootstrap(bootstrap: Bootstrap) -> str:
    """Our own form of it."""
    lines = [
        "# Which registry answers for which addresses, as IANA published it (RFC 9224).",
        *(f"published {family} {bootstrap.published[family]}" for family in FAMILIES),
        *(f"base {name} {url}" for name, url in sorted(bootstrap.bases.items())),
    ]
    for family, version in (("ipv4", 4), ("ipv6", 6)):
        by_name: dict[str, list[Prefix]] = defaultdict(list)
        for prefix, name in bootstrap.prefixes:
            if prefix.version == version:
                by_name[name].append(prefix)
        for name in sorted(by_name):
            ordered = sorted(by_name[name], key=lambda p: int(p.network_address))
            for at in range(0, len(ordered), 8):
                some = " ".join(str(p) for p in ordered[at : at + 8])
                lines.append(f"{family} {name} {some}")
    return "\n".join(lines) + "\n"


def fetch(client: HttpClient, base: str = IANA) -> Bootstrap:
    """What IANA publishes now. Raises AttributionError."""
    published: dict[str, str] = {}
    bases: dict[str, str] = {}
    prefixes: list[tuple[Prefix, str]] = []
    for family in FAMILIES:
        body = client.get(f"{base}{family}.json", "application/json")
        published[family], found = read_iana(read_json(body.octets, body.host), family, bases)
        prefixes += found
    return Bootstrap(published, bases, tuple(prefixes))


def read_iana(
    document: Fields, family: str, bases: dict[str, str]
) -> tuple[str, list[tuple[Prefix, str]]]:
    """Date and prefixes of one of IANA's files; adds to `bases`. Raises BadAnswerError."""
    source = f"IANA's {family}.json"
    date = plain(document.get("publication"))
    if not (len(date) >= 20 and date[:4].isdigit() and date.isascii() and date.isprintable()):
        raise BadAnswerError(f"{source} has no date")
    found: list[tuple[Prefix, str]] = []
    for service in items(document.get("services")):
        parts = items(service)
        if len(parts) != 2:
            raise BadAnswerError(f"{source}: a service of {len(parts)} parts")
        url = next((u for u in texts(parts[1]) if u.startswith("https://")), None)
        if url is None:
            raise BadAnswerError(f"{source}: a service without HTTPS")
        name = _name(url, source)
        bases[name] = url if url.endswith("/") else f"{url}/"
        found += [(_prefix(text, family, source), name) for text in texts(parts[0])]
    if not LEAST[family] <= len(found) <= MAX_PREFIXES:
        raise BadAnswerError(f"{source} has {len(found)} prefixes, which cannot be right")
    return date, found


def store(bootstrap: Bootstrap, folder: Path) -> Path:
    """Write it into the folder, whole or not at all. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile("w", encoding="utf-8", dir=folder, delete=False) as file:
        file.write(write_bootstrap(bootstrap))
    try:
        return Path(file.name).replace(folder / NAME)
    except OSError:
        Path(file.name).unlink(missing_ok=True)
        raise


def _name(url: str, source: str) -> str:
    registry = registry_of_host(url.removeprefix("https://").partition("/")[0])
    if registry is None:
        raise BadAnswerError(f"{source}: {shown(url[:100])} is no registry that is known here")
    return registry.name


def _prefix(text: str, family: str, source: str) -> Prefix:
    try:
        prefix = ip_network(text)
    except ValueError as error:
        raise BadAnswerError(f"{source}: {shown(text[:50])} is no prefix") from error
    if prefix.version != (4 if family == "ipv4" else 6):
        raise BadAnswerError(f"{source}: {shown(text[:50])} belongs to the other family")
    return prefix
