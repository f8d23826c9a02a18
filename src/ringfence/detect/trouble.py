"""Real users who need help: what it looks like, and what to tell them."""

from __future__ import annotations

from ringfence.detect.deeds import Deeds
from ringfence.detect.verdict import IN_TROUBLE, TROUBLE_REFUSALS, Verdict
from ringfence.model.incident import InTrouble
from ringfence.model.text import shown
from ringfence.wire.counts import utc

_SAY = {
    "bad_pin": "Ask the user to enter the password of account {account} anew; it is not an attack.",
    "wrong_user": "The account {account} does not exist here: correct the user name in the phone.",
    "loop": "Calls come back to where they came from: correct forwarding or the dialling plan.",
    "forbidden": "The server forbids this phone to register: check its server and its address.",
    "no_password": "Nobody gave this phone its password: enter it.",
    "unanswered": "Nobody answers this phone: check server address, firewall and NAT on the way.",
}


def users_in_trouble(verdicts: tuple[Verdict, ...]) -> list[InTrouble]:
    """One entry for each account in trouble, of each source that is no suspect."""
    found = []
    for v in verdicts:
        if v.verdict == IN_TROUBLE:
            found += _of_source(v.deeds)
    return found


def _of_source(d: Deeds) -> list[InTrouble]:
    c = d.counts
    since = utc(c.first) or ""
    missing = d.profile.texts("missing_accounts")
    if c.refused >= TROUBLE_REFUSALS or (not (missing or c.not_found) and c.refused):
        places = d.profile.seen.get("refused", [])
        since = utc(places[0][2]) or since if places else since
        accounts = _refused_accounts(d)
        each = f"{c.refused} times" if len(accounts) == 1 else f"{c.refused} times in all"
        why = f"the password was refused {each}, and it asks on: a phone with a wrong password"
        return [_entry(d, account, "bad_pin", why, since) for account in accounts]
    if c.looped >= TROUBLE_REFUSALS:
        why = f"{c.looped} of its calls were stopped because they went in a circle"
        return [_entry(d, "", "loop", why, since)]
    if c.not_found:
        why = f"it registers {c.registers} times as a user that does not exist"
        return [_entry(d, account, "wrong_user", why, since) for account in missing or ("",)]
    account = next(iter(d.profile.texts("accounts")), "")
    if c.forbidden >= TROUBLE_REFUSALS:
        why = f"it registers {c.registers} times and is forbidden to"
        return [_entry(d, account, "forbidden", why, since)]
    if c.responses:
        why = f"it registers {c.registers} times and never answers when asked for a password"
        return [_entry(d, account, "no_password", why, since)]
    why = f"it registers {c.registers + c.repeated} times and gets no answer"
    return [_entry(d, account, "unanswered", why, since)]


def _refused_accounts(d: Deeds) -> tuple[str, ...]:
    """Those that samples show; where every one of its lines was refused, all that it has."""
    refused = d.profile.texts("refused_accounts")
    if d.stations and d.counts.refused_calls >= d.counts.accounts > len(refused):
        refused = tuple(dict.fromkeys((*refused, *d.profile.texts("accounts"))))
    return refused or ("",)


def _entry(d: Deeds, account: str, looks_like: str, why: str, since: str) -> InTrouble:
    name = shown(account)
    return InTrouble(
        address=str(d.address),
        account=name,
        why=why,
        since=since,
        looks_like=looks_like,
        say=_SAY[looks_like].format(account=name),
    )
