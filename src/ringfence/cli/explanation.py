"""One verdict, explained: the sum clue by clue, and what would have changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.model.text import shown

if TYPE_CHECKING:
    from ringfence.flow import Verdict

_OPEN_DB = {"attacker": 30.0, "suspect": 10.0}


def show_explanation(verdict: Verdict, console: Console | None = None) -> None:
    """Print the clues of a verdict with their decibans and messages."""
    console = console or Console(highlight=False)
    console.print(Text(f"{verdict.deeds.address}: {verdict.verdict} ({verdict.weight_db:+.1f} dB)"))
    console.print(f"address proven by: {verdict.deeds.proven}", style="dim")
    table = Table(box=None, pad_edge=False)
    table.add_column("dB", justify="right")
    table.add_column("clue")
    table.add_column("why")
    table.add_column("messages", style="dim")
    table.add_row(f"{verdict.prior_db:+.1f}", "prior", "before anything is known of a source", "")
    for clue in sorted(verdict.clues, key=lambda c: -c.weight_db):
        places = ", ".join(f"#{packet}" for _, packet, _ in clue.places)
        table.add_row(f"{clue.weight_db:+.1f}", clue.rule, Text(shown(clue.says)), places)
    table.add_row(f"{verdict.weight_db:+.1f}", "sum", f"so: {verdict.verdict}", "", style="bold")
    console.print(table)
    console.print(_turning_point(verdict))


def _turning_point(verdict: Verdict) -> Text:
    """What would have changed the verdict: the clues without which it falls, or what it lacks."""
    line = _OPEN_DB.get(verdict.verdict)
    if line is None:
        missing = _OPEN_DB["suspect"] - verdict.weight_db
        return Text(f"It would take {missing:.1f} dB more to be suspect.")
    needed = [c.rule for c in verdict.clues if verdict.weight_db - c.weight_db < line and c.weight_db > 0]
    if needed:
        names = " or ".join(needed)
        return Text(f"Without {names} it would not be {verdict.verdict} (from {line:+.0f} dB).")
    return Text(f"No single clue decides: without any one of them it stays {verdict.verdict}.")
