"""The rules of the house that no linter knows: tests mirror sources, documentation is whole."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Parameter(Protocol):
    """One argument or option, as click knows it."""

    @property
    def opts(self) -> list[str]: ...
    @property
    def param_type_name(self) -> str: ...


class Command(Protocol):
    """A command, as click knows it."""

    @property
    def hidden(self) -> bool: ...
    @property
    def params(self) -> Sequence[Parameter]: ...


# Modules without a test file of their own. This list may only shrink.
UNTESTED: set[str] = set()

# Test files without a module of their own, and what they test instead.
WITHOUT_MODULE = {
    "kernels": "how kernels are declared, built and shipped",
    "blind": "captures labelled without a look at the rules",
    "conversations": "whole attacks in; verdicts out",
    "wire_cases": "the language in which packets are written for tests",
    "test_captures.py": "real captures, counted",
    "test_under_systemd.py": "the guard, installed where systemd rules",
    "benchmarks": "scripts of benchmarks/",
    "deb": "scripts of deb/",
    "fuzz": "harnesses of fuzz/",
    "lab": "scripts of lab/",
    "torture": "messages of RFC 4475 and RFC 5118",
}

# What must not be loaded before a command needs it: `ringfence --version` starts in an instant.
HEAVY = (
    "numpy", "rich", "phonenumbers", "duckdb", "zstandard", "msgspec", "hypothesis", "asyncio",
    "jinja2", "typst",
    "cryptography", "rfc3161_client", "httpx", "dns", "maxminddb", "sqlalchemy",
)  # fmt: skip

# Places of one machine, and marks of unfinished work: neither belongs into a release.
FORBIDDEN = re.compile(
    "|".join(
        (
            "/" + "work/",
            "/" + "farm/",
            "bash" + "_jobs",
            "/" + r"tmp/\w+/",
            "F" + "IXME",
            "X" + "XX:",
        )
    )
)


def test_each_module_has_its_test_file(root: Path) -> None:
    """Except where there is nothing to run: constants, enumerations, plain values."""
    missing = {str(module) for module in _modules(root) if _runs(root, module)} - _tested(root)
    assert sorted(missing - UNTESTED) == [], "a new module comes with its test file"


def test_exceptions_only_shrink(root: Path) -> None:
    assert UNTESTED & _tested(root) == set(), "tested now: take it off UNTESTED"
    assert UNTESTED - {str(module) for module in _modules(root)} == set(), (
        "gone: take it off UNTESTED"
    )


def test_each_test_file_has_its_module(root: Path) -> None:
    tests = root / "tests"
    modules = {module.with_name(module.stem.lstrip("_")) for module in _modules(root)}
    strays = [
        str(path.relative_to(tests))
        for path in tests.rglob("test_*.py")
        if (place := path.relative_to(tests)).parts[0] not in WITHOUT_MODULE
        and place.with_name(place.stem.removeprefix("test_")) not in modules
        and place.name != "test_house.py"
    ]
    assert strays == [], "tests mirror src/ringfence"


def test_nothing_names_this_machine(root: Path) -> None:
    found = [
        f"{path.relative_to(root)}:{number}"
        for path in _texts(root)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


def test_requirements_name_no_place(root: Path) -> None:
    """Hashes say what is installed; where from is for the machine to say."""
    lines = (root / "requirements/dev.txt").read_text().splitlines()
    assert [line for line in lines if "://" in line or line.startswith("-")] == []


def test_every_requirement_is_pinned_and_hashed(root: Path) -> None:
    text = (root / "requirements/dev.txt").read_text().replace("\\\n", " ")
    named = [line for line in text.splitlines() if line and line[0].isalnum()]
    assert [
        line.split()[0] for line in named if "==" not in line or "--hash=sha256:" not in line
    ] == []


def test_version_is_in_the_change_log(root: Path) -> None:
    import ringfence

    headings = re.findall(r"^## \[(.+?)\]", (root / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased" or headings[0] == ringfence.__version__


def test_every_link_in_the_documentation_leads_somewhere(root: Path) -> None:
    dead = [
        f"{page.relative_to(root)}: {target}"
        for page in [*root.glob("*.md"), *root.glob("docs/**/*.md")]
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert dead == []


def test_every_command_and_option_is_documented(root: Path) -> None:
    page = root / "docs/cli.md"
    command = _command()
    assert page.is_file(), "docs/cli.md describes the commands"
    headings = re.findall(r"^#+ .*$", page.read_text(), re.MULTILINE)
    missing = [
        wanted
        for path, inner in _commands("ringfence", command)
        for wanted in _wanted(path, inner)
        if wanted not in (page.read_text() if wanted.startswith("-") else " ".join(headings))
    ]
    assert missing == []


def test_no_documented_option_is_gone(root: Path) -> None:
    command = _command()
    known = {
        wanted for path, inner in _commands("ringfence", command) for wanted in _wanted(path, inner)
    }
    documented = set(
        re.findall(r"^[-*|] *`(--[\w-]+)", (root / "docs/cli.md").read_text(), re.MULTILINE)
    )
    assert documented - known - {"--help"} == set()


def test_version_loads_nothing_heavy() -> None:
    pytest.importorskip("ringfence.cli.main", reason="no command line yet")
    code = "import sys; sys.argv[1:] = ['--version']; from ringfence.cli.main import run; run()"
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in run.stderr.splitlines()}
    assert loaded & {*HEAVY, "typer", "click"} == set()


def test_package_loads_nothing_heavy() -> None:
    code = "import sys, ringfence; print(sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [name for name in HEAVY if f"'{name}'" in run.stdout] == []


def _modules(root: Path) -> Iterator[Path]:
    """Every module below src/ringfence that holds code, relative to it."""
    src = root / "src/ringfence"
    for path in sorted(src.rglob("*.py")):
        if path.name not in {"__init__.py", "__main__.py"} and path.stem != "_uncompiled":
            yield path.relative_to(src)


def _runs(root: Path, module: Path) -> bool:
    tree = ast.parse((root / "src/ringfence" / module).read_text())
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree))


def _tested(root: Path) -> set[str]:
    """Modules with a test file: `wire/_sip.py` has `tests/wire/test_sip.py`."""
    return {
        str(module)
        for module in _modules(root)
        if (root / "tests" / module.parent / f"test_{module.stem.lstrip('_')}.py").is_file()
    }


def _texts(root: Path) -> Iterator[Path]:
    """Files of the repository that people read or machines run."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        path = root / name
        if path.is_file() and b"\0" not in path.read_bytes()[:4096]:
            yield path


def _command() -> Command:
    """The command line as click sees it."""
    app = pytest.importorskip("ringfence.cli.app", reason="no command line yet")
    import typer.main

    return typer.main.get_command(app.app)


def _commands(path: str, command: Command) -> Iterator[tuple[str, Command]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        if not inner.hidden:
            yield from _commands(f"{path} {name}", inner)


def _wanted(path: str, command: Command) -> list[str]:
    """A heading for the command, a mention for each of its options."""
    options = [
        max(parameter.opts, key=len)
        for parameter in command.params
        if parameter.param_type_name == "option" and not getattr(parameter, "hidden", False)
    ]
    completion = {"--install-completion", "--show-completion", "--help"}
    return [path, *(option for option in options if option not in completion)]
