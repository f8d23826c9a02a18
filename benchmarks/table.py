"""A run's results as the tables of docs/benchmarks.md, between its markers."""

from pathlib import Path
from typing import Any

BEGIN = "<!-- figures: written by `make bench` -->"
END = "<!-- end of figures -->"


def write(page: Path, results: dict[str, Any]) -> None:
    """Replace what stands between the markers; ValueError when the page has none."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} lacks the markers {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{markdown(results)}\n{END}{after}", encoding="utf-8")


def markdown(results: dict[str, Any]) -> str:
    """All tables of one run."""
    parts = [_machine(results), *(_capture(one) for one in results["captures"])]
    if results.get("sources"):
        parts.append(_sources(results))
    if results.get("live"):
        parts.append(_live(results["live"]))
    if results.get("guard"):
        parts.append(_guard(results["guard"]))
    parts.append(_peers(results))
    return "\n".join(parts)


def _machine(results: dict[str, Any]) -> str:
    about = results["machine"]
    return (
        f"{results['date']}: {about['cpu']}, {about['cores']} cores, {about['memory_gib']} GiB,"
        f" Linux {about['kernel']}, Python {about['python']}.\n"
    )


def _capture(one: dict[str, Any]) -> str:
    head = (
        f"### {one['name']}: {one['packets']:,} packets, {one['sip_messages']:,} SIP messages\n\n"
        "| program | what it does | wall s | CPU s | peak MiB | SIP messages per CPU second"
        " | CPU over ringfence | wall over ringfence |\n"
        "|---|---|--:|--:|--:|--:|--:|--:|\n"
    )
    rows = "".join(_row(row) for row in one["rows"])
    return head + rows + _kernel(one.get("kernel")) + _answer(one.get("answer"))


def _row(row: dict[str, Any]) -> str:
    if row["failed"]:
        return f"| {row['peer']} | {row['does']} | {row['failed']} | | | | | |\n"
    cells = (
        row["peer"],
        row["does"],
        f"{row['wall_s']:.2f}",
        f"{row['cpu_s']:.2f}",
        f"{row['peak_mib']:.0f}",
        f"{_rounded(row['messages_per_cpu_s']):,}",
        _ratio(row["cpu_ratio"]),
        _ratio(row["wall_ratio"]),
    )
    return f"| {' | '.join(cells)} |\n"


def _kernel(rate: dict[str, Any] | None) -> str:
    if not rate:
        return ""
    return (
        f"\nThe decoding kernel alone: {_rounded(rate['messages_per_s']):,} messages a second,"
        f" {rate['ns_per_message']:.0f} ns a message, on one core.\n"
    )


def _answer(answer: dict[str, Any] | None) -> str:
    if not answer or "unreadable" in answer:
        return ""
    return (
        f"\nRingfence's answer: {answer['sip_messages_missed']} messages missed;"
        f" {answer['attackers_found']} of {answer['attackers']} attackers found,"
        f" {answer['innocent_accused']} innocent accused;"
        f" {answer['accounts_taken_found']} of {answer['accounts_taken']} taken accounts found.\n"
    )


def _sources(results: dict[str, Any]) -> str:
    head = (
        f"### More sources, the same messages (dearest ÷ median: {results['steepness']})\n\n"
        "| sources | messages | CPU s | ns a message, start taken off | peak MiB"
        " | octets a source |\n|--:|--:|--:|--:|--:|--:|\n"
    )
    rows = (
        f"| {row['sources']:,} | {row['messages']:,} | failed | | | |\n"
        if row["failed"]
        else f"| {row['sources']:,} | {row['messages']:,} | {row['cpu_s']:.2f} |"
        f" {row['ns_per_message']:.0f} | {row['peak_mib']:.0f} | {_octets(row)} |\n"
        for row in results["sources"]
    )
    return head + "".join(rows)


def _live(rows: list[dict[str, Any]]) -> str:
    head = (
        "### An interface: who sees every packet, on one core\n\n"
        "| sent, a second | reader | what it does | sent | not seen | CPU µs a message"
        " | CPU over ringfence |\n|--:|---|---|--:|--:|--:|--:|\n"
    )
    return head + "".join(
        f"| {_rounded(row['sent_per_s']):,} | {row['reader']} | {row['does']} | {row['sent']:,} |"
        f" {_not_seen(row)} | {row['cpu_s'] / row['sent'] * 1e6:.2f} |"
        f" {_ratio(row['cpu_ratio'])} |\n"
        for row in rows
    )


def _guard(rows: list[dict[str, Any]]) -> str:
    head = (
        "### An attack: what reaches the phone system before a block works\n\n"
        "| attack | guarded by | sent | arrived (most) | passwords refused | blocked after"
        " | users: wishes, not granted |\n|---|---|--:|--:|--:|--:|--:|\n"
    )
    return head + "".join(
        f"| {row['about']} | {row['protector']} | {row['failed']} | | | | |\n"
        if row["failed"]
        else f"| {row['about']} | {row['protector']} | {row['sent']:,} | {row['arrived']:,}"
        f" ({row['most_arrived']:,}) | {row['refused']:,} | {_after(row)} |"
        f" {row['wishes']:,}, {row['not_granted']:,} |\n"
        for row in rows
    )


def _after(row: dict[str, Any]) -> str:
    if row["seconds"] is not None:
        return f"{row['seconds']:.2f} s"
    return "slowed down" if row["slowed"] else "never"


def _not_seen(row: dict[str, Any]) -> str:
    return "does not say" if row["seen"] is None else f"{row['sent'] - row['seen']:,}"


def _octets(row: dict[str, Any]) -> str:
    # Below a thousand sources the difference is noise.
    known = row["octets_per_source"] is not None and row["sources"] > 1_000
    return f"{row['octets_per_source']:.0f}" if known else ""


def _peers(results: dict[str, Any]) -> str:
    floor = results["floor_mib"]
    lines = [f"A peak of {floor:.0f} MiB is the timer's own: a small program never shows less.\n"]
    versions = sorted({peer["version"] for peer in results["peers"] if peer["version"]})
    lines.append(f"Versions: {'; '.join(versions)}.\n")
    if results["missing"]:
        missing = ", ".join(f"{one['name']} ({one['package']})" for one in results["missing"])
        lines.append(f"Not installed, so not measured: {missing}.\n")
    return "\n".join(lines)


def _ratio(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2f}"


def _rounded(number: int) -> int:
    """Three figures: more would claim what was not measured."""
    return int(f"{number:.3g}".partition("e")[0]) if number < 1_000 else int(float(f"{number:.3g}"))
