"""Whole attacks as a phone system logs them: what packets show, logs alone must show as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from ipaddress import ip_address

import pytest

from ringfence.detect.links import link
from ringfence.detect.servers import find_ours
from ringfence.detect.verdict import ATTACKER, SUSPECT, Verdict, weigh
from ringfence.detect.watch import Watch
from ringfence.model import event as kinds
from ringfence.model.event import Event
from ringfence.wire import _columns as columns
from ringfence.wire.decoder import Decoder
from ringfence.wire.retold import Retold
from ringfence.wire.table import MessageTable
from tests.conversations.script import FOLDER, Scene, capture_of, read_scene
from tests.wire_cases.reading import tables

# The shapes of logs: what stands in them beside address, account and outcome.
LOGS = {
    "asterisk.security": ("port", "transport", "method", "call_id", "challenged", "refused"),
    "kamailio.log": ("port", "method", "refused"),
    "freeswitch.log": ("method", "refused"),
}


def logged(scene: Scene, origin: str) -> Iterator[Event]:
    """The lines that a log of this kind would hold: one for each answer to a request."""
    decoder, asked = Decoder(64), dict[tuple[bytes, bytes, bytes], Event]()
    for table in tables(decoder, capture_of(scene.packets)):
        table.fill_parts()
        for row in table.rows():
            key = table.text(row, "via_branch"), table.text(row, "call_id"), table.text(row, "cseq")
            if table.number(row, "method"):
                asked[key] = _asked(table, row, origin)
                continue
            event = asked.get(key)
            answered = event and _answered(event, table.number(row, "status"), origin)
            if answered:
                del asked[key]
                yield answered


def _asked(table: MessageTable, row: int, origin: str) -> Event:
    method = columns.METHODS[table.number(row, "method")]
    text = {name: table.text(row, name).decode() for name in
            ("auth_user", "from_user", "to_user", "uri_user", "call_id")}  # fmt: skip
    account = text["auth_user"] or text["to_user" if method == "REGISTER" else "from_user"]
    says = LOGS[origin]
    return Event(
        kinds.REFUSED if text["auth_user"] else kinds.CHALLENGED,
        origin,
        str(ip_address(table.address(row, "source"))),
        port=table.number(row, "source_port") if "port" in says else 0,
        transport=columns.TRANSPORTS[table.number(row, "transport")] if "transport" in says else "",
        time_ns=table.number(row, "time"),
        method=method if "method" in says else "",
        account=account,
        server=str(ip_address(table.address(row, "destination"))),
        call_id=text["call_id"] if "call_id" in says else "",
        number=text["uri_user"] if method == "INVITE" else "",
    )


def _answered(event: Event, status: int, origin: str) -> Event | None:
    says_challenges = "challenged" in LOGS[origin]
    kind = ""
    if status in (401, 407):
        kind = event.kind if event.kind == kinds.REFUSED or says_challenges else ""
    elif status == 403:
        kind = event.kind if event.kind == kinds.REFUSED else kinds.NOT_ALLOWED
    elif status == 404 and (event.method == "REGISTER" or event.kind == kinds.CHALLENGED):
        kind = kinds.NO_ACCOUNT
    elif status == 200 and event.method == "INVITE":
        # Who is let in by his address, as a trunk is, has no account.
        account = event.account if event.kind == kinds.REFUSED else ""
        return replace(event, kind=kinds.CALLED, account=account)
    elif status == 200 and event.kind == kinds.REFUSED:
        kind = kinds.ACCEPTED
    return replace(event, kind=kind) if kind else None


def verdicts(events: Iterator[Event], server: str) -> dict[str, Verdict]:
    """What is said of each source when nothing but its log lines is known."""
    watch, retold = Watch(1024), Retold(ip_address(server))
    for event in events:
        while not retold.tell(event, event.time_ns):
            for table in retold.tables():
                watch.take(table, 0)
    for table in retold.tables():
        watch.take(table, 0)
    sources = watch.sources()
    ours = find_ours(sources.servers)
    weighed = link([weigh(deeds) for deeds in sources.remarkable], ours, ())
    return {str(v.deeds.address): v for v in weighed}


@lru_cache(2)
def scene_of(name: str) -> Scene:
    return read_scene((FOLDER / f"{name}.txt").read_text())


def judged(scene: Scene, origin: str) -> dict[str, Verdict]:
    return verdicts(logged(scene, origin), str(next(iter(scene.parties.values())).address))


# Attacks that are in what a phone system refuses: all of them are in its log as well.
# With ports and Call-IDs (Asterisk) a log shows what packets show; without them the
# guesser is known by his pace, or by the accounts that are missing.
SHOWN_BY_ALL = [
    "budget_over_days",
    "enumeration_by_invite",
    "enumeration_disguised",
    "forbidden_sweep",
    "guesser_on_thirty_ports",
    "guessing_by_invite",
    "guessing_disguised",
    "guessing_ipv6",
    "guessing_many_accounts",
    "guessing_spread",
    "guessing_succeeds",
    "guessing_tcp",
    "injections",
    "invite_enumeration_that_rings",
    "one_hand_two_addresses",
    "per_account_budget",
    "prefix_hunting_404",
    "svcrack",
    "svwar_leaky",
]
SHOWN_BY_CALL_IDS = [
    "a_guess_each_hour",
    "attacker_behind_the_office",
    "changing_agents",
    "enumeration_strict",
    "enumeration_strict_by_invite",
    "guessing_over_accounts_in_calls_of_their_own",
    "guessing_slow",
    "invite_flood",
    "made_up_nonce",
    "per_account_budget_of_six",
    "register_flood",
    "seen_on_both_sides_of_a_proxy",
    "thief_among_twelve_accounts",
    "toll_after_guessing",
    "toll_at_the_same_address_as_users",
    "toll_server_hangs_up",
    "toll_through_pbx_and_carrier",
    "toll_with_rotating_callers",
]
# Innocents whose innocence no log shows; none of them is proven, so none may be blocked.
NOT_SHOWN = {
    "csv_load_test_that_forgets_to_answer": "SIPp is known by its tags",
    "sipp_as_it_comes": "SIPp is known by its tags",
    "forged_trunk": "the calls that the real trunk brings are nothing that a log tells",
    "outage_when_capture_begins": "no port, or no challenge, and nobody was let in before",
    "one_make_refused_behind_nat": "no port",
}
ACCUSED = (ATTACKER, SUSPECT)


@pytest.mark.parametrize(
    ("name", "origin"),
    [(name, origin) for name in SHOWN_BY_ALL for origin in LOGS]
    + [(name, "asterisk.security") for name in SHOWN_BY_CALL_IDS],
)
def test_attack_is_known_by_the_log_alone(name: str, origin: str) -> None:
    scene = scene_of(f"attacks/{name}")
    found = judged(scene, origin)
    for expected in scene.expected:
        if expected.verdict in (ATTACKER, SUSPECT, "accused") and expected.kinds:
            verdict = found[str(scene.parties[expected.party].address)]
            accused = (ATTACKER,) if expected.verdict == ATTACKER else ACCUSED
            assert verdict.verdict in accused, expected.party
            assert set(verdict.kinds) & expected.kinds, expected.party


@pytest.mark.parametrize("origin", LOGS)
@pytest.mark.parametrize(
    "name",
    [
        "attacker_behind_the_office",
        "guessing_spread",
        "moves_in_the_middle",
        "thief_among_twelve_accounts",
        "toll_at_the_same_address_as_users",
    ],
)
def test_nobody_else_is_accused_by_a_log(name: str, origin: str) -> None:
    scene = scene_of(f"attacks/{name}")
    assert len(scene.parties) > 2
    meant = {scene.parties[e.party].address for e in scene.expected if e.verdict != "ordinary"}
    accused = {a for a, v in judged(scene, origin).items() if v.verdict in ACCUSED}
    assert accused <= {str(address) for address in meant}


@pytest.mark.parametrize("origin", LOGS)
@pytest.mark.parametrize("name", sorted(p.stem for p in FOLDER.glob("innocents/*.txt")))
def test_innocents_are_not_accused_by_a_log(name: str, origin: str) -> None:
    scene = scene_of(f"innocents/{name}")
    may_be = {scene.parties[e.party].address for e in scene.expected
              if e.verdict in (*ACCUSED, "accused", "*")}  # fmt: skip
    accused = [v for v in judged(scene, origin).values()
               if v.verdict in ACCUSED and v.deeds.address not in may_be]  # fmt: skip
    if name not in NOT_SHOWN:
        assert accused == []
    assert {v.deeds.proven for v in accused} <= {"none"}


@pytest.mark.parametrize("origin", LOGS)
@pytest.mark.parametrize(
    "name", ["bad_pin_all_night", "forbidden_pin", "sbc_for_fifty_in_an_outage"]
)
def test_user_in_trouble_is_one_in_a_log_as_well(name: str, origin: str) -> None:
    scene = scene_of(f"innocents/{name}")
    found = judged(scene, origin)
    helped = [e.party for e in scene.expected if e.verdict == "user_in_trouble"]
    assert helped
    for party in helped:
        assert found[str(scene.parties[party].address)].verdict == "user_in_trouble"


def test_success_after_guessing_is_seen_in_a_log() -> None:
    scene = scene_of("attacks/guessing_succeeds")
    for origin in LOGS:
        (eve,) = [v for v in judged(scene, origin).values() if v.verdict == ATTACKER]
        assert eve.deeds.counts.entered == 1
        assert eve.deeds.profile.texts("accepted_accounts")


def test_what_a_log_tells_proves_no_address() -> None:
    """But for a connection: a log that names TCP or TLS was written by who answered it."""
    scene = scene_of("attacks/guessing_disguised")
    events = list(logged(scene, "asterisk.security"))
    server = str(scene.parties["pbx"].address)
    for transport, proof in (("", "none"), ("udp", "none"), ("tls", "tcp")):
        told = iter([replace(event, transport=transport) for event in events])
        assert {v.deeds.proven for v in verdicts(told, server).values()} == {proof}
