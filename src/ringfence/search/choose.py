"""A question to a condition: every option and the filter language, understood and joined."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import TypeVar

from ringfence.model.question import Question, QuestionError
from ringfence.search import conditions as c
from ringfence.search import values as v
from ringfence.search.cells import decoded
from ringfence.search.fields import ALIASES, FIELDS, Field, Kind
from ringfence.search.pattern import compile_pattern
from ringfence.search.tree import And, Comparison, Not, Or, Present, Tree, Value
from ringfence.search.where import parse_where
from ringfence.wire import _columns as columns
from ringfence.wire.anomaly import Anomaly

_T = TypeVar("_T")

# Anomalies that the first pass over a message tells, or the packets around it; the
# others are for the full parse to find.
_SHALLOW = Anomaly.LENGTHS_DISAGREE.value - 1
_ORDER = ("<", "<=", ">", ">=")
_ALLOWED = {
    Kind.NUMBER: ("==", "!=", *_ORDER),
    Kind.TIME: ("==", "!=", *_ORDER),
    Kind.ADDRESS: ("==", "!="),
    Kind.NAME: ("==", "!=", "~", "!~"),
    Kind.TEXT: ("==", "!=", "~", "!~"),
    Kind.FLAGS: ("==", "!=", "~", "!~"),
}


def choose(question: Question) -> c.Condition:
    """What must hold of a message. Raises QuestionError."""
    wanted = [_option(*given) for given in _options(question) if given[3]]
    if question.where.strip():
        wanted.append(compile_tree(parse_where(question.where), question.where))
    if not wanted:
        return c.Everything()
    return wanted[0] if len(wanted) == 1 else c.All(tuple(wanted))


def _options(question: Question) -> tuple[tuple[str, str, str, tuple[str, ...]], ...]:
    """Option, field, operator, values."""
    return (
        ("--method", "method", "==", question.methods),
        ("--from", "source", "==", question.sources),
        ("--towards", "destination", "==", question.destinations),
        ("--address", "address", "==", question.addresses),
        ("--status", "status", "==", question.statuses),
        ("--user", "user", "user", question.users),
        ("--call-id", "call_id", "begins", question.call_ids),
        ("--agent", "user_agent", "~", question.agents),
        ("--anomaly", "anomalies", "==", question.anomalies),
    )


def _option(option: str, name: str, operator: str, given: tuple[str, ...]) -> c.Condition:
    parts = []
    for text in given:
        field, value = FIELDS[name], Value(text)
        try:
            if operator == "begins":
                parts.append(_beginning(field, text))
            else:
                pattern = operator == "~" or (operator == "user" and ("*" in text or "?" in text))
                parts.append(_compare(field, "~" if pattern else "==", (value,)))
        except _BadValueError as error:
            raise QuestionError(f"{text}: {error}", option=option) from error
    return parts[0] if len(parts) == 1 else c.AnyOf(tuple(parts))


def _beginning(field: Field, text: str) -> c.Condition:
    """The octets begin with the text, or do so as lists show them."""
    beginning = _read(v.read_octets, Value(text))
    return c.TextLike(
        field.columns,
        lambda octets: octets.startswith(beginning) or decoded(octets).startswith(text),
        field.filled,
    )


class _BadValueError(ValueError):
    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


def compile_tree(tree: Tree, text: str) -> c.Condition:
    """The condition that a tree stands for; `text` is what it was read from."""
    if isinstance(tree, And):
        return c.All(tuple(compile_tree(part, text) for part in tree.parts))
    if isinstance(tree, Or):
        return c.AnyOf(tuple(compile_tree(part, text) for part in tree.parts))
    if isinstance(tree, Not):
        return c.Inverse(compile_tree(tree.part, text))
    field = _field(tree, text)
    if isinstance(tree, Present):
        return _presence(field)
    if tree.operator not in _ALLOWED[field.kind]:
        allowed = " ".join(_ALLOWED[field.kind])
        message = f"{field.name} is {field.kind.value}: compare it with {allowed} in"
        raise QuestionError(message, text=text, column=tree.column)
    try:
        return _compare(field, tree.operator, tree.values)
    except _BadValueError as error:
        raise QuestionError(str(error), text=text, column=error.column) from error


def _field(tree: Comparison | Present, text: str) -> Field:
    name = ALIASES.get(tree.field, tree.field)
    if name in FIELDS:
        return FIELDS[name]
    close = get_close_matches(tree.field, [*FIELDS, *ALIASES], 1)
    hint = f"; did you mean {close[0]}?" if close else "; docs/messages.md lists them"
    raise QuestionError(f"no field is named {tree.field}{hint}", text=text, column=tree.column)


def _compare(field: Field, operator: str, given: tuple[Value, ...]) -> c.Condition:
    if operator in ("!=", "!~"):
        return c.Inverse(_compare(field, {"!=": "==", "!~": "~"}[operator], given))
    if field.kind in (Kind.NUMBER, Kind.TIME):
        return _number(field, operator, given)
    if field.kind is Kind.ADDRESS:
        return c.AddressIn(field.columns, tuple(_read(v.read_network, value) for value in given))
    if field.kind is Kind.NAME:
        return _named(field, operator, given)
    if field.kind is Kind.FLAGS:
        return _flags(operator, given)
    return _text(field, operator, given)


def _number(field: Field, operator: str, given: tuple[Value, ...]) -> c.Condition:
    read = v.read_time if field.kind is Kind.TIME else v.read_number
    intervals = tuple(_bounded(_read(read, value), operator) for value in given)
    return c.NumberIn(field.columns[0], field.least, intervals, field.filled)


def _bounded(value: v.Interval, operator: str) -> v.Interval:
    """A range is compared by its ends: `>= 4xx` is from 400 on, `> 4xx` from 500 on."""
    bounds = {
        "==": (value.first, value.last),
        "<": (0, value.first - 1),
        "<=": (0, value.last),
        ">": (value.last + 1, v.MAX_NUMBER),
        ">=": (value.first, v.MAX_NUMBER),
    }
    return v.Interval(*bounds[operator])


def _text(field: Field, operator: str, given: tuple[Value, ...]) -> c.Condition:
    if operator == "~":
        return c.TextLike(field.columns, _pattern(given[0]), field.filled)
    texts = frozenset(_read(v.read_octets, value) for value in given)
    if b"" in texts:
        message = f"an empty text is never there; write: not {field.name}"
        raise _BadValueError(message, given[0].column)
    return c.TextIs(field.columns, texts, field.filled)


def _named(field: Field, operator: str, given: tuple[Value, ...]) -> c.Condition:
    """Names that columns hold as numbers; methods that they do not know, by their text."""
    open_ended = columns.METHODS[columns.M_OTHER] in field.names
    if operator == "~":
        test = _pattern(given[0])
        known = [n for n, name in enumerate(field.names) if name and test(name.encode())]
        if not open_ended:
            return _numbered(field, known)
        known = [n for n in known if n != columns.M_OTHER]
        return c.AnyOf((_numbered(field, known), c.NameIs(field.columns[0], columns.M_OTHER, test)))
    numbers = [
        (_read(lambda text: v.read_name(text, field.names), value), value) for value in given
    ]
    by_number = _numbered(field, [number for number, _ in numbers if number is not None])
    texts = {_read(v.read_octets, value) for number, value in numbers if number is None}
    if not texts:
        return by_number
    return c.AnyOf((by_number, c.NameIs(field.columns[0], columns.M_OTHER, texts.__contains__)))


def _numbered(field: Field, numbers: list[int]) -> c.Condition:
    intervals = tuple(v.Interval(n, n) for n in numbers)
    return c.NumberIn(field.columns[0], 1, intervals, field.filled)


def _flags(operator: str, given: tuple[Value, ...]) -> c.Condition:
    if operator == "~":
        test = _pattern(given[0])
        bits = sum(a.value for a in Anomaly if test((a.name or "").encode()))
    else:
        bits = 0
        for value in given:
            bits |= _read(v.read_anomaly, value)
    shallow, deep = bits & _SHALLOW, bits & ~_SHALLOW
    if not deep:
        return c.HasAnomaly(shallow)
    return c.AnyOf((c.HasAnomaly(shallow), c.HasDeepAnomaly(deep)))


def _presence(field: Field) -> c.Condition:
    if field.kind is Kind.FLAGS:
        return c.HasAnomaly(v.MAX_NUMBER)
    if field.kind is Kind.ADDRESS:
        return c.Everything()
    if field.kind is Kind.TEXT:
        return c.TextLike(field.columns, lambda _: True, field.filled)
    everything = (v.Interval(0, v.MAX_NUMBER),)
    return c.NumberIn(
        field.columns[0], max(field.least, field.kind is Kind.NAME), everything, field.filled
    )


def _pattern(value: Value) -> Callable[[bytes], bool]:
    if not value.text:
        raise _BadValueError("an empty pattern says nothing", value.column)
    if len(value.text) > v.MAX_PATTERN:
        raise _BadValueError(f"a pattern has {v.MAX_PATTERN} characters at most", value.column)
    return compile_pattern(_read(v.read_octets, value))


def _read(read: Callable[[str], _T], value: Value) -> _T:
    try:
        return read(value.text)
    except ValueError as error:
        raise _BadValueError(str(error), value.column) from error
