"""Remarks: where the holder wants reports, and what no longer works."""

from __future__ import annotations

import time

import pytest

from ringfence.attribute.remarks import (
    MAX_LENGTH,
    Remark,
    asks_of,
    dead_mailboxes,
    is_truncated,
    read_remarks,
    texts_of,
    unanswered_since,
)


def asks(*lines: str) -> list[str]:
    found = asks_of(Remark("", "\n".join(lines), "remarks[0]"))
    return [a.form or (a.mailbox.address if a.mailbox else "") for a in found]


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (("Report abuse at www.hosting.example/abuse",), ["https://www.hosting.example/abuse"]),
        (('<a href="https://h.example/abuse">report abuse</a>',), ["https://h.example/abuse"]),
        (("abuse: desk (at) hosting.example",), ["desk@hosting.example"]),
        (("Denuncias de abuso: equipo@hosting.example",), ["equipo@hosting.example"]),
        (("please send abuse reports to desk@hosting.example",), ["desk@hosting.example"]),
        (("All abuse reporting: https://hosting.example/form.",), ["https://hosting.example/form"]),
        (
            ("Report attacks", "to:", "* https://cert.hosting.example. "),
            ["https://cert.hosting.example"],
        ),
        (("If related with security, mail x@hosting.example",), ["x@hosting.example"]),
        (("Email address for spam complaints : a@hosting.example",), ["a@hosting.example"]),
        (("abuse@hosting.example was validated on 2023-09-13",), ["abuse@hosting.example"]),
        (
            ("To report abuse and illegal activity: https://hosting.example/c/",),
            ["https://hosting.example/c/"],
        ),
        (
            ("---------------", "All abuse reporting via", "d@hosting.example", "---------"),
            ["d@hosting.example"],
        ),
    ],
)
def test_desk_that_a_remark_names(lines: tuple[str, ...], named: list[str]) -> None:
    assert asks(*lines) == named


@pytest.mark.parametrize(
    "lines",
    [
        (
            "The recommended way to file abuse complaints:",
            "",
            "For legal requests: https://h.example/legal",
        ),
        ("is not able to investigate abuse reports, refer to http://www.apnic.net/abuse",),
        ("Geofeed: https://hosting.example/ranges.csv",),
        ("To report security vulnerabilities write to secure@hosting.example",),
        ("For peering: peering@hosting.example",),
        ("http://www.hosting.example", "Standard NOC hours are 10am to 6pm"),
        ("Only for whois information correction, send mail to ipadm@hosting.example",),
        ("hostmaster@hosting.example was validated on 2023-10-27",),
        ("For legal and law enforcement-related requests write to law@hosting.example",),
    ],
)
def test_other_desks_are_not_taken_for_it(lines: tuple[str, ...]) -> None:
    assert asks(*lines) == []


def test_each_place_is_judged_by_its_own_words() -> None:
    text = (
        "To report attacks please submit to https://cert.h.example. For SPAM and other abuse"
        " contact abuse@h.example. To report vulnerabilities contact secure@h.example. For"
        " routing or DNS issues, please contact ioc@h.example"
    )
    assert asks(text) == ["https://cert.h.example", "abuse@h.example"]


def test_mailbox_inside_a_link_is_not_found_twice() -> None:
    assert asks("abuse: https://h.example/?to=abuse@h.example") == [
        "https://h.example/?to=abuse@h.example"
    ]


@pytest.mark.parametrize(
    "value",
    [None, "plain", {"description": "one"}, [{"description": None}], [{"title": 3}], [1, None]],
)
def test_remarks_of_any_form_are_read(value: object) -> None:
    assert all(isinstance(r.text, str) for r in read_remarks(value, ""))


def test_carriage_returns_and_places() -> None:
    (remark,) = read_remarks([{"title": "a", "description": ["one\\r", "two\r"]}], "entities[1]")
    assert (remark.text, remark.where) == ("one\ntwo", "entities[1].remarks[0]")
    assert texts_of({"description": ["a", "", 3]}) == ["a", "", "3"]


def test_remarks_are_bounded() -> None:
    assert len(read_remarks([{"description": ["x" * 3000] * 900}] * 900, "")) == 50
    assert len(read_remarks({"description": ["x" * 3000] * 900}, "")[0].text) == MAX_LENGTH


def test_registry_says_that_a_mailbox_is_dead() -> None:
    remarks = [Remark("", "abuse@h.example is invalid\nnoc@h.example was validated", "x")]
    assert dead_mailboxes(remarks) == {"abuse@h.example"}


def test_party_that_answers_the_registry_no_more() -> None:
    says = "ARIN has received no response from the POC since 2019-10-24"
    assert unanswered_since([Remark("Unvalidated POC", says, "x")]) == "2019-10-24"
    assert unanswered_since([Remark("Unvalidated POC", "", "x")]) is not None
    assert unanswered_since([Remark("remarks", "validated", "x")]) is None


def test_server_says_that_it_left_something_out() -> None:
    assert is_truncated([Remark("object truncated due to server policy", "", "x")])
    assert not is_truncated([Remark("", "all of it", "x")])


@pytest.mark.parametrize(
    "text", ["\n" * 8000, " " * 8000, "\n \n" * 2600, "https://" * 1000, "-" * 8000, "@." * 4000]
)
def test_remark_made_to_be_slow_is_not(text: str) -> None:
    begun = time.process_time()
    remark = Remark("", text, "x")
    list(asks_of(remark))
    dead_mailboxes([remark])
    unanswered_since([remark])
    assert time.process_time() - begun < 1.0
