"""Lines of phone systems' logs, without what passwords are guessed from."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.redaction.log_lines import redact_log_lines
from ringfence.evidence.redaction.people import People
from tests.evidence.redaction.planted import Planter, leaks
from tests.evidence.redaction.test_names import PSEUDONYMS

PEOPLE = People(
    frozenset((ip_address("203.0.113.66").packed,)),
    frozenset((ip_address("192.0.2.10").packed,)),
    accounts=frozenset((b"1001", b"valerie")),
)


def redact(line: str, people: People = PEOPLE) -> str:
    (made,) = redact_log_lines([line], people, PSEUDONYMS)
    return made


CHALLENGE_FAILED = (
    "[2026-11-25 00:00:01] SECURITY[99] res_security_log.c: "
    'SecurityEvent="ChallengeResponseFailed",'
    'EventTV="2026-11-25T00:00:01.000+0000",Severity="Error",Service="PJSIP",EventVersion="1",'
    'AccountID="{word:account}",SessionID="{word:session}",'
    'LocalAddress="IPV4/UDP/{inside:local}/5060",RemoteAddress="IPV4/UDP/203.0.113.66/5071",'
    'Challenge="{hex:challenge}",Response="{hex:response}",ExpectedResponse="{hex:expected}"'
)
LINES = (
    CHALLENGE_FAILED,
    (
        'SecurityEvent="InvalidPassword",AccountID="{word:account}",Challenge="{hex:challenge}",'
        'ReceivedChallenge="{hex:received}",ReceivedHash="{hex:hash}",Unknown="{word:unknown}"'
    ),
    (
        'NOTICE[1] chan_sip.c: Registration from \'"{word:name}" <sip:{word:account}@'
        "{inside:pbx}:5060>' "
        "failed for '203.0.113.66:5071' - Wrong password"
    ),
    "Event: ChallengeResponseFailed Response: {hex:response} Challenge={hex:challenge}",
    "password={word:secret} Secret: {word:secret2} token='{word:token}' {hex:bare} {inside6:six}",
    'res_pjsip: Endpoint "{word:account}" {word:account} {word:account|upper} at {inside:local}',
)


@pytest.mark.parametrize("line", LINES)
def test_no_planted_secret_is_left(line: str) -> None:
    planter = Planter()
    for other in LINES:
        planter.fill(other)
    who = People(
        PEOPLE.accused, PEOPLE.defended,
        accounts=frozenset((planter.secrets["word:account"].lower(),)),
        names=frozenset((planter.secrets["word:name"].lower(),)),
    )  # fmt: skip
    made = redact(planter.fill(line).decode(), who)
    assert leaks(planter, [made.encode()]) == []


def test_the_line_still_says_what_happened() -> None:
    made = redact(Planter().fill(CHALLENGE_FAILED).decode())
    for kept in ('SecurityEvent="ChallengeResponseFailed"', "IPV4/UDP/203.0.113.66/5071",
                 "2026-11-25 00:00:01", 'Service="PJSIP"'):  # fmt: skip
        assert kept in made


def test_accounts_of_attackers_stay() -> None:
    line = 'AccountID="admin",RemoteAddress="IPV4/UDP/203.0.113.66/5071"'
    assert redact(line) == line
    assert "admin" not in redact('AccountID="admin",RemoteAddress="IPV4/UDP/198.51.100.9/5071"')


def test_a_response_is_the_same_in_log_and_packets() -> None:
    digest = "0123456789abcdef0123456789abcdef"
    made = redact(f'Response="{digest}"')
    assert made == f'Response="{PSEUDONYMS.text(b"secret", digest.encode()).decode()}"'


def test_a_line_without_end_is_cut() -> None:
    assert "secret" not in redact("a" * 20_000 + " secret")


@given(st.text(max_size=200))
def test_any_line_is_taken(line: str) -> None:
    assert isinstance(redact(line), str)
