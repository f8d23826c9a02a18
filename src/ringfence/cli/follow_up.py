"""`ringfence case todo` and what belongs to it: done, skip, undo, reply, letters, desks."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.book import Name, Store, open_book
from ringfence.cli.settings import settings_of
from ringfence.cli.shell import ERROR, warn
from ringfence.model.text import count, shown

if TYPE_CHECKING:
    from ringfence.flow.casebook import Casebook
    from ringfence.flow.follow_up import Due
    from ringfence.model.case import Case
    from ringfence.model.follow_up import FollowUp, Reply
    from ringfence.model.settings import Settings

NOTHING_DUE = 0
SOMETHING_DUE = 1

SettingsFile = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Your settings; for what your country asks for."),
]
Step = Annotated[
    str, typer.Argument(metavar="STEP", help="Its name: blocked, abuse_phoned, police …")
]
Network = Annotated[
    str,
    typer.Option(metavar="NETWORK", help="Which one, where each has the step; an address; all."),
]
_WIDTH = 80
# What is due, as somebody is asked to do it.
_TO_DO = {
    "evidence_sealed": "Seal the evidence",
    "blocked": "Block them",
    "credentials_fixed": "Change passwords and PINs",
    "contact_found": "Find who answers for them",
    "abuse_mailed": "Write to the abuse desk",
    "abuse_phoned": "Telephone the abuse desk",
    "carrier_told": "Tell your carrier",
    "isp_asked": "Ask your ISP to drop it",
    "ic3_filed": "File a complaint with IC3",
    "fbi_office": "Tell the FBI's field office",
    "agent_assigned": "Ask who is assigned",
    "trace_handed_over": "Hand the trace over",
    "victim_registry": "Look into the victim registry",
    "police": "Tell the police",
    "closed": "Close the case",
}
# A screen of 24 lines has room for these and the next prompt; cases that it names.
_LINES = 24
_MIN_LINES = 12
_MAX_TITLES = 3
# Lines of what is to be done.
_MAX_LINES = 2
_TODO_SCHEMA = "ringfence.todo/1"


def todo(
    name: Annotated[
        str | None, typer.Argument(metavar="[CASE]", help="Only this case; else all open ones.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="All steps, and all that is due: nothing is left out.")
    ] = False,
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write it as JSON; - prints that alone.")
    ] = None,
    settings: SettingsFile = None,
    store: Store = None,
) -> None:
    """Say what is due today, most urgent first, with the command that does it.

    Exit status: 0 nothing is due, 1 something is, 2 error.
    """
    from ringfence.flow.moment import now

    mine, today = settings_of(settings), now()[:10]
    with open_book(store) as book:
        if name is None:
            cases = book.follow_ups(mine, today)
        else:
            one = book.find(name)
            cases = [(one, book.follow_up(one, mine, today))]
        due = book.due(cases, today)
        back = {case.id: [b.case_id for b in book.continues(case)] for case, _ in cases}
    if json is not None:
        _write_json(cases, due, back, today, json)
    if json != "-":
        for line in _all_steps(cases, today) if all_ else _agenda(cases, due, back, today):
            typer.echo(line)
    raise typer.Exit(SOMETHING_DUE if due else NOTHING_DUE)


def done(
    name: Name,
    step: Step,
    network: Network = "",
    note: Annotated[
        str, typer.Option(metavar="TEXT", help="A number, a name: 'ticket 123, Ms Berg'.")
    ] = "",
    store: Store = None,
) -> None:
    """Say that a step is done."""
    from ringfence.model.follow_up import DONE

    _mark(store, (name, step, DONE, note, network), "done")


def skip(
    name: Name,
    step: Step,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why it is not needed.")],
    network: Network = "",
    store: Store = None,
) -> None:
    """Say that a step is not needed, and why."""
    from ringfence.model.follow_up import NOT_NEEDED

    _mark(store, (name, step, NOT_NEEDED, why, network), "not needed")


def undo(name: Name, step: Step, network: Network = "", store: Store = None) -> None:
    """Take back what was said of a step with done or skip."""
    from ringfence.model.follow_up import TO_DO

    _mark(store, (name, step, TO_DO, "", network), "taken back")


def reply(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Mails (.eml); - is standard input.")
    ],
    case: Annotated[
        str | None, typer.Option(metavar="CASE", help="The case that it is about.")
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Option(metavar="WHAT", help="What it is: acted, answered, automatic, bounced."),
    ] = None,
    letter: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="The letter that it answers.")
    ] = None,
    store: Store = None,
) -> None:
    """File mails that came back: which letter they answer, and what the desk did."""
    from ringfence.model.case import CaseError

    failed = False
    with open_book(store) as book:
        for file in files:
            try:
                found, new = book.reply(_octets(file), case, outcome, letter)
            except (CaseError, OSError) as error:
                warn(f"{file}: {error}")
                failed = True
                continue
            for line in _told_reply(found, new):
                typer.echo(line)
    if failed:
        raise typer.Exit(ERROR)


def letters(name: Name, store: Store = None) -> None:
    """Show the letters of a case, and what came back to each."""
    with open_book(store) as book:
        one = book.find(name)
        written, replies = book.letters(one), book.replies(one)
    if not written:
        typer.echo(f"no letters; `ringfence letter {one.id} abuse` writes one")
    for letter in written:
        to = ", ".join(letter.to) or letter.receiver
        when = f"sent {letter.sent_at[:10]}" if letter.sent_at else "not sent"
        typer.echo(f"{letter.number:>4}  {letter.kind:8} {when:15} {shown(to)}")
        typer.echo(f"      {shown(letter.file)}")
        for answer in (r for r in replies if r.letter == letter.number):
            typer.echo(_answer(answer))
    for answer in (r for r in replies if r.letter is None):
        typer.echo(f"      without a letter, {answer.how}:")
        typer.echo(_answer(answer))


def desks(store: Store = None) -> None:
    """Show the scoreboard: who answered, who acted, who is silent, after how long."""
    with open_book(store) as book:
        found = book.desks()
    if not found:
        typer.echo("no letter was sent yet")
        return
    head = ("letters", "answers", "acted", "back", "silent", "after")
    typer.echo(f"{'desk':28} {' '.join(head)}  last heard")
    for desk in found:
        after = "-" if desk.median_hours is None else _lasting(desk.median_hours)
        typer.echo(
            f"{_cut(shown(desk.name), 28):28} {desk.letters:>7} {desk.answered:>7} "
            f"{desk.acted:>5} {desk.bounced:>4} {desk.silent:>6} {after:>5}  "
            f"{(desk.last or 'never')[:10]}"
        )


def summary(book: Casebook, case: Case) -> list[str]:
    """Some lines about where a case stands."""
    from ringfence.flow.follow_up import is_due
    from ringfence.flow.moment import now
    from ringfence.model.case import CaseError
    from ringfence.model.follow_up import DONE, TO_DO, WAITING

    today = now()[:10]
    try:
        steps = book.follow_up(case, settings_of(), today)
    except CaseError as error:  # all else of the case can still be shown
        return [f"follow-up: {shown(str(error))}"]
    states = [step.state for step in steps]
    due = [step for step in steps if is_due(step, today)]
    done_, waiting, to_do = (states.count(state) for state in (DONE, WAITING, TO_DO))
    lines = [f"follow-up: {done_} done, {waiting} waiting, {to_do} to do, {len(due)} of them due"]
    lines += [f"  {step.due}  {_TO_DO[step.step]}{_of(step.network)}" for step in due[:3]]
    if due:
        lines.append(f"  how: ringfence case todo {case.id}")
    return lines


def left_open(book: Casebook, case: Case) -> list[str]:
    """Titles of the steps that a case is closed without."""
    from ringfence.flow.moment import now
    from ringfence.model.case import CaseError
    from ringfence.model.follow_up import STEPS, TO_DO, WAITING

    try:
        steps = book.follow_up(case, settings_of(), now()[:10])
    except CaseError:  # what cannot be read can be closed
        return []
    left = [s.step for s in steps if s.state in (TO_DO, WAITING) and s.step != "closed"]
    return [STEPS[step] for step in dict.fromkeys(left)]


def _agenda(
    cases: Sequence[tuple[Case, Sequence[FollowUp]]],
    due: Sequence[Due],
    back: dict[str, list[str]],
    today: str,
) -> Iterator[str]:
    """One screen: each thing with its day, its case, what to do, and the command."""
    if not due:
        yield f"{today}: nothing is due{_waiting(cases)}."
        return
    named = list(dict.fromkeys(one.case.id for one in due))
    what = f"{count(len(due), 'step is', 'steps are')} due in {count(len(named), 'case')}"
    yield f"{today}: {what}{_waiting(cases)}."
    room = max(_MIN_LINES, shutil.get_terminal_size((_WIDTH, _LINES)).lines)
    room -= 4 + min(len(named), _MAX_TITLES)  # first line, the rest, the hint, the prompt
    told: list[Due] = []
    for one in due:
        lines = list(_thing(len(told) + 1, one, today))
        room -= sum(max(1, -(-len(line) // _WIDTH)) for line in lines)
        if room < 0:
            break
        told.append(one)
        yield from lines
    if len(due) > len(told):
        yield f"   and {len(due) - len(told):,} more: ringfence case todo --all"
    titles = {case.id: case.title for case, _ in cases}
    for case_id in list(dict.fromkeys(one.case.id for one in told))[:_MAX_TITLES]:
        goes_on = f"continues {back[case_id][0]}: " if back[case_id] else ""
        yield _cut(f"{case_id}: {goes_on}{shown(titles[case_id])}", _WIDTH)
    yield "Did it: ringfence case done CASE STEP; not needed: skip CASE STEP --why TEXT"


def _thing(number: int, one: Due, today: str) -> Iterator[str]:
    step = one.step
    late = _late(step.due or today, today)
    title = f"{number:>2} {_TO_DO[step.step]} ({step.step})"
    yield f"{title}{late:>{_WIDTH - len(title) - len(one.case.id) - 2}}  {one.case.id}"
    more = len(one.networks) - 1
    says = f"{step.says} And {count(more, 'network')} more." if more > 0 else step.says
    yield from _wrapped(shown(says), "   ")
    yield from _command(step, "   ")


def _all_steps(cases: Sequence[tuple[Case, Sequence[FollowUp]]], today: str) -> Iterator[str]:
    """Each case with all its steps."""
    from ringfence.model.follow_up import STEPS

    if not cases:
        yield "no open case"
    for place, (case, steps) in enumerate(cases):
        if place:
            yield ""
        yield _cut(f"{case.id}  {case.state}  {shown(case.title)}", _WIDTH)
        for step in steps:
            yield f" {_sign(step, today)} {STEPS[step.step]} ({step.step}){_day(step)}"
            yield from _wrapped(shown(step.says), "     ")
            yield from _command(step, "     ")


def _command(step: FollowUp, indent: str) -> Iterator[str]:
    """The command, to be pasted: a line that ends in && goes on in the next one."""
    first, *others = shown(step.command).split(" && ") if step.command else ("",)
    for place, part in enumerate([first, *others] if first else []):
        goes_on = " &&" if place < len(others) else ""
        yield f"{indent}{part}{goes_on}"


def _sign(step: FollowUp, today: str) -> str:
    from ringfence.flow.follow_up import is_due
    from ringfence.model.follow_up import DONE, NOT_NEEDED, WAITING

    signs = {DONE: "[x]", NOT_NEEDED: "[-]", WAITING: "[~]"}
    return signs.get(step.state, "[!]" if is_due(step, today) else "[ ]")


def _day(step: FollowUp) -> str:
    from ringfence.model.follow_up import DONE, WAITING

    if step.state == DONE:
        return f", {step.at[:10]}" if step.at else ""
    if step.due is None:
        return ""
    return f", until {step.due}" if step.state == WAITING else f", by {step.due}"


def _of(network: str) -> str:
    return f" ({shown(network)})" if network else ""


def _waiting(cases: Sequence[tuple[Case, Sequence[FollowUp]]]) -> str:
    from ringfence.model.follow_up import WAITING

    awaited = {
        (step.step, step.network, step.at)  # an earlier case repeats those of a later one
        for _, steps in cases
        for step in steps
        if step.state == WAITING
    }
    number = len(awaited)
    return f"; {count(number, 'answer is', 'answers are')} awaited" if number else ""


def _late(due: str, today: str) -> str:
    """today, since yesterday, 5 days late."""
    from datetime import date

    days = (date.fromisoformat(today) - date.fromisoformat(due)).days
    return "today" if days <= 0 else f"{count(days, 'day')} late"


def _wrapped(text: str, indent: str) -> Iterator[str]:
    lines = textwrap.wrap(text, _WIDTH - len(indent), break_long_words=True)
    for number, line in enumerate(lines[:_MAX_LINES], 1):
        cut = number == _MAX_LINES < len(lines)
        yield indent + (_cut(f"{line} …", _WIDTH - len(indent)) if cut else line)


def _told_reply(reply: Reply, new: bool) -> Iterator[str]:
    """What was read of a mail, so that a person sees whether it is right."""
    letter = f", letter {reply.letter}" if reply.letter is not None else ""
    known = "" if new else " (filed before)"
    yield f"{reply.case_id}{letter}: {reply.outcome}{known}"
    yield f"  from {reply.sender}, {reply.at}"
    yield f"  matched: {reply.how}"
    for ticket in reply.tickets:
        yield f"  ticket {ticket}"
    yield from _wrapped(reply.says, "  ")


def _answer(reply: Reply) -> str:
    return _cut(f"      {reply.at[:10]} {reply.outcome} {reply.sender}: {reply.says}", _WIDTH)


def _lasting(hours: float) -> str:
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} d"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _mark(store: str | None, what: tuple[str, str, str, str, str], words: str) -> None:
    from ringfence.flow.moment import now
    from ringfence.model.follow_up import STEPS

    name, step, state, text, network = what
    with open_book(store) as book:
        case = book.mark(name, step, state, text, network)
        left = _next_of(book, case, settings_of(), now()[:10])
    typer.echo(f"{case.id}: {STEPS[step]}: {words}{left}")


def _next_of(book: Casebook, case: Case, settings: Settings, today: str) -> str:
    due = book.due([(case, book.follow_up(case, settings, today))], today)
    return f"; {count(len(due), 'step is', 'steps are')} still due" if due else "; nothing is due"


def _octets(file: str) -> bytes:
    """A mail, and one octet more than any has: what is longer is seen to be."""
    from ringfence.model.follow_up import MAX_MAIL_OCTETS

    if file == "-":
        return sys.stdin.buffer.read(MAX_MAIL_OCTETS + 1)
    with Path(file).open("rb") as opened:
        return opened.read(MAX_MAIL_OCTETS + 1)


def _write_json(
    cases: Sequence[tuple[Case, Sequence[FollowUp]]],
    due: Sequence[Due],
    back: dict[str, list[str]],
    today: str,
    where: str,
) -> None:
    import msgspec

    document = {
        "schema": _TODO_SCHEMA,
        "today": today,
        "due": [
            {"case": one.case.id, "networks": one.networks, **msgspec.to_builtins(one.step)}
            for one in due
        ],
        "cases": [
            {
                "case": case.id,
                "title": case.title,
                "state": case.state,
                "continues": back[case.id],
                "steps": steps,
            }
            for case, steps in cases
        ],
    }
    octets = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    if where == "-":
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
    else:
        Path(where).write_bytes(octets)
