"""The page keeps its words; only what stands between the markers is written anew."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.table import BEGIN, END, markdown, write

ROW: dict[str, Any] = {
    "peer": "tshark fields", "does": "dissects", "cores": 1, "runs": 3, "wall_s": 5.5, "cpu_s": 4.8,
    "peak_mib": 288.1, "messages_per_cpu_s": 31_123, "cpu_ratio": 151.7, "wall_ratio": 2.25,
    "failed": None,
}  # fmt: skip
RESULTS: dict[str, Any] = {
    "date": "2026-01-01",
    "machine": {"cpu": "X", "cores": 2, "memory_gib": 8, "kernel": "6.1.0", "python": "3.11"},
    "floor_mib": 17.0,
    "peers": [{"name": "tshark fields", "version": "TShark 4"}],
    "missing": [{"name": "sipgrep", "package": "sipgrep"}],
    "captures": [{"name": "100M", "packets": 20, "sip_messages": 10, "rows": [ROW]}],
    "sources": [],
}


def test_only_what_is_between_the_markers_changes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write(page, RESULTS)
    write(page, RESULTS)
    text = page.read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert text.count("### 100M") == 1


def test_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("words")
    with pytest.raises(ValueError, match="lacks the markers"):
        write(page, RESULTS)
    assert page.read_text() == "words"


def test_the_projects_page_has_the_markers(root: Path) -> None:
    text = (root / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)


def test_figures_claim_three_digits_at_most() -> None:
    line = "| tshark fields | dissects | 5.50 | 4.80 | 288 | 31,100 | 152 | 2.25 |"
    assert line in markdown(RESULTS)


def test_what_is_missing_is_named_with_its_package() -> None:
    assert "not measured: sipgrep (sipgrep)" in markdown(RESULTS)


def test_program_that_failed_has_no_figures() -> None:
    failed = RESULTS | {
        "captures": [RESULTS["captures"][0] | {"rows": [ROW | {"failed": "timed out"}]}]
    }
    assert "| tshark fields | dissects | timed out | | | | | |" in markdown(failed)


def test_readers_of_an_interface_say_what_they_missed() -> None:
    row = {
        "reader": "dumpcap -w", "does": "writes", "rate": 0, "sent": 1_000_000,
        "sent_per_s": 181_234, "seen": 999_000, "cpu_s": 1.5, "cpu_ratio": 2.0,
    }  # fmt: skip
    text = markdown(RESULTS | {"live": [row, row | {"seen": None, "cpu_ratio": None}]})
    assert "| 181,000 | dumpcap -w | writes | 1,000,000 | 1,000 | 1.50 | 2.00 |" in text
    assert "| does not say | 1.50 |  |" in text
