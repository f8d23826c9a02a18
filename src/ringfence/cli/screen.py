"""The first screen: who attacks, did they get in, what now. Fits 24 lines."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.model.incident import Incident, Suspect

# Attackers that the first screen names; the document has all of them.
SHOWN_SUSPECTS = 5
SHOWN_TROUBLES = 3

_KIND_WORDS = {
    "scan": "scanning",
    "enumeration": "listing accounts",
    "password_guessing": "guessing passwords",
    "toll_fraud": "toll fraud",
    "flood": "flooding",
    "exploit": "exploit attempts",
    "spoofed_call": "forged calls",
}
_PROOF_WORDS = {
    "tcp": "address proven (TCP)",
    "dialog": "address proven (answered our replies)",
    "nonce": "address proven (answered our challenge)",
    "none": "address may be forged",
}


def show_first_screen(incident: Incident, console: Console | None = None) -> None:
    """Print the verdict in plain words."""
    console = console or Console(highlight=False)
    console.print(_headline(incident))
    console.print(_read_line(incident), style="dim")
    if incident.suspects:
        console.print(_suspect_table(incident.suspects[:SHOWN_SUSPECTS]))
        hidden = len(incident.suspects) - SHOWN_SUSPECTS
        if hidden > 0:
            console.print(f"and {hidden} more: see --json", style="dim")
    for trouble in incident.in_trouble[:SHOWN_TROUBLES]:
        text = Text("Help, do not block: ", style="bold yellow")
        text.append(f"{trouble.address}, account {trouble.account}: {trouble.why}", style="default")
        console.print(text)
    for line in _advice(incident):
        console.print(line)
    for given in incident.inputs:
        for problem in given.problems[:3]:
            console.print(Text(f"{given.path}: {problem}", style="yellow"))


def _headline(incident: Incident) -> Text:
    attackers = [s for s in incident.suspects if s.verdict == "attacker"]
    if not incident.suspects:
        return Text("Nobody attacks in what was read.", style="bold green")
    entered = any(s.accounts_taken or s.calls_answered for s in attackers)
    if not attackers:
        count = _count(len(incident.suspects), "source is", "sources are")
        return Text(f"{count} suspect; none is certain.", style="bold yellow")
    text = Text(f"{_count(len(attackers), 'attacker', 'attackers')}. ", style="bold red")
    text.append("THEY GOT IN." if entered else "They did not get in, as far as this capture shows.")
    return text


def _read_line(incident: Incident) -> Text:
    messages = sum(i.sip_messages for i in incident.inputs)
    packets = sum(i.packets for i in incident.inputs)
    first = min((i.first_seen for i in incident.inputs if i.first_seen), default="?")
    last = max((i.last_seen for i in incident.inputs if i.last_seen), default="?")
    return Text(f"{messages:,} SIP messages in {packets:,} packets, {first} to {last}")


def _suspect_table(suspects: list[Suspect]) -> Table:
    table = Table(box=None, pad_edge=False, expand=True, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for suspect in suspects:
        style = "bold red" if suspect.verdict == "attacker" else "bold yellow"
        who = Text(suspect.address, style=style)
        who.append(f"\n{suspect.verdict} {suspect.weight_db:+.0f} dB", style="dim")
        table.add_row(who, _deeds(suspect))
    return table


def _deeds(suspect: Suspect) -> Text:
    kinds = ", ".join(_KIND_WORDS[kind] for kind in suspect.kinds) or "suspicious"
    text = Text(f"{kinds}; {_PROOF_WORDS[suspect.proven]}\n")
    facts = []
    if suspect.accounts_tried:
        facts.append(_count(suspect.accounts_tried, "account tried", "accounts tried"))
    if suspect.guesses:
        facts.append(_count(suspect.guesses, "password refused", "passwords refused"))
    if suspect.numbers_dialled:
        facts.append(_count(len(suspect.numbers_dialled), "number dialled", "numbers dialled"))
    text.append(", ".join(facts) or f"{suspect.messages} messages")
    if suspect.accounts_taken:
        text.append(f"; TOOK {', '.join(suspect.accounts_taken[:4])}", style="bold red")
    if suspect.calls_answered:
        calls = _count(len(suspect.calls_answered), "call", "calls")
        text.append(f"; {calls} ANSWERED, {suspect.minutes:.1f} min", style="bold red")
    return text


def _advice(incident: Incident) -> list[Text]:
    steps = []
    proven = [s.address for s in incident.suspects if s.verdict == "attacker" and s.proven != "none"]
    taken = sorted({a for s in incident.suspects for a in s.accounts_taken})
    if taken:
        steps.append(f"Change the password of {', '.join(taken[:4])} now, and end its calls.")
    if proven:
        steps.append(f"Block {', '.join(proven[:3])}{' …' if len(proven) > 3 else ''}.")
    if incident.in_trouble:
        steps.append("Call the users above: their phones have a wrong password.")
    if incident.suspects:
        steps.append("Keep the capture unchanged: it is the evidence.")
    return [Text(f"{n}. {step}") for n, step in enumerate(steps, 1)]


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"
