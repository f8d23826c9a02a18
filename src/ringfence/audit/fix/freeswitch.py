"""FreeSWITCH: for each user the parameters that change, as XML to put in place of the old ones."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from ringfence.audit.fix.naming import file_name
from ringfence.audit.fix.replacement import Made, Plan, Replacement
from ringfence.model.new_secret import ChangeFile
from ringfence.model.pbx import Pbx

_LOAD = (
    "In the directory (conf/directory/default/{number}.xml or where the user stands) put these"
    " params in place of those of the same names; then `fs_cli -x reloadxml`."
)


def files(
    pbx: Pbx,  # noqa: ARG001  as of every form
    plan: Plan,
    contents: Mapping[str, bytes],  # noqa: ARG001  as of every form
) -> Made:
    """A file for each user."""
    by_user: dict[str, list[Replacement]] = {}
    for one in plan.replacements:
        by_user.setdefault(one.extension.number, []).append(one)
    found = [
        ChangeFile(
            file_name(f"freeswitch-{number}", ".xml"),
            _snippet(number, ones).encode(),
            _LOAD.format(number=file_name(number, "")),
        )
        for number, ones in by_user.items()
    ]
    return tuple(found), ()


def _snippet(number: str, ones: list[Replacement]) -> str:
    params = [
        f"      <param name={quoteattr(one.old.column)} value={quoteattr(one.value)}/>"
        for one in ones
    ]
    lines = [
        "<include>",
        f"  <user id={quoteattr(number)}>",
        "    <params>",
        *params,
        "    </params>",
        "  </user>",
        "</include>",
        "",
    ]
    return "\n".join(lines)
