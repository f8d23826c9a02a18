"""What to do next: in order, with commands and files, and never against the innocent."""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.dossier import FolderFile
from ringfence.reports.steps import plan_steps
from tests.reports.dossiers import (
    ATTACKER,
    FOLLOWED,
    FORGED,
    HOSTING,
    IN_TROUBLE,
    NIGHT,
    READ,
    SUSPECTED,
    dossier,
)


def done(*suspects: object, **changes: object) -> list[str]:
    return [step.do for step in plan_steps(dossier(*suspects, **changes))]  # type: ignore[arg-type]


def test_the_bleeding_first() -> None:
    assert [step.do for step in plan_steps(NIGHT)] == [
        "Change the password of account 240 now, and hang up its calls",
        "Telephone your carrier: bar calls abroad, and dispute these calls",
        "Block 203.0.113.7 at the firewall",
        "Slow down, but do not block, 198.51.100.20",
        "Look closer at 203.0.113.44",
        "Help 1 user: 231",
        "Keep the captures and this folder unchanged",
        "Tell those who answer for the address",
        "File a complaint, and tell your insurer",
        "Shut the door for the next one",
    ]


def test_commands_name_files_of_the_folder() -> None:
    steps = {step.do: step for step in plan_steps(NIGHT)}
    block = steps["Block 203.0.113.7 at the firewall"]
    assert block.commands == ("sudo nft -f block/ringfence.nft",)
    assert [f.path for f in block.files] == ["block/ringfence.nft", "block/plain.txt"]
    assert steps["Keep the captures and this folder unchanged"].commands == ("ringfence verify .",)


def test_an_undo_is_not_what_blocks() -> None:
    files = (
        FolderFile("block/nftables-undo.nft", "takes it away again", "you"),
        FolderFile("block/nftables.nft", "drops them", "you"),
    )
    (block,) = [s for s in plan_steps(replace(NIGHT, files=files)) if s.do.startswith("Block")]
    assert block.commands == ("sudo nft -f block/nftables.nft",)
    assert [f.path for f in block.files] == ["block/nftables.nft"]
    assert block.why.endswith("To take it back: sudo nft -f block/nftables-undo.nft.")


def test_a_folder_without_lists_has_no_commands_for_them() -> None:
    steps = plan_steps(replace(NIGHT, files=()))
    assert not any(step.files for step in steps)
    assert [step.commands for step in steps if step.commands] == [
        ("ringfence letter RF-20260101-7f3a2c carrier",),
        ("ringfence who --case RF-20260101-7f3a2c",),
        ("ringfence letter RF-20260101-7f3a2c police",),
    ]


def test_each_letter_lies_with_the_step_that_it_is_for() -> None:
    kinds = ("abuse-203.0.113.0-24", "carrier", "fbi", "ic3", "isp", "police")
    files = tuple(FolderFile(f"../letters/{kind}.txt", "a letter", "it") for kind in kinds)
    steps = {step.do: step for step in plan_steps(replace(NIGHT, files=files))}
    named = [[file.path for file in step.files] for step in steps.values() if step.files]
    assert named == [
        ["../letters/carrier.txt"],
        ["../letters/abuse-203.0.113.0-24.txt"],
        ["../letters/fbi.txt", "../letters/ic3.txt", "../letters/police.txt"],
    ]


def test_a_forged_address_is_not_blocked() -> None:
    assert not any(step.startswith("Block") for step in done(FORGED))


def test_a_suspect_is_neither_blocked_nor_reported() -> None:
    assert done(SUSPECTED) == [
        "Look closer at 203.0.113.44", "Keep the captures and this folder unchanged",
    ]  # fmt: skip


def test_a_call_without_an_end_may_still_be_up() -> None:
    call = replace(ATTACKER.calls_answered[0], seconds=None)
    steps = plan_steps(dossier(replace(ATTACKER, calls_answered=[call])))
    assert "The end of 1 call was not seen." in steps[1].why


def test_nothing_to_do() -> None:
    assert done() == ["Nothing has to be done"]
    assert done(in_trouble=[IN_TROUBLE]) == ["Help 1 user: 231"]
    assert done(inputs=[replace(READ, sip_messages=0)]) == [
        "Capture again, where the signalling passes"
    ]


def test_an_outsider_is_not_told_to_change_passwords() -> None:
    assert done(ATTACKER, redacted=True) == [
        "Stop what 203.0.113.7 does, or find out who uses it",
        "Answer with the case number RF-20260101-7f3a2c",
    ]
    assert done(redacted=True) == ["Nothing has to be done"]


def test_the_desk_and_its_letter_are_named() -> None:
    (tell,) = [s for s in plan_steps(FOLLOWED) if s.do.startswith("Tell those")]
    assert tell.why.startswith(
        "Example Hosting answers for 203.0.113.7: abuse@hosting.example, telephone "
        "+1-202-555-0142. Of 1 address nobody who can be reached is known."
    )
    assert tell.commands == ("ringfence letter RF-20260101-7f3a2c abuse",)


def test_an_example_registry_is_no_real_desk() -> None:
    entry = replace(HOSTING, exercise=True)
    (tell,) = [s for s in plan_steps(dossier(ATTACKER, attribution=[entry])) if "Tell" in s.do]
    assert tell.why.startswith("An example registry answered: nobody here is real.")


def test_one_attacker_is_one() -> None:
    (block,) = [s for s in plan_steps(dossier(ATTACKER)) if s.do.startswith("Block")]
    assert block.why.startswith("It is proven, not forged.")
    two = replace(ATTACKER, address="203.0.113.8")
    (block,) = [s for s in plan_steps(dossier(ATTACKER, two)) if s.do.startswith("Block")]
    assert block.why.startswith("They are proven, not forged.")
