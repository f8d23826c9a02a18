from __future__ import annotations

import subprocess
import sys

import pytest

import ringfence
from ringfence.cli import main


def test_version_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["ringfence", "--version"])
    main.run()
    assert capsys.readouterr().out == f"ringfence {ringfence.__version__}\n"


@pytest.mark.parametrize("arguments", [["--version"], ["--version", "investigate"]])
def test_version_does_not_depend_on_the_fast_path(arguments: list[str]) -> None:
    ran = _ringfence(*arguments)
    assert (ran.returncode, ran.stdout) == (0, f"ringfence {ringfence.__version__}\n")


def test_version_loads_no_command() -> None:
    code = (
        "import sys; sys.argv[1:] = ['--version'];"
        "from ringfence.cli.main import run; run();"
        "print(sorted(name for name in sys.modules if name.startswith('ringfence')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = ran.stdout.splitlines()[1]
    assert loaded == "['ringfence', 'ringfence._twin', 'ringfence.cli', 'ringfence.cli.main']"


def test_help_loads_no_stage() -> None:
    code = (
        "import sys; sys.argv[1:] = ['investigate', '--help']\n"
        "from ringfence.cli.main import run\n"
        "try: run()\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith(('ringfence.wire', 'numpy'))])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_command_that_does_not_exist_is_an_error() -> None:
    ran = _ringfence("destroy")
    assert ran.returncode == 2
    assert ran.stdout == ""


def _ringfence(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ringfence", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
