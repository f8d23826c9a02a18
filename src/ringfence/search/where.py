"""The filter language: text to a tree.

    expression := all { "or" all }
    all        := term { "and" term }
    term       := "not" term | "(" expression ")" | FIELD [ test ]
    test       := OPERATOR VALUE | [ "not" ] "in" "(" VALUE { "," VALUE } ")"
    OPERATOR   := "==" "=" "!=" "<" "<=" ">" ">=" "~" "!~"

A value is a word or stands in quotes, where backslash escapes as JSON and our own
lists write them are understood. Keywords have no case. docs/messages.md explains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringfence.model.question import QuestionError
from ringfence.search.tree import And, Comparison, Not, Or, Present, Tree, Value

# Longer than anybody types; a list of addresses fits.
MAX_TEXT = 16_384
# Parentheses and "not" inside one another: keeps well clear of Python's own limit.
MAX_DEPTH = 50

OPERATORS = ("==", "!=", "<=", ">=", "!~", "=", "<", ">", "~")
KEYWORDS = ("and", "or", "not", "in")
END = "end"
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<operator>==|!=|<=|>=|!~|=|<|>|~)
      | (?P<mark>[(),])
      | (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<word>[^\s()=!<>~,"'&|]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_ADVICE = {"&": 'write "and"', "|": 'write "or"', "!": 'write "not", or "!=" or "!~"'}
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: "operator", "mark", "quoted", "word" or "end", and its column."""

    kind: str
    text: str
    column: int


def parse_where(text: str) -> Tree:
    """The tree of an expression. Raises QuestionError with the column of the mistake."""
    if len(text) > MAX_TEXT:
        raise QuestionError(f"longer than {MAX_TEXT} characters", text=text, column=MAX_TEXT)
    parser = _Parser(text, _tokens(text))
    tree = parser.any_of(0)
    parser.expect_end()
    return tree


def _tokens(text: str) -> list[Token]:
    tokens = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise _cannot_read(text, at)
        kind = found.lastgroup or END
        tokens.append(Token(kind, found[kind], found.start(kind) + 1))
        at = found.end()
    return [*tokens, Token(END, "", end + 1)]


def _cannot_read(text: str, at: int) -> QuestionError:
    at += len(text[at:]) - len(text[at:].lstrip())
    character = text[at]
    if character in "\"'":
        return QuestionError("this quote is never closed", text=text, column=at + 1)
    advice = _ADVICE.get(character, "put the value in quotes")
    return QuestionError(f"{character} means nothing here; {advice}", text=text, column=at + 1)


class _Parser:
    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0

    def any_of(self, depth: int) -> Tree:
        parts = [self._all_of(depth)]
        while self._keyword("or"):
            parts.append(self._all_of(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def expect_end(self) -> None:
        token = self._tokens[self._at]
        if token.kind != END:
            wanted = (
                "nothing opened this parenthesis" if token.text == ")" else 'expected "and" or "or"'
            )
            raise self._error(wanted, token)

    def _all_of(self, depth: int) -> Tree:
        parts = [self._term(depth)]
        while self._keyword("and"):
            parts.append(self._term(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _term(self, depth: int) -> Tree:
        token = self._tokens[self._at]
        if depth > MAX_DEPTH:
            raise self._error(f"more than {MAX_DEPTH} levels inside one another", token)
        if self._keyword("not"):
            return Not(self._term(depth + 1))
        if self._mark("("):
            tree = self.any_of(depth + 1)
            self._expect(")", "this parenthesis is never closed", token)
            return tree
        if token.kind != "word" or token.text.lower() in KEYWORDS:
            raise self._error("expected the name of a field", token)
        self._at += 1
        return self._test(token)

    def _test(self, field: Token) -> Tree:
        name = field.text.lower()
        token = self._tokens[self._at]
        if token.kind == "operator":
            self._at += 1
            operator = "==" if token.text == "=" else token.text
            return Comparison(name, operator, (self._value(),), field.column)
        if self._keyword("in"):
            return self._one_of(name, field)
        following = self._tokens[self._at + 1] if token.kind != END else token
        if token.text.lower() == "not" and following.text.lower() == "in":
            self._at += 2
            return Not(self._one_of(name, field))
        return Present(name, field.column)

    def _one_of(self, name: str, field: Token) -> Comparison:
        opening = self._tokens[self._at]
        self._expect("(", 'expected "(" and values after "in"', opening)
        values = [self._value()]
        while self._mark(","):
            values.append(self._value())
        self._expect(")", 'expected "," or ")" after this list', opening)
        return Comparison(name, "==", tuple(values), field.column)

    def _value(self) -> Value:
        token = self._tokens[self._at]
        if token.kind == "quoted":
            self._at += 1
            return Value(_unescaped(token.text[1:-1]), token.column)
        if token.kind == "word":
            self._at += 1
            return Value(token.text, token.column)
        raise self._error("expected a value", token)

    def _keyword(self, keyword: str) -> bool:
        token = self._tokens[self._at]
        found = token.kind == "word" and token.text.lower() == keyword
        self._at += found
        return found

    def _mark(self, mark: str) -> bool:
        token = self._tokens[self._at]
        found = token.kind == "mark" and token.text == mark
        self._at += found
        return found

    def _expect(self, mark: str, otherwise: str, where: Token) -> None:
        if not self._mark(mark):
            raise self._error(otherwise, where)

    def _error(self, message: str, token: Token) -> QuestionError:
        return QuestionError(message, text=self._text, column=token.column)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _character(found[1]), text)


def _character(escape: str) -> str:
    if len(escape) == 1:
        return _LETTERS.get(escape, escape)
    number = int(escape[1:], 16)
    if escape[0] == "x":  # an octet, as lists write those that are no UTF-8
        return chr(number) if number < 0x80 else chr(0xDC00 + number)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
