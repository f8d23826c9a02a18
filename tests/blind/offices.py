"""Offices and their servers: the people whom nobody may accuse."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import phonenumbers

from tests.blind import makes
from tests.blind.makes import Make, word
from tests.blind.net import Net
from tests.blind.speak import Agent
from tests.blind.talk import Leg, ask, notify, out_of_dialog, ping, register, subscribe


def server(
    net: Net, make: Make, address: str, *, port: int = 5060, transport: str = "UDP"
) -> Agent:
    """A PBX."""
    return Agent(net.rng, make, address, port, "", "", None, transport)


def phone(
    net: Net, make: Make, address: str, user: str, pbx: Agent, *, port: int = 5060,
    inside: tuple[str, int] | None = None, password: str = "", transport: str = "UDP",
    known: bool = True, domain: str = "",
) -> Agent:  # fmt: skip
    """A phone, known to the PBX unless said otherwise."""
    password = password or word(net.rng, 14)
    if known:
        pbx.users.setdefault(user, password)
    return Agent(net.rng, make, address, port, user, password, inside, transport, domain)


@dataclass(slots=True)
class Office:
    """A PBX, its phones and its trunk."""

    net: Net
    pbx: Agent
    phones: list[Agent] = field(default_factory=list)
    trunk: Agent | None = None
    prefix: str = "0"

    def come_in(self, at: float, over_s: float = 60.0, *, subscriptions: bool = True) -> float:
        """Everybody registers, watches neighbours' lamps and asks for voicemail."""
        rng = self.net.rng
        for one in self.phones:
            t = at + rng.uniform(0, over_s)
            t, _ = register(self.net, t, one, self.pbx)
            if subscriptions and one.make in makes.DESK:
                for other in rng.sample(self.phones, min(3, len(self.phones))):
                    t = subscribe(self.net, t + 0.1, one, self.pbx, "dialog", other.user)
                notify(self.net, t + 0.3, self.pbx, one, "message-summary")
        return at + over_s

    def stay(self, at: float, until: float, every_s: float = 1800.0) -> None:
        """Registrations go on, most with the nonce at hand; the PBX pings."""
        rng = self.net.rng
        for one in self.phones:
            t = at + rng.uniform(0, every_s)
            while t < until:
                register(self.net, t, one, self.pbx, cached=rng.random() < 0.5)
                ping(self.net, t + 60, self.pbx, one, user=one.user)
                t += every_s * rng.uniform(0.95, 1.0)

    def out(self, at: float, who: Agent, number: str, *, status: int = 200, talk: float = 90.0,
            challenge: bool = True) -> float:  # fmt: skip
        """A call from a desk to the world: a leg to the PBX, one to the trunk."""
        trunk = self.trunk or self.phones[0]
        a = Leg(self.net, at, who, self.pbx, self.prefix + number).invite()
        if challenge:
            a.challenged()
        a.says(100)
        b = Leg(
            self.net, a.t, self.pbx, trunk, _wide(number), from_user="493012345" + who.user[-2:],
            more=[("P-Asserted-Identity", f"<sip:493012345{who.user[-2:]}@{self.pbx.address}>")],
        ).invite().says(100)  # fmt: skip
        return self._through(a, b, status, talk)

    def come(
        self, at: float, who: Agent, caller: str, *, status: int = 200, talk: float = 60.0
    ) -> float:
        """A call from the world to a desk."""
        assert self.trunk is not None
        a = (
            Leg(self.net, at, self.trunk, self.pbx, "493012345" + who.user[-2:], from_user=caller)
            .invite()
            .says(100)
        )
        b = Leg(self.net, a.t, self.pbx, who, who.user, from_user=caller,
                uri=f"sip:{who.user}@{who.host}:{who.me[1]}").invite().says(100)  # fmt: skip
        return self._through(a, b, status, talk)

    def inside(
        self, at: float, who: Agent, other: Agent, *, status: int = 200, talk: float = 40.0
    ) -> float:
        """A call between desks."""
        a = Leg(self.net, at, who, self.pbx, other.user).invite().challenged().says(100)
        b = Leg(self.net, a.t, self.pbx, other, other.user, from_user=who.user,
                uri=f"sip:{other.user}@{other.host}:{other.me[1]}").invite().says(100)  # fmt: skip
        return self._through(a, b, status, talk)

    def _through(self, a: Leg, b: Leg, status: int, talk: float) -> float:
        rng = self.net.rng
        if status in (404, 480, 486, 503, 603, 484):
            b.says(status)
            a.t = b.t
            a.says(status)
            return a.t
        b.says(180)
        a.t = b.t
        a.says(180)
        ring = rng.uniform(2, 14)
        a.wait(ring)
        b.wait(ring)
        if status == 487:
            a.cancel()
            b.cancel()
            return a.t
        b.says(200)
        a.t = b.t
        a.says(200)
        if talk > 100 and rng.random() < 0.3:
            a.talk(20).hold().wait(10).hold()
            talk -= 30
        a.talk(talk)
        b.t = a.t
        if rng.random() < 0.5:
            a.bye("uac")
            b.bye("uac")
        else:
            b.bye("uas")
            a.bye("uas")
        return a.t

    def work(self, at: float, until: float, calls: int, abroad: float = 0.1) -> None:
        """So many calls of every kind."""
        rng = self.net.rng
        for _ in range(calls):
            t = rng.uniform(at, until)
            who, other = rng.sample(self.phones, 2)
            status = rng.choices((200, 487, 486, 480, 404), (70, 12, 8, 6, 2))[0]
            talk = min(rng.expovariate(1 / 90) + 3, 900)
            kind = rng.random()
            if kind < 0.35:
                number = abroad_number(rng) if rng.random() < abroad else home_number(rng)
                self.out(t, who, number, status=status, talk=talk)
            elif kind < 0.65:
                self.come(
                    t,
                    who,
                    _wide(home_number(rng)),
                    status=status if status != 404 else 480,
                    talk=talk,
                )
            else:
                self.inside(t, who, other, status=status if status != 404 else 200, talk=talk)


