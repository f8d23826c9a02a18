"""How the guard stands, on one screen: break-ins first, then what is wrong, then the rest.

How it works: lines in the order of what matters, each cut to the width, as many of each
list as the height has room for, what is left out counted. `Live` of Rich shows it again
and again; a pipe gets it once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ringfence.model.guard_status import FAILING, OK, SILENT, GuardStatus
from ringfence.model.text import count, shown

if TYPE_CHECKING:
    from rich.text import Text

    from ringfence.model.guard_status import AttackStatus, BlockStatus, SourceStatus

WIDTH, HEIGHT = 80, 24
_MIN_HEIGHT = 12
_MAX_PROBLEMS, _MAX_SOURCES = 3, 4

Line = tuple[str, str]  # text, style of Rich
_STYLES = {OK: "green", SILENT: "yellow", FAILING: "bold red"}
_EFFECTS = {
    "effective": "works", "not_effective": "DOES NOT WORK", "moved": "moved on", "unknown": "…",
}  # fmt: skip
_KINDS = {"password_guessing": "guessing", "toll_fraud": "toll fraud", "spoofed_call": "spoofed"}


def render(status: GuardStatus, width: int = WIDTH, height: int = HEIGHT) -> Text:
    """The screen, for Rich."""
    from rich.text import Text

    text = Text(no_wrap=True, overflow="ellipsis", end="")
    for number, (line, style) in enumerate(screen(status, width, height)):
        text.append("\n" if number else "")
        text.append(line, style=style)
    return text


def screen(status: GuardStatus, width: int = WIDTH, height: int = HEIGHT) -> list[Line]:
    """The lines, at most `height`, each at most `width` wide, with their styles."""
    height = max(height, _MIN_HEIGHT)
    fixed = [*_head(status), *_figures(status), *_problems(status)]
    sources = _listed(
        "Hears", [_source(one, status.at) for one in status.sources], min(_MAX_SOURCES, height // 6)
    )
    room = height - len(fixed) - len(sources)
    attacks, blocks = _shares(len(status.attacks), len(status.blocks), room)
    lines = [
        *fixed,
        *sources,
        *_listed("Attacks", [_attack(one, status.at) for one in status.attacks], attacks),
        *_listed("Blocks", [_block(one, status.at) for one in status.blocks], blocks),
    ]
    return [(_cut(shown(line), width), style) for line, style in lines[:height]]


def _head(status: GuardStatus) -> Iterator[Line]:
    mode = "blocking" if status.enforcing else "ONLY WATCHING (no --enforce)"
    since, now = _brief(status.since, status.at), _brief(status.at, status.at)
    yield f"Guard: {mode}, since {since}; now {now}", "bold"
    if not status.got_in:
        yield "Got in: nobody", "green"
        return
    taken = [name for attack in status.attacks for name in attack.accounts_taken]
    calls = sum(attack.calls_answered for attack in status.attacks)
    parts = [f"account {', '.join(dict.fromkeys(taken))}"] if taken else []
    parts += [f"{count(calls, 'call')} answered"] if calls else []
    yield f"GOT IN: {'; '.join(parts)}", "bold white on red"


def _figures(status: GuardStatus) -> Iterator[Line]:
    yield (
        (
            f"Seen: {count(status.messages, 'SIP message')}, {status.messages_s:,.0f}/s, from "
            f"{count(status.watched, 'address', 'addresses')}; {count(status.lost, 'packet')} lost"
        ),
        "red" if status.lost else "",
    )
    verb = "Blocked" if status.enforcing else "Would be blocked"
    yield (
        (
            f"{verb}: {status.blocked:,}; limited: {status.limited:,}; suspects: "
            f"{status.suspects:,}; {count(status.dropped, 'packet')} dropped"
        ),
        "",
    )
    latency = (
        f"median {_seconds(status.latency_median_s)}, 99 in 100 within "
        f"{_seconds(status.latency_worst_s)}"
    )
    yield f"Verdict to rule: {latency if status.latency_worst_s else 'no rule yet'}", ""
    thinned = f", {status.thinned:,} thinned" if status.thinned else ""
    yield (
        (
            f"Keeps: {status.kept_s:.0f} s, {_octets(status.kept_octets)} of "
            f"{_octets(status.kept_room)}{thinned}; memory {_octets(status.memory_octets)}; "
            f"{count(status.cases_open, 'open case')}"
        ),
        "",
    )


def _problems(status: GuardStatus) -> Iterator[Line]:
    wrong = status.wrong
    shown_now = wrong if len(wrong) <= _MAX_PROBLEMS else wrong[: _MAX_PROBLEMS - 1]
    for problem in shown_now:
        yield f"! {problem}", "bold red"
    if len(wrong) > len(shown_now):
        yield f"! and {len(wrong) - len(shown_now):,} more", "bold red"
    if status.alerts_waiting:
        yield f"! {count(status.alerts_waiting, 'alarm')} not delivered yet", "yellow"


def _source(source: SourceStatus, now: str) -> Line:
    lost = f", {source.lost:,} lost" if source.lost else ""
    last = f", last {_brief(source.last_at, now)}" if source.last_at else ""
    text = f"{source.name}: {source.state}, {source.seen:,} seen, {source.understood:,} understood"
    return f"{text}{lost}{last}", _STYLES.get(source.state, "")


def _attack(attack: AttackStatus, now: str) -> Line:
    others = len(attack.addresses) - 1
    who = (attack.addresses[0] if attack.addresses else "?") + (
        f" +{others:,}" if others > 0 else ""
    )
    kinds = ", ".join(_KINDS.get(kind, kind) for kind in attack.kinds)
    inside = attack.accounts_taken or attack.calls_answered
    text = (
        f"{'IN! ' if inside else ''}{who}: {kinds}, {attack.messages:,} msgs, {attack.state}, "
        f"last {_brief(attack.last_at, now)}"
    )
    case = f", {attack.case_id}" if attack.case_id else ""
    return text + case, "bold red" if inside else ""


def _block(block: BlockStatus, now: str) -> Line:
    works = _EFFECTS.get(block.effect, block.effect)
    text = (
        f"{block.address}: {block.action} until {_brief(block.until, now)}, "
        f"{block.dropped:,} dropped, {works}"
    )
    bad = block.effect == "not_effective"
    return f"{text}; {block.reason}" if block.reason else text, "bold red" if bad else ""


def _listed(title: str, lines: Sequence[Line], room: int) -> list[Line]:
    """A heading with the lines below it; the last line counts those without room."""
    if room < 2 and lines:
        return [(f"{title}: {len(lines):,}", "bold")] if room else []
    if not lines:
        return [(f"{title}: none", "bold")]
    fits = lines if len(lines) < room else lines[: room - 2]
    left = len(lines) - len(fits)
    more = [(f"  and {left:,} more", "")] if left else []
    return [(f"{title}:", "bold"), *((f"  {line}", style) for line, style in fits), *more]


def _shares(attacks: int, blocks: int, room: int) -> tuple[int, int]:
    """Lines for both lists with their headings: what one does not need the other has."""
    half = room // 2
    need_attacks, need_blocks = attacks + 1, blocks + 1
    if need_attacks <= room - half:
        return need_attacks, min(need_blocks, room - need_attacks)
    if need_blocks <= half:
        return min(need_attacks, room - need_blocks), need_blocks
    return room - half, half


def _brief(time: str, now: str = "") -> str:
    """14:02:11, with its day where that is not today."""
    try:
        when = datetime.fromisoformat(time)
    except ValueError:
        return time or "never"
    return f"{when:%H:%M:%S}" if time[:10] == now[:10] else f"{when:%d %b %H:%M:%S}"


def _seconds(number: float) -> str:
    return f"{number * 1000:.0f} ms" if number < 1 else f"{number:.1f} s"


def _octets(number: int) -> str:
    return f"{number / 1048576:.0f} MiB" if number >= 1048576 else f"{number / 1024:.0f} KiB"


def _cut(line: str, width: int) -> str:
    from rich.cells import cell_len, set_cell_size

    return line if cell_len(line) <= width else set_cell_size(line, width - 1).rstrip() + "…"
