"""Questions against a small scene: which packets answer them."""

from __future__ import annotations

import pytest

from ringfence.model.question import Question, QuestionError
from ringfence.search.choose import choose
from ringfence.search.fields import ALIASES, FIELDS, Kind
from tests.search.scene import CALL, capture, chosen, where
from tests.wire_cases.compile import packets_of

EVERYTHING = [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(("expression", "packets"), [
    ("method == INVITE", [1, 3, 4]),
    ("method = invite", [1, 3, 4]),
    ("method != INVITE", [2, 5, 6, 7]),
    ("method in (OPTIONS, PING)", [6, 7]),
    ("method == PING", [7]),
    ("method == OTHER", [7]),
    ("method ~ *I*N*", [1, 3, 4, 6, 7]),
    ("method", [1, 3, 4, 6, 7]),
    ("cseq_method == INVITE", [1, 2, 3, 4, 5]),
    ("cseq_method == PING", [7]),
    ("status == 401", [2]),
    ("status == 4xx", [2]),
    ("status in (200-299, 4xx)", [2, 5]),
    ("status >= 200 and status < 300", [5]),
    ("status > 2xx", [2]),
    ("status < 401", [5]),
    ("status != 401", [1, 3, 4, 5, 6, 7]),
    ("status", [2, 5]),
    ("not status", [1, 3, 4, 6, 7]),
    ("source == 203.0.113.7", [1, 3, 4]),
    ("source == 203.0.113.0/24", [1, 3, 4, 7]),
    ("source == 2001:db8::/32", [6]),
    ("source == ::/0", [6]),
    ("source == 0.0.0.0/0", [1, 2, 3, 4, 5, 7]),
    ("source in (2001:db8::7, 203.0.113.9)", [6, 7]),
    ("address == 203.0.113.7", [1, 2, 3, 4, 5]),
    ("address != 203.0.113.7", [6, 7]),
    ("destination == 192.0.2.1 and source_port == 5071", [1, 3, 4]),
    ("source_port == 5061-5099", [1, 3, 4]),
    ("user == 240", [1, 2, 3, 4, 5]),
    ("user ~ 9*706", [1, 2, 3, 4, 5]),
    ("user ~ 44207", [1, 2, 3, 4, 5]),
    ("auth_user == 240", [3, 4]),
    ("auth", [3, 4]),
    ("auth_nc == 1", [3, 4]),
    ("auth_qop == auth", [3, 4]),
    ("challenge_nonce == abcd", [2]),
    ("user_agent ~ SCANNER", [1, 3, 4]),
    ("agent !~ scanner", [2, 5, 6, 7]),
    ("call_id ~ call-*", [1, 2, 3, 4, 5]),
    ('from_display == "Night"', [1, 2, 3, 4, 5]),
    ("from_display ~ =1", None),
    ("from_display ~ '=1'", [6]),
    (r'from_user == "scan\x1b[31m"', [6]),
    ("sdp_port == 4000", [1]),
    ("sdp_address == 198.51.100.9", [5]),
    ("expires < 3600", [5]),
    ("not expires", [1, 2, 3, 4, 6, 7]),
    ("anomaly == bare-lf", [6]),
    ("anomalies ~ BARE*", [6]),
    ("anomaly == BRANCH_WITHOUT_COOKIE", [6]),
    ("time == 2026-01-01T00:01:40", [6]),
    ("time == 2026-01-01", EVERYTHING),
    ("time >= 2026-01-01T00:00:01", [5, 6, 7]),
    ("time == 2026-01-01T00:00:00.000000001", [1]),
    ("packet <= 2 or packet == 6", [1, 2, 6]),
    ("not (packet <= 2 or packet == 6)", [3, 4, 5, 7]),
    ("packet == 1 or packet == 2 and status == 200", [1]),
    ("transport == udp and ip_version == 6", [6]),
    ("transport == tcp", []),
])  # fmt: skip
def test_expression_finds(expression: str, packets: list[int] | None) -> None:
    if packets is None:
        with pytest.raises(QuestionError):
            where(expression)
        return
    assert where(expression) == packets


@pytest.mark.parametrize(("question", "packets"), [
    (Question(), EVERYTHING),
    (Question(methods=("INVITE", "PING")), [1, 3, 4, 7]),
    (Question(sources=("203.0.113.0/24",), methods=("INVITE",)), [1, 3, 4]),
    (Question(destinations=("203.0.113.7",)), [2, 5]),
    (Question(addresses=("2001:db8::7",)), [6]),
    (Question(statuses=("401", "2xx")), [2, 5]),
    (Question(users=("240",)), [1, 2, 3, 4, 5]),
    (Question(users=("24?", "pi*")), [1, 2, 3, 4, 5, 7]),
    (Question(users=("24",)), []),
    (Question(call_ids=(CALL,)), [1, 2, 3, 4, 5]),
    (Question(call_ids=("call",)), [1, 2, 3, 4, 5]),
    (Question(call_ids=("call", "ping")), [1, 2, 3, 4, 5, 7]),
    (Question(agents=("asterisk",)), [2]),
    (Question(anomalies=("BARE_LF",)), [6]),
    (Question(where="packet > 3", methods=("INVITE",)), [4]),
])  # fmt: skip
def test_options_find(question: Question, packets: list[int]) -> None:
    assert chosen(question) == packets


@pytest.mark.parametrize(("expression", "column", "says"), [
    ("metod == INVITE", 1, "did you mean method?"),
    ("status == 401 and colour == red", 19, "no field is named colour"),
    ("status == fourhundred", 11, "not a number"),
    ("status in (401, x)", 17, "not a number"),
    ("status ~ 4", 1, "a number: compare it with == != < <= > >="),
    ("source < 192.0.2.1", 1, "an address: compare it with == !="),
    ("source == pbx.example.com", 11, "not an address"),
    ("transport == carrier-pigeon", 14, "one of udp, tcp"),
    ("anomaly == BARE_CR", 12, "did you mean BARE_LF?"),
    ("time == yesterday", 9, "not a time"),
    ("time == 2026-02-30", 9, "no such time"),
    ("time > 2026-01-01T00:00+01:00", 8, "times are UTC"),
    ('user == ""', 9, "never there"),
    ('user ~ ""', 8, "says nothing"),
])  # fmt: skip
def test_mistake_is_named_with_its_column(expression: str, column: int, says: str) -> None:
    with pytest.raises(QuestionError, match=f"column {column}: ") as caught:
        where(expression)
    assert caught.value.column == column
    assert says in str(caught.value)


def test_mistake_in_an_option_names_the_option() -> None:
    with pytest.raises(QuestionError, match="--status: 4xy: not a number"):
        choose(Question(statuses=("401", "4xy")))


def test_what_is_not_there_never_compares() -> None:
    """Requests have no status: neither small nor large, but different."""
    assert where("status < 700") == [2, 5]
    assert where("expires <= 4294967295") == [5]
    assert where("not status < 700") == [1, 3, 4, 6, 7]


@pytest.mark.parametrize("name", [*FIELDS, *ALIASES])
def test_every_field_can_be_asked_for(name: str) -> None:
    where(name)
    where(f"not {name}")


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
def test_every_field_can_be_compared(field: object) -> None:
    name, kind = field.name, field.kind  # type: ignore[attr-defined]
    value = {
        Kind.NUMBER: "1",
        Kind.TIME: "2026-01-01",
        Kind.ADDRESS: "192.0.2.1",
        Kind.TEXT: "x",
        Kind.FLAGS: "NO_VIA",
    }.get(kind, "auth" if name == "auth_qop" else "udp" if name == "transport" else "INVITE")
    there = set(where(f"{name} == {value}"))
    assert there.isdisjoint(where(f"{name} != {value}"))
    assert there | set(where(f"{name} != {value}")) == set(EVERYTHING)


@pytest.mark.parametrize(("line", "name"), [
    ("Content-Length: 1", "LENGTHS_DISAGREE"),
    ("Max-Forwards: 256", "MAX_FORWARDS_INVALID"),
    ("Expires: soon", "EXPIRES_INVALID"),
    ("Retry-After: later", "RETRY_AFTER_INVALID"),
])  # fmt: skip
def test_anomaly_that_the_first_pass_does_not_tell_is_found(line: str, name: str) -> None:
    text = (
        "packet\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 5060 > 5060\n"
        f"| OPTIONS sip:1@192.0.2.1 SIP/2.0\n| {line}\n| Content-Length: 0\n|\n"
    )
    assert chosen(Question(anomalies=(name,)), capture(packets_of(text))) == [1]


def test_anomaly_that_only_the_full_parse_finds_is_asked_of_few() -> None:
    """The dear part of a condition is asked last, and only where it decides."""
    assert where("anomaly == BRANCH_WITHOUT_COOKIE and source == 203.0.113.0/24") == []
