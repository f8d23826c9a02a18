"""A night at a dentist's phone system, for those who investigate it."""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.incident import (
    SCHEMA,
    AnsweredCall,
    Incident,
    Input,
    Suspect,
    UnlistedCalls,
)
from ringfence.model.letter import Brief, EvidenceNote, Party, Stream
from ringfence.model.responsible import Contact, Location, Network, Responsible
from ringfence.model.settings import Agency, Provider, Settings, Victim

THIEF = Suspect(
    address="203.0.113.7",
    verdict="attacker",
    kinds=["password_guessing", "toll_fraud"],
    weight_db=64.0,
    proven="nonce",
    clues=[],
    messages=1291,
    first_seen="2026-01-01T23:12:04.120000Z",
    last_seen="2026-01-02T04:41:37.900000Z",
    ports=[5071, 5060],
    claimed_user_agents=["friendly-scanner"],
    methods={"REGISTER": 1100, "INVITE": 95},
    accounts_tried=32,
    accounts_tried_sample=["240", "100"],
    guesses=1034,
    guesses_masked=[],
    accounts_taken=["240"],
    numbers_dialled=["+881612345678", "+22461234567", "+442079460706"],
    dialled_sample=["900881612345678"],
    calls_answered=[
        AnsweredCall("+881612345678", "900881612345678", "001", "satellite", "240",
                     "2026-01-01T23:58:31.500000Z", 481.0, 24050, 64.13),
        AnsweredCall("+22461234567", "90022461234567", "GN", "mobile", "240",
                     "2026-01-02T00:09:02.100000Z", 3722.4, 186120, 68.25),
        AnsweredCall("+22461234568", "90022461234568", "GN", "mobile", "240",
                     "2026-01-02T01:14:40.000000Z", 1210.0, 60500, 22.18),
    ],
    minutes=90.2,
    estimated_cost=154.56,
    currency="USD",
    campaign="C-1",
)  # fmt: skip
GUESSER = replace(
    THIEF, address="203.0.113.91", kinds=["password_guessing"], weight_db=41.0, proven="tcp",
    messages=312, first_seen="2026-01-01T21:02:11.000000Z", last_seen="2026-01-01T22:58:00.000000Z",
    ports=[40122], guesses=290, accounts_taken=[], numbers_dialled=[], dialled_sample=[],
    calls_answered=[], minutes=0.0, estimated_cost=None, currency=None,
)  # fmt: skip
FORGED = replace(
    GUESSER, address="198.51.100.20", kinds=["scan"], verdict="suspect", weight_db=12.0,
    proven="none", messages=40, guesses=0, claimed_user_agents=[], campaign=None, ports=[5060],
)  # fmt: skip
HOST = Responsible(
    "203.0.113.7", "found", "Example Hosting answers for it.",
    Network("203.0.113.0", "203.0.113.255", ("203.0.113.0/24",), "Example Hosting LLC", "EX-1",
            "NET-203-0-113-0-1", "US", "arin", 64500, "EXAMPLE"),
    (Contact("abuse@hosting.example", "+1 555 0100", None, "Abuse", "A1", ("abuse",),
             "rdap.arin.example", "entities[0]", "abuse_role", "named for abuse"),),
    location=Location("US", "Texas", "Dallas", "places.mmdb, 2026-01-01"),
)  # fmt: skip
ACCESS = Responsible(
    "198.51.100.20", "found", "Example Access answers for it.",
    Network("198.51.100.0", "198.51.100.255", ("198.51.100.0/24",), "Example Access B.V.", "EX-2",
            "EX-2", "NL", "ripe"),
)  # fmt: skip
EVIDENCE = EvidenceNote(
    bag="evidence/bag-0001",
    seal="cd" * 32,
    sealed_at="2026-01-02T08:30:00.000000Z",
    key="SHA256:q3f0zqkRZ9m1lVbW0o2cT7xYp5sJkq8a1b2c3d4e5f6",
    stamped=True,
    originals=(("night.pcapng", "ab" * 32),),
    for_others="ef" * 32,
)
DENTIST = Victim(
    name="Jane Doe", title="Office manager", organisation="Example Dental Care, Inc.",
    street="100 Example Street", city="Houston", county="Harris County", state="TX", zip="77002",
    country="US", phone="+1 713 555 0123", email="jane@dental.example",
    pbx="3CX 20 on Debian 12",
)  # fmt: skip
SETTINGS = Settings(
    victim=DENTIST,
    isp=Provider(name="Example Fiber", phone="+1 713 555 0177", circuit="HOU-4711"),
    carrier=Provider(name="Example Trunking", phone="+1 713 555 0188", customer="C-100"),
    police=Agency("Example Police Department", "", "+1 713 555 0199", "1 Example Plaza, Houston"),
    clock="NTP, pool.ntp.org",
)
READ = Input(
    "night.pcapng", "ab" * 32, 4_194_304, 300_000, 5_000,
    "2026-01-01T20:00:00.000000Z", "2026-01-02T06:00:00.000000Z", {}, [],
)  # fmt: skip


def night(*suspects: Suspect, **changes: object) -> Brief:
    """The brief on these suspects, by default all three; `changes` of the brief."""
    sources = suspects or (THIEF, GUESSER, FORGED)
    made = Brief(
        case_id="RF-20260101-7f3a2c",
        made_at="2026-01-02T09:00:00.000000Z",
        tool="ringfence 0.1.0",
        incident=Incident(SCHEMA, [READ], ["192.0.2.10"], list(sources), [], 14, []),
        settings=SETTINGS,
        parties=(
            Party("203.0.113.0/24", HOST, tuple(s for s in sources if s.address[:3] == "203")),
            Party("198.51.100.0/24", ACCESS, tuple(s for s in sources if s.address[:3] == "198")),
        ),
        streams=(
            Stream("203.0.113.7", "udp", (5071, 5060), "192.0.2.10", 5060, 1291,
                   THIEF.first_seen, THIEF.last_seen),
        ),
        evidence=EVIDENCE,
        blocked=True,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def living(**changes: object) -> Settings:
    """The settings of a victim who lives elsewhere; without his police."""
    return replace(SETTINGS, victim=replace(DENTIST, **changes), police=Agency())  # type: ignore[arg-type]


def hostile(text: str) -> Brief:
    """A brief that says `text` wherever somebody else may have written, and a lot of it."""
    call = replace(
        THIEF.calls_answered[0], number=text, dialled=text, country=text, kind=text, account=text
    )
    thief = replace(
        THIEF, kinds=[text], claimed_user_agents=[text] * 9, accounts_tried_sample=[text],
        accounts_taken=[text, f"2{text}"], numbers_dialled=[f"{n}{text}" for n in range(99)],
        calls_answered=[replace(call, answered_at=f"20{n:02d}-01-01T00:00:00Z") for n in range(90)],
        currency=text, calls_unlisted=UnlistedCalls(7, 3.0, 2.0, 1),
    )  # fmt: skip
    many = [thief, *(replace(thief, address=f"203.0.113.{n}") for n in range(10, 200))]
    network = Network("203.0.113.0", "203.0.113.255", ("203.0.113.0/24",), text, text, text, "US",
                      "arin", 64500, text)  # fmt: skip
    contact = replace(HOST.contacts[0], email=text, name=text)
    responsible = replace(
        HOST, network=network, contacts=(contact,), location=Location("US", text, text, text)
    )
    return replace(
        night(*many), parties=(Party("203.0.113.0/24", responsible, tuple(many)),),
        returning=(text,) * 9,
        evidence=replace(EVIDENCE, originals=((text, "ab" * 32),) * 90),
    )  # fmt: skip
