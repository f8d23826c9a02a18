"""`--fix`: new secrets for those that broke a rule, in files for the phone system and its users.

How it works: everything is made in memory first, and only then is the folder created, for its
owner alone; what cannot be written whole is taken away again. Nothing is overwritten, and
nothing of the phone system is touched: the owner loads the files.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.flow.private_file import new_folder, write_new
from ringfence.model.new_secret import Change, FixError
from ringfence.model.pbx import Pbx
from ringfence.model.text import count, shown
from ringfence.model.weakness import Audit

if TYPE_CHECKING:
    from ringfence.audit.fix.replacement import Maker

# As much as an audit reads of a file.
MAX_OCTETS = 64 * 1024 * 1024
SHEET, HOW = "users.html", "READ-ME-FIRST.txt"


@dataclass(frozen=True, slots=True)
class Remedy:
    """What was written, without a secret."""

    folder: str
    files: tuple[tuple[str, str], ...]  # name, how it is loaded
    extensions: int
    secrets: int
    left: tuple[str, ...]


def write_remedy(
    audit: Audit, pbxes: Sequence[Pbx], maker: Maker, paths: Sequence[Path], folder: Path,
    now: datetime,
) -> Remedy:  # fmt: skip
    """Write the folder. Raises FixError; then there is none."""
    from ringfence.audit.fix.change import change
    from ringfence.reports.audit.sheet import render_sheet

    if folder.exists() or folder.is_symlink():
        raise FixError(f"{shown(str(folder))} is there already, and nothing is overwritten")
    changes = [change(pbx, audit.weaknesses, maker, _contents(pbx, paths)) for pbx in pbxes]
    secrets = [secret for one in changes for secret in one.secrets]
    left = tuple(dict.fromkeys(why for one in changes for why in one.left))
    if not secrets:
        why = f": {left[0]}" if left else ": no secret of an extension broke a rule"
        raise FixError(f"there is nothing to write{why}")
    named, notes = _named(changes)
    named[SHEET] = render_sheet(secrets, now.astimezone(UTC).isoformat()).encode()
    extensions = len({(secret.extension, secret.name) for secret in secrets})
    remedy = Remedy(str(folder), tuple(notes), extensions, len(secrets), left)
    named[HOW] = how_to(remedy).encode("utf-8", "backslashreplace")
    _write(folder, named)
    return remedy


def how_to(remedy: Remedy) -> str:
    """The page that says how to load it."""
    lines = [
        f"New {count(remedy.secrets, 'secret')} for {count(remedy.extensions, 'extension')}.",
        "",
        "THESE FILES HOLD SECRETS. Only you may read them here; keep it so where you copy them,",
        "and delete the folder when all is done.",
        "",
        "PHONES HAVE TO BE PROVISIONED. From the moment a file is loaded, a phone that still has",
        "its old password is refused. Do it when nobody calls, have the phones fetch their new",
        "settings (or type them in from the sheet), and look afterwards which extensions are not",
        "registered.",
        "",
        "0. Save the settings as they are: a backup of the phone system.",
    ]
    for number, (name, load) in enumerate(remedy.files, 1):
        lines.append(f"{number}. {name}: {load}")
    last = len(remedy.files)
    lines += [
        f"{last + 1}. Provision the phones and the apps of these extensions anew.",
        f"{last + 2}. {SHEET}: open it in a browser, print it, cut it, hand each user his strip.",
        f"{last + 3}. Export the settings once more and run `ringfence audit` again.",
    ]
    if remedy.left:
        lines += ["", "NOT CHANGED, do it by hand:", *(f"- {shown(why)}" for why in remedy.left)]
    return "\n".join([*lines, ""])


def _contents(pbx: Pbx, paths: Sequence[Path]) -> dict[str, bytes]:
    """The octets of those sources that are files."""
    by_name = {path.name: path for path in paths}
    found = {}
    for source in pbx.sources:
        path = Path(source)
        if not path.is_file():
            path = by_name.get(path.name, path)
        try:
            if not path.is_file():
                continue
            if path.stat().st_size > MAX_OCTETS:
                raise FixError(f"{shown(source)}: too large; at most {MAX_OCTETS:,} octets")
            found[source] = path.read_bytes()
        except OSError as error:
            raise FixError(f"{shown(source)}: {error.strerror}") from None
    return found


def _named(changes: Sequence[Change]) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    """The files, each with a name of its own, and how they are loaded."""
    named: dict[str, bytes] = {}
    notes: list[tuple[str, str]] = []
    taken = {SHEET.lower(), HOW.lower()}
    for file in (file for one in changes for file in one.files):
        name, number = file.name, 2
        while name.lower() in taken:
            name, number = f"{number}-{file.name}", number + 1
        taken.add(name.lower())
        named[name] = file.content
        notes.append((name, file.load))
    return named, notes


def _write(folder: Path, named: dict[str, bytes]) -> None:
    try:
        new_folder(folder)
    except OSError as error:
        raise FixError(f"{shown(str(folder))}: {error.strerror}") from None
    try:
        for name, content in named.items():
            write_new(folder / name, content)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise FixError(f"{shown(str(folder))}: {error.strerror}; nothing was written") from None
