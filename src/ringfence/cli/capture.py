"""`ringfence capture`: record what is going on, then look at it."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.shell import fail

if TYPE_CHECKING:
    from ringfence.model.recording import Recorded

_UNITS_S = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_UNITS_OCTETS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}
# In the environment, as arguments can be read by everybody on the machine.
_KEY = "RINGFENCE_HEP_KEY"
_ENDED = {
    "time": "the time is over",
    "size": "the file is full: --max-size",
    "you": "you ended it",
    "recorder": "the recorder ended by itself",
}


def capture(
    interface: Annotated[
        str | None,
        typer.Option("--interface", "-i", metavar="IF", help="Where to listen; any is all."),
    ] = None,
    for_: Annotated[
        str, typer.Option("--for", metavar="TIME", help="How long: 60s, 5m, 1h.")
    ] = "60s",
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="Where to; a name with the time if not said.")
    ] = None,
    port: Annotated[
        list[int] | None,
        typer.Option(metavar="PORT", help="SIP is on this port, too. May be repeated."),
    ] = None,
    media: Annotated[bool, typer.Option("--media", help="Record what is spoken, too.")] = False,
    ring: Annotated[
        int, typer.Option(metavar="N", help="Keep the last N files of --max-size each.")
    ] = 0,
    max_size: Annotated[
        str, typer.Option(metavar="SIZE", help="A file ends with it: 500k, 100M, 2G.")
    ] = "100M",
    hep: Annotated[
        str | None,
        typer.Option(
            "--hep",
            metavar="[ADDRESS:]PORT",
            help="Listen for HEP, mostly on 9060, instead of at an interface.",
        ),
    ] = None,
    hep_from: Annotated[
        list[str] | None,
        typer.Option("--hep-from", metavar="NETWORK", help="Who may send HEP. May be repeated."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
    investigate: Annotated[
        bool | None,
        typer.Option("--investigate/--no-investigate", help="Look at it at once, or do not ask."),
    ] = None,
) -> None:
    """Record SIP from an interface, with dumpcap or tcpdump, or from HEP; then investigate it.

    Exit status: 0 recorded, 2 error; with --investigate that of `ringfence investigate`.
    """
    from ringfence import flow
    from ringfence.model.recording import HepRecording, NoRecorderError, Recording, RecordingError

    seconds = _quantity(for_, _UNITS_S, "--for", "60s, 5m or 1h")
    octets = _quantity(max_size, _UNITS_OCTETS, "--max-size", "500k, 100M or 2G")
    try:
        if hep is not None:
            if interface or port or media or ring:
                fail("--hep hears what agents send: it has no interface, port, media or ring")
            asked = HepRecording(
                hep, seconds, out or _name(".pcapng"), int(octets), force,
                tuple(hep_from or ()), os.environ.get(_KEY, ""),
            )  # fmt: skip
            recorded = flow.record_hep(asked, lambda where: _say_hep(where, seconds))
            _finish(recorded, investigate)
            return
        recorder = flow.find_recorder()
        if interface is None:
            fail(f"say where to listen, with -i: {', '.join(flow.interfaces())}")
        name = out or _name(".pcapng" if recorder.name == "dumpcap" else ".pcap")
        wanted = Recording(
            interface, seconds, name, tuple(port or ()), media, ring, int(octets), force
        )
        recorded = flow.record(wanted, recorder, lambda: _say_started(wanted))
    except NoRecorderError as error:
        from ringfence.cli.by_hand import BY_HAND

        typer.echo(BY_HAND)
        fail(str(error))
    except RecordingError as error:
        fail(str(error))
    _finish(recorded, investigate)


def _finish(recorded: Recorded, investigate: bool | None) -> None:
    _show(recorded)
    if _wants(recorded, investigate):
        from ringfence.cli.investigate import investigate as investigate_captures

        investigate_captures(list(recorded.files))


def _say_started(wanted: object) -> None:
    from ringfence.model.recording import Recording

    assert isinstance(wanted, Recording)  # noqa: S101  it was made above
    what = "signalling and media" if wanted.media else "signalling only"
    typer.echo(
        f"listening on {wanted.interface} for {wanted.seconds:g} s, {what}; Ctrl-C ends it earlier",
        err=True,
    )


def _say_hep(where: str, seconds: float) -> None:
    typer.echo(f"listening for HEP on {where} for {seconds:g} s; Ctrl-C ends it earlier", err=True)


def _show(recorded: Recorded) -> None:
    from ringfence.model.text import shown

    packets = "packets" if recorded.packets is None else f"{recorded.packets:,} packets"
    lost = f", {recorded.lost:,} lost: the machine was too busy" if recorded.lost else ""
    typer.echo(f"{packets}, {recorded.octets:,} octets{lost}; {_ENDED[recorded.ended]}")
    if recorded.complaint:
        typer.echo(f"it said: {recorded.complaint}", err=True)
    for file in recorded.files:
        typer.echo(f"  {shown(file)}")
    typer.echo("It is the evidence, and may hold names and passwords: keep it as it is, and safe.")


def _wants(recorded: Recorded, asked: bool | None) -> bool:
    """Ask only where somebody sits."""
    if asked is not None:
        return asked
    if recorded.packets != 0 and sys.stdin.isatty() and sys.stdout.isatty():
        return typer.confirm("Investigate it now?", default=True)
    from ringfence.model.text import shown

    typer.echo(f"next: ringfence investigate {' '.join(map(shown, recorded.files))}")
    return False


def _quantity(text: str, units: dict[str, float] | dict[str, int], option: str, like: str) -> float:
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)([a-zA-Z]?)", text, re.ASCII)
    unit = units.get(found[2].lower()) if found else None
    if found is None or unit is None:
        fail(f"{option} {text}: say it like {like}")
    return float(found[1]) * unit


def _name(ending: str) -> str:
    return f"ringfence-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{ending}"
