"""What to do next, in order: the bleeding first, then the evidence, then those who can help."""

from __future__ import annotations

import shlex
from dataclasses import replace

from ringfence.model.dossier import Dossier, FolderFile
from ringfence.model.incident import Incident, Suspect
from ringfence.model.text import count
from ringfence.reports.desks import answering
from ringfence.reports.report import Step
from ringfence.reports.words import listed, told

# Addresses and accounts that a step names; the tables below it have all.
_MAX_NAMED = 6
# Networks whose desk a step names; the table has all.
_MAX_DESKS = 3
# Files of the folder that a step points at.
_MAX_FILES = 12
_COMPLAINTS = ("letters/ic3", "letters/fbi", "letters/police")


def plan_steps(dossier: Dossier) -> tuple[Step, ...]:
    """The steps that this case asks for."""
    if dossier.redacted:
        return tuple(_for_others(dossier))
    suspects = dossier.incident.suspects
    attackers = [s for s in suspects if s.verdict == "attacker"]
    steps = [
        *_close_accounts(suspects),
        *_stop_calls(dossier),
        *_block(_to_block(dossier, attackers), dossier),
        *_slow_down([s.address for s in attackers if s.proven == "none"]),
        *_look_closer([s.address for s in suspects if s.verdict != "attacker"]),
        *_help_users(dossier),
        *_keep(dossier),
        *_report(dossier, attackers),
        *_shut_the_door(attackers),
    ]
    return tuple(steps) or (_nothing(dossier.incident),)


def _files(dossier: Dossier, *beginnings: str) -> tuple[FolderFile, ...]:
    """Files of the case folder; a report in a folder within it names them by way of ../."""
    return tuple(f for f in dossier.files if f.path.removeprefix("../").startswith(beginnings))


def _close_accounts(suspects: list[Suspect]) -> list[Step]:
    taken = sorted({told(a, 32) for s in suspects for a in s.accounts_taken})
    if not taken:
        return []
    noun = "account" if len(taken) == 1 else "accounts"
    return [
        Step(
            f"Change the password of {noun} {listed(taken, _MAX_NAMED)} now, and hang up its calls",
            "The attacker knows the password. Set a long random one that has nothing to do with "
            "the extension number, delete every registration of the account that is not its "
            "owner's phone, and end the calls that are still up.",
        )
    ]


def _stop_calls(dossier: Dossier) -> list[Step]:
    calls = [c for s in dossier.incident.suspects for c in s.calls_answered]
    if not calls:
        return []
    open_ended = sum(c.seconds is None for c in calls)
    still = f" The end of {count(open_ended, 'call')} was not seen." if open_ended else ""
    return [
        Step(
            "Telephone your carrier: bar calls abroad, and dispute these calls",
            "Such calls come in series, and by the hour. Ask for a bar on international and "
            "premium numbers until this is over, and read out the table of answered calls below: "
            f"times, numbers, lengths.{still} Then send the letter.",
            (_letter(dossier, "carrier"),),
            _files(dossier, "letters/carrier"),
        )
    ]


def _to_block(dossier: Dossier, attackers: list[Suspect]) -> list[str]:
    """Whom the plan blocks; without a plan, whose address is proven."""
    if dossier.plan is not None:
        return [block.address for block in dossier.plan.blocks]
    return [s.address for s in attackers if s.proven != "none"]


def _left_alone(dossier: Dossier) -> list[str]:
    """A sentence on each proven attacker that the plan leaves alone: its reason."""
    if dossier.plan is None:
        return []
    proven = {s.address for s in dossier.incident.suspects if s.proven != "none"}
    kept = [w for w in dossier.plan.withheld if w.address in proven]
    more = len(kept) - _MAX_NAMED
    said = [f"Not in the lists: {w.address} ({told(w.reason, 160)})." for w in kept[:_MAX_NAMED]]
    return [*said, f"And {more:,} more: see block/."] if more > 0 else said


def _block(addresses: list[str], dossier: Dossier) -> list[Step]:
    alone = _left_alone(dossier)
    if not addresses:
        return [Step("Block nobody at the firewall yet", " ".join(alone))] if alone else []
    lists = _files(dossier, "block/")
    undo = [f.path for f in lists if "undo" in f.path]
    files = tuple(f for f in lists if f.path not in undo)
    nft = [f"sudo nft -f {f.path}" for f in files if f.path.endswith(".nft")][:1]
    back = [f"To take it back: sudo nft -f {path}." for path in undo if path.endswith(".nft")][:1]
    how = (
        "Take the list that fits your firewall; its first lines say how to load and to undo it. "
        "The lists leave out what would hit you: an address that you need, or that others share."
        if files
        else "Drop everything that comes from there, before it reaches the phone system."
    )
    proven = "They are proven, not forged." if len(addresses) > 1 else "It is proven, not forged."
    return [
        Step(
            f"Block {listed(addresses, _MAX_NAMED)} at the firewall",
            " ".join([proven, how, *back, *alone]),
            tuple(nft),
            _a_file_each(files),
        )
    ]


def _a_file_each(files: tuple[FolderFile, ...]) -> tuple[FolderFile, ...]:
    """The page that explains the lists, then one list for each kind of firewall."""
    pages = [f for f in files if f.path.endswith(".md")]
    kinds = {f.path.rpartition("/")[2].partition(".")[0]: f for f in files if f not in pages}
    return (*pages, *kinds.values())[:_MAX_FILES]


