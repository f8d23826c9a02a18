from __future__ import annotations

import pytest

from ringfence.attribute.registries import ALL, belongs, is_registry, registry_of_host


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("rdap.arin.net", "arin"),
        ("rdap.db.ripe.net", "ripe"),
        ("jpnic.rdap.apnic.net", "jpnic"),
        ("RDAP.APNIC.NET.", "apnic"),
        ("whois.nic.ad.jp", "jpnic"),
        ("rdap.registro.br", "nicbr"),
        ("evil-arin.net", None),
        ("arin.net.evil.example", None),
        ("", None),
    ],
)
def test_host_belongs_to_its_registry(host: str, name: str | None) -> None:
    found = registry_of_host(host)
    assert (found.name if found else None) == name


def test_domain_of_another_is_not_taken_for_ours() -> None:
    assert belongs("a.ripe.net", ("ripe.net",))
    assert not belongs("notripe.net", ("ripe.net",))


def test_a_registry_is_no_holder() -> None:
    assert is_registry("Asia Pacific Network Information Centre")
    assert is_registry("Reseaux IP Europeens Network Coordination Centre (RIPE NCC)")
    assert not is_registry("Example Hosting Ltd")


def test_names_are_unique() -> None:
    assert len({registry.name for registry in ALL}) == len(ALL)
