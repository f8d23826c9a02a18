"""Questions and answers as octets: cut anywhere, too long, of another kind."""

from __future__ import annotations

import pytest

from ringfence.flow import warden_frames as frames
from ringfence.flow.firewall import Rate, Shape
from ringfence.model.case import CaseError, StoreError
from ringfence.model.measure import FirewallError, MeasureError
from ringfence.respond.nft.program import TableMissingError
from tests.flow.walls import in_force

QUESTIONS: list[frames.Question] = [
    frames.Stand(Shape(("eth0",), stranger=Rate(20, 200)), anew=True),
    frames.Stand(),
    frames.Restore(),
    frames.Know(["192.0.2.7"], 60),
    frames.Apply([in_force()[0].measure]),
    frames.Release("192.0.2.7", "a user"),
    frames.LookAgain({"192.0.2.7": 3}, {"192.0.2.7": "192.0.2.8"}),
    frames.Slowed(),
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_comes_back_as_it_was(question: frames.Question) -> None:
    (octets,) = frames.Frames().take(frames.frame(question))
    assert frames.question_of(octets) == question


@pytest.mark.parametrize("size", [1, 3, 7, 4096])
def test_frames_are_found_however_the_octets_are_cut(size: int) -> None:
    stream = b"".join(frames.frame(one) for one in QUESTIONS)
    heard = frames.Frames()
    found = [
        one for at in range(0, len(stream), size) for one in heard.take(stream[at : at + size])
    ]
    assert [frames.question_of(one) for one in found] == QUESTIONS


def test_frame_that_would_never_end_is_refused_before_it_comes() -> None:
    with pytest.raises(ValueError, match=r"4,294,967,295 octets; 1,048,576 are the most"):
        frames.Frames().take(b"\xff\xff\xff\xff")
    assert frames.Frames().take((1 << 20).to_bytes(4, "big")) == []


def test_question_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(ValueError, match="are the most"):
        frames.frame(frames.Release("192.0.2.7", "x" * (1 << 20)))


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"null",
        b'{"do":"remove"}',
        b'{"do":"stand","shape":{"devices":["eth0\\" drop"]}}',
        b'{"do":"stand","shape":{"sip_ports":[0]}}',
        b'{"do":"stand","shape":null,"anew":false,"also":1}',
        b'{"do":"release","address":7,"why":""}',
        b'{"do":"know","addresses":["192.0.2.1"],"seconds":1e99}',
        b'{"do":"apply","measures":[{"id":"00000001"}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_question_is_refused(octets: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        frames.question_of(octets)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FirewallError("nft is missing"), FirewallError),
        (TableMissingError("gone"), FirewallError),
        (MeasureError("no"), MeasureError),
        (StoreError("full"), StoreError),
        (CaseError("which?"), CaseError),
        (OSError("odd"), FirewallError),
    ],
)
def test_errors_are_raised_again_on_the_other_side(error: Exception, kind: type) -> None:
    (octets,) = frames.Frames().take(frames.frame(frames.trouble_of(error)))
    trouble = frames.answer_of(octets).trouble
    assert trouble is not None
    again = frames.error_of(trouble)
    assert (type(again), str(again)) == (kind, str(error))


def test_error_is_plain_and_short_whoever_wrote_it() -> None:
    again = frames.error_of(frames.Trouble("SystemExit", "\x1b[2J" + "x" * 5000))
    assert type(again) is FirewallError
    assert str(again).startswith("\\x1b[2Jx")
    assert len(str(again)) == frames.MAX_ERROR
