"""The table of clues: what speaks for and against guilt, and how much.

Each weight is 10·log10(P(seen | attacker) / P(seen | innocent)) in decibans; its
`innocent` names who could show it as well. Sums are order-free. The figures are
judgement, held against labelled traffic (`docs/weights.md`).
"""

from __future__ import annotations

import math

from ringfence.detect import _fields as f
from ringfence.detect import _tally
from ringfence.detect.crowds import PING_S
from ringfence.detect.deeds import HUNT_STRINGS, Deeds
from ringfence.detect.numbers import digits_of, whole_numbers
from ringfence.detect.rule import Rule, Weighed
from ringfence.detect.toll_clues import TOLL_RULES

# ------------------------------------------------------------ tools


def _sipvicious_tag(d: Deeds) -> Weighed:
    if not d.counts.marks & f.K_SIPVICIOUS_TAG:
        return None
    tools = sorted({text.split(" ")[0] for text in d.profile.texts("targets")})
    if d.profile.texts("guesses"):
        tools.append("svcrack")
    named = f" ({', '.join(tools)})" if tools else ""
    return 50.0, f"its From tags are those that the attack tool SIPVicious{named} writes"


def _svcrack_tag(d: Deeds) -> Weighed:
    if not d.counts.marks & f.K_SVCRACK_TAG:
        return None
    return 40.0, "it uses the From tag that svcrack always begins with"


_NOTORIOUS = (
    "friendly-scanner",
    "pplsip",
    "sipvicious",
    "sundayddr",
    "sipscan",
    "sip-scan",
    "svmap",
    "sivus",
    "siparmyknife",
    "iwar",
    "smap",
    "sippts",
    "sipptk",
    "nmap",
)


def _tool_agent(d: Deeds) -> Weighed:
    if not d.counts.marks & f.K_TOOL_AGENT:
        return None
    named = next((a for a in d.agents if a.lower().startswith(_NOTORIOUS)), None)
    if named is not None:
        return 44.0, f"it calls itself by the name of an attack tool: {named!r}"
    named = next((a for a in d.agents if a), "")
    return 22.0, f"it calls itself {named!r}, a program that attackers like to use"


def _decimal_shape(d: Deeds) -> Weighed:
    both = f.K_DECIMAL_CALL_ID | f.K_DECIMAL_BRANCH
    if d.counts.marks & both != both or d.counts.marks & f.K_SIPVICIOUS_TAG:
        return None
    return 18.0, "Call-ID and branch are bare decimal numbers, as scanners make them"


def _svmap_name(d: Deeds) -> Weighed:
    if not d.counts.marks & f.K_SVMAP_FROM or d.counts.marks & f.K_SIPVICIOUS_TAG:
        return None
    return 45.0, "it asks in the name of sip:100@1.1.1.1, as svmap and its copies do"


# Names that lists of guesses begin with. A real user may bear one of them.
_LISTED = frozenset(
    ("admin", "administrator", "asterisk", "default", "demo", "freepbx", "guest", "info",
     "operator", "pbx", "phone", "root", "sip", "support", "test", "test1", "tester", "trunk",
     "user", "user1", "voip")
)  # fmt: skip


def _listed_names(d: Deeds) -> Weighed:
    names = {text.lower() for text in d.profile.texts("accounts")} & _LISTED
    if len(names) < 2 or d.counts.marks & f.K_SIPP:
        return None
    return min(30.0, 8.0 * len(names)), (
        f"it tries names that lists of guesses hold: {', '.join(sorted(names)[:5])}"
    )


def _probe(d: Deeds) -> Weighed:
    if not d.counts.marks & f.K_NMAP:
        return None
    return 25.0, "it sends the probe of the port scanner Nmap"


# ------------------------------------------------------------ accounts and passwords


def _many_accounts(d: Deeds) -> Weighed:
    tried = min(d.excess_accounts, d.failures)
    if tried < 4:
        return _asks_once_each(d)
    weight = 10.0 if d.plays_list else min(60.0, 10.0 * math.log2(tried))
    return weight, (f"it tried {d.counts.accounts} accounts and failed {d.failures} times")


