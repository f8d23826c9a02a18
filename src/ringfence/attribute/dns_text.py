"""TXT records of DNS, by the resolver of this machine: a name out, texts back."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from ringfence.attribute.errors import NotRegisteredError, SilentError
from ringfence.attribute.special import IP

TIMEOUT_S = 6.0
# Records of an answer that are read, and characters of each.
MAX_RECORDS = 20
MAX_LENGTH = 2000


# Asks for the texts of a name. Raises NotRegisteredError, SilentError.
TextRecords = Callable[[str], list[str]]


def text_records(
    servers: list[str] | None = None, port: int = 53, timeout_s: float = TIMEOUT_S
) -> TextRecords:
    """A way to ask: the resolver of /etc/resolv.conf, or the servers named."""

    def ask(name: str) -> list[str]:
        import dns.exception
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=servers is None)
            if servers is not None:
                resolver.nameservers = list(servers)
                resolver.port = port
            resolver.search = []
            answer = resolver.resolve(name, "TXT", lifetime=timeout_s, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer) as error:
            raise NotRegisteredError(f"{name}: no such record") from error
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise SilentError(f"DNS does not answer for {name}") from error
        return [
            b"".join(record.strings).decode("utf-8", "replace")[:MAX_LENGTH]
            for record, _ in zip(answer, range(MAX_RECORDS), strict=False)
        ]

    return ask


def reversed_name(address: IP) -> str:
    """The address as the beginning of a name: octets backwards, or nibbles."""
    if isinstance(address, IPv4Address):
        return ".".join(reversed(str(address).split(".")))
    return ".".join(reversed(address.exploded.replace(":", "")))
