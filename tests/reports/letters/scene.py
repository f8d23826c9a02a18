"""A night of attacks to write letters about.

Two attackers and one who is only suspected in one network, a guesser whose network nobody
knows, a flood that may be forged, and an IPv6 scanner.
"""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.incident import SCHEMA, AnsweredCall, Incident, Input, Suspect
from ringfence.model.letter import Brief, EvidenceNote, Excerpt, Party, SentLetter, Stream
from ringfence.model.responsible import (
    ABUSE_MAILBOX,
    ANYBODY,
    COPY,
    FOUND,
    NOT_FOUND,
    Contact,
    Network,
    Responsible,
)
from ringfence.model.settings import Settings, Victim
from ringfence.reports.letters.parties import parties_of

CASE = "RF-20261125-7f3a2c"
MADE_AT = "2026-11-26T08:30:00Z"
PBX = "192.0.2.10"
THIEF, GUESSER, SHY = "198.51.100.7", "198.51.100.23", "198.51.100.99"
UNKNOWN, FLOODER, SIX = "203.0.113.50", "203.0.113.77", "2001:db8:77::5"

CALL = AnsweredCall(
    number="+449098790115", dialled="9011449098790115", country="GB", kind="premium",
    account="240", answered_at="2026-11-25T03:40:01.500000Z", seconds=480.9, media_packets=2,
    cost=27.0,
)  # fmt: skip
STOLE = Suspect(
    address=THIEF,
    verdict="attacker",
    kinds=["password_guessing", "toll_fraud"],
    weight_db=64.0,
    proven="nonce",
    clues=[],
    messages=12_345,
    first_seen="2026-11-25T03:12:09.123456Z",
    last_seen="2026-11-25T05:40:01.500000Z",
    ports=[5071, 5072],
    claimed_user_agents=["friendly-scanner"],
    methods={"REGISTER": 12_000, "INVITE": 310, "OPTIONS": 0, "other": 35},
    accounts_tried=45,
    accounts_tried_sample=["240", "100"],
    guesses=2_011,
    guesses_masked=[],
    accounts_taken=["240"],
    numbers_dialled=["+449098790115"],
    dialled_sample=["9011449098790115"],
    calls_answered=[CALL, CALL],
    minutes=16.0,
    estimated_cost=54.0,
    currency="USD",
    campaign=None,
)
GUESSED = replace(
    STOLE, address=GUESSER, kinds=["password_guessing"], weight_db=41.0, proven="dialog",
    messages=900, ports=[6060], guesses=430, accounts_tried=3, accounts_taken=[],
    calls_answered=[], minutes=0.0, estimated_cost=None, claimed_user_agents=[],
    methods={"REGISTER": 900}, first_seen="2026-11-24T22:01:00.000000Z",
    last_seen="2026-11-24T22:31:00.000000Z",
)  # fmt: skip
SUSPECTED = replace(GUESSED, address=SHY, verdict="suspect", weight_db=14.0, messages=31, guesses=4)
GUESSED_UNKNOWN = replace(GUESSED, address=UNKNOWN, kinds=["enumeration"])
FLOODED = replace(
    GUESSED, address=FLOODER, kinds=["flood"], proven="none", messages=600_000, guesses=0,
    methods={"OPTIONS": 600_000}, ports=[5060],
)  # fmt: skip
SCANNED = replace(
    GUESSED, address=SIX, kinds=["scan"], proven="tcp", messages=40, guesses=0, ports=[40000],
    methods={"OPTIONS": 40},
)  # fmt: skip
INCIDENT = Incident(
    schema=SCHEMA,
    inputs=[Input("capture-1.pcapng", "ab" * 32, 1, 1, 1, None, None, {}, [])],
    defended=[PBX],
    suspects=[STOLE, GUESSED, SUSPECTED, GUESSED_UNKNOWN, FLOODED, SCANNED],
    in_trouble=[],
    ordinary=12,
    campaigns=[],
)


def contact(email: str | None, grade: str = ABUSE_MAILBOX, **changes: object) -> Contact:
    """One way to reach somebody, as a registry named it."""
    one = Contact(
        email=email, phone=None, form=None, name=None, handle=None, roles=("abuse",),
        source="rdap.example", where="entities[0]", grade=grade, because="role abuse",
    )  # fmt: skip
    return replace(one, **changes)  # type: ignore[arg-type]


