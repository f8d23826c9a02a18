"""A question as a tree: what the filter language says, before its values are understood."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Value:
    """A value as written, and the column (from 1) where it stands."""

    text: str
    column: int = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """FIELD OPERATOR VALUE; with several values (`in`) one is enough."""

    field: str
    operator: str
    values: tuple[Value, ...]
    column: int = 1


@dataclass(frozen=True, slots=True)
class Present:
    """The field is there at all."""

    field: str
    column: int = 1


@dataclass(frozen=True, slots=True)
class Not:
    part: Tree


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Tree, ...]


Tree = Comparison | Present | Not | And | Or
