"""Plain text read back: paragraphs flow again, tables stay."""

from __future__ import annotations

from ringfence.reports.letters.leaf import Line, read_parts
from ringfence.reports.letters.text import wrapped

LONG = "word " * 40


def kinds(text: str) -> list[str]:
    return [block.kind for part in read_parts(text) for block in part.blocks]


def test_a_wrapped_paragraph_is_one_line_again() -> None:
    ((part),) = read_parts(wrapped(LONG) + "\n")
    assert part.blocks[0].lines == (Line(LONG.strip()),)


def test_line_ends_that_were_meant_stay() -> None:
    (part,) = read_parts("Jane Doe\n1 Example Street\n")
    assert [line.text for line in part.blocks[0].lines] == ["Jane Doe", "1 Example Street"]


def test_items_of_a_list_keep_their_marks() -> None:
    text = f"{wrapped(LONG, 2, '- ')}\n- two\n"
    (part,) = read_parts(text)
    assert part.blocks[0].lines == (Line(LONG.strip(), 0, "-"), Line("two", 0, "-"))


def test_a_title_between_rules_begins_a_part() -> None:
    text = f"Hello\n\n{'=' * 72}\nANNEX A\n{'=' * 72}\n\nWorld\n"
    assert [part.title for part in read_parts(text)] == ["", "ANNEX A"]


def test_an_underlined_line_is_a_heading_and_a_ruled_table_is_none() -> None:
    assert kinds("What we ask\n-----------\n\nA thing.\n") == ["heading", "lines"]
    assert kinds("Who  Calls\n----------\n240      3\n") == ["table"]


def test_commands_and_hashes_are_code() -> None:
    assert kinds("    ringfence verify x\n") == ["table"]
    (part,) = read_parts(f"SHA-256:\n    {'ab' * 32}\nSealed\n")
    assert [line.code for line in part.blocks[0].lines] == [False, True, False]


def test_names_and_values_are_fields_with_their_later_lines() -> None:
    (part,) = read_parts("To:       A\n          B\nCase:     C\n")
    assert part.blocks[0].fields == (("To", ("A", "B")), ("Case", ("C",)))


def test_one_sentence_with_a_colon_is_no_field() -> None:
    assert kinds("Loss: about 3 USD.\n") == ["lines"]


def test_a_line_to_sign_needs_room_above_it() -> None:
    assert kinds(f"Sincerely,\n\n\n\n\n{'_' * 30}\nJane\n") == ["lines", "sign"]
    assert kinds(f"x\n\n{'_' * 30}\n") == ["lines", "lines"]


def test_a_line_in_capitals_is_a_heading() -> None:
    (heading, below) = read_parts("WHAT WE ASK\n\nThat it stops.")[0].blocks
    assert (heading.kind, heading.lines[0].text) == ("heading", "What we ask")
    assert below.kind == "lines"


def test_indented_items_hang_together() -> None:
    text = "  - Capture night.pcap: SHA-256\n    " + "4e57ac99" * 8 + "\n  * calls.csv: every call"
    (block,) = read_parts(text)[0].blocks
    assert [(line.mark, line.code) for line in block.lines] == [
        ("-", False), ("", True), ("-", False),
    ]  # fmt: skip


def test_a_table_with_a_blank_line_is_one_table() -> None:
    (table,) = read_parts("UTC       Number\n\n23:53:05  +449098790115")[0].blocks
    assert [line.text for line in table.lines] == [
        "UTC       Number",
        "",
        "23:53:05  +449098790115",
    ]
