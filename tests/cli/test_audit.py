"""`ringfence audit`: forms, exit statuses, and that no secret is ever shown."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from ringfence.cli.audit import Wanted, remedy_lines, tell
from ringfence.flow.remedy import Remedy, write_remedy
from ringfence.model.pbx import System
from ringfence.model.weakness import Audit
from tests.audits import audit, hostile, night
from tests.cli.conftest import Run
from tests.pbxs_by_hand import OLD, KnownMaker, extension, pbx, secret, weak

# What no form may show: each would be found if it were shown anywhere.
PLANTED = "Planted-Pa55word-7f3a"
CSV = (
    "Number,FirstName,LastName,EmailAddress,AuthID,AuthPassword,PIN\r\n"
    "201,Ada,Example,ada@example.com,201,201,0000\r\n"
    f"202,Bo,Example,bo@example.com,x7kq3wte9ha,{PLANTED},83461752\r\n"
    f"203,Cy,Example,cy@example.com,p4hq7wtx3ka,{PLANTED},19462875\r\n"
)


def status(found: Audit, wanted: Wanted) -> int:
    """The exit status of the faces alone."""
    with pytest.raises(typer.Exit) as caught:
        tell(found, wanted, _no_fixer)
    return caught.value.exit_code


def _no_fixer(found: Audit, folder: Path) -> Remedy:
    raise AssertionError("nobody asked for it")


@pytest.mark.parametrize(("found", "expected"), [(audit(), 0), (night(), 1), (hostile(), 1)])
def test_the_exit_status_says_whether_something_was_found(found: Audit, expected: int) -> None:
    assert status(found, Wanted(quiet=True)) == expected


def test_each_form_goes_into_a_file_for_the_owner_alone(tmp_path: Path) -> None:
    places = {name: tmp_path / f"audit.{name}" for name in ("json", "sarif", "html", "pdf")}
    json_to, sarif_to, html_to, pdf_to = map(str, places.values())
    wanted = Wanted(json_to, sarif_to, html_to, pdf_to, quiet=True)
    assert status(night(), wanted) == 1
    assert json.loads(places["json"].read_bytes())["schema"] == "ringfence.audit/1"
    assert json.loads(places["sarif"].read_bytes())["version"] == "2.1.0"
    assert places["html"].read_bytes().startswith(b"<!DOCTYPE html>")
    assert places["pdf"].read_bytes().startswith(b"%PDF-")
    assert {stat.S_IMODE(place.stat().st_mode) for place in places.values()} == {0o600}


def test_two_forms_cannot_share_standard_output() -> None:
    assert status(night(), Wanted(json="-", sarif="-")) == 2


def test_what_fix_wrote_is_told_without_a_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "extensions.csv"
    source.write_text(f"Number,AuthPassword\n201,{OLD}\n")
    one = extension("201", secret(column="AuthPassword"), source=str(source))
    found = Audit((weak(one, column="AuthPassword"),), (str(source),), 1, 1, 0)

    def fixer(found: Audit, folder: Path) -> Remedy:
        phones = [pbx(System.THREECX, one)]
        return write_remedy(found, phones, KnownMaker(), [source], folder, datetime.now(UTC))

    with pytest.raises(typer.Exit) as caught:
        tell(found, Wanted(fix=str(tmp_path / "new")), fixer)
    assert caught.value.exit_code == 1
    told = "".join(capsys.readouterr())
    assert "1 new secret for 1 extension" in told
    assert "Users > Import" in told
    assert "Provision the phones" in told
    assert OLD not in told
    assert "NewSecret1" not in told
    assert "NewSecret1" in (tmp_path / "new/extensions.csv").read_text()


def test_a_name_of_a_stranger_is_escaped_in_what_fix_tells() -> None:
    lines = remedy_lines(Remedy("a\x1bb", (), 1, 1, ("trunk \x1b[2J",)))
    assert "\x1b" not in "".join(lines)


# ------------------------------------------------------------- the whole command


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "3cx.csv"
    path.write_bytes(CSV.encode())
    return path


def test_the_weak_extension_is_found_and_no_secret_is_shown(
    run: Run, source: Path, tmp_path: Path
) -> None:
    forms = [
        "--json", tmp_path / "a.json", "--sarif", tmp_path / "a.sarif", "--html",
        tmp_path / "a.html", "--pdf", tmp_path / "a.pdf", "--fix", tmp_path / "new", "--all",
    ]  # fmt: skip
    result = run("audit", source, *forms)
    assert result.exit_code == 1, result.output
    assert "201" in result.output
    told = [result.output.encode()]
    told += [(tmp_path / f"a.{form}").read_bytes() for form in ("json", "sarif", "html", "pdf")]
    new = (tmp_path / "new/3cx.csv").read_text().splitlines()[1:]
    secrets = [PLANTED, *(cell for line in new for cell in line.split(",")[5:])]
    assert [text for text in secrets if any(text.encode() in form for form in told)] == []
    assert (tmp_path / "new/users.html").is_file()


def test_after_the_fix_nothing_is_left_to_fix(run: Run, source: Path, tmp_path: Path) -> None:
    assert run("audit", source, "--fix", tmp_path / "new", "--quiet").exit_code == 1
    again = run("audit", tmp_path / "new/3cx.csv", "--json", "-")
    kinds = {one["secret"] for one in json.loads(again.stdout)["weaknesses"]}
    assert kinds <= {None}


def test_only_what_is_named_is_told(run: Run, source: Path) -> None:
    result = run("audit", source, "--only", "201", "--json", "-")
    assert {one["extension"] for one in json.loads(result.stdout)["weaknesses"]} == {"201"}


def test_a_source_that_is_not_there_is_an_error(run: Run, tmp_path: Path) -> None:
    result = run("audit", tmp_path / "none.csv")
    assert result.exit_code == 2
    assert "none.csv" in result.stderr