def _asks_once_each(d: Deeds) -> Weighed:
    """A sweep is known by who asks, whatever is answered: an outage says no to gateways, too."""
    c = d.counts
    once = c.registers == c.accounts == d.requests and not c.credentials and c.ports <= 2
    if not once or c.accounts < 10 or c.rejected < c.accounts or d.is_near:
        return None
    weight = min(18.0, 4.0 * math.log2(c.accounts))
    return weight, f"it registered {c.accounts} accounts, once each, and was let into none"


def _let_in_unasked(d: Deeds) -> Weighed:
    c = d.counts
    names = min(d.excess_accounts, c.anonymous)
    if names < 8 or d.door.challenges or c.credentials or d.is_near:
        return None
    if c.registers > 2 * c.accounts or d.plays_list:
        return None  # lines that renew their registration; a load test by its own word
    return min(30.0, 6.0 * math.log2(names)), (
        f"it registered {c.accounts} accounts from outside without a password, at a server that "
        "asks nobody for one: its yes says nothing of who may"
    )


def _password_changes(d: Deeds) -> Weighed:
    if d.counts.changed < 2:
        return None
    return 40.0, (
        f"{d.counts.changed + 1} different passwords for the same challenge: no phone has two"
    )


def _guessing_one(d: Deeds) -> Weighed:
    c = d.counts
    calls = min(c.refused_calls, c.refused)
    counted = min(c.refused, _tally.MAX_REFUSED_CALLS)
    if c.refused < max(10, 3 * c.accounts) or calls < 8 or calls * 2 < counted:
        return None
    if calls < 3 * min(c.accounts, len(d.profile.texts("refused_accounts"))):
        return None  # a gateway has a call for each of its lines, and repeats itself in it
    rate = c.refused / max(d.span_s, 1.0)
    if d.is_single_account and rate < 0.1:
        return None  # some phones take a new Call-ID for each try
    # A phone that takes a new Call-ID for each try is slow, and has one account.
    slope = 12.0 if d.is_single_account and rate < 0.5 else 16.0
    weight = slope * math.log10(c.refused) + 10.0 * math.log10(max(rate, 0.01)) + 17.0
    weight = min(64.0, weight)
    if weight <= 0:
        return None
    return weight, (
        f"{c.refused} refused passwords in {calls} calls, at {rate:.2g} a second: "
        "phones repeat themselves in one"
    )


def _refused_without_pause(d: Deeds) -> Weighed:
    """The same where no Call-ID tells: of one account, faster and longer than phones repeat."""
    c = d.counts
    if c.changed >= 2 or _guessing_one(d) is not None:
        return None
    each = c.refused / max(1, c.accounts, c.refused_calls)
    rate = each / max(d.span_s, 1.0)
    if each < 30 or rate < 1.0:
        return None  # baresip tries 16 times within 8 ms, then after 43 s and after 131 s
    weight = min(64.0, 16.0 * math.log10(each) + 10.0 * math.log10(rate) + 22.0)
    return weight, (
        f"{each:.0f} refused passwords of one account, {rate:.2g} a second on and on: "
        "phones pause after a few"
    )


def _missing_accounts(d: Deeds) -> Weighed:
    missing = d.counts.not_found
    if d.counts.answered * 3 >= missing:
        return None  # wrong numbers among many calls
    missed = d.profile.texts("missing_accounts")
    whole = set(whole_numbers((*missed, *d.profile.texts("numbers"))))
    names = [name for name in missed if name in whole and not d.is_number(name)]
    if d.counts.callers:  # a carrier brings calls to numbers that are gone
        names = [name for name in names if len(digits_of(name)) < _tally.CALLER_DIGITS]
    asked = max(d.counts.accounts, d.counts.targets, len(names)) - 2 * d.stations
    if missing < 4 or asked < 4:
        return None
    weight = 10.0 if d.plays_list else min(52.0, 9.0 * math.log2(min(missing, asked)))
    if d.counts.accepted:
        weight /= 3
    return weight, f"{missing} times it asked for users that do not exist, {asked} different ones"


_COLLEAGUES = 12


