"""What the owner tells on the command line: his servers, trunks, users, region, rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.shell import fail

if TYPE_CHECKING:
    from ringfence.flow import Address, Owner

Pbx = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ADDRESS", help="Our server; found by itself when not given. May be repeated."
    ),
]
Trunk = Annotated[
    list[str] | None,
    typer.Option(metavar="ADDRESS", help="A carrier's address. May be repeated."),
]
Known = Annotated[
    list[str] | None,
    typer.Option(metavar="ADDRESS", help="A user's or office's address. May be repeated."),
]


Home = Annotated[
    str | None,
    typer.Option(
        metavar="REGION", help="Your country (ISO 3166: US, DE, ...): how numbers are dialled."
    ),
]
RatesFile = Annotated[
    str | None,
    typer.Option(
        "--rates", metavar="FILE", help="Your carrier's rates (CSV); rough ones are built in."
    ),
]


def owner_of(
    pbx: list[str] | None,
    trunk: list[str] | None,
    known: list[str] | None,
    home: str | None,
    rates: str | None,
) -> Owner:
    """What the owner told us; stops with status 2 where it makes no sense."""
    from ringfence import flow

    return flow.Owner(
        servers=addresses_of(pbx or [], "--pbx"),
        known=addresses_of(trunk or [], "--trunk") + addresses_of(known or [], "--known"),
        home=home.upper() if home else None,
        rates_file=rates,
    )


def addresses_of(texts: list[str], option: str) -> tuple[Address, ...]:
    from ipaddress import ip_address

    found = []
    for text in texts:
        try:
            found.append(ip_address(text))
        except ValueError:
            fail(f"{option} {text}: not an IP address (like 192.0.2.1 or 2001:db8::1)")
    return tuple(found)