def network(prefix: str, first: str, last: str, holder: str | None) -> Network:
    """Addresses that one holder answers for."""
    return Network(first, last, (prefix,), holder, "NET", None, "NL", "ripe", asn=64500)


HOSTING = network("198.51.100.0/24", "198.51.100.0", "198.51.100.255", "Example Hosting Ltd")
HOSTING_DESK = (
    contact("abuse@hosting.example", phone="+31 20 555 0100", name="Abuse desk"),
    contact(None, form="https://hosting.example/abuse"),
    contact("noc@hosting.example", ANYBODY, because="noc@ of role technical"),
    contact("cert@cert.example", COPY),
)
ACCESS = network("203.0.113.64/26", "203.0.113.64", "203.0.113.127", "Example Access")
SIX_NET = network("2001:db8:77::/48", "2001:db8:77::", "2001:db8:77:ffff::", "Sechs e.V. München")
ANSWERS = (
    *(Responsible(one, FOUND, "", HOSTING, HOSTING_DESK) for one in (THIEF, GUESSER, SHY)),
    Responsible(UNKNOWN, NOT_FOUND, "no registry knows a holder"),
    Responsible(FLOODER, FOUND, "", ACCESS, (contact("info@access.example", ANYBODY),)),
    Responsible(SIX, FOUND, "", SIX_NET, (contact("abuse@sechs.example"),)),
)


def stream(source: Suspect, transport: str = "udp") -> Stream:
    """All that the source sent, to one end."""
    return Stream(
        source.address, transport, tuple(source.ports), PBX, 5060, source.messages,
        source.first_seen, source.last_seen,
    )  # fmt: skip


REGISTER = (
    "REGISTER sip:192.0.2.10 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 198.51.100.7:5071;branch=z9hG4bK-1;rport\r\n"
    'From: "240" <sip:240@192.0.2.10>;tag=11\r\n'
    'To: "240" <sip:240@192.0.2.10>\r\n'
    "Call-ID: 8842@198.51.100.7\r\n"
    "CSeq: 2 REGISTER\r\n"
    "User-Agent: friendly-scanner\r\n"
    "Content-Length: 0\r\n\r\n"
)
EXCERPT = Excerpt(
    THIEF, STOLE.first_seen, f"{THIEF}:5071", f"{PBX}:5060", "udp", REGISTER, cut=False
)
SETTINGS = Settings(
    victim=Victim(
        name="Ada Keller", title="IT manager", organisation="Example Office GmbH",
        street="Hauptstrasse 1", zip="10115", city="Berlin", country="DE",
        phone="+49 30 5550100", email="it@office.example",
    ),
    clock="NTP, pool.ntp.org",
)  # fmt: skip
SEALED = EvidenceNote(
    bag="evidence/bag-0001", seal="cd" * 32, sealed_at="2026-11-25T06:00:00Z",
    key="SHA256:abc", stamped=True, originals=(("capture-1.pcapng", "ab" * 32),),
    for_others="ef" * 32,
)  # fmt: skip
BRIEF = Brief(
    case_id=CASE,
    made_at=MADE_AT,
    tool="ringfence 0.1.0",
    incident=INCIDENT,
    settings=SETTINGS,
    parties=parties_of(INCIDENT, ANSWERS),
    streams=(*map(stream, (STOLE, GUESSED, SUSPECTED, FLOODED)), stream(SCANNED, "tcp")),
    excerpts=(EXCERPT,),
    evidence=SEALED,
    blocked=True,
)
EARLIER = SentLetter(
    number=1, case_id="RF-20261120-111111", kind="abuse", at="2026-11-20T09:00:00Z",
    receiver="abuse desk of Example Hosting Ltd", to=("Abuse@hosting.example",), subject="Abuse",
    network="198.51.100.0/24", addresses=(THIEF,), file="letters/abuse.txt",
    message_id="<first.1@office.example>", sent_at="2026-11-20T09:05:00Z",
)  # fmt: skip


def about(*sources: Suspect, **changes: object) -> Brief:
    """The same night with these sources only."""
    incident = replace(INCIDENT, suspects=list(sources))
    brief = replace(BRIEF, incident=incident, parties=parties_of(incident, ANSWERS))
    return replace(brief, **changes)  # type: ignore[arg-type]


def party(brief: Brief = BRIEF) -> Party:
    """The worst one."""
    return brief.parties[0]
