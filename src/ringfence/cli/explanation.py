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
_PROOF_WORDS = {
    "tcp": "proven: its messages came over a TCP connection",
    "dialog": "proven: it repeated a tag that only an answer to it held",
    "nonce": "proven: it answered a challenge that was sent to it",
    "none": "not proven: anybody can write it into a UDP packet",
}


def show_explanation(verdict: Verdict, console: Console | None = None) -> None:
    """Print the clues of a verdict with their decibans and messages."""
    console = console or Console(highlight=False)
    deeds = verdict.deeds
    console.print(Text(f"{deeds.address}: {verdict.verdict} ({verdict.weight_db:+.1f} dB)"))
    console.print(Text(f"Address {_PROOF_WORDS[deeds.proven]}."), style="dim")
    console.print(_sum_table(verdict))
    console.print(_turning_point(verdict))


def _sum_table(verdict: Verdict) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("dB", justify="right", no_wrap=True)
    table.add_column("clue", no_wrap=True)
    table.add_column("why (messages it rests on)")
    table.add_row(f"{verdict.prior_db:+.1f}", "prior", "before anything is known of a source")
    for clue in sorted(verdict.clues, key=lambda clue: -clue.weight_db):
        why = Text(shown(clue.says))
        if clue.places:
            why.append(f" ({_places(clue.places)})", style="dim")
        table.add_row(f"{clue.weight_db:+.1f}", clue.rule, why)
    table.add_row(f"{verdict.weight_db:+.1f}", "sum", f"so: {verdict.verdict}", style="bold")
    return table


def _places(places: tuple[tuple[int, int, int], ...]) -> str:
    """Packet numbers as Wireshark counts them; with the file's number from the second on."""
    return ", ".join(f"file {n + 1} #{packet}" if n else f"#{packet}" for n, packet, _ in places)


def _turning_point(verdict: Verdict) -> Text:
    """What would have changed the verdict: the clues without which it falls, or what it lacks."""
    line = _OPEN_DB.get(verdict.verdict)
    if line is None:
        return _what_it_lacks(verdict)
    needed = [
        clue.rule
        for clue in verdict.clues
        if clue.weight_db > 0 and verdict.weight_db - clue.weight_db < line
    ]
    if needed:
        names = " or ".join(needed)
        return Text(f"Without {names} it would not be {verdict.verdict} (from {line:+.0f} dB).")
    together = _heaviest(verdict, line)
    if not together:
        return Text(f"No clue decides: the prior alone makes it {verdict.verdict}.")
    first = f"No single clue decides: without any one of them it stays {verdict.verdict}."
    names = " and ".join([", ".join(together[:-1]), together[-1]])
    return Text(f"{first} It would fall without {names} together.")


def _what_it_lacks(verdict: Verdict) -> Text:
    """Of one who is not accused: how far it is from that, and which clue keeps it there."""
    line = _OPEN_DB["suspect"]
    text = f"It would take {line - verdict.weight_db:.1f} dB more to be suspect."
    shields = [
        clue.rule
        for clue in verdict.clues
        if clue.weight_db < 0 and verdict.weight_db - clue.weight_db >= line
    ]
    if shields:
        text += f" Without {' or '.join(shields)} it would be accused."
    return Text(text)


def _heaviest(verdict: Verdict, line: float) -> list[str]:
    """The fewest clues without which the sum falls below the line."""
    left, names = verdict.weight_db, []
    for clue in sorted(verdict.clues, key=lambda clue: -clue.weight_db):
        if left < line or clue.weight_db <= 0:
            break
        left -= clue.weight_db
        names.append(clue.rule)
    return names if left < line else []
