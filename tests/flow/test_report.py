"""The report, composed: captures read again, told as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ringfence import flow

ATTACKER = "203.0.113.66"
SECOND_ADDRESS = "203.0.113.91"


def test_captures_are_read_again_for_the_accused_only(tmp_path: Path, root: Path) -> None:
    quiet = flow.investigate([str(root / "examples/bad_pin.pcap")]).incident
    assert flow.retell([str(tmp_path / "gone.pcap")], quiet) == (None, {})


def test_example_of_the_documentation_makes_a_report(root: Path) -> None:
    page = (root / "docs/report.md").read_text()
    code = page.partition("```python\n")[2].partition("```")[0]
    code = code.replace("examples/", f"{root}/examples/").replace("pdf = render_pdf(dossier)", "")
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the documentation's own example
    assert "2 attackers, one hand. They got in." in names["html"]
    assert set(names["exchanges"]) == {ATTACKER, SECOND_ADDRESS}
    assert names["timeline"].bin_s == 60.0
