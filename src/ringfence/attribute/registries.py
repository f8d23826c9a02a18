"""The registries: the five of the regions and the national ones below APNIC and LACNIC.

Facts of the registries themselves, as they stood in November 2026.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Registry:
    """One registry: how it is asked, and which addresses are its own desk."""

    name: str
    whois: str | None
    query: str  # of WHOIS; {} is the address
    domains: tuple[str, ...]  # its own; hosts below them belong to it
    rdap: str | None = None  # where the bootstrap of IANA does not tell
    national: bool = False
    marks: tuple[str, ...] = ()  # what its answers show, in the mirror of its parent, too
    interval_s: float = 1.0  # between two questions
    copy_to: str | None = None  # a national response team that wants a copy


ARIN = Registry("arin", "whois.arin.net", "n + {}", ("arin.net",))
RIPE = Registry("ripe", "whois.ripe.net", "-B {}", ("ripe.net",))
APNIC = Registry("apnic", "whois.apnic.net", "{}", ("apnic.net",))
# 10 questions a minute, 1,000 an hour; who asks more is shut out for five minutes.
LACNIC = Registry("lacnic", "whois.lacnic.net", "{}", ("lacnic.net",), interval_s=6.5)
AFRINIC = Registry("afrinic", "whois.afrinic.net", "-B {}", ("afrinic.net",))

# RDAP of the first four is kept by APNIC (jpnic.rdap.apnic.net).
NATIONAL = (
    Registry(
        "jpnic",
        "whois.nic.ad.jp",
        "{}/e",
        ("nic.ad.jp",),
        "https://jpnic.rdap.apnic.net/",
        national=True,
        marks=("jpnic", "nic.ad.jp", "japan network information center", "jnic1-ap"),
    ),
    Registry(
        "krnic",
        "whois.kisa.or.kr",
        "{}",
        ("kisa.or.kr", "nic.or.kr", "krnic.or.kr", "krnic.net"),
        "https://krnic.rdap.apnic.net/",
        national=True,
        marks=("krnic", "kisa.or.kr", "nic.or.kr", "mnt-krnic-ap"),
    ),
    Registry(
        "twnic",
        "whois.twnic.net.tw",
        "{}",
        ("twnic.tw", "twnic.net.tw", "twnic.net"),
        "https://twnic.rdap.apnic.net/",
        national=True,
        marks=("twnic", "twnic.net"),
    ),
    Registry(
        "idnic",
        "whois.idnic.net",
        "{}",
        ("idnic.net", "idnic.id", "apjii.or.id"),
        "https://idnic.rdap.apnic.net/",
        national=True,
        marks=("idnic", "apjii"),
    ),
    Registry(
        "cnnic",
        "ipwhois.cnnic.cn",
        "{}",
        ("cnnic.cn", "cnnic.net.cn"),
        None,
        national=True,
        marks=("cnnic", "cnnic.cn", "irt-cnnic-cn"),
    ),
    Registry(
        "vnnic",
        None,
        "{}",
        ("vnnic.vn", "vnnic.net.vn"),
        None,
        national=True,
        marks=("vnnic",),
    ),
    Registry(
        "irinn",
        None,
        "{}",
        ("irinn.in", "nixi.in"),
        None,
        national=True,
        marks=("irinn", "nixi"),
    ),
    Registry(
        "nicbr",
        "whois.registro.br",
        "{}",
        ("registro.br", "nic.br"),
        "https://rdap.registro.br/",
        national=True,
        marks=("registro.br", "whois.nic.br", "nic.br"),
        interval_s=6.5,
        copy_to="cert@cert.br",
    ),
    Registry(
        "nicmx",
        "whois.mx",
        "{}",
        ("nic.mx", "iar.mx"),
        None,
        national=True,
        marks=("nic mexico", "iar.mx"),
    ),
)

REGIONAL = (ARIN, RIPE, APNIC, LACNIC, AFRINIC)
ALL = (*REGIONAL, *NATIONAL)
BY_NAME = {registry.name: registry for registry in ALL}
# The desks of these are no desk for a network that they registered for somebody else.
_OWN_NAMES = (
    "american registry for internet numbers",
    "asia pacific network information",
    "latin american and caribbean ip address",
    "african network information",
    "ripe network coordination",
    "ripe ncc",
    "reseaux ip europeens",
    "internet assigned numbers authority",
    "apnic",
    "lacnic",
    "afrinic",
)


def registry_of_host(host: str) -> Registry | None:
    """Whose host this is: the longest domain decides, jpnic.rdap.apnic.net is JPNIC's."""
    name = host.lower().rstrip(".")
    for registry in NATIONAL:
        if registry.rdap and name == registry.rdap.partition("://")[2].strip("/"):
            return registry
    for registry in (*NATIONAL, *REGIONAL):
        if belongs(name, registry.domains):
            return registry
    return None


def belongs(host: str, domains: tuple[str, ...]) -> bool:
    """Whether the host is one of the domains, or below one."""
    name = host.lower().rstrip(".")
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def is_registry(holder: str) -> bool:
    """Whether a holder is a registry itself: its block is given on, or not given yet."""
    name = holder.lower()
    return any(name.startswith(own) or f"({own})" in name for own in _OWN_NAMES)
