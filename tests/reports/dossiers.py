"""Dossiers to report on: made by hand, hostile ones, and those of the example captures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ringfence.flow import investigate, retell
from ringfence.model.dossier import Dossier, FolderFile, Timeline
from ringfence.model.exchange import Event, Exchange
from ringfence.model.incident import (
    SCHEMA,
    AnsweredCall,
    AttributedContact,
    Attribution,
    Campaign,
    Clue,
    FollowUpStep,
    GuessShape,
    Incident,
    Input,
    InTrouble,
    MessageReference,
    Suspect,
)
from tests.reports.scene import CALL, NEW_YEAR_NS

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    FolderFile("report.pdf", "The same report, to sign and file.", "police"),
    FolderFile("block/ringfence.nft", "nftables: drops the attackers.", "you"),
    FolderFile("block/plain.txt", "The addresses, one a line.", "you"),
    FolderFile("evidence/incident.json", "Everything that was found.", "court's expert"),
    FolderFile("for-others/report.html", "This report, redacted.", "abuse desk"),
)
ANSWERED = AnsweredCall(
    number="+449098790115",
    dialled="9011449098790115",
    country="GB",
    kind="premium",
    account="240",
    answered_at="2026-01-01T00:00:01.500000Z",
    seconds=480.9,
    media_packets=2,
    cost=27.0,
)
ATTACKER = Suspect(
    address="203.0.113.7",
    verdict="attacker",
    kinds=["password_guessing", "toll_fraud"],
    weight_db=64.0,
    proven="dialog",
    clues=[
        Clue("tool_agent", 41.0, "it names itself 'friendly-scanner'", []),
        Clue("registered", -3.0, "it was let in", [MessageReference(0, 7, "")]),
        Clue(
            "guessing_one", 36.0, "31 passwords for 240",
            [MessageReference(0, 3, ""), MessageReference(0, 5, "")],
        ),
    ],
    messages=91,
    first_seen="2026-01-01T00:00:00.000000Z",
    last_seen="2026-01-01T00:10:00.000000Z",
    ports=[5060, 5071],
    claimed_user_agents=["friendly-scanner"],
    methods={"REGISTER": 64, "INVITE": 12, "OPTIONS": 0, "ACK": 12, "other": 3},
    accounts_tried=32,
    accounts_tried_sample=["240", "100"],
    guesses=31,
    guesses_masked=[GuessShape("240", "4 digits", 12), GuessShape("240", "the account itself", 1)],
    accounts_taken=["240"],
    numbers_dialled=["+449098790115"],
    dialled_sample=["9011449098790115"],
    calls_answered=[ANSWERED],
    minutes=8.0,
    estimated_cost=27.0,
    currency="USD",
    campaign="C-1",
)  # fmt: skip
FORGED = replace(
    ATTACKER, address="198.51.100.20", kinds=["flood"], proven="none", guesses=0,
    accounts_taken=[], numbers_dialled=[], dialled_sample=[], calls_answered=[], minutes=0.0,
    estimated_cost=None, currency=None, campaign=None,
)  # fmt: skip
SUSPECTED = replace(FORGED, address="203.0.113.44", verdict="suspect", weight_db=12.5, proven="tcp")
IN_TROUBLE = InTrouble(
    address="192.0.2.50",
    account="231",
    why="the password was refused 60 times",
    since="2026-01-01T00:00:00.000000Z",
    looks_like="bad_pin",
    say="Ask the user to enter the password of account 231 anew.",
)
DESK = AttributedContact(
    "abuse@hosting.example", "+1-202-555-0142", None, "abuse_role", "role abuse",
    "rdap.hosting.example", "entities[0].vcardArray[4]", usable=True, why_not=None,
)  # fmt: skip
FORM = replace(DESK, email=None, phone=None, form="hosting.example/abuse", grade="asked_for")
DEAD = replace(
    DESK, email="noreply@hosting.example", phone=None, usable=False,
    why_not="a placeholder: nobody reads it",
)  # fmt: skip
HOSTING = Attribution(
    ["203.0.113.7"], "found", "Example Hosting answers for it: write to abuse@hosting.example",
    ["203.0.113.0/28"], "Example Hosting", "NL", "ripe", 64500, "EXAMPLE-AS", [DESK, FORM, DEAD],
    "2026-01-02T03:00:00Z", exercise=False,
)  # fmt: skip
UNKNOWN = replace(
    HOSTING, addresses=["198.51.100.20"], state="unreachable", says="nobody could be asked",
    prefixes=[], holder=None, country=None, registry=None, asn=None, as_name=None, contacts=[],
)  # fmt: skip
FOLLOW_UP = [
    FollowUpStep(
        "captured", "Attack captured", None, "done", "night.pcap", None, "2026-01-02T03:00:00Z",
    ),
    FollowUpStep(
        "abuse_mailed", "Abuse desk told by mail", "203.0.113.0/28", "to_do", "write the letter",
        "2026-01-01", None,
    ),
    FollowUpStep("carrier_told", "Carrier told", None, "waiting", "they ring", "2026-01-05", "x"),
    FollowUpStep("ic3_filed", "IC3 complaint filed", None, "not_needed", "no US", None, None),
    FollowUpStep("closed", "Case closed", None, "to_do", "when all is done", None, None),
]  # fmt: skip
READ = Input(
    path="night.pcap",
    sha256="ab" * 32,
    bytes=4096,
    packets=100,
    sip_messages=80,
    first_seen="2026-01-01T00:00:00.000000Z",
    last_seen="2026-01-01T00:20:00.000000Z",
    not_decoded={"media (RTP), counted only": 20},
    problems=[],
)
QUIET = Incident(SCHEMA, [READ], ["192.0.2.10"], [], [], 14, [])
TIMELINE = Timeline(
    NEW_YEAR_NS,
    60.0,
    {"password_guessing": (30, 0, 0, 1), "toll_fraud": (0, 2, 0, 1), "accepted": (0, 1, 0, 0)},
)


def dossier(*suspects: Suspect, **changes: object) -> Dossier:
    """The case of these suspects; `changes` of the dossier, or of its incident."""
    of_incident = {n: v for n, v in changes.items() if n in Incident.__slots__}
    of_dossier = {n: v for n, v in changes.items() if n not in Incident.__slots__}
    incident = replace(QUIET, suspects=list(suspects), **of_incident)  # type: ignore[arg-type]
    made = Dossier(
        case_id="RF-20260101-7f3a2c",
        made_at="2026-01-02T03:04:05.000000Z",
        tool="ringfence 0.1.0",
        incident=incident,
        timeline=TIMELINE if suspects else None,
        exchanges={ATTACKER.address: CALL} if ATTACKER in suspects else {},
        files=FILES,
    )
    return replace(made, **of_dossier)  # type: ignore[arg-type]


NIGHT = dossier(
    ATTACKER, FORGED, SUSPECTED,
    in_trouble=[IN_TROUBLE],
    campaigns=[Campaign("C-1", ["203.0.113.7", "203.0.113.91"], "uses account 240", 25.0, [])],
)  # fmt: skip
FOLLOWED = replace(
    NIGHT, incident=replace(NIGHT.incident, attribution=[HOSTING, UNKNOWN], follow_up=FOLLOW_UP)
)


def hostile(text: str) -> Dossier:
    """A dossier that says `text` wherever somebody else may have written."""
    event = replace(
        CALL.events[0], method=text, user=text, call_id=text, credentials=text, reason=text,
        sdp_address=text,
    )  # fmt: skip
    answer: Event = replace(event, status=404)
    call = replace(ANSWERED, number=text, dialled=text, country=text, kind=text, account=text)
    suspect = replace(
        ATTACKER, kinds=[text], clues=[Clue(text, 40.0, text, [])], claimed_user_agents=[text],
        methods={text: 3}, accounts_tried_sample=[text], accounts_taken=[text],
        numbers_dialled=[text], dialled_sample=[text], calls_answered=[call], currency=text,
    )  # fmt: skip
    contact = AttributedContact(text, text, text, text, text, text, text, True, None)
    step = FollowUpStep(text, text, text, text, text, text, text)
    desk = Attribution(
        [suspect.address], text, text, [text], text, text, text, 1, text,
        [contact, replace(contact, usable=False, why_not=text)], text, exercise=False,
    )  # fmt: skip
    read = replace(READ, path=text, not_decoded={text: 3}, problems=[text])
    return Dossier(
        case_id=text,
        made_at="2026-01-02T03:04:05.000000Z",
        tool=text,
        incident=Incident(
            SCHEMA, [read], ["192.0.2.10"], [suspect],
            [replace(IN_TROUBLE, account=text, why=text, say=text)], 1,
            [Campaign("C-1", [suspect.address, "203.0.113.91"], text, 3.0, [f"hand:{text}"])],
            [desk], [step],
        ),
        timeline=TIMELINE,
        exchanges={suspect.address: Exchange(text, (event, answer))},
        files=(FolderFile(f"block/{text}", text, text),),
        returning=(text,),
    )  # fmt: skip


def of_example(root: Path, name: str) -> Dossier:
    """The dossier of an example capture."""
    path = str(root / "examples" / f"{name}.pcap")
    incident = investigate([path]).incident
    timeline, exchanges = retell([path], incident)
    made = dossier(inputs=incident.inputs)
    return replace(made, incident=incident, timeline=timeline, exchanges=exchanges)
