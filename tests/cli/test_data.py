"""`ringfence data update`, as a person uses it."""

from __future__ import annotations

from tests.attribute.answers import octets
from tests.attribute.server import Play, registry
from tests.attribute.test_bootstrap import services
from tests.cli.conftest import Run


def test_bootstrap_is_fetched(run: Run) -> None:
    with registry() as server:
        for family in ("ipv4", "ipv6"):
            server.play(f"/rdap/{family}.json", Play(octets(services(family))))
        result = run("data", "update", "--from", f"{server.url}/rdap/")
    assert result.exit_code == 0
    assert "ipv4 of 2026-11-01T00:00:00Z, ipv6 of 2026-11-01T00:00:00Z" in result.stdout


def test_place_that_has_no_such_files_is_an_error(run: Run) -> None:
    with registry() as server:
        result = run("data", "update", "--from", server.url)
    assert result.exit_code == 2
    assert "127.0.0.1 knows no such object" in result.stderr
