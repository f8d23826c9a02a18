"""All forms at once; the rules of nft are taken by the kernel."""

from __future__ import annotations

from pathlib import Path

from ringfence.remote.forms.folder import form_files
from tests.remote.forms.plans import plan
from tests.respond.block.wire import Wire, needs


def test_nothing_that_a_stranger_wrote_is_in_any_form() -> None:
    files = form_files(plan())
    assert [file.name for file in files] == [
        "nftables.nft", "mikrotik.rsc", "mikrotik-undo.rsc", "opnsense-pfsense.txt",
        "cisco-ios.txt", "cisco-ios-undo.txt", "3cx-allow.json", "3cx-allow.txt", "addresses.txt",
    ]  # fmt: skip
    assert [file.name for file in files if "reset" in file.text] == []


@needs("nft")
def test_rules_of_the_file_are_taken_by_nft(wire: Wire, tmp_path: Path) -> None:
    path = tmp_path / "lockdown.nft"
    path.write_text(form_files(plan())[0].text)
    wire.run("nft", "-f", str(path))
    assert "203.0.113.0/24" in wire.run(
        "nft", "list", "set", "inet", "ringfence_lockdown", "admit4"
    )
