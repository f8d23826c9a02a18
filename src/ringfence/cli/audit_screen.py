"""The first screen of an audit: who can be entered today, what to change first.

How it works: a headline, what it rests on, a table with one extension a line, worst first, as
many as fit, then the weaknesses of the phone system itself and what to do next. No secret can
be on it: weaknesses do not hold any.
"""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.cli.fit import brief
from ringfence.model.audit_summary import (
    NAMES,
    Summary,
    Weak,
    enters,
    figures,
    headline,
    looked_at,
    summed_up,
)
from ringfence.model.secret import Kind
from ringfence.model.text import count, shown
from ringfence.model.weakness import Audit, Severity, Weakness

# Extensions and settings of the first screen; --all shows every one.
SHOWN_EXTENSIONS, SHOWN_SETTINGS = 5, 3
SHOWN_NOT_CHECKED = 2
_MIN_WIDTH = 60
# A stranger may choose a name of any length; numbers are shorter.
_MAX_NUMBER = 20
# What a line has room for.
_SHORT = {
    Kind.PASSWORD: "password",
    Kind.AUTH_ID: "auth ID",
    Kind.WEB: "phone's page",
    Kind.SERVICE: "service",
    Kind.LOGIN: "login",
}
_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "yellow",
    Severity.MEDIUM: "default",
    Severity.LOW: "dim",
}


def show_audit(audit: Audit, console: Console | None = None, *, everything: bool = False) -> None:
    """Print it; `everything`: each weakness, not one line an extension."""
    console = console or Console(highlight=False)
    console.width = max(console.width, _MIN_WIDTH)
    summary = summed_up(audit)
    alarm = bool(summary.enterable or summary.counts["critical"])
    style = "bold red" if alarm else "bold yellow" if audit.weaknesses else "bold green"
    console.print(Text(headline(audit, summary), style=style))
    console.print(Text(figures(audit, summary)))
    console.print(Text(f"Looked at: {looked_at(audit)}", style="dim"))
    if summary.weak:
        console.print()
        console.print(_extensions(summary, console.width, everything=everything))
    if summary.weak or summary.whole or audit.not_checked:
        console.print()
    if summary.whole:
        _settings(summary, console, everything=everything)
    _not_checked(audit, console, everything=everything)
    for number, step in enumerate(_steps(summary), 1):
        console.print(Text(f"{number}. {step}", overflow="ellipsis"), no_wrap=True)


def _extensions(summary: Summary, width: int, *, everything: bool) -> Table:
    """One line an extension, or one a weakness."""
    listed = summary.weak if everything else summary.weak[:SHOWN_EXTENSIONS]
    title = "Change first" if not everything else "Extension"
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), width=width, header_style="dim")
    table.add_column(title, no_wrap=True, max_width=_MAX_NUMBER)
    table.add_column("How bad", no_wrap=True)
    table.add_column("Secret", no_wrap=True)
    table.add_column(
        "What is wrong", no_wrap=not everything, overflow="fold" if everything else "ellipsis",
        ratio=1,
    )  # fmt: skip
    for weak in listed:
        ones = weak.weaknesses if everything else weak.weaknesses[:1]
        for one in ones:
            table.add_row(*_row(weak, one, alone=everything))
    more = len(summary.weak) - len(listed)
    if more:
        table.add_row(Text(f"+{more:,}", style="dim"), "", "", Text("more: --all", style="dim"))
    return table


def _row(weak: Weak, one: Weakness, *, alone: bool) -> tuple[Text, Text, Text, Text]:
    bad = Text("GUESSED", style="bold red") if one.guessed else _severity(one.severity)
    if one.tried and not one.guessed:
        bad.append(" tried", style="bold red")
    says = Text(shown(_short(one)))
    if not alone and len(weak.weaknesses) > 1:
        # In front: behind it the end of a long sentence would cut it away.
        says = Text(f"(1 of {len(weak.weaknesses)}) ", style="dim").append_text(
            Text(says.plain, style="default")
        )
    if alone:
        says.append(f"\n{shown(one.do)}", style="dim")
    style = "bold red" if (one.guessed or enters(one)) else "bold"
    kind = _SHORT.get(one.kind, one.kind.value) if one.kind else "setting"
    number = Text(brief(shown(weak.number), _MAX_NUMBER), style=style)
    return number, bad, Text(kind), says


def _short(one: Weakness) -> str:
    """The sentence without what the columns before it say."""
    begins = f"The {one.kind.value if one.kind else ''} of extension {one.extension} "
    return f"It {one.says[len(begins) :]}" if one.says.startswith(begins) else one.says


def _settings(summary: Summary, console: Console, *, everything: bool) -> None:
    listed = summary.whole if everything else summary.whole[:SHOWN_SETTINGS]
    for one in listed:
        line = Text("Phone system ", style="bold")
        line.append_text(_severity(one.severity))
        line.append(f": {shown(one.says)}")
        if everything:
            console.print(line)
            console.print(Text(f"    {shown(one.do)}", style="dim"))
        else:
            line.truncate(console.width, overflow="ellipsis")
            console.print(line, no_wrap=True)
    more = len(summary.whole) - len(listed)
    if more:
        console.print(Text(f"and {more:,} more of the phone system: --all", style="dim"))


def _not_checked(audit: Audit, console: Console, *, everything: bool) -> None:
    listed = audit.not_checked if everything else audit.not_checked[:SHOWN_NOT_CHECKED]
    for text in listed:
        line = Text(f"Not checked: {shown(text)}", style="yellow")
        if not everything:
            line.truncate(console.width, overflow="ellipsis")
        console.print(line)
    more = len(audit.not_checked) - len(listed)
    if more:
        console.print(Text(f"and {more:,} more not checked: --all", style="dim"))


def _steps(summary: Summary) -> list[str]:
    steps = []
    if summary.guessed:
        verb = "has it" if len(summary.guessed) == 1 else "has them"
        whom = count(len(summary.guessed), "extension")
        steps.append(f"Change GUESSED now: the attacker {verb} ({whom}); end their calls.")
    if summary.weak:
        steps.append("New secrets for all of these: --fix FOLDER; phones are provisioned anew.")
    if summary.weak or summary.whole:
        steps.append("The whole of it to read: --html FILE, --pdf FILE, or --all.")
    return steps


def _severity(severity: Severity) -> Text:
    return Text(NAMES[severity], style=_STYLES[severity])
