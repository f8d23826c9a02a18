"""The verdict in plain words: who, did they get in, what did it cost, who needs help."""

from __future__ import annotations

from ringfence.model.incident import Incident, Suspect
from ringfence.model.text import count
from ringfence.reports.report import Fact, Opening
from ringfence.reports.words import country, line, listed, minutes, money, span, told

# Suspects whose deeds the opening tells in a sentence each.
_MAX_SENTENCES = 3


def open_report(incident: Incident, *, redacted: bool = False) -> Opening:
    """The first thing that anybody reads; who is redacted is nobody who needs no help."""
    facts = _facts(incident)
    if redacted:
        facts = [*facts[:-1], Fact("Users", "Not named here", _ordinary(incident), "calm")]
    return Opening(tone(incident), _headline(incident), tuple(_sentences(incident)), tuple(facts))


def tone(incident: Incident) -> str:
    """Alarm when they got in, warn when somebody tries, calm else."""
    if any(_got_in(s) for s in incident.suspects):
        return "alarm"
    return "warn" if incident.suspects or not _has_sip(incident) else "calm"


def deeds(suspect: Suspect) -> str:
    """What a suspect did, in one sentence without its subject's name."""
    done = [words for kind in suspect.kinds if (words := _deed(kind, suspect))]
    if suspect.accounts_taken:
        taken = listed([told(account, 32) for account in suspect.accounts_taken], 4)
        noun = "account" if len(suspect.accounts_taken) == 1 else "accounts"
        done.append(f"had the password of {noun} {taken}")
    if suspect.calls_total:
        done.append(_calls(suspect))
    done = done or [f"sent {count(suspect.messages, 'message')}"]
    return f"{listed(done, len(done))}."


def _deed(kind: str, s: Suspect) -> str:
    if kind == "enumeration":
        return f"tried which of {count(s.accounts_tried, 'account')} exist"
    if kind == "password_guessing":
        refused = f" ({s.guesses:,} refused)" if s.guesses else ""
        return f"guessed passwords{refused}"
    if kind == "toll_fraud":
        return "" if s.calls_total else "tried to call abroad at your cost"
    return {
        "scan": "looked for phone systems to attack",
        "flood": f"flooded the server with {count(s.messages, 'message')}",
        "exploit": "sent messages made to break or trick a server",
        "spoofed_call": "sent calls that lie about where they come from",
    }.get(kind, "")


def _calls(s: Suspect) -> str:
    answered = s.calls_answered
    places = dict.fromkeys(f"{country(c.country)}, {line(c.kind)}" for c in answered)
    cost = "" if s.estimated_cost is None else f", about {money(s.estimated_cost, s.currency)}"
    where = f" ({listed(list(places), 3)})" if places else ""
    return f"had {count(s.calls_total, 'call')} answered{where}: {minutes(s.minutes)}{cost}"


def _got_in(suspect: Suspect) -> bool:
    return bool(suspect.accounts_taken or suspect.calls_total)


def _attackers(incident: Incident) -> list[Suspect]:
    return [s for s in incident.suspects if s.verdict == "attacker"]


def _has_sip(incident: Incident) -> bool:
    return any(i.sip_messages for i in incident.inputs)


def _unread(incident: Incident) -> str:
    """What an all-clear does not cover, in a sentence; "" when nothing of the kind was met."""
    unread: dict[str, int] = {}
    for reason, packets in (r for i in incident.inputs for r in i.not_decoded.items()):
        if "encrypted" in reason or "not known" in reason:
            unread[reason] = unread.get(reason, 0) + packets
    if not unread:
        return ""
    parts = [f"{count(packets, 'packet')} ({told(why)})" for why, packets in unread.items()]
    return f"Not read, so not covered by this: {listed(parts, 4)}."


def _who(incident: Incident) -> str:
    attackers = _attackers(incident)
    if not attackers:
        return count(len(incident.suspects), "suspect source") if incident.suspects else "Nobody"
    hands = {s.campaign for s in attackers}
    alone = ", one hand" if len(attackers) > 1 and len(hands) == 1 and None not in hands else ""
    return f"{count(len(attackers), 'attacker')}{alone}"


