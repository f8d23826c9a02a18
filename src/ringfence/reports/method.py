"""How it was found, how sure it is, what was read and what was not."""

from __future__ import annotations

from ringfence.model.incident import Campaign, Incident, Input
from ringfence.model.text import count
from ringfence.reports.report import Hand, Source, Term
from ringfence.reports.words import MAX_SENTENCE, decibans, listed, octets, span, told

# Captures, reasons and problems that are listed.
MAX_SOURCES = 200
_MAX_REASONS = 24
_MAX_PROBLEMS = 8

EXPLAINED = (
    (
        "Every SIP message of the captures was decoded and charged to the address that sent "
        "it; nothing was sent, asked or tried anywhere. A first challenge for a password is "
        "not a failure: only credentials that were sent and refused count as one."
    ),
    (
        "Each clue is weighed in decibans (dB), ten times the logarithm of how many times "
        "likelier an attacker is to show it than an honest source: +10 dB is ten to one, +20 "
        "dB a hundred to one, +30 dB a thousand to one; below zero it speaks for innocence. "
        "The sum starts at \N{MINUS SIGN}10 dB, since before anything is known one knocking "
        "source in ten is taken to be hostile. From +10 dB a source is a suspect, from +30 dB "
        "an attacker."
    ),
    (
        "The sum is not a measured probability. Clues are not quite independent and weights are "
        "judgement held against labelled traffic; a sum of +100 dB means far beyond the threshold. "
        "A verdict is about an address. Who used it is for others to find out."
    ),
    (
        "To contest a verdict, take one clue after the other: is its sentence true of the "
        "packets it names, and could an honest source have sent them? Strike it out, and see "
        "whether the rest carries. To repeat it, use the same captures, options and version."
    ),
    (
        "Costs are rough: answered calls by started minutes at the owner's rates, or at a "
        "coarse table that comes with the program. For an insurer or a court use the "
        "carrier's bill. Times are UTC by the clock of the machine that captured."
    ),
)
GLOSSARY = (
    Term("Account", "A user or extension of the phone system, with its own name and password."),
    Term("Answered call", "The other end, or an announcement, took the call: it is billed."),
    Term("Challenge", "The server's question for a password (401 or 407). Every phone gets it."),
    Term("Clue", "One reason for or against a source, with its weight and the packets it is from."),
    Term(
        "Deciban (dB)",
        "Unit of evidence: +10 dB makes guilt ten times likelier, \N{MINUS SIGN}10 dB innocence.",
    ),
    Term("Enumeration", "Asking for one account after the other to learn which exist."),
    Term("INVITE", "The SIP request that begins a call."),
    Term("One hand", "Addresses that share a trait no honest source shows: one attacker moves."),
    Term("OPTIONS", "The SIP request that asks what a server can do; scanners use it to find one."),
    Term("PBX", "The phone system: it connects extensions with each other and with the world."),
    Term("Prefix hunting", "Dialling a number with prefix after prefix until one gets a line."),
    Term("Proven", "The address received what was sent to it, so it is not forged."),
    Term("REGISTER", "The SIP request by which a phone signs in to its account."),
    Term("SHA-256", "A fingerprint of a file: the smallest change makes another one."),
    Term("SIP", "The protocol that sets up calls over the Internet, usually at port 5060."),
    Term("Toll fraud", "Calls at your cost to numbers that pay the thief for each minute."),
    Term("Trunk", "The line from the phone system to the carrier."),
    Term("UTC", "The time of the world's clocks, without zones and daylight saving."),
)


def sources_of(incident: Incident) -> tuple[Source, ...]:
    """The captures that were read."""
    return tuple(_source(number, i) for number, i in enumerate(incident.inputs[:MAX_SOURCES], 1))


def hands_of(incident: Incident) -> tuple[Hand, ...]:
    """Campaigns of more than one source."""
    return tuple(_hand(c) for c in incident.campaigns if len(c.sources) > 1)


def _source(number: int, i: Input) -> Source:
    ordered = sorted(i.not_decoded.items(), key=lambda reason: -reason[1])
    return Source(
        number=number,
        path=told(i.path, 120),
        sha256=told(i.sha256, 64),
        size=octets(i.bytes),
        messages=f"{count(i.sip_messages, 'SIP message')} in {count(i.packets, 'packet')}",
        when=span(i.first_seen or "", i.last_seen or ""),
        not_decoded=tuple((told(reason), packets) for reason, packets in ordered[:_MAX_REASONS]),
        problems=tuple(told(problem, MAX_SENTENCE) for problem in i.problems[:_MAX_PROBLEMS]),
    )


def _hand(c: Campaign) -> Hand:
    return Hand(
        told(c.id, 40), listed(c.sources, 8), told(c.fingerprint, MAX_SENTENCE), decibans(c.sure_db)
    )