def _slow_down(addresses: list[str]) -> list[Step]:
    if not addresses:
        return []
    return [
        Step(
            f"Slow down, but do not block, {listed(addresses, _MAX_NAMED)}",
            "The address may be forged, perhaps to have you block somebody you need, such as your "
            "carrier. Limit how many requests a second it may send.",
        )
    ]


def _look_closer(addresses: list[str]) -> list[Step]:
    if not addresses:
        return []
    return [
        Step(
            f"Look closer at {listed(addresses, _MAX_NAMED)}",
            "Suspect, but not certain. Ask whether somebody of yours uses the address; the clues "
            "below say what speaks for and against it.",
        )
    ]


def _help_users(dossier: Dossier) -> list[Step]:
    entries = dossier.incident.in_trouble
    if not entries:
        return []
    names = [told(e.account, 24) or e.address for e in entries]
    return [
        Step(
            f"Help {count(len(entries), 'user')}: {listed(names, _MAX_NAMED)}",
            "They look like attackers to a counter of failures, and are none. What to tell each "
            "of them stands under “Users in trouble”. Do not block them.",
        )
    ]


def _keep(dossier: Dossier) -> list[Step]:
    if not dossier.incident.suspects:
        return []
    files = _files(dossier, "evidence/")
    there = ".." if files and files[0].path.startswith("../") else "."
    verify = (f"ringfence verify {there}",) if files else ()
    return [
        Step(
            "Keep the captures and this folder unchanged",
            "They are the evidence. Copy the folder to a medium that is put away, and work with "
            "the copy; the SHA-256 sums below show later that nothing was altered.",
            verify,
            files[:4],
        )
    ]


def _report(dossier: Dossier, attackers: list[Suspect]) -> list[Step]:
    if not attackers:
        return []
    outside, letters = _files(dossier, "for-others/"), _files(dossier, "letters/abuse")
    steps = [
        Step(
            "Tell those who answer for the address",
            f"{_who_answers(dossier.incident, attackers)} The network's abuse desk can shut the "
            "source down. Outsiders get the redacted copy only: the rest of this folder names "
            "your users.",
            (_next_command(dossier),),
            (letters + outside)[:8],
        )
    ]
    if any(s.accounts_taken or s.calls_total for s in attackers):
        signed = _files(dossier, *_COMPLAINTS, "report.pdf", "evidence/README")
        steps.append(
            Step(
                "File a complaint, and tell your insurer",
                "Sign the printed report. Police and insurers ask for the case number, the "
                "amount, and when it happened; the sealed evidence stays with you until an "
                "officer asks for it.",
                (_letter(dossier, "police"),),
                signed,
            )
        )
    return steps


def _who_answers(incident: Incident, attackers: list[Suspect]) -> str:
    """Sentences on whom to tell; who is only suspect is not reported."""
    accused = {s.address for s in attackers}
    entries = [
        replace(entry, addresses=named)
        for entry in incident.attribution
        if (named := [address for address in entry.addresses if address in accused])
    ]
    if not entries:
        return "Nobody was asked yet who that is."
    exercise = any(entry.exercise for entry in entries)
    said = ["An example registry answered: nobody here is real."] if exercise else []
    return " ".join([*said, *answering(entries, _MAX_DESKS)])


def _next_command(dossier: Dossier) -> str:
    """A letter where somebody is known to write to; else the question who that is."""
    if any(entry.best for entry in dossier.incident.attribution):
        return _letter(dossier, "abuse")
    return f"ringfence who --case {shlex.quote(told(dossier.case_id, 40))}"


def _letter(dossier: Dossier, kind: str) -> str:
    return f"ringfence letter {shlex.quote(told(dossier.case_id, 40))} {kind}"


def _shut_the_door(attackers: list[Suspect]) -> list[Step]:
    if not attackers:
        return []
    return [
        Step(
            "Shut the door for the next one",
            "He comes back from another address. Let only your SIP trunk's provider and a tunnel "
            "for users on the road reach port 5060; give every account a long random password, "
            "none of them equal, none of them the extension; bar destinations nobody calls.",
        )
    ]


def _for_others(dossier: Dossier) -> list[Step]:
    """The reader is somebody outside."""
    attackers = [s.address for s in dossier.incident.suspects if s.verdict == "attacker"]
    if not attackers:
        return [_nothing(dossier.incident)]
    return [
        Step(
            f"Stop what {listed(attackers, _MAX_NAMED)} does, or find out who uses it",
            "Times are UTC by the clock of the capturing machine. Names, private addresses and "
            "credentials of users are replaced, the same one always by the same pseudonym.",
        ),
        Step(
            f"Answer with the case number {dossier.case_id}",
            "The sealed evidence is kept, and can be asked for.",
        ),
    ]


def _nothing(incident: Incident) -> Step:
    if not sum(i.sip_messages for i in incident.inputs):
        return Step(
            "Capture again, where the signalling passes",
            "What was read holds no SIP that can be read: capture at the phone system itself, "
            "all ports. Encrypted signalling has to be captured behind the point that ends it.",
        )
    return Step(
        "Nothing has to be done",
        "If the trouble goes on, capture again while it happens, at the phone system itself.",
    )
