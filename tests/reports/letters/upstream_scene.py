"""An incident for those upstream: the owner's provider, a NOC, a carrier. Made by hand."""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.incident import SCHEMA, AnsweredCall, Incident, Suspect, UnlistedCalls
from ringfence.model.letter import Brief, EvidenceNote, Party, Stream
from ringfence.model.responsible import (
    ABUSE_ROLE,
    FOUND,
    NOT_FOUND,
    OPERATIONS,
    Contact,
    Network,
    Responsible,
)
from ringfence.model.settings import Provider, Settings, Victim

PBX, PBX6 = "203.0.113.22", "2001:db8:2::22"
THIEF, GUESSER, FORGED = "198.51.100.77", "2001:db8:bad::5", "192.0.2.99"
CASE = "RF-20260102-7f3a2c"


def call(number: str, country: str, kind: str, second: int, **changes: object) -> AnsweredCall:
    """An answered call, eight minutes long."""
    made = AnsweredCall(
        number=number,
        dialled=f"9011{number[1:]}",
        country=country,
        kind=kind,
        account="240",
        answered_at=f"2026-01-02T00:{second // 60:02d}:{second % 60:02d}.500000Z",
        seconds=480.0,
        media_packets=2,
        cost=27.0,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


CALLS = [
    call("+449098790115", "GB", "premium", 61),
    call("+449098790118", "GB", "premium", 65, seconds=61.4, cost=3.375),
    call("+5355501234", "CU", "mobile", 122, seconds=3725.0, cost=99.0),
    call("+88213300123", "001", "satellite", 190, seconds=None, cost=None),
]


def suspect(address: str, **changes: object) -> Suspect:
    """An attacker whose address is proven."""
    made = Suspect(
        address=address,
        verdict="attacker",
        kinds=["password_guessing"],
        weight_db=64.0,
        proven="nonce",
        clues=[],
        messages=2091,
        first_seen="2026-01-02T00:00:00.000000Z",
        last_seen="2026-01-02T00:20:00.000000Z",
        ports=[5071],
        claimed_user_agents=["friendly-scanner"],
        methods={"REGISTER": 2000, "INVITE": 91},
        accounts_tried=32,
        accounts_tried_sample=["240"],
        guesses=2000,
        guesses_masked=[],
        accounts_taken=[],
        numbers_dialled=[],
        dialled_sample=[],
        calls_answered=[],
        minutes=0.0,
        estimated_cost=None,
        currency="USD",
        campaign=None,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def toll(**changes: object) -> Suspect:
    """The thief: let in, and his calls were answered."""
    made = suspect(
        THIEF,
        kinds=["password_guessing", "toll_fraud"],
        accounts_taken=["240"],
        numbers_dialled=["+449098790115", "+449098790118", "+5355501234", "+88213300123"],
        dialled_sample=["9011449098790115"],
        calls_answered=CALLS,
        minutes=71.1,
        estimated_cost=129.375,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


SUSPECTS = [
    toll(),
    suspect(GUESSER, messages=812),
    suspect(FORGED, kinds=["flood"], proven="none", messages=40_000),
    suspect("192.0.2.200", verdict="suspect"),
]


def stream(address: str, destination: str = PBX, **changes: object) -> Stream:
    """Where it sent to: our port 5060."""
    made = Stream(
        address=address,
        transport="udp",
        ports=(5071, 5072),
        destination=destination,
        destination_port=5060,
        messages=2000,
        first_seen="2026-01-02T00:00:00.000000Z",
        last_seen="2026-01-02T00:20:00.000000Z",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


STREAMS = (
    stream(THIEF),
    stream(THIEF, destination_port=5080, messages=91),
    stream(GUESSER, PBX6, transport="tls", destination_port=5061, messages=812),
    stream(FORGED, messages=40_000),
)


def contact(**changes: object) -> Contact:
    """The telephone of an abuse desk."""
    made = Contact(
        email="abuse@hosting.example",
        phone="+1 555 0142",
        form=None,
        name="Abuse Desk",
        handle="ABUSE-1",
        roles=("abuse",),
        source="rdap.example.net",
        where="entities[0]",
        grade=ABUSE_ROLE,
        because="belongs to the party that the register names for abuse",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def network(prefix: str, holder: str | None, **changes: object) -> Network:
    """A network as a registry returned it."""
    made = Network(
        first=prefix.split("/", maxsplit=1)[0],
        last=prefix.split("/", maxsplit=1)[0],
        prefixes=(prefix,),
        holder=holder,
        name=None,
        handle=None,
        country="US",
        registry="arin",
        asn=64500,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


PARTIES = (
    Party(
        "198.51.100.0/24",
        Responsible(
            THIEF,
            FOUND,
            "Example Hosting",
            network("198.51.100.0/24", "Example Hosting"),
            (
                contact(),
                contact(
                    email=None, phone="+1 555 0143", name="NOC", roles=("noc",), grade=OPERATIONS
                ),
            ),
        ),
        (SUSPECTS[0],),
    ),
    Party(
        "2001:db8:bad::/48",
        Responsible(
            GUESSER,
            FOUND,
            "Example Cloud",
            network("2001:db8:bad::/48", "Example Cloud"),
            (contact(phone=None, email="abuse@cloud.example", form="https://cloud.example/a"),),
        ),
        (SUSPECTS[1],),
    ),
    Party(FORGED, Responsible(FORGED, NOT_FOUND, "nobody knows it"), (SUSPECTS[2],)),
)
SETTINGS = Settings(
    victim=Victim(
        name="Jane Doe",
        title="IT manager",
        organisation="Doe & Sons",
        street="1 Main Street",
        city="Springfield",
        state="IL",
        zip="62701",
        country="US",
        phone="+1 217 555 0100",
        email="jane@doe.example",
        pbx="3CX 20 on Debian 12",
    ),
    isp=Provider(
        name="Example Access",
        email="noc@access.example",
        phone="+1 217 555 0190",
        customer="4711",
        circuit="EA-SPI-0099",
    ),
    carrier=Provider(
        name="Example Telecom",
        email="fraud@telecom.example",
        phone="+1 217 555 0180",
        customer="88-1234",
        circuit="TRUNK-7",
    ),
    clock="NTP, pool.ntp.org",
)
EVIDENCE = EvidenceNote(
    bag="evidence/bag-0001",
    seal="5e" * 32,
    sealed_at="2026-01-02T00:25:00Z",
    key="SHA256:exampleexampleexampleexampleexampleexample0",
    stamped=True,
    originals=(("night.pcapng", "ca" * 32),),
)
UNLISTED = UnlistedCalls(calls=1200, minutes=9000.5, cost=8123.0, unpriced=3)


def incident(*suspects: Suspect, defended: tuple[str, ...] = (PBX, PBX6)) -> Incident:
    """What was found."""
    return Incident(
        schema=SCHEMA,
        inputs=[],
        defended=list(defended),
        suspects=list(suspects),
        in_trouble=[],
        ordinary=12,
        campaigns=[],
    )


def brief(*suspects: Suspect, **changes: object) -> Brief:
    """Everything that a letter is written from."""
    made = Brief(
        case_id=CASE,
        made_at="2026-01-02T00:30:00Z",
        tool="ringfence 0",
        incident=incident(*(suspects or SUSPECTS)),
        settings=SETTINGS,
        parties=PARTIES,
        streams=STREAMS,
        evidence=EVIDENCE,
        blocked=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]
