"""A case to its letters: written, kept in the case folder, sent through the owner's server.

    case ──▶ brief ──▶ letters ──▶ files ──▶ the owner's mail server
             redacted incident     .txt .eml .pdf     journal, Message-ID
             contacts, evidence

Nothing is sent but what was asked for by name; nothing of an exercise is sent at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from ringfence.flow.brief import Gathered, LetterOptions, brief_of
from ringfence.flow.casebook import Casebook, now
from ringfence.flow.settings import sender_of
from ringfence.flow.status import LETTERS
from ringfence.model.case import MERGED, StoreError
from ringfence.model.domain import ascii_domain, smtp_mailbox
from ringfence.model.endpoint import within
from ringfence.model.follow_up import DONE, WAITING
from ringfence.model.letter import (
    ABUSE,
    LETTER_KINDS,
    NEVER_MAILED,
    SIGNED,
    Brief,
    Letter,
    LetterError,
    SentLetter,
)
from ringfence.model.post import PostError
from ringfence.model.settings import SettingsError

if TYPE_CHECKING:
    from ringfence.model.case import Case
    from ringfence.model.post import Sent
    from ringfence.model.settings import Settings

__all__ = [
    "KeptLetter",
    "LetterError",
    "LetterOptions",
    "Letters",
    "PostError",
    "as_shown",
    "keep_letters",
    "not_sendable",
    "open_letters",
    "send_letter",
]


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of one kind, composed and not yet written anywhere."""

    case: Case
    folder: Path  # the case folder
    letters: tuple[Letter, ...]
    brief: Brief
    options: LetterOptions
    held: Mapping[str, str]  # networks that are not to be written to now, and why


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter that lies under its case."""

    letter: Letter
    entry: SentLetter
    files: tuple[Path, ...]
    problems: tuple[str, ...] = ()


def open_letters(
    book: Casebook, name: str, kind: str, options: LetterOptions, notes: list[str] | None = None
) -> Letters:
    """Compose letters; asks registries for contacts that are not known yet, unless offline.

    `notes` gets what is missing without being wrong. Raises LetterError, CaseError,
    StoreError, AttributionError, CaptureError, OSError.
    """
    from ringfence.reports.letters.write import write_letters

    if kind not in LETTER_KINDS:
        raise LetterError(f"there is no letter {kind}: one of {', '.join(LETTER_KINDS)}")
    case = book.find(name)
    if case.state == MERGED:
        raise LetterError(f"{case.id} was merged into {case.merged_into}: name that one")
    gathered = brief_of(book, case, kind, options, notes if notes is not None else [])
    letters = write_letters(kind, gathered.brief)
    held: dict[str, str] = {}
    if options.network is not None:
        letters = _of_network(letters, options.network)
    elif kind == ABUSE:
        held = _held(gathered, letters)
    return Letters(case, gathered.folder, letters, gathered.brief, options, held)


def as_shown(written: Letters) -> list[str]:
    """Each letter as text, for a look before anything is written."""
    from ringfence.reports.letters.mail import as_text

    return [as_text(letter) for letter in written.letters]


def keep_letters(book: Casebook, written: Letters) -> list[KeptLetter]:
    """Write the files of letters into the case folder, and the letters into the journal.

    A draft of the same letter that was never sent is replaced. Raises LetterError, OSError,
    StoreError, CaseError.
    """
    return [_keep(book, written, letter) for letter in written.letters]


def not_sendable(written: Letters, letter: Letter) -> str:
    """Why a letter cannot or should not be sent by mail now; "" when it can."""
    if letter.exercise:
        return "an example registry answered: this is an exercise, and nothing of it is sent"
    if letter.kind in NEVER_MAILED:
        return f"{letter.kind} is not mailed: it is read out or typed into a form"
    if not letter.to:
        return f"{letter.name}: no mailbox is known; the remarks of the letter say what to do"
    if why := written.held.get(letter.network):
        return f"{letter.name}: {why}; `--network {letter.network}` sends it all the same"
    return _no_way_out(written.options.settings)


def _no_way_out(settings: Settings) -> str:
    if not settings.mail.server:
        return "no mail server is named: settings.toml, mail.server (`ringfence settings init`)"
    try:
        sender_of(settings)
    except SettingsError as error:
        return str(error)
    return ""


def send_letter(
    book: Casebook, written: Letters, kept: KeptLetter, *, in_the_clear: bool = False
) -> Sent:
    """Send one letter through the owner's mail server; the journal keeps its Message-ID.

    Raises LetterError where it must not be sent, PostError where it could not be.
    """
    from ringfence.reports.post import send

    settings, number = written.options.settings, kept.entry.number
    if why_not := not_sendable(written, kept.letter):
        raise LetterError(why_not)
    if any(one.number == number and one.sent_at for one in book.letters(written.case)):
        raise LetterError(f"letter {number} went out already: see `ringfence case letters`")
    at, message_id = now(), _message_id(written)
    octets = _mail(written, kept.letter, at, message_id)
    _mail_file(kept).write_bytes(octets)  # whatever becomes of it, what was handed over is here
    receivers = [*kept.letter.to, *kept.letter.copy]
    try:
        sent = send(
            octets, sender_of(settings), receivers, settings.mail, in_the_clear=in_the_clear
        )
    except PostError as error:
        if error.maybe_sent:
            book.note(
                written.case.id, f"letter {number} may have been sent as {message_id}: {error}"
            )
        raise
    try:
        if _reached_desk(kept.letter, sent):
            book.letter_sent(written.case, number, message_id, at)
        if sent.refused:
            refused = ", ".join(f"{one.mailbox} ({one.says})" for one in sent.refused)
            says = f"letter {number}, {message_id}, was not taken for {refused}"
            book.note(written.case.id, says[:5_000])
    except StoreError as error:
        raise StoreError(
            f"letter {number} went out as {message_id}, and the store does not know it: {error}"
        ) from error
    return sent


def _reached_desk(letter: Letter, sent: Sent) -> bool:
    """Whether somebody it is to has it: a copy for a response team tells no desk."""
    refused = {one.mailbox for one in sent.refused}
    return any(smtp_mailbox(mailbox) not in refused for mailbox in letter.to)


# ---- which letters ---------------------------------------------------------------


def _of_network(letters: Iterable[Letter], wanted: str) -> tuple[Letter, ...]:
    every = tuple(letters)
    chosen = tuple(one for one in every if _is_about(one, wanted))
    if chosen:
        return chosen
    known = ", ".join(one.network for one in every if one.network) or "none"
    raise LetterError(f"--network {wanted}: no letter is about it; networks are {known}")


def _is_about(letter: Letter, wanted: str) -> bool:
    return wanted in (letter.network, *letter.addresses) or within(wanted, letter.network)


def _held(gathered: Gathered, letters: Sequence[Letter]) -> dict[str, str]:
    """Desks that were told and whose turn it is, and those that only a forged address names."""
    suspects = gathered.brief.incident.suspects
    proven = {s.address for s in suspects if s.verdict == "attacker" and s.proven != "none"}
    held = {
        one.network: "no attacker's address there is proven, and it may have nothing to do with it"
        for one in letters
        if not proven.intersection(one.addresses)
    }
    for step in gathered.steps:
        if step.step == "abuse_mailed" and step.state in (DONE, WAITING):
            for one in letters:
                # A network that has two desks is one step.
                inside = all(within(address, step.network) for address in one.addresses)
                if inside or one.network == step.network:
                    held.setdefault(one.network, step.says.rstrip("."))
    return held


# ---- files -----------------------------------------------------------------------


def _keep(book: Casebook, written: Letters, letter: Letter) -> KeptLetter:
    before = [
        one
        for one in book.letters(written.case)
        if one.kind == letter.kind and one.network == letter.network
    ]
    name = _free_name(written, letter.name, before)
    files, problems = _write_files(written, letter, name)
    entry = SentLetter(
        number=next((one.number for one in before if not one.sent_at), 0),
        case_id=written.case.id,
        kind=letter.kind,
        at=written.brief.made_at,
        receiver=letter.receiver,
        to=letter.to,
        subject=letter.subject,
        network=letter.network,
        addresses=letter.addresses,
        file=f"{LETTERS}/{name}.txt",
    )
    return KeptLetter(letter, book.record_letter(written.case, entry), files, problems)


def _free_name(written: Letters, name: str, before: Iterable[SentLetter]) -> str:
    """A name that a draft of this letter has, or no letter: cases may share a folder."""
    is_sent = {one.file: bool(one.sent_at) for one in sorted(before, key=lambda one: one.sent_at)}
    for one in chain([name], (f"{name}-{number}" for number in count(2))):
        file = f"{LETTERS}/{one}.txt"
        if not is_sent.get(file, (written.folder / file).exists()):
            break
    return one


def _write_files(
    written: Letters, letter: Letter, name: str
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    from ringfence.reports.letters.mail import as_text

    place, problems = written.folder / LETTERS, []
    place.mkdir(exist_ok=True)
    files = [place / f"{name}.txt"]
    for stale in (".eml", ".pdf"):  # of the draft before: this one may have none
        files[0].with_name(f"{name}{stale}").unlink(missing_ok=True)
    files[0].write_text(as_text(letter), encoding="utf-8")
    if letter.kind not in NEVER_MAILED and letter.to:
        try:
            octets = _mail(written, letter, written.brief.made_at, _message_id(written))
            files.append(place / f"{name}.eml")
            files[-1].write_bytes(octets)
        except LetterError as error:
            problems.append(f"no mail of it: {error}")
    if letter.kind in SIGNED:
        paper = place / f"{name}.pdf"
        problem = _write_paper(written, letter, paper)
        if problem:
            problems.append(f"nothing on paper: {problem}")
        else:
            files.append(paper)
    for attachment in letter.attachments:
        own = attachment.name.removeprefix(f"{letter.case_id}-")
        files.append(place / f"{name}-{own}")
        files[-1].write_bytes(attachment.octets)
    return tuple(files), tuple(problems)


def _write_paper(written: Letters, letter: Letter, path: Path) -> str:
    """On paper, to sign, where typst is installed; else why not."""
    from ringfence.reports.letters.paper import render_letter_pdf
    from ringfence.reports.typeset import PdfError

    try:
        octets = render_letter_pdf(letter, written.options.settings.victim, written.brief.made_at)
    except PdfError as error:
        return str(error)
    path.write_bytes(octets)
    return ""


def _mail_file(kept: KeptLetter) -> Path:
    return kept.files[0].with_suffix(".eml")


def _mail(written: Letters, letter: Letter, at: str, message_id: str) -> bytes:
    from ringfence.reports.letters.mail import as_mail

    return as_mail(letter, written.options.settings, at, message_id)


def _message_id(written: Letters) -> str:
    """One that names the case: replies are matched by it."""
    try:
        domain = ascii_domain(sender_of(written.options.settings).rpartition("@")[2])
    except SettingsError:
        domain = None
    return f"<{written.case.id.lower()}.{uuid4().hex}@{domain or 'ringfence.invalid'}>"