def _headline(incident: Incident) -> str:
    attackers, got_in = _attackers(incident), any(_got_in(s) for s in incident.suspects)
    if attackers:
        pronoun = "It" if len(attackers) == 1 else "They"
        return f"{_who(incident)}. {f'{pronoun} got in.' if got_in else 'No break-in was seen.'}"
    if incident.suspects:
        return f"{_who(incident)}. No certain attacker."
    if not _has_sip(incident):
        return "No SIP in what was read: nothing can be said."
    return "Nobody attacks in what was read."


def _sentences(incident: Incident) -> list[str]:
    found = [f"{s.address} {deeds(s)}" for s in incident.suspects[:_MAX_SENTENCES]]
    rest = len(incident.suspects) - len(found)
    if rest:
        found.append(f"{count(rest, 'more source')} below.")
    seen = [s for s in incident.suspects if s.first_seen]
    if seen:
        when = span(min(s.first_seen for s in seen), max(s.last_seen for s in seen))
        found.append(f"All of it was seen from {when} UTC." if " to " in when else f"Seen {when}.")
    if incident.suspects and not any(_got_in(s) for s in incident.suspects):
        found.append(
            "No password was seen to be accepted and no call of theirs to be answered; what "
            "happened before or after this capture, it cannot show."
        )
    if not incident.suspects and incident.in_trouble:
        found.append("What looked like an attack are users who need help.")
    if not incident.suspects and (unread := _unread(incident)):
        found.append(unread)
    return found


def _facts(incident: Incident) -> list[Fact]:
    got_in = [s for s in incident.suspects if _got_in(s)]
    return [
        Fact("Who", _who(incident), _addresses(incident), tone(incident)),
        _entry(got_in, incident),
        _cost(incident),
        _users(incident),
    ]


def _addresses(incident: Incident) -> str:
    named = _attackers(incident) or incident.suspects
    return listed([s.address for s in named], 2) if named else _ordinary(incident)


def _ordinary(incident: Incident) -> str:
    return f"{count(incident.ordinary, 'source')} did nothing wrong"


def _entry(got_in: list[Suspect], incident: Incident) -> Fact:
    taken = sorted({told(a, 32) for s in got_in for a in s.accounts_taken})
    if taken:
        known = "Passwords known" if len(taken) > 1 else "Password known"
        return Fact("Did they get in?", "Yes", f"{known}: account {listed(taken, 3)}", "alarm")
    if got_in:
        return Fact("Did they get in?", "Yes", "Calls were answered", "alarm")
    if incident.suspects:
        return Fact("Did they get in?", "Not seen", "As far as this capture shows", "warn")
    if not _has_sip(incident):
        return Fact("Did they get in?", "Unknown", "Nothing could be read", "warn")
    return Fact("Did they get in?", "No", "Nobody was seen to try", "calm")


def _cost(incident: Incident) -> Fact:
    calls = sum(s.calls_total for s in incident.suspects)
    if not calls and not _has_sip(incident):
        return Fact("Cost", "Unknown", "Nothing could be read", "warn")
    if not calls:
        return Fact("Cost", "None seen", "No call of theirs was answered", "calm")
    bills = [s for s in incident.suspects if s.estimated_cost is not None]
    total = sum(s.estimated_cost or 0.0 for s in bills)
    value = f"About {money(total, bills[0].currency)}" if bills else "Unknown"
    lasted = minutes(sum(s.minutes for s in incident.suspects))
    return Fact("Cost", value, f"{count(calls, 'answered call')}, {lasted}", "alarm")


def _users(incident: Incident) -> Fact:
    entries = incident.in_trouble
    if not entries:
        return Fact("Your users", "None in trouble", _ordinary(incident), "calm")
    value = f"{count(len(entries), 'user')} to help"
    accounts = [told(entry.account, 24) or entry.address for entry in entries]
    return Fact("Your users", value, f"{listed(accounts, 3)}: do not block", "warn")
