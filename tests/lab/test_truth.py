from dataclasses import replace

import pytest

from lab.labels import Call, Source
from lab.truth import Line, Seen, completed, disagreements, read_all

PBX, PHONE = "192.0.2.10", "192.0.2.20"
ASKS = Line(
    at=1.0, source=PHONE, target=PBX, port=5060, tcp=False, method="REGISTER", status=0,
    cseq="1", cseq_method="REGISTER", call_id="a", uri_user="", from_user="201", from_tag="f",
    to_user="201", to_tag="", auth_user="", nonce="", branch="b1", rtp=False,
)  # fmt: skip
CHALLENGE = replace(
    ASKS, at=1.1, source=PBX, target=PHONE, method="", status=401, to_tag="t", nonce="n1"
)
ANSWERS = replace(ASKS, at=1.2, cseq="2", auth_user="201", nonce="n1", branch="b2")
ACCEPTS = replace(CHALLENGE, at=1.3, cseq="2", status=200, nonce="")
REFUSES = replace(CHALLENGE, at=1.3, cseq="2", nonce="n2")
INVITES = replace(ASKS, at=2.0, method="INVITE", cseq_method="INVITE", call_id="c",
                  uri_user="9011449098790115")  # fmt: skip
TALKS = replace(INVITES, at=2.5, source=PBX, target=PHONE, method="", status=200, to_tag="t9")
HANGS_UP = replace(INVITES, at=62.5, method="BYE", cseq="3", cseq_method="BYE", to_tag="t9")


def test_an_accepted_password_is_seen() -> None:
    seen = read_all([ASKS, CHALLENGE, ANSWERS, ACCEPTS], [PBX])[PHONE]
    assert (seen.registered, seen.refused) == ({"201"}, 0)


def test_the_first_challenge_is_no_refusal() -> None:
    assert read_all([ASKS, CHALLENGE], [PBX])[PHONE].refused == 0


def test_a_refused_password_is_seen() -> None:
    seen = read_all([ASKS, CHALLENGE, ANSWERS, REFUSES], [PBX])[PHONE]
    assert (seen.registered, seen.refused) == (set(), 1)


@pytest.mark.parametrize(("lines", "proof"), [
    ([ASKS, CHALLENGE], "none"),
    ([ASKS, CHALLENGE, ANSWERS], "nonce"),
    ([ASKS, CHALLENGE, replace(ANSWERS, nonce="made up")], "none"),
    ([INVITES, TALKS, HANGS_UP], "dialog"),
    ([replace(ASKS, tcp=True)], "tcp"),
])  # fmt: skip
def test_proof_of_path_is_what_came_back(lines: list[Line], proof: str) -> None:
    seen = read_all(lines, [PBX])
    assert completed(Source(PHONE, "innocent", "x"), seen).proof == proof


def test_another_source_cannot_prove_itself_with_our_nonce_to_the_first() -> None:
    thief = replace(ANSWERS, source="203.0.113.66")
    assert not read_all([ASKS, CHALLENGE, thief], [PBX])["203.0.113.66"].proofs


def test_an_answered_call_has_a_length() -> None:
    seen = read_all([INVITES, TALKS, HANGS_UP], [PBX])[PHONE]
    assert seen.answered == [Call("9011449098790115", 60.0)]


def good(**facts: object) -> Seen:
    return Seen(messages=1, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(("source", "seen", "fault"), [
    (Source(PHONE, "attacker", "x", accounts_taken=("201",)), good(), "never accepted"),
    (Source(PHONE, "attacker", "x"), good(accepted={"201"}), "not labelled as taken"),
    (Source(PHONE, "attacker", "x", kinds=("password_guessing",)), good(), "no credentials"),
    (Source(PHONE, "attacker", "x", kinds=("enumeration",)), good(), "fewer than five"),
    (Source(PHONE, "attacker", "x", kinds=("toll_fraud",)), good(), "without an INVITE"),
    (Source(PHONE, "innocent", "bad PIN"), good(registered={"201"}, refused=3), "was accepted"),
])  # fmt: skip
def test_a_label_that_says_too_much_is_found(source: Source, seen: Seen, fault: str) -> None:
    (wrong,) = disagreements([source], {PHONE: seen})
    assert fault in wrong


def test_a_source_without_a_label_is_found() -> None:
    wrong = disagreements([Source(PHONE, "innocent", "x")], {PHONE: good(), "192.0.2.99": good()})
    assert wrong == ["192.0.2.99: in the capture but not labelled"]


def test_a_label_without_a_source_is_found_but_a_server_may_be_silent() -> None:
    sources = [Source(PHONE, "innocent", "x"), Source(PBX, "server", "x")]
    assert disagreements(sources, {}) == [f"{PHONE}: labelled but not in the capture"]


def test_a_network_of_invented_senders_covers_its_addresses() -> None:
    flood = Source("198.18.0.0/15", "attacker", "x", kinds=("flood",), forged=True)
    seen = {"198.18.7.7": good(), "198.19.255.1": good()}
    assert disagreements([flood], seen) == []
    assert completed(flood, seen).messages == 2
