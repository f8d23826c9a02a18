"""What one source did, in the terms that clues weigh: counts, samples and rates joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network
from itertools import pairwise

from ringfence.detect import _fields as f
from ringfence.detect._tally import CALLER_DIGITS
from ringfence.detect.counts import Counts
from ringfence.detect.dialled import read_dialled
from ringfence.detect.lazy import lazy
from ringfence.detect.numbering import is_impossible
from ringfence.detect.numbers import (
    SUFFIX_DIGITS,
    digits_of,
    hunted_suffixes,
    is_international,
    whole_numbers,
)
from ringfence.detect.plan import NO_PLAN, Plan
from ringfence.detect.profile import Call, Profile
from ringfence.detect.servers import NO_DOOR, Door

Address = IPv4Address | IPv6Address
# Numbers that agree in all but this many last digits are of one range: revenue
# share is paid by ranges, and thieves dial through theirs.
_RANGE_DIGITS = 3
# A port, or a Call-ID, that a station keeps: so many requests, or refusals, on average.
_STATION_REQUESTS = 3
_STATION_REFUSALS = 6
# A call whose end was not seen is taken to have lasted this long.
_UNENDED_NS = 60 * 10**9
# A number no longer than this may be a user of the phone system itself.
_EXTENSION_DIGITS = 6
# So many extensions, nearly all of them one behind the other, are those of a list.
_LIST_LENGTH = 15
_LIST_SHARE = 0.8
# Fewer stations are one user with several accounts.
_STATIONS = 3
# So many hosts that are called, and none of which calls, are no exchange of calls.
_MANY_HOSTS = 4
# Lines of a gateway that is refused try again at this interval (seconds) or a longer one.
_LINE_RETRY_S = 15.0
# Refusals in a row that all are of one line, where other lines are refused later.
_TURN_REFUSALS = 6
# Who dials numbers with so many prefixes altogether looks for no customer.
HUNT_STRINGS = 8
# Who calls the world calls a dear number now and then; thieves call little else.
DEAR_SHARE = 0.2
# Addresses that no stranger on the Internet can have (RFC 1918, 3927, 4193, 4291, 6598).
_PRIVATE = tuple(
    ip_network(n)
    for n in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    )
)


@dataclass(frozen=True)
class Deeds:
    """One source's behaviour. Counts are of transactions, retransmissions left out."""

    address: Address
    counts: Counts
    profile: Profile
    agents: tuple[str, ...]
    server: Address | None = None
    crowd: int = 1  # sources that look the same and were never let in, this one included
    crowd_rate: float = 0.0  # their requests a second, all together
    # What survives a change of address: hash of the order of headers, User-Agent
    # (hash and text) of its first request; None where it sends no User-Agent.
    hand: tuple[int, int, str] | None = None
    door: Door = NO_DOOR  # how the server that it asks treats those who come
    plan: Plan = NO_PLAN  # how numbers are dialled here, as far as calls show it
    # Its answered calls beyond the samples of its profile, read when asked for.
    further_calls: Callable[[], tuple[Call, ...]] = tuple

    @lazy
    def span_s(self) -> float:
        """Seconds from its first message to its last."""
        return max(0.0, (self.counts.last - self.counts.first) / 1e9)

    @lazy
    def requests(self) -> int:
        """Requests without retransmissions and ACKs."""
        return max(0, self.counts.messages - self.counts.repeated - self.counts.acks)

    @lazy
    def rate(self) -> float:
        """Requests a second over the whole span, which counts as one second at least."""
        return self.requests / max(1.0, self.span_s)

    @lazy
    def ignored_challenges(self) -> int:
        """Challenges that it did not answer with credentials."""
        return max(0, self.counts.challenged - self.counts.credentials)

    @lazy
    def failures(self) -> int:
        """Credentials refused, users that do not exist, challenges left unanswered, 403."""
        c = self.counts
        refused = c.refused + self.unanswered_passwords
        return refused + c.not_found + c.forbidden + self.ignored_challenges

    @lazy
    def is_heard(self) -> bool:
        """Something of what it sends shows that it was answered, seen or not.

        Nobody has a nonce, or an answer to acknowledge, who was not answered: where the
        capture holds no answer to such a source, it shows one direction only.
        """
        c = self.counts
        return bool(c.responses or c.credentials or c.acks or c.dialogs)

    @lazy
    def stations(self) -> int:
        """Phones or lines behind the address, as far as they can be told apart; 0 for one.

        Phones behind NAT each keep a port and come back to it, while a tool keeps one
        for all, or takes a new one each time. Lines of a gateway each keep a Call-ID
        and repeat themselves in it, while who guesses has as many calls as guesses.
        """
        c = self.counts
        if self.bears_mark or c.changed > 1:
            return 0
        phones = 0
        if 2 * c.returns >= c.ports and self.requests >= _STATION_REQUESTS * c.ports:
            phones = c.ports
        most = max(phones, self._lines)
        return most if most >= _STATIONS else 0

    @lazy
    def _lines(self) -> int:
        """Lines of a gateway: all are refused from the start, and each tries again in its time.

        Who is done with one account before he begins another, or hurries, is none.
        """
        c = self.counts
        if not c.refused or c.refused < _STATION_REFUSALS * c.refused_calls:
            return 0
        rounds = c.refused / max(1, c.refused_calls)
        if c.refused_calls > 1 and self.span_s / rounds < _LINE_RETRY_S:
            return 0
        return 0 if self.takes_turns else c.refused_calls

    @lazy
    def takes_turns(self) -> bool:
        """Nobody gets in, and the first refusals are of few accounts, many times each."""
        c = self.counts
        counted = self.profile.counted("refused_accounts")
        early = sum(counted.values())
        return (
            not c.accepted
            and c.refused_calls > len(counted) + 1
            and early >= _TURN_REFUSALS * len(counted) > 0
        )

    @lazy
    def unanswered_passwords(self) -> int:
        """Answers to our challenges that met silence where the challenges did not: refusals."""
        c = self.counts
        if c.refused or c.accepted or c.succeeded or 2 * c.echoed < c.credentials:
            return 0
        return max(0, c.credentials - max(0, c.responses - c.challenged))

    @lazy
    def hunt(self) -> int:
        """Dialled strings that only differ in their prefix from another."""
        return sum(len(texts) for texts in self.hunted.values())

    @lazy
    def excess_accounts(self) -> int:
        """Accounts beyond what the stations behind the address may well have."""
        c = self.counts
        return max(0, c.accounts - 3 * c.accepted - 2 * self.stations)

    @lazy
    def insists(self) -> bool:
        """It repeats itself in the calls in which it was refused, as phones do."""
        c = self.counts
        return 0 < c.refused_calls * 4 <= c.refused

    @lazy
    def bears_mark(self) -> bool:
        """A tool's own mark, which no phone writes."""
        marks = f.K_SIPVICIOUS_TAG | f.K_SVCRACK_TAG | f.K_TOOL_AGENT | f.K_SVMAP_FROM
        return bool(self.counts.marks & marks)

    @lazy
    def is_single_account(self) -> bool:
        """Every refusal that was looked at is of one account."""
        return len(self.profile.texts("refused_accounts")) <= 1 and self.counts.accounts <= 2

    @lazy
    def plays_list(self) -> bool:
        """SIPp as it comes, or through a list of users, each with one password at most."""
        c = self.counts
        if not c.marks & f.K_SIPP or self.bears_mark or self.hunted or self.foreign:
            return False
        if self.profile.texts("callers") == ("sipp",) and not c.accounts:
            return True
        return c.registers > 0 and 2 * c.accounts >= c.registers and c.refused <= c.accounts

    @lazy
    def hunted(self) -> dict[str, tuple[str, ...]]:
        """Dialled suffixes with the strings that end in them, where there are several."""
        return hunted_suffixes(self.dialled)

    @lazy
    def dialled(self) -> tuple[str, ...]:
        """Dialled strings; of those that grow digit by digit (overlap dialling) the last."""
        return whole_numbers(self.profile.texts("numbers"))

    @lazy
    def _uses_plan(self) -> bool:
        return self.plan.is_used_by(self.profile.texts("numbers"))

    def leaves_country(self, dialled: str) -> bool:
        """Whether a string asks for another country, and the server does not say otherwise."""
        if not is_international(dialled):
            return False
        return not self.plan.stays_home(dialled, by_rule=self._uses_plan)

    def is_number(self, name: str) -> bool:
        """Whether a user that was asked for is a number abroad, or a variant of one hunted."""
        return self.leaves_country(name) or digits_of(name)[-SUFFIX_DIGITS:] in self.hunted

    @lazy
    def extensions_called(self) -> int:
        """How many different extensions it calls, by the share of short numbers in the sample."""
        short = len(self._extensions)
        return self.counts.numbers * short // len(self.dialled) if short else 0

    @lazy
    def counts_up(self) -> bool:
        """The extensions that it calls follow one another like those of a list."""
        called = sorted({int(text) for text in self._extensions})
        steps = sum(more - less == 1 for less, more in pairwise(called))
        return len(called) >= _LIST_LENGTH and steps >= _LIST_SHARE * (len(called) - 1)

    @lazy
    def _extensions(self) -> tuple[str, ...]:
        return tuple(
            n for n in self.dialled if n.isascii() and n.isdigit() and len(n) <= _EXTENSION_DIGITS
        )

    @lazy
    def foreign(self) -> tuple[str, ...]:
        """Dialled strings that ask for another country."""
        return tuple(n for n in self.dialled if self.leaves_country(n))

    @lazy
    def outward(self) -> tuple[str, ...]:
        """Those that begin with an access code: a call that wants to go out of a PBX.

        Carriers bring calls to the full number, with a plus at most.
        """
        return tuple(n for n in self.foreign if not n.lstrip().startswith(("+", "%2")))

    @lazy
    def numbers_abroad(self) -> int:
        """How many of the dialled strings are abroad, or variants of one hunted number."""
        hunted = {text for texts in self.hunted.values() for text in texts}
        return len(hunted | set(self.foreign))

    @lazy
    def foreign_answered(self) -> tuple[Call, ...]:
        """Answered calls to another country; where no answer was captured, those hung up."""
        is_unseen = not self.counts.responses  # who ends a call by BYE was answered
        taken = [
            call
            for call in self.profile.calls.values()
            if call.answered_ns or (is_unseen and call.ended_ns)
        ]
        return tuple(call for call in taken if self.leaves_country(call.number))

    @lazy
    def dear_numbers(self) -> tuple[str, ...]:
        """Distinct numbers of answered calls abroad that pay whoever owns the number."""
        return tuple(self._dear)

    @lazy
    def rented_numbers(self) -> tuple[str, ...]:
        """Those of them that somebody was given to earn by; the others are of no known range."""
        return tuple(n for n, kind in self._dear.items() if kind != "invalid_range")

    @lazy
    def _dear(self) -> dict[str, str]:
        read = {call.number: read_dialled(call.number) for call in self.foreign_answered}
        dear = {n.e164: n.kind for n in read.values() if n is not None and n.risk == "high"}
        if not any(kind == "invalid_range" and is_impossible(n[1:]) for n, kind in dear.items()):
            return dear
        # No call is answered where no country is: numbers of nobody are numbers at home
        # behind an outside line, unless others of their range are called, too.
        ranges = Counter(number[:-_RANGE_DIGITS] for number in dear)
        return {
            number: kind
            for number, kind in dear.items()
            if kind != "invalid_range" or ranges[number[:-_RANGE_DIGITS]] > 1
        }

    @lazy
    def dear_share(self) -> float:
        """How many of the numbers abroad that answered it are dear ones."""
        answered = {call.number for call in self.foreign_answered}
        return len(self.dear_numbers) / max(1, len(answered))

    @lazy
    def calls_people(self) -> bool:
        """Of those it calls a good part is busy or away, as people are and thieves' numbers not."""
        c = self.counts
        return c.unreached >= 3 and c.unreached * 5 >= c.answered

    @lazy
    def range_dialled(self) -> int:
        """How many distinct foreign numbers of one range it dialled, at most."""
        return max(self._ranges, default=0)

    @lazy
    def in_ranges(self) -> int:
        """How many foreign numbers it dialled that share their range with two others or more."""
        return sum(size for size in self._ranges if size > 2)

    @lazy
    def _ranges(self) -> list[int]:
        ranges: dict[str, set[str]] = {}
        for text in self.foreign:
            digits = digits_of(text)
            ranges.setdefault(digits[-11:-_RANGE_DIGITS], set()).add(digits[-_RANGE_DIGITS:])
        return [len(ends) for ends in ranges.values()]

    @lazy
    def concurrent_foreign(self) -> int:
        """Most foreign calls of one account that were up at one moment."""
        moments: dict[str, list[tuple[int, int]]] = {}
        for call in self.foreign_answered:
            begin = call.answered_ns or call.asked_ns
            end = call.end_ns or begin + _UNENDED_NS
            its = moments.setdefault(call.account, [])
            its += [(begin, 1), (max(end, begin + 1), -1)]
        return max((_most_at_once(its) for its in moments.values()), default=0)

    @lazy
    def is_shared(self) -> bool:
        """Stations with accounts of their own are behind this address, whoever else is."""
        c = self.counts
        accounts = len(self.profile.texts("accepted_accounts"))
        return c.ports >= _STATIONS and c.returns >= c.ports and accounts > 1

    @lazy
    def guesser_ports(self) -> dict[int, int]:
        """Ports that passwords were refused at and that were never let in before, with when."""
        flows = sorted(self.profile.flows.items(), key=lambda item: item[1])
        ports: dict[int, int] = {}
        let_in: set[int] = set()
        for (what, _, port), time_ns in flows:
            if what == "entered":
                let_in.add(port)
            elif port not in let_in:
                ports.setdefault(port, time_ns)
        return ports

    @lazy
    def guesses_apart(self) -> bool:
        """Somebody here is refused for accounts that others behind the address use in peace.

        What those others do well does not clear him.
        """
        flows = self.profile.flows
        used = {account for what, account, port in flows if what == "entered"}
        let_in = {port for what, _, port in flows if what == "entered"}
        tried = {a for what, a, port in flows if what == "refused" and port not in let_in}
        return self.is_shared and len(tried & used) >= _STATIONS

    @lazy
    def accounts_let_in(self) -> tuple[str, ...]:
        """Accounts whose password it knows; of a shared address those that it misused.

        Misused is an account that was let in from a port at which passwords had been
        refused, or, where nobody guessed, one that calls abroad.
        """
        answered = [c.account for c in self.profile.calls.values() if c.answered_ns and c.account]
        further = [c.account for c in self._further if _is_account(c.account)]
        known = dict.fromkeys(self.profile.texts("accepted_accounts"))
        if self.counts.credentials:
            known |= dict.fromkeys((*answered, *further))
        if not known and self.counts.accepted and self.counts.accounts == 1:
            known = dict.fromkeys(self.profile.texts("accounts"))
        if not self.is_shared:
            return tuple(known)
        if self.guesser_ports:
            flows = self.profile.flows
            misused = {
                account
                for what, account, port in flows
                if what == "entered" and port in self.guesser_ports
            }
        else:
            misused = {call.account for call in self.foreign_answered}
        return tuple(account for account in known if account in misused)

    @lazy
    def calls_charged(self) -> tuple[Call, ...]:
        """All its answered calls; of a shared address those that it misused accounts for."""
        known = (call for call in self.profile.calls.values() if call.answered_ns)
        calls = sorted((*known, *self._further), key=_answered)
        return tuple(call for call in calls if self._is_charged(call))

    @lazy
    def numbers_charged(self) -> tuple[str, ...]:
        """What it dialled; of a shared address what those calls dialled."""
        if not self.is_shared:
            return self.profile.texts("numbers")
        calls = (*self.profile.calls.values(), *self._further)
        return tuple(dict.fromkeys(call.number for call in calls if self._is_charged(call)))

    def _is_charged(self, call: Call) -> bool:
        """Of a shared address only what the accounts and ports that it misused did counts."""
        return (
            not self.is_shared
            or call.account in self.accounts_let_in
            or call.port in self.guesser_ports
        )

    @lazy
    def _further(self) -> tuple[Call, ...]:
        return self.further_calls()

    @lazy
    def calls_left_out(self) -> int:
        """Answered calls that are only counted, as there was no place to keep their numbers."""
        return 0 if self.is_shared else self.counts.calls_left

    @lazy
    def seconds_left_out(self) -> float:
        """How long those lasted, as far as their end was seen."""
        return 0.0 if self.is_shared else self.counts.talked_left / 1e9

    @lazy
    def is_neighbour(self) -> bool:
        """In the same network (/24, /64) as the server it asks."""
        if self.server is None or self.server.version != self.address.version:
            return False
        if self.server == self.address:
            return True
        width = 24 if self.address.version == 4 else 64
        return self.address in ip_network(f"{self.server}/{width}", strict=False)

    @lazy
    def is_local(self) -> bool:
        """It and the server have addresses that the Internet does not carry."""
        if self.server is None:
            return False
        return is_private(self.address) and is_private(self.server)

    @lazy
    def is_near(self) -> bool:
        """Beside the server, or both where no stranger is."""
        return self.is_neighbour or self.is_local

    @lazy
    def is_peer(self) -> bool:
        """It is called, and it answers: a server, a trunk, a phone of ours."""
        return self.counts.answers > 0 and self.counts.called > 0

    @lazy
    def rings_phones(self) -> bool:
        """Calls many hosts in the name of an extension: to be answered is to ring, not to be known.

        Carriers bring calls of callers who have numbers, and are called themselves.
        """
        c = self.counts
        return c.hosts >= _MANY_HOSTS and not (c.callers or c.credentials or self.is_peer)

    @lazy
    def is_trusted(self) -> bool:
        """Calls are answered without a password or a challenge: known by its address.

        A carrier brings calls to our own numbers, or takes them in the name of callers
        who have one. Who calls dear ones, or goes out by access codes in the name of an
        extension, only found a server that asks nobody for a password.
        """
        c = self.counts
        let_in = c.answered > 0 and not (c.credentials or c.challenged or self.rings_phones)
        goes_out = self.outward and not (c.callers or self.is_peer or self.is_local)
        is_dear = len(self.dear_numbers) > 1 and self.dear_share > DEAR_SHARE
        return let_in and not goes_out and not is_dear

    @lazy
    def proven(self) -> str:
        """How the address is proven: it answered something that was sent to it."""
        if self.counts.tcp:
            return "tcp"
        if self.counts.dialogs:
            return "dialog"
        return "nonce" if self.counts.echoed else "none"


def is_private(address: Address) -> bool:
    """Whether the address is of a network that the Internet does not carry."""
    return any(address in network for network in _PRIVATE if network.version == address.version)


def _is_account(name: str) -> bool:
    """Carriers bring calls in the name of callers, who have no account here."""
    return bool(name) and len(digits_of(name)) < CALLER_DIGITS


def _answered(call: Call) -> int:
    return call.answered_ns


def _most_at_once(moments: list[tuple[int, int]]) -> int:
    most = up = 0
    for _, step in sorted(moments):
        up += step
        most = max(most, up)
    return most
