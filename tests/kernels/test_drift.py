"""A name in a .pxd that its .py no longer binds is slow, or zero, without a warning."""

from __future__ import annotations

import ast
import importlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kernels.conftest import Declared, Kernel


def test_local_names_are_bound_in_their_function(kernel: Kernel) -> None:
    stale = [
        f"{declared.name}: {name}"
        for declared in kernel.functions()
        for name in declared.local
        if name not in _bound(_definition(kernel, declared))
    ]
    assert stale == []


def test_parameters_are_the_same(kernel: Kernel) -> None:
    different = [
        declared.name
        for declared in kernel.functions()
        if declared.parameters and declared.parameters != _parameters(_definition(kernel, declared))
    ]
    assert different == []


def test_constants_are_assigned(kernel: Kernel) -> None:
    bound = _bound(kernel.tree)
    assert [name for name in kernel.constants() if name not in bound] == []


def test_attributes_are_set_by_their_class(kernel: Kernel) -> None:
    unset = [
        f"{owner}.{field}"
        for owner, fields in kernel.attributes().items()
        for field in fields
        if field not in _set_on_self(_class(kernel, owner))
    ]
    assert unset == []


def test_attributes_set_are_declared(kernel: Kernel) -> None:
    """An attribute that only the .py knows builds, and raises AttributeError at run time."""
    undeclared = [
        f"{owner}.{field}"
        for owner, fields in kernel.attributes().items()
        for field in _set_on_self(_class(kernel, owner))
        if field not in fields
    ]
    assert undeclared == []


def test_inlined_functions_have_their_twin(inlined: list[Kernel]) -> None:
    """Except the C-only ones, which raise for the others."""
    missing = [
        f"{kernel.name}.{declared.name}"
        for kernel in inlined
        for declared in kernel.functions()
        if declared.parameters and declared.parameters != _parameters(_definition(kernel, declared))
    ]
    assert missing == []


def test_enum_values_are_the_same(inlined: list[Kernel]) -> None:
    different = []
    for kernel in inlined:
        module = importlib.import_module(kernel.name)
        for name, value in re.findall(r"^    (\w+) = (-?\w+)$", kernel.declarations, re.MULTILINE):
            if getattr(module, name, None) != int(value, 0):
                different.append(f"{kernel.name}.{name}")
    assert different == []


def test_drift_is_seen() -> None:
    """The check itself: a renamed variable is reported."""
    tree = ast.parse("def f(a):\n    count = a\n    for i in a:\n        with a as b: pass\n")
    assert _bound(tree.body[0]) == {"a", "count", "i", "b"}


def _definition(kernel: Kernel, declared: Declared) -> ast.FunctionDef:
    body = _class(kernel, declared.owner).body if declared.owner else kernel.tree.body
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name == declared.name:
            return node
    raise AssertionError(f"{kernel.name} declares {declared.name} and does not define it")


def _class(kernel: Kernel, name: str) -> ast.ClassDef:
    for node in kernel.tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node
    raise AssertionError(f"{kernel.name} declares class {name} and does not define it")


def _parameters(function: ast.FunctionDef) -> tuple[str, ...]:
    return tuple(argument.arg for argument in function.args.args)


def _bound(node: ast.AST) -> set[str]:
    """Every name that is assigned, looped over, or a parameter inside the node."""
    return set(_bound_names(node))


def _bound_names(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
        elif isinstance(inner, ast.arg):
            yield inner.arg


def _set_on_self(owner: ast.ClassDef) -> set[str]:
    return {
        inner.attr
        for inner in ast.walk(owner)
        if isinstance(inner, ast.Attribute)
        and isinstance(inner.ctx, ast.Store)
        and isinstance(inner.value, ast.Name)
        and inner.value.id == "self"
    }
