"""The first screen: who attacks, did they get in, what now.

How it works: four blocks (what was read, suspects, users in trouble, steps), each
of a bounded number of lines; a line holds as many facts as fit, the worst first.
Together they stay below 24 lines at 80 columns, so that nothing scrolls away;
empty lines part the blocks where there is room. The document has all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from rich.console import Console
from rich.text import Text

from ringfence.cli.fit import brief, fitting, listed
from ringfence.model.incident import Attribution, Incident, Input, Suspect
from ringfence.model.responsible import NOT_LOOKED_UP
from ringfence.model.text import count, shown

# A terminal of 24 lines, less the prompt that follows.
SCREEN_LINES = 23
# What the first screen names; the document has all of them.
SHOWN_SUSPECTS = 5
SHOWN_TROUBLES = 3
# A holder's name is no help below this.
_MIN_HOLDER = 10
# Below this width lines wrap: half of a sentence helps nobody.
_MIN_WIDTH = 60

# Worst first: what does not fit into the line is the least.
_KIND_WORDS = {
    "toll_fraud": "toll fraud",
    "exploit": "exploit attempts",
    "spoofed_call": "forged calls",
    "flood": "flood",
    "password_guessing": "password guessing",
    "enumeration": "enumeration",
    "scan": "scan",
}
# Codes that stand for no country: numbers of networks and services, and nobody's.
_NO_COUNTRY = {"001": "global lines", "ZZ": "unknown lines"}
_NO_ATTACKER = ("that is no attacker", "they are no attackers")
_TROUBLE_WORDS = {
    "bad_pin": "a wrong password in the phone",
    "wrong_user": "a user that does not exist",
    "unanswered": "a phone that nobody answers",
    "no_password": "a phone without its password",
    "forbidden": "a phone that is forbidden to register",
    "loop": "calls that go in a circle",
}


def show_first_screen(
    incident: Incident, console: Console | None = None, notes: Sequence[str] = ()
) -> None:
    """Print the verdict in plain words; `notes` are lines about its case."""
    console = console or Console(highlight=False)
    width = max(console.width, _MIN_WIDTH)
    others = [
        _read_block(incident, width),
        _trouble_block(incident),
        _step_block(incident, width),
        [Text(note, style="bold") for note in notes],
    ]
    room = SCREEN_LINES - sum(map(len, [*others, _suspect_block(incident, width, 0)]))
    suspects = _suspect_block(incident, width, room)
    blocks = [block for block in [others[0], suspects, *others[1:]] if block]
    lines = sum(map(len, blocks))
    gap = lines + len(blocks) - 1 <= SCREEN_LINES
    for number, block in enumerate(blocks):
        if gap and number:
            console.print()
        for line in block:
            line.truncate(width, overflow="ellipsis")
            console.print(line)


def _read_block(incident: Incident, width: int) -> list[Text]:
    lines = [_headline(incident), Text(_read_line(incident.inputs, width), style="dim")]
    if incident.defended:
        ordinary = count(incident.ordinary, "source", "sources")
        tail = f"{ordinary} did nothing wrong"
        servers = listed(incident.defended, width - len("Servers: ; ") - len(tail))
        lines.append(Text(fitting([f"Servers: {servers}", tail], width), style="dim"))
    problem = _problem(incident, width)
    return [*lines, Text(problem, style="yellow")] if problem else lines


def _headline(incident: Incident) -> Text:
    attackers = [s for s in incident.suspects if s.verdict == "attacker"]
    if attackers:
        entered = any(s.accounts_taken or s.calls_total for s in attackers)
        success = f"THEY GOT IN{_total(attackers)}."
        hands = {s.campaign for s in attackers}
        alone = ", one hand" if len(attackers) > 1 and len(hands) == 1 and None not in hands else ""
        number = count(len(attackers), "attacker", "attackers")
        text = Text(f"{number}{alone}. ", style="bold red")
        return text.append(
            success if entered else "They did not get in, as far as this capture shows."
        )
    if incident.suspects:
        suspects = count(len(incident.suspects), "source is suspect", "sources are suspect")
        return Text(f"{suspects}; none is certain to attack.", style="bold yellow")
    if not sum(i.sip_messages for i in incident.inputs):
        return Text("No SIP in what was read: nothing can be said.", style="bold yellow")
    return Text("Nobody attacks in what was read.", style="bold green")


def _total(attackers: list[Suspect]) -> str:
    """What all calls together may cost, if that is known."""
    bills = [(s.estimated_cost, s.currency) for s in attackers if s.estimated_cost is not None]
    if not bills:
        return ""
    return (
        f"; the calls cost about {sum(cost for cost, _ in bills):,.0f} {bills[0][1] or ''}".rstrip()
    )


def _read_line(inputs: list[Input], width: int) -> str:
    messages = count(sum(i.sip_messages for i in inputs), "SIP message", "SIP messages")
    packets = count(sum(i.packets for i in inputs), "packet", "packets")
    first = min((i.first_seen for i in inputs if i.first_seen), default="")
    last = max((i.last_seen for i in inputs if i.last_seen), default="")
    if not first:
        return f"{messages} in {packets}"
    same_day = first[:10] == last[:10]
    times = f"{_moment(first)} to {last[11:19] if same_day else _moment(last)} UTC"
    line = f"{messages} in {packets}, {times}"
    return line if len(line) <= width else f"{messages}, {times}"


def _moment(time: str) -> str:
    """2026-10-02 19:05:00 of an ISO time: nobody reads microseconds."""
    return time[:19].replace("T", " ")


def _problem(incident: Incident, width: int) -> str:
    """One line about what could not be read, where that limits what was said."""
    found = [f"{shown(i.path)}: {problem}" for i in incident.inputs for problem in i.problems]
    if not incident.suspects:
        unseen: dict[str, int] = {}
        for reason, packets in (r for i in incident.inputs for r in i.not_decoded.items()):
            if "encrypted" in reason or "not known" in reason:
                unseen[reason] = unseen.get(reason, 0) + packets
        found += [f"not read: {packets:,} packets, {reason}" for reason, packets in unseen.items()]
    if not found:
        return ""
    rest = f" (and {len(found) - 1:,} more: see --json)" if len(found) > 1 else ""
    room = width - len(rest)
    return (found[0] if len(found[0]) <= room else f"{found[0][: room - 1]}…") + rest


def _suspect_block(incident: Incident, width: int, answers: int) -> list[Text]:
    """Suspects, and for so many of them who answers for the address: once a network."""
    if not incident.suspects:
        return []
    named = incident.suspects[:SHOWN_SUSPECTS]
    indent = max(len(s.address) for s in named) + 2
    hands = _hands(incident)
    desks = {one.addresses[0]: one for one in incident.attribution if one.addresses}
    lines: list[Text] = []
    for suspect in named:
        lines += _suspect(suspect, hands.get(suspect.address, ""), indent, width)
        desk = desks.get(suspect.address)
        said = _who_answers(desk, width - indent) if desk and answers > 0 else ""
        if said:
            lines.append(Text(" " * indent + said, style="bold"))
            answers -= 1
    why = f"why: ringfence explain FILE {named[0].address}"
    hidden = len(incident.suspects) - len(named)
    more = [f"and {hidden:,} more: see --json"] if hidden else []
    return [*lines, Text(fitting([*more, why], width), style="dim")]


def _suspect(suspect: Suspect, same_hand: str, indent: int, width: int) -> list[Text]:
    """Two lines: who and what kinds; then facts, success first."""
    style = "bold red" if suspect.verdict == "attacker" else "bold yellow"
    kinds = [words for kind, words in _KIND_WORDS.items() if kind in suspect.kinds]
    head = Text(suspect.address.ljust(indent), style=style)
    head.append(f"{suspect.verdict}: ", style="default")
    head.append(listed(kinds or ["of no known kind"], width - len(head)), style="default")
    alarms = _success(suspect, width - indent)
    facts = Text(" " * indent)
    facts.append(fitting(alarms, width - indent), style="bold red")
    others = [*_alarming(suspect, same_hand), *_efforts(suspect)]
    room = width - len(facts) - 2
    rest = fitting(others, room)
    if not alarms or len(rest) <= room:
        facts.append(f"; {rest}" if alarms else rest)
    return [head, facts]


def _who_answers(desk: Attribution, room: int) -> str:
    """Whom to write to or to call, in one line; nothing where nobody was asked."""
    label = "who answers (exercise)" if desk.exercise else "who answers for it"
    best = desk.best
    if best is None:
        return "" if desk.state == NOT_LOOKED_UP else f"{label}: nobody who can be reached"
    where = shown(best.email or best.form or best.phone or "")
    line = f"{label}: {where}"
    holder = shown(desk.holder or "")
    left = room - len(line) - len(" of ")
    short = shorten(holder, left, placeholder=" …") if left > _MIN_HOLDER else ""
    parts = [f"{line} of {short}" if short.strip(" …") else line]
    if desk.phone and desk.phone != where:
        parts.append(f"phone {shown(desk.phone)}")
    return fitting(parts, room)


def _success(suspect: Suspect, room: int) -> list[str]:
    """What it got; what does not fit into the line is left out, the least first."""
    found = []
    if suspect.accounts_taken:
        found.append(f"TOOK {listed([shown(a) for a in suspect.accounts_taken], 24)}")
    if suspect.calls_total:
        calls = count(suspect.calls_total, "CALL", "CALLS")
        digits = 0 if suspect.minutes >= 10 else 1
        found.append(f"{calls} ANSWERED, {suspect.minutes:,.{digits}f} min")
    if suspect.estimated_cost is None:
        return found
    bill = f"about {suspect.estimated_cost:,.0f} {suspect.currency or ''}".rstrip()
    left = room - sum(len(part) + len("; ") for part in found) - len(bill)
    return [*found, bill + _went_to(suspect, left)]


def _went_to(suspect: Suspect, room: int) -> str:
    """Where the calls went, as far as it is known and fits."""
    codes = dict.fromkeys(call.country for call in suspect.calls_answered if call.country)
    countries = [_NO_COUNTRY.get(code, code) for code in codes]
    where = f" to {listed(countries, min(room, 20) - len(' to '))}" if countries else ""
    return where if len(where) <= room and "…" not in where else ""


def _alarming(suspect: Suspect, same_hand: str) -> list[str]:
    found = [] if suspect.proven != "none" else ["address may be forged"]
    return [*found, f"same hand as {same_hand}"] if same_hand else found


def _efforts(suspect: Suspect) -> list[str]:
    found = []
    if suspect.guesses:
        found.append(count(suspect.guesses, "password refused", "passwords refused"))
    if suspect.accounts_tried:
        found.append(count(suspect.accounts_tried, "account tried", "accounts tried"))
    if suspect.numbers_dialled:
        found.append(count(len(suspect.numbers_dialled), "number dialled", "numbers dialled"))
    found.append(count(suspect.messages, "message", "messages"))
    return [*found, f"{suspect.weight_db:+.0f} dB"]


def _hands(incident: Incident) -> dict[str, str]:
    """For each suspect of a shared campaign the first one of it, as listed."""
    first: dict[str, str] = {}
    hands = {}
    for suspect in incident.suspects:
        if suspect.campaign is not None:
            before = first.setdefault(suspect.campaign, suspect.address)
            if before != suspect.address:
                hands[suspect.address] = before
    return hands


def _trouble_block(incident: Incident) -> list[Text]:
    entries = incident.in_trouble
    most = SHOWN_TROUBLES if len(entries) <= SHOWN_TROUBLES else SHOWN_TROUBLES - 1
    lines = []
    for entry in entries[:most]:
        account = f", account {brief(shown(entry.account))}" if entry.account else ""
        text = Text("Help, do not block: ", style="bold yellow")
        text.append(f"{entry.address}{account}: ", style="default")
        text.append(_TROUBLE_WORDS.get(entry.looks_like, shown(entry.why)), style="default")
        lines.append(text)
    if len(entries) > most:
        lines.append(Text(f"and {len(entries) - most:,} more to help: see --json", style="dim"))
    return lines


def _step_block(incident: Incident, width: int) -> list[Text]:
    attackers = [s for s in incident.suspects if s.verdict == "attacker"]
    proven = [s.address for s in attackers if s.proven != "none"]
    unproven = [s.address for s in attackers if s.proven == "none"]
    taken = sorted({shown(a) for s in incident.suspects for a in s.accounts_taken})
    steps = []
    if taken:
        steps.append(_step("Change the password of ", taken, " now, and end its calls.", width))
    if proven:
        steps.append(_step("Block ", proven, ".", width))
    if unproven:
        steps.append(_step("Slow down, but do not block: ", unproven, ".", width))
    if incident.in_trouble:
        alone = len(incident.in_trouble) == 1
        steps.append(f"Help the user{'' if alone else 's'} above; {_NO_ATTACKER[not alone]}.")
    if incident.suspects:
        steps.append("Keep the capture unchanged: it is the evidence.")
    return [Text(f"{number}. {step}") for number, step in enumerate(steps, 1)]


def _step(before: str, names: list[str], after: str, width: int) -> str:
    room = width - len("1. ") - len(before) - len(after)
    return f"{before}{listed(names, room)}{after}"
