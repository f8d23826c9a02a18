"""`ringfence verify`, `ringfence key`, `ringfence stamp`: sealed evidence and who sealed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.shell import fail

if TYPE_CHECKING:
    from ringfence.model.evidence import CheckedBag, Fault, Verification

SOUND = 0
DIFFERS = 1

Key = Annotated[
    str | None,
    typer.Option("--key", metavar="FILE", help="The key that seals, in place of your own."),
]
Authority = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="Root certificate (PEM) of the time stamp authority that you trust."
    ),
]


def verify(
    folder: Annotated[
        str, typer.Argument(metavar="DIR", help="A bag, a folder of bags, or a case folder.")
    ],
    key: Key = None,
    authority: Authority = None,
) -> None:
    """Check sealed evidence: files, signature, time stamp, custody log; say what differs.

    Exit status: 0 all is as it was sealed, 1 something differs, 2 error.
    """
    from ringfence import flow
    from ringfence.model.evidence import EvidenceError

    try:
        found = flow.verify_evidence(folder, key, authority)
    except EvidenceError as error:
        fail(str(error))
    for line in describe(found):
        typer.echo(line)
    raise typer.Exit(SOUND if found.is_sound else DIFFERS)


def key(key: Key = None) -> None:
    """Show the key that seals evidence on this machine; it is made on first use.

    Tell others its fingerprint by telephone or on paper, so that they know it again.
    """
    from ringfence import flow
    from ringfence.model.evidence import EvidenceError

    try:
        public = flow.show_key(key)
    except EvidenceError as error:
        fail(str(error))
    typer.echo(public.line)
    made = ", made now: keep it, and a copy in a safe place" if public.is_new else ""
    typer.echo(f"{public.fingerprint}  {public.path}{made}", err=True)


def stamp(
    bag: Annotated[str, typer.Argument(metavar="BAG", help="A sealed bag: evidence/bag-0001.")],
    timestamp: Annotated[
        str, typer.Option(metavar="URL", help="The time stamp authority (RFC 3161).")
    ],
    key: Key = None,
    authority: Authority = None,
) -> None:
    """Have a sealed bag time stamped later, where sealing got no answer.

    Only a SHA-256 is sent. Exit status: 0 done, 2 error.
    """
    from ringfence import flow
    from ringfence.model.evidence import EvidenceError

    try:
        at = flow.stamp_evidence(bag, timestamp, key, authority)
    except EvidenceError as error:
        fail(str(error))
    typer.echo(f"{bag}: stamped {at}")


def describe(found: Verification) -> list[str]:
    """What was found, bag by bag, and the sum of it."""
    lines = [line for bag in found.bags for line in _bag(bag)]
    lines += [_fault(fault) for fault in found.faults]
    lines += [f"  note: {remark}" for remark in found.remarks]
    differing = sum(len(bag.faults) for bag in found.bags) + len(found.faults)
    if found.is_sound:
        known = all(bag.key_is_known for bag in found.bags)
        return [*lines, f"All of it is as it was sealed{'' if known else ', by an unknown key'}."]
    things = "1 thing differs" if differing == 1 else f"{differing} things differ"
    return [*lines, f"NOT as it was sealed: {things}."]


def _bag(bag: CheckedBag) -> list[str]:
    state = "DIFFERS" if bag.faults else "whole"
    known = "the key of this machine, or the one named" if bag.key_is_known else "not known here"
    lines = [f"{bag.name}: {state}, {bag.files} files, seal sha256:{bag.seal or 'none'}"]
    lines.append(f"  signed by {bag.key} ({known})" if bag.key else "  no signature holds")
    if bag.stamped_at:
        lines.append(f"  time stamp of {bag.stamped_at} by {bag.stamped_by}")
    lines += [_fault(fault) for fault in bag.faults]
    return lines + [f"  note: {remark}" for remark in bag.remarks]


def _fault(fault: Fault) -> str:
    return f"  ! {fault.path + ' ' if fault.path else ''}{fault.says}"
