"""The settings that a machine begins with: the template, with what was found filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from ringfence.flow.doctor.phone_systems import kamailio_mark, pbx_logs
from ringfence.flow.machine import Machine
from ringfence.flow.settings_template import TEMPLATE

_EXAMPLE = "YOURWORD"


def found_here(machine: Machine, interfaces: Sequence[str] = ()) -> dict[str, object]:
    """Fields of [guard] and what this machine says of them.

    The interface is named although the guard finds it: with a log beside it, it would not.
    """
    logs = [f"{log.kind}:{log.path}" for log in pbx_logs(machine) if _is_plain(log.path)]
    mark = kamailio_mark(machine)
    found: dict[str, object] = {
        "interfaces": list(interfaces) or list(machine.default_interfaces)[:1],
        "logs": logs,
        "mark": "" if mark == _EXAMPLE else mark,
    }
    return {name: value for name, value in found.items() if value}


def first_settings(found: dict[str, object]) -> str:
    """The whole file. Raises KeyError for a field that the template does not have."""
    text = TEMPLATE
    for name, value in found.items():
        # A text of JSON is one of TOML.
        line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
        there = re.search(rf"^# {name} = [^#\n]*", text, re.MULTILINE)
        if there is None:
            raise KeyError(name)
        remark = "  " if text[there.end() : there.end() + 1] == "#" else ""
        text = f"{text[: there.start()]}{line}{remark}{text[there.end() :]}"
    return text


def _is_plain(path: str) -> bool:
    """What may be the name of a log in a list: a file of the owner's, but one never knows."""
    return path.isprintable() and "//" not in path
