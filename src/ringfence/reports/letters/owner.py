"""What a letter to investigators tells its owner, not its receiver: what is missing, what to do."""

from __future__ import annotations

from ringfence.model.letter import Brief
from ringfence.model.settings import Victim
from ringfence.reports.jurisdictions.places import US, home
from ringfence.reports.letters.facts import exercise_note, missing, place, signature

# What an investigator cannot do without, and its field.
_NEEDED = (
    ("your name", "name"),
    ("a telephone where a person answers", "phone"),
    ("your mail address", "email"),
    ("the street", "street"),
    ("the city", "city"),
    ("the country", "country"),
)
_NEEDED_IN_US = (("the county", "county"), ("the state", "state"), ("the zip code", "zip"))


def absent(brief: Brief, *, american_form: bool = False) -> list[str]:
    """A remark that names the settings that the letter lacks; none when it has all."""
    victim = brief.settings.victim
    where, _ = home(victim.country, victim.state)
    needed = [*_NEEDED, *(_NEEDED_IN_US if american_form or where in ("", US) else ())]
    lacking = [field for _, field in needed if not getattr(victim, field)]
    said = []
    if lacking:
        fields = ", ".join(f"victim.{field}" for field in lacking)
        said.append(f"settings.toml lacks {fields}: the letter says so in [brackets].")
    if brief.evidence is None:
        said.append("Nothing is sealed yet: seal the evidence before you hand the letter over.")
    return [*said, *([exercise_note(brief)] if brief.exercise else [])]


def sender(victim: Victim) -> list[str]:
    """Who signs, as an investigator needs it: a bracket stands where the address is missing."""
    lines = signature(victim)
    if not place(victim):
        lines.insert(len(lines) - 2, missing("your address", "victim.street"))
    return lines
