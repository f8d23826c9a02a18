"""What a letter to investigators tells its owner, not its receiver: what is missing, what to do."""

from __future__ import annotations

from ringfence.model.letter import Brief
from ringfence.model.settings import Victim
from ringfence.reports.jurisdictions.places import US, home
from ringfence.reports.letters.facts import missing, or_missing
from ringfence.reports.words import told

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


def exercise_note(brief: Brief) -> str:
    """What stands above an exercise's letter; "" otherwise."""
    if not brief.exercise:
        return ""
    return "EXERCISE: an example registry was asked. Do not file, send or hand over this text."


def sender(victim: Victim) -> list[str]:
    """Who signs, a line each, with the address as an envelope has it."""
    name = or_missing(victim.name, "your name", "victim.name")
    return [
        f"{name}, {told(victim.title)}" if victim.title else name,
        *([told(victim.organisation)] if victim.organisation else []),
        place(victim),
        f"Telephone: {or_missing(victim.phone, 'where a person answers', 'victim.phone')}",
        f"Mail: {or_missing(victim.email, 'your mail address', 'victim.email')}",
    ]


def place(victim: Victim) -> str:
    """Street, city and country in one line; the zip code behind the state, or before the city."""
    where, _ = home(victim.country, victim.state)
    if where == US:
        parts = [victim.street, victim.city, f"{victim.state} {victim.zip}".strip()]
    else:
        parts = [victim.street, f"{victim.zip} {victim.city}".strip(), victim.state]
    said = ", ".join(part for part in (*parts, victim.country) if part)
    return told(said, 160) if said else missing("your address", "victim.street")