def _ignores_challenges(d: Deeds) -> Weighed:
    # One user calls many numbers, and a dozen colleagues: more extensions tell as accounts do.
    colleagues = min(d.extensions_called, _COLLEAGUES)
    names = d.counts.accounts + d.extensions_called - colleagues + colleagues // 3
    numbers = (d.counts.numbers - d.extensions_called) // 2
    asked = names + numbers + d.counts.targets - 3 * d.stations
    if d.ignored_challenges < 3 or d.counts.credentials or asked < 3:
        return None
    if d.counts.callers >= 2 and not d.outward:
        return None  # a carrier that is not listed has no password, and everybody's calls
    weight = 7.0 * math.log2(min(d.ignored_challenges, asked)) + (8.0 if d.counts_up else 2.0)
    weight = 10.0 if d.plays_list else min(48.0, weight)
    return weight, (
        f"it was asked for a password {d.ignored_challenges} times and never gave one, "
        f"but went on with other accounts or numbers"
    )


def _knocks_unheard(d: Deeds) -> Weighed:
    c = d.counts
    asked = max(c.accounts, c.targets, c.numbers) - 2 * d.stations
    if d.is_heard or d.is_peer or asked < 4:
        return None
    if c.callers >= 2 and not d.outward:
        return None  # a carrier of which one direction was captured
    return min(45.0, 6.0 * math.log2(asked)), (
        f"nothing answers it, yet it asks on for {asked} different users"
    )


def _many_hosts(d: Deeds) -> Weighed:
    c = d.counts
    if c.hosts < 4 or c.credentials or d.is_peer or c.answers >= c.messages:
        return None
    if d.requests > 2 * c.hosts and c.succeeded:
        return None  # a monitor asks again and again, and is answered
    if c.succeeded * 2 > c.hosts:
        return min(20.0, 4.0 * math.log2(c.hosts)), f"it asks {c.hosts} different hosts, once each"
    weight = min(44.0, 8.0 * math.log2(c.hosts))
    return weight, f"it asks {c.hosts} different hosts, most of which say nothing or no"


def _asks_around(d: Deeds) -> Weighed:
    c = d.counts
    if c.targets < 8 or c.options < c.targets or c.options * 4 < 3 * d.requests:
        return None
    if d.requests > 2 * c.targets or c.accepted or d.is_peer:
        return None  # a monitor comes again
    weight = min(36.0, 8.0 * math.log2(c.targets))
    return weight, f"OPTIONS for {c.targets} different users, once each: to see who is there"


# ------------------------------------------------------------ floods, forgeries, exploits


def _crowd(d: Deeds) -> Weighed:
    c = d.counts
    if d.crowd < 5 or c.credentials or c.succeeded > c.options or d.is_trusted:
        return None
    if not c.responses and c.registers * 2 >= d.requests:
        return None  # phones that nobody answers: an outage looks like that
    weight = min(36.0, 4.0 + 4.0 * math.log2(d.crowd))
    return weight, (
        f"it is one of {d.crowd} sources with the same User-Agent and order of headers, "
        "none of which ever gave a password, was let in, or keeps coming"
    )


def _flood(d: Deeds) -> Weighed:
    """Many calls, or many other requests without credentials: guessers are fast as well."""
    c = d.counts
    if c.accepted > 3 or d.plays_list or c.looped:
        return None
    seconds = max(1.0, d.span_s)
    if c.options >= 1000 and c.options / seconds >= 100 and c.targets <= 1 and not d.is_local:
        weight = min(60.0, 42.0 + 10.0 * math.log10(c.options / 1000))
        return weight, f"it sent {c.options} OPTIONS at {c.options / seconds:.0f} a second"
    if c.succeeded * 4 > d.requests:
        return None
    others = d.requests - c.invites - 2 * c.credentials - 2 * c.not_found
    for number, many, what in ((c.invites, 200, "calls"), (others, 1000, "requests")):
        rate = number / seconds
        if (number >= many and rate >= 20) or (number >= 200 and rate >= 100):
            weight = min(60.0, 42.0 + 10.0 * math.log10(number / 200))
            return weight, f"it sent {number} {what} at {rate:.0f} a second, in vain"
    return None


def _forged_via(d: Deeds) -> Weighed:
    if "via_names_target" not in d.profile.seen:
        return None
    return 30.0, "its INVITE claims in Via to come from the very host that it calls"


def _loopback_uri(d: Deeds) -> Weighed:
    if "loopback_uri" not in d.profile.seen:
        return None
    return 12.0, "it calls a loopback address over the network, as forging tools do"


