"""The table of clues: what speaks for and against guilt, and how much.

Each weight is 10·log10 of how much more often attackers show it than innocents
(decibans); `innocent` names the innocent who could show it as well. The sum is
order-free. These figures are judgement, bounded by the labelled captures at
hand; they are written where they are used, and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ringfence.detect import _fields as f
from ringfence.detect.deeds import Deeds
from ringfence.detect.numbers import is_international

ATTACKER_DB = 30.0
SUSPECT_DB = 10.0
# Before anything is known: one source in ten of those that knock is hostile.
PRIOR_DB = -10.0


@dataclass(frozen=True, slots=True)
class Rule:
    """One clue: `weigh` gives (decibans, sentence), or None when it does not apply."""

    name: str
    kind: str
    innocent: str
    weigh: Callable[[Deeds], tuple[float, str] | None]
    places: str = ""  # key of Profile.seen with the messages it rests on


def _sipvicious_tag(d: Deeds) -> tuple[float, str] | None:
    if not d.counts.marks & f.K_SIPVICIOUS_TAG:
        return None
    tools = sorted({text.split(" ")[0] for text in d.profile.texts("targets")} | (
        {"svcrack"} if len(d.profile.texts("guesses")) else set()
    ))
    named = f" ({', '.join(tools)})" if tools else ""
    return 50.0, f"its From tags are those that the attack tool SIPVicious{named} writes"


def _tool_agent(d: Deeds) -> tuple[float, str] | None:
    if not d.counts.marks & f.K_TOOL_AGENT:
        return None
    named = next((a for a in d.agents if a), "")
    return 26.0, f"it calls itself by the name of an attack tool: {named!r}"


def _probe(d: Deeds) -> tuple[float, str] | None:
    if not d.counts.marks & f.K_NMAP:
        return None
    return 16.0, "it sends the probe of the port scanner Nmap"


def _many_accounts(d: Deeds) -> tuple[float, str] | None:
    accounts = max(d.counts.accounts - d.counts.accepted, len(d.profile.texts("refused_accounts")))
    if accounts < 3 or d.failures < 3 or d.counts.accepted * 2 >= d.counts.accounts:
        return None
    weight = min(45.0, 8.0 * math.log2(min(accounts, d.failures)))
    return weight, f"it tried {d.counts.accounts} accounts, {d.failures} times in vain"


def _guessing_one(d: Deeds) -> tuple[float, str] | None:
    refused = d.counts.refused
    calls = len(d.profile.refused_calls)
    if refused < 20 or calls < 10 or d.span_s < 2 or refused / max(d.span_s, 1) < 1:
        return None
    weight = min(35.0, 10.0 * math.log10(refused) + 5.0)
    return weight, f"it had {refused} passwords refused at {refused / max(d.span_s, 1):.1f} a second"


def _missing_accounts(d: Deeds) -> tuple[float, str] | None:
    missing = d.counts.not_found
    if missing < 5 or d.counts.accounts + d.counts.numbers < 5:
        return None
    weight = min(30.0, 12.0 * math.log10(missing) + 4.0)
    return weight, f"{missing} of the users or numbers it asked for do not exist"


def _prefix_hunting(d: Deeds) -> tuple[float, str] | None:
    worst = max(d.prefixes_of.items(), key=lambda item: len(item[1]), default=None)
    if worst is None or len(worst[1]) < 3 or d.counts.answered > d.counts.invites // 2:
        return None
    suffix, dialled = worst
    shown = ", ".join(dialled[:3])
    weight = min(40.0, 18.0 + 6.0 * len(dialled))
    return weight, f"it dialled …{suffix} with {len(dialled)} different prefixes ({shown}, …)"


def _calls_without_account(d: Deeds) -> tuple[float, str] | None:
    foreign = [n for n in d.profile.texts("numbers") if is_international(n)]
    if len(foreign) < 2 or d.counts.accepted or d.counts.answered:
        return None
    weight = min(18.0, 6.0 * len(foreign))
    return weight, f"it tried {len(foreign)} international numbers without ever registering"


def _flood(d: Deeds) -> tuple[float, str] | None:
    if d.counts.invites < 100 or d.rate < 30 or d.counts.answered * 4 > d.counts.invites:
        return None
    return 25.0, f"it sent {d.counts.invites} calls at {d.rate:.0f} requests a second"


def _forged_via(d: Deeds) -> tuple[float, str] | None:
    if "via_names_target" not in d.profile.seen:
        return None
    return 25.0, "its INVITE claims in Via to come from the very phone that it calls"


def _loopback_uri(d: Deeds) -> tuple[float, str] | None:
    if "loopback_uri" not in d.profile.seen:
        return None
    return 15.0, "it calls a loopback address over the network, as forging tools do"


def _empty_user(d: Deeds) -> tuple[float, str] | None:
    if "empty_uri_user" not in d.profile.seen:
        return None
    return 8.0, "it calls nobody: the user part of its request-URI is empty"


def _registered(d: Deeds) -> tuple[float, str] | None:
    accepted = d.counts.accepted
    if not accepted or d.counts.refused > 4 * accepted:
        return None
    return -18.0, f"credentials from here were accepted {accepted} times"


def _one_account_only(d: Deeds) -> tuple[float, str] | None:
    if not d.counts.refused or not d.is_single_account or d.counts.not_found > 3:
        return None
    return -14.0, "all refusals are of one account: a phone with a wrong password does that"


def _serves(d: Deeds) -> tuple[float, str] | None:
    if d.counts.served < 5 or d.counts.served * 2 < d.requests:
        return None
    return -15.0, f"it is itself asked by others ({d.counts.served} requests): a server or trunk"


def _calls_succeed(d: Deeds) -> tuple[float, str] | None:
    if d.counts.answered < 2 or d.counts.answered * 2 < d.counts.invites:
        return None
    return -10.0, f"{d.counts.answered} of its {d.counts.invites} calls were answered"


RULES: tuple[Rule, ...] = (
    Rule("sipvicious_tag", "scan", "an authorised test", _sipvicious_tag, "sipvicious_tag"),
    Rule("tool_agent", "scan", "an authorised test, a monitor", _tool_agent),
    Rule("nmap_probe", "scan", "an inventory scanner", _probe),
    Rule("many_accounts", "password_guessing", "an office behind one address", _many_accounts,
         "refused"),
    Rule("guessing_one", "password_guessing", "a phone that loops", _guessing_one, "refused"),
    Rule("missing_accounts", "enumeration", "a stale phone book", _missing_accounts, "not_found"),
    Rule("prefix_hunting", "toll_fraud", "a user who tries dialling codes", _prefix_hunting, "call"),
    Rule("calls_without_account", "toll_fraud", "a carrier that is not listed",
         _calls_without_account, "call"),
    Rule("flood", "flood", "a load test", _flood, "call"),
    Rule("via_names_target", "spoofed_call", "a broken phone", _forged_via, "via_names_target"),
    Rule("loopback_uri", "spoofed_call", "a misconfigured lab", _loopback_uri, "loopback_uri"),
    Rule("empty_uri_user", "spoofed_call", "a broken phone", _empty_user, "empty_uri_user"),
    Rule("registered", "", "", _registered, "entered"),
    Rule("one_account_only", "", "", _one_account_only, "refused"),
    Rule("serves", "", "", _serves),
    Rule("calls_succeed", "", "", _calls_succeed, "answered"),
)
