"""The commands of `ringfence`."""

from __future__ import annotations

from typing import Annotated

import typer

from ringfence.cli.act import act
from ringfence.cli.alert import alert
from ringfence.cli.audit import audit
from ringfence.cli.block import allow, block, blocks, unblock
from ringfence.cli.capture import capture
from ringfence.cli.case import case
from ringfence.cli.data import data
from ringfence.cli.doctor import doctor
from ringfence.cli.drill import drill
from ringfence.cli.evidence import key, stamp, verify
from ringfence.cli.explain import explain
from ringfence.cli.export import export
from ringfence.cli.generate import generate
from ringfence.cli.guard import guard
from ringfence.cli.install import install, uninstall
from ringfence.cli.investigate import investigate
from ringfence.cli.ladder import ladder
from ringfence.cli.letter import letter
from ringfence.cli.lockdown import lockdown
from ringfence.cli.logs import logs
from ringfence.cli.messages import messages
from ringfence.cli.rehearse import rehearse
from ringfence.cli.remote import remote
from ringfence.cli.settings import settings
from ringfence.cli.who import who

app = typer.Typer(
    name="ringfence",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From an attack on a phone system to a verdict: who attacks, and did they get in?",
)


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    """Ringfence."""
    if version:
        from ringfence import __version__

        typer.echo(f"ringfence {__version__}")
        raise typer.Exit


app.command()(investigate)
app.command()(explain)
app.command()(rehearse)
app.command()(capture)
app.command()(messages)
app.command()(logs)
app.command()(ladder)
app.add_typer(case, name="case")
app.add_typer(guard, name="guard")
app.command()(block)
app.command()(unblock)
app.command()(allow)
app.command()(blocks)
app.add_typer(lockdown, name="lockdown")
app.command()(audit)
app.command()(generate)
app.command()(doctor)
app.add_typer(drill, name="drill")
app.command()(install)
app.command()(uninstall)
app.add_typer(act, name="act")
app.add_typer(remote, name="remote")
app.command()(who)
app.command()(letter)
app.command()(export)
app.add_typer(data, name="data")
app.add_typer(alert, name="alert")
app.add_typer(settings, name="settings")
app.command()(verify)
app.command()(key)
app.command()(stamp)