def _empty_user(d: Deeds) -> Weighed:
    if "empty_uri_user" not in d.profile.seen:
        return None
    return 8.0, "it calls nobody: the user part of its request-URI is empty"


def _strange_accounts(d: Deeds) -> Weighed:
    strangers = d.counts.strangers
    if not strangers:
        return None
    return min(44.0, 4.0 + 14.0 * math.log2(strangers)), (
        f"{strangers} account names carry what SQL, a shell or a web page would obey"
    )


def _odd_messages(d: Deeds) -> Weighed:
    odd = d.counts.odd
    # Among many that only look sound a few are enough when nobody ever answers.
    unheard = odd >= 8 and odd * 8 >= d.requests and not d.is_heard
    if odd < 3 or (odd * 2 < d.requests and not unheard):
        return None
    return min(60.0, 26.0 * math.log10(odd)), f"{odd} malformed requests, as fuzzers send them"


# ------------------------------------------------------------ against guilt


def _registered(d: Deeds) -> Weighed:
    c = d.counts
    if not c.accepted or c.refused > 3 * c.accepted or _guesses_apart(d):
        return None
    # A thief has the password, too.
    weight = -8.0 if len(d.foreign_answered) > 2 or d.hunt >= HUNT_STRINGS else -20.0
    return weight, f"credentials from here were accepted {c.accepted} times"


def _guesses_apart(d: Deeds) -> bool:
    """Of those behind the address one guesses: what the others do well is not his."""
    return d.guesses_apart and _guessing_one(d) is not None


def _trusted(d: Deeds) -> Weighed:
    if not d.is_trusted:
        return None
    return -20.0, "its calls are let in without a password: the server knows it by its address"


def _one_account_only(d: Deeds) -> Weighed:
    c = d.counts
    if not c.refused or not d.is_single_account or d.bears_mark or c.changed > 1 or c.not_found > 3:
        return None
    if d.foreign_answered or d.hunted:
        return None
    guessing = _guessing_one(d)
    if guessing is not None and guessing[0] > 25.0:
        return None
    return -14.0, "all refusals are of one account: a phone with a wrong password does that"


def _peer(d: Deeds) -> Weighed:
    if not d.is_peer or _guesses_apart(d):
        return None
    return -16.0, f"others ask it and it answers ({d.counts.answers} answers): a server or trunk"