def subscriber(rng: Random, region: str) -> str:
    """A number that somebody can have there: country code and all, without a +."""
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    like = phonenumbers.example_number_for_type(region, rng.choice(kinds))
    assert like is not None
    text = phonenumbers.format_number(like, phonenumbers.PhoneNumberFormat.E164)[1:]
    while True:
        number = text[:-6] + f"{rng.randrange(10**6):06}"
        if phonenumbers.is_valid_number(phonenumbers.parse("+" + number)):
            return number


def home_number(rng: Random) -> str:
    """A German number with its area code."""
    areas = ("30", "40", "89", "221", "69", "711", "1512", "1701", "1761")
    while True:
        number = rng.choice(areas) + f"{rng.randrange(2 * 10**6, 10**7)}"
        if phonenumbers.is_valid_number(phonenumbers.parse("+49" + number)):
            return "0" + number


def abroad_number(rng: Random) -> str:
    """A number in a neighbouring country, as Germans dial it."""
    return "00" + subscriber(rng, rng.choice(("AT", "CH", "FR", "NL", "GB", "IT", "PL", "US")))


def _wide(number: str) -> str:
    if number.startswith("00"):
        return "+" + number[2:]
    return "+49" + number[1:] if number.startswith("0") else number


def office(
    net: Net, make: Make, address: str, count: int, *, lan: str = "192.168.10.", first: int = 201,
    trunk: str = "198.51.100.20", nat: str = "", prefix: str = "0",
) -> Office:  # fmt: skip
    """An office of so many desks, at home on a LAN or behind one public address."""
    pbx = server(net, make, address)
    here = Office(net, pbx, trunk=server(net, makes.CARRIER, trunk), prefix=prefix)
    desks = net.rng.sample(makes.DESK, 2)
    for n in range(count):
        user = str(first + n)
        inside = (f"{lan}{20 + n}", 5060)
        kind = desks[0] if n % 5 else desks[1]
        if nat:
            here.phones.append(phone(net, kind, nat, user, pbx, port=20000 + 7 * n, inside=inside))
        else:
            here.phones.append(phone(net, kind, inside[0], user, pbx))
    return here


__all__ = [
    "Office",
    "abroad_number",
    "ask",
    "home_number",
    "office",
    "out_of_dialog",
    "phone",
    "server",
    "subscriber",
]
