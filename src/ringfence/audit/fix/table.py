"""CSV of 3CX, of FreePBX and of one's own: the same file with the changed cells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from ringfence.audit.fix.cells import Edit, changed
from ringfence.audit.fix.naming import file_name
from ringfence.audit.fix.replacement import Made, Plan, Replacement
from ringfence.model.new_secret import ChangeFile
from ringfence.model.pbx import Pbx, System
from ringfence.model.text import shown

_LOAD = {
    System.THREECX: "In the 3CX console: Users > Import, this file. Try it with one extension"
    " first: versions differ in what an import changes of an extension that is there already.",
    System.FREEPBX: "In FreePBX: Admin > Bulk Handler > Import > Extensions, this file, with"
    " “Replace/Update existing data” on; then Apply Config.",
    System.LIST: "Load it with whatever read the list that it was made from.",
}


def files(pbx: Pbx, plan: Plan, contents: Mapping[str, bytes]) -> Made:
    """A file for each source in which something changes, and what could not be changed."""
    found: list[ChangeFile] = []
    undone: list[tuple[Replacement, str]] = []
    for source in pbx.sources:
        ones = [one for one in plan.replacements if one.extension.place.source == source]
        if not ones:
            continue
        content = contents.get(source)
        if content is None or not all(one.extension.place.line for one in ones):
            why = f"{shown(source)}: not a table; export the extensions as CSV and audit that"
            undone += [(one, why) for one in ones]
            continue
        octets, failed = changed(content, [_edit(one) for one in ones], source)
        undone += [(ones[number], why) for number, why in failed]
        if octets != content:
            name = file_name(PurePath(source).stem, ".csv")
            found.append(ChangeFile(name, octets, _LOAD[pbx.system]))
    return tuple(found), tuple(undone)


def _edit(one: Replacement) -> Edit:
    old = one.old
    text = old.text or (old.hashed.hexdigest if old.hashed else "")
    return Edit(one.extension.place.line, old.column, text, one.value)