def _calls_succeed(d: Deeds) -> Weighed:
    c = d.counts
    # A call that is challenged is asked for twice.
    placed = max(c.answered, c.invites - min(c.invites // 2, c.challenged))
    if c.answered < 2 or c.answered * 3 < placed or d.foreign_answered or d.rings_phones:
        return None
    if d.hunt >= HUNT_STRINGS or _guesses_apart(d):
        return None
    return -10.0, f"{c.answered} of its {placed} calls were answered"


def _many_phones(d: Deeds) -> Weighed:
    kinds = len([agent for agent in d.agents if agent])
    ports = len(d.profile.ports)
    if kinds < 3 or ports < kinds or d.bears_mark:
        return None
    weight = max(-40.0, -10.0 * kinds)
    return weight, f"{kinds} makes of phone on {ports} ports: an office behind NAT"


def _neighbour(d: Deeds) -> Weighed:
    if d.bears_mark or "via_names_target" in d.profile.seen:
        return None
    if d.is_neighbour:
        return -12.0, "it is in the same network as the server that it asks"
    if d.is_local:
        return -8.0, "both it and the server have addresses that the Internet does not carry"
    return None


def _load_test(d: Deeds) -> Weighed:
    if not d.counts.marks & f.K_SIPP or d.bears_mark or d.hunted or d.foreign:
        return None
    return -20.0, "its tags are those of SIPp, a load generator that does not hide itself"


def _steady_ping(d: Deeds) -> Weighed:
    c = d.counts
    if c.options < 3 or c.options * 2 < d.requests or c.targets > 1 or c.accounts > 1:
        return None
    if d.bears_mark or d.requests < 3 * c.hosts:
        return None  # a tool; or a sweep, which asks each host once
    if d.span_s > (c.options - 1) * PING_S:
        return None  # a keep-alive comes at least once an hour
    if d.rate >= 2 or (c.odd and d.rate >= 1):
        return None  # who floods or fuzzes asks one user, too, but no keep-alive is that fast
    return -12.0, f"it asks one and the same user {c.options} times: a keep-alive"


RULES: tuple[Rule, ...] = (
    Rule(
        "sipvicious_tag",
        "",
        _sipvicious_tag,
        "an authorised test",
        "svhelper.createTag",
        "sipvicious_tag",
    ),
    Rule("svcrack_tag", "password_guessing", _svcrack_tag, "an authorised test", "svcrack.py"),
    Rule("tool_agent", "", _tool_agent, "an authorised test, a monitor", "names in tools' sources"),
    Rule("decimal_shape", "", _decimal_shape, "a home-made client", "SIPVicious sources"),
    Rule(
        "svmap_name",
        "scan",
        _svmap_name,
        "an authorised test",
        "svmap.py: the default From",
    ),
    Rule("nmap_probe", "scan", _probe, "an inventory scanner", "nmap-service-probes"),
    Rule(
        "many_accounts",
        "",
        _many_accounts,
        "an office behind one address in an outage",
        "lab and shared captures",
        "refused",
    ),
    Rule(
        "listed_names",
        "",
        _listed_names,
        "a lab whose accounts are called test and demo",
        "judgement: lists of guesses",
    ),
    Rule(
        "let_in_unasked",
        "enumeration",
        _let_in_unasked,
        "a gateway at a registrar without passwords",
        "judgement: honeypots",
    ),
    Rule(
        "password_changes",
        "password_guessing",
        _password_changes,
        "a user who types again",
        "RFC 7616 3.4.1: the digest depends on nothing else",
        "refused",
    ),
    Rule(
        "guessing_one",
        "password_guessing",
        _guessing_one,
        "a phone that loops",
        "lab: baresip repeats in one Call-ID",
        "refused",
    ),
    Rule(
        "refused_without_pause",
        "password_guessing",
        _refused_without_pause,
        "a phone that loops without a pause",
        "lab: baresip pauses after 16",
        "refused",
    ),
    Rule(
        "missing_accounts",
        "enumeration",
        _missing_accounts,
        "a stale phone book",
        "lab",
        "not_found",
    ),
    Rule(
        "ignores_challenges",
        "",
        _ignores_challenges,
        "a phone without a password",
        "lab: svwar against a strict server",
    ),
    Rule("asks_around", "scan", _asks_around, "a monitor that begins", "lab: OPTIONS sweeps"),
    Rule("knocks_unheard", "", _knocks_unheard, "a one-sided capture of an office", "judgement"),
    Rule(
        "many_hosts",
        "",
        _many_hosts,
        "a management system that looks for phones",
        "lab: calls past the server",
    ),
    *TOLL_RULES,
    Rule(
        "crowd",
        "",
        _crowd,
        "phones of one make during an outage",
        "lab: spoofed flood, spread scan",
    ),
    Rule("flood", "flood", _flood, "a load test", "lab"),
    Rule(
        "via_names_target",
        "spoofed_call",
        _forged_via,
        "a broken phone",
        "shared captures",
        "via_names_target",
    ),
    Rule(
        "loopback_uri",
        "spoofed_call",
        _loopback_uri,
        "a misconfigured lab",
        "shared captures",
        "loopback_uri",
    ),
    Rule(
        "empty_uri_user",
        "spoofed_call",
        _empty_user,
        "a broken phone",
        "shared captures",
        "empty_uri_user",
    ),
    Rule("strange_accounts", "exploit", _strange_accounts, "nobody known", "judgement"),
    Rule("odd_messages", "exploit", _odd_messages, "a broken phone, a damaged capture", "PROTOS"),
    Rule("registered", "", _registered, "", "lab", "entered"),
    Rule("trusted", "", _trusted, "", "lab: trunk"),
    Rule("one_account_only", "", _one_account_only, "", "lab", "refused"),
    Rule("peer", "", _peer, "", "lab"),
    Rule("calls_succeed", "", _calls_succeed, "", "shared captures", "answered"),
    Rule("many_phones", "", _many_phones, "", "lab: office behind NAT"),
    Rule("neighbour", "", _neighbour, "", "judgement"),
    Rule("load_test", "", _load_test, "", "SIPp: its default tags"),
    Rule("steady_ping", "", _steady_ping, "", "lab: trunk OPTIONS"),
)
