"""A property that is worked out when it is first asked for, and kept.

`functools.cached_property` takes a lock at each first look in Python 3.11, which was a third
of what a source costs that is weighed; one thread weighs, and needs none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

_V = TypeVar("_V")


class lazy(Generic[_V]):  # noqa: N801  used like `property`
    """The value stands in the instance's `__dict__`, where Python looks before it asks here."""

    def __init__(self, work_out: Callable[[Any], _V]) -> None:
        self._work_out, self._name = work_out, work_out.__name__
        self.__doc__ = work_out.__doc__

    @overload
    def __get__(self, one: None, owner: type) -> Self: ...
    @overload
    def __get__(self, one: object, owner: type) -> _V: ...
    def __get__(self, one: object, owner: type) -> Self | _V:
        if one is None:
            return self
        value = one.__dict__[self._name] = self._work_out(one)
        return value
