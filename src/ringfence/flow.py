"""The flow, on one page: captures in, incident out. The only module that imports stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.detect.deeds import Address
from ringfence.detect.dialled import read_dialled
from ringfence.detect.incident import file_incident
from ringfence.detect.links import link
from ringfence.detect.rates import Rates
from ringfence.detect.servers import find_ours
from ringfence.detect.toll import Tariff
from ringfence.detect.verdict import Verdict, weigh
from ringfence.detect.watch import Watch
from ringfence.model.incident import Incident, Input
from ringfence.model.text import shown
from ringfence.sources.capture_file import CaptureError, CaptureFile, in_order_of_time
from ringfence.wire.counts import not_decoded, utc
from ringfence.wire.decoder import ROWS, Decoder
from ringfence.wire.records import PacketKeeper
from ringfence.wire.table import MessageTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from ringfence.model.dossier import Dossier, FolderFile, Timeline
    from ringfence.model.evidence import PublicKey, Sealed, SealOptions, Verification
    from ringfence.model.exchange import Exchange
    from ringfence.model.ladder import LadderLine
    from ringfence.model.measure import BlockPlan, Sharing
    from ringfence.model.question import Question
    from ringfence.model.recording import Recorded, Recording
    from ringfence.search.selection import Selection
    from ringfence.sources.recorder import Recorder

__all__ = [
    "Address",
    "CaptureError",
    "Investigation",
    "Owner",
    "OwnerError",
    "Verdict",
    "add_evidence",
    "draw_ladder",
    "draw_svg",
    "export_messages",
    "find_exchange",
    "find_messages",
    "find_recorder",
    "interfaces",
    "investigate",
    "look_at_sharing",
    "plan_blocks",
    "read_messages",
    "record",
    "render_html",
    "render_pdf",
    "retell",
    "seal_evidence",
    "seal_options",
    "show_key",
    "stamp_evidence",
    "verify_evidence",
    "write_blocks",
]


class OwnerError(ValueError):
    """Something the owner told us makes no sense: a region, or a line of his rates file."""


@dataclass(frozen=True, slots=True)
class Investigation:
    """An incident and the verdicts that it was written from."""

    incident: Incident
    verdicts: tuple[Verdict, ...]

    def verdict_on(self, address: Address) -> Verdict | None:
        """The verdict on this source, None when it did nothing remarkable."""
        return next((v for v in self.verdicts if v.deeds.address == address), None)


@dataclass(frozen=True, slots=True)
class Owner:
    """What the owner says: his servers, his trunks and users, his region, his rates."""

    servers: tuple[Address, ...] = ()
    known: tuple[Address, ...] = ()
    home: str | None = None  # ISO 3166-1 region whose dialling plan his users have
    rates_file: str | None = None


def investigate(
    paths: list[str],
    owner: Owner = Owner(),
    progress: Callable[[int], None] | None = None,
) -> Investigation:
    """Decode the captures, weigh every source, write the incident. Raises CaptureError."""
    tariff = _tariff(owner)
    watch = Watch(ROWS)
    inputs: dict[int, Input] = {}
    for number in in_order_of_time(paths):
        capture = CaptureFile(paths[number])
        messages = 0
        for table in capture.tables():
            messages += len(table)
            watch.take(table, number)
            if progress is not None:
                progress(capture.decoder.batch.base)
        watch.measure_media(capture.decoder.batch)
        inputs[number] = _input(capture, messages)
    sources = watch.sources()
    ours = owner.servers or find_ours(sources.servers)
    weighed = [weigh(deeds) for deeds in sources.remarkable]
    verdicts = tuple(link(weighed, ours, owner.known))
    incident = file_incident(
        [inputs[n] for n in range(len(paths))], verdicts, sources.unremarkable, ours, tariff
    )
    return Investigation(incident, verdicts)


# What follows looks at messages, not at attackers: its stages load when it is asked for.


def find_messages(
    paths: list[str],
    question: Question,
    limit: int | None = None,
    problems: list[str] | None = None,
) -> Selection:
    """The messages that answer a question. Raises QuestionError now, CaptureError as it is read."""
    from ringfence.search.selection import Selection

    return Selection(read_messages(paths, problems), question, limit)


def export_messages(
    paths: list[str],
    question: Question,
    form: str,
    out: str,
    limit: int | None = None,
    problems: list[str] | None = None,
) -> Selection:
    """Write them to a file. Raises QuestionError, CaptureError, ExportError, OSError."""
    from ringfence import __version__
    from ringfence.search.export import open_writer
    from ringfence.search.selection import Selection

    tables = read_messages(paths, problems, keep_packets=form == "pcapng")
    selection = Selection(tables, question, limit)
    with open_writer(form, out, paths, f"ringfence {__version__}") as writer:
        selection.export(writer)
    if writer.without_packets and problems is not None:
        problems.append(f"{out}: the packets of {writer.without_packets} messages were not found")
    return selection


def find_exchange(
    paths: list[str], call_id: str | None, address: str | None, limit: int
) -> Exchange:
    """One call, or all that an address sent and received. Raises QuestionError, CaptureError."""
    from ringfence.model.question import Question
    from ringfence.search import selection as search

    addresses = (address,) if address else ()
    if call_id:
        selection = find_messages(paths, Question(call_ids=(call_id,), addresses=addresses))
        return search.exchange_of_call(selection, call_id, limit)
    selection = find_messages(paths, Question(addresses=addresses))
    return search.exchange_of_address(selection, address or "", limit)


def draw_ladder(exchange: Exchange, width: int, *, ascii_only: bool = False) -> list[LadderLine]:
    """The exchange as lines of text, `width` characters wide."""
    from ringfence.reports.ladder import draw_text

    return draw_text(exchange, width, ascii_only=ascii_only)


def draw_svg(exchange: Exchange) -> str:
    """The exchange as an SVG picture that stands alone."""
    from ringfence.reports.ladder_svg import draw_svg

    return draw_svg(exchange)


def look_at_sharing(paths: list[str], incident: Incident) -> tuple[Sharing, ...]:
    """Who shares the addresses of attackers that were let in; reads the captures once more.

    Nothing for standard input, which is gone. Raises CaptureError.
    """
    accused = {
        s.address: {call.account for call in s.calls_answered}
        for s in incident.suspects
        if s.verdict == "attacker" and s.proven != "none" and s.accounts_taken
    }
    if not accused or "-" in paths:
        return ()
    from ringfence.model.question import Question
    from ringfence.search import sharing

    selection = find_messages(paths, Question(addresses=tuple(accused)))
    return sharing.look_at_sharing(selection, accused)


def plan_blocks(
    found: Investigation,
    owner: Owner,
    case_id: str,
    now: datetime,
    lasts: timedelta | None = None,
    sharing: Sequence[Sharing] = (),
) -> BlockPlan:
    """Whom to block until when (a week), whom not and why. Raises ValueError."""
    from ringfence.respond import plan

    return plan.plan_blocks(
        found.incident, owner.known, owner.servers, case_id, now, lasts or plan.LASTS, sharing
    )


def write_blocks(plan: BlockPlan, folder: str, device: str | None = None) -> list[FolderFile]:
    """A block list for each kind of firewall, in `folder`. Raises ValueError, OSError."""
    from ringfence.respond.block import folder as block

    return block.write_blocks(plan, Path(folder), device)


def find_recorder() -> Recorder:
    """What can record here. Raises RecordingError."""
    from ringfence.sources import recorder

    return recorder.find_recorder()


def interfaces() -> list[str]:
    """Where it can listen."""
    from ringfence.sources import recorder

    return recorder.interfaces()


def record(
    wanted: Recording, recorder: Recorder | None = None, started: Callable[[], None] | None = None
) -> Recorded:
    """Record packets into files. Raises RecordingError."""
    from ringfence.sources import recorder as sources

    return sources.record(wanted, recorder, started)


def retell(paths: list[str], incident: Incident) -> tuple[Timeline | None, dict[str, Exchange]]:
    """The accused over time, and the exchange that decides about each; reads all captures again.

    Raises CaptureError.
    """
    if not incident.suspects:
        return None, {}
    from ringfence.search.decisive import Decisive
    from ringfence.search.timeline import timeline_of

    decisive = Decisive(incident)
    timeline = timeline_of(decisive.watch(read_messages(paths)), incident)
    return timeline, decisive.read(read_messages(paths))


def render_html(dossier: Dossier) -> str:
    """The report as one HTML file."""
    from ringfence.reports.page.html import render_html

    return render_html(dossier)


def render_pdf(dossier: Dossier) -> bytes:
    """The report as PDF/A. Raises PdfError, which says what to install."""
    from ringfence.reports.pdf import render_pdf

    return render_pdf(dossier)


def read_messages(
    paths: list[str], problems: list[str] | None = None, *, keep_packets: bool = False
) -> Iterator[tuple[int, Decoder, MessageTable]]:
    """Tables of all captures in turn, each valid until the next. Raises CaptureError."""
    for number, path in enumerate(paths):
        capture = CaptureFile(path)
        if keep_packets:
            capture.decoder.keeper = PacketKeeper()
        for table in capture.tables():
            yield number, capture.decoder, table
        if problems is not None:
            problems += (f"{path}: {problem}" for problem in _problems(capture))


# What is preserved for others.


def seal_options(
    case_id: str = "",
    *,
    key: str | None = None,
    timestamp: str | None = None,
    authority: str | None = None,
    originals: tuple[str, ...] = (),
) -> SealOptions:
    """How to seal, with what is known of this program, its user and its host."""
    from ringfence import __version__
    from ringfence.evidence.host_clock import read_host_clock
    from ringfence.evidence.operator import name_operator
    from ringfence.model.evidence import SealOptions

    return SealOptions(
        tool=f"ringfence {__version__}",
        who=name_operator(),
        case_id=case_id,
        clock=read_host_clock(),
        key_file=key,
        timestamp_url=timestamp,
        authority_file=authority,
        originals=originals,
    )


def seal_evidence(
    folder: str,
    incident: Incident,
    paths: list[str],
    options: SealOptions,
    now: Callable[[], str],
    add: Callable[[Path], None] | None = None,
) -> Sealed:
    """Seal what these captures told, as the next bag of a folder. Raises EvidenceError."""
    from ringfence.evidence.seal import seal
    from ringfence.model.evidence import EvidenceError

    try:
        return seal(Path(folder), incident, _with_packets(paths), options, now, add)
    except CaptureError as error:
        raise EvidenceError(f"the captures cannot be read again: {error}") from error


def add_evidence(
    folder: str,
    what: str,
    options: SealOptions,
    now: Callable[[], str],
    add: Callable[[Path], None] | None = None,
) -> Sealed:
    """Seal a note, and files that `add` writes, as the next bag of a case. Raises EvidenceError."""
    from ringfence.evidence.seal import seal_note

    return seal_note(Path(folder), what, options, now, add)


def _with_packets(paths: list[str]) -> Iterator[tuple[int, Decoder, MessageTable]]:
    """Tables of all captures in the order of time, from decoders that keep packets."""
    for number in in_order_of_time(paths):
        for _, decoder, table in read_messages([paths[number]], keep_packets=True):
            yield number, decoder, table


def verify_evidence(
    path: str, key: str | None = None, authority: str | None = None
) -> Verification:
    """Check sealed evidence, against the user's key or the one named. Raises EvidenceError."""
    from ringfence.evidence.key import default_key_file, known_key
    from ringfence.evidence.timestamp import read_roots
    from ringfence.evidence.verify import verify
    from ringfence.model.evidence import EvidenceError

    known = known_key(Path(key) if key else default_key_file())
    if key and known is None:
        raise EvidenceError(f"{key}: no Ed25519 key of SSH, nor {key}.pub")
    roots = read_roots(authority) if authority else ()
    return verify(Path(path), (known,) if known else (), roots, only_known=key is not None)


def show_key(key: str | None = None) -> PublicKey:
    """The public half of the key that seals; made when it is not there. Raises EvidenceError."""
    from ringfence.evidence.key import default_key_file, load_key

    return load_key(Path(key) if key else default_key_file()).public


def stamp_evidence(bag: str, url: str, key: str | None, authority: str | None) -> str:
    """Have a sealed bag time stamped; when it was. Raises EvidenceError."""
    from ringfence.evidence.seal import stamp_bag

    return stamp_bag(Path(bag), url, key, authority)


def _problems(capture: CaptureFile) -> list[str]:
    return [*capture.problems, *(damage.describe() for damage in capture.decoder.damages)]


def _tariff(owner: Owner) -> Tariff:
    """The owner's rates, or the rough ones that come with the project. Raises OwnerError."""
    if owner.rates_file is None:
        text = files("ringfence.detect").joinpath("rates.csv").read_text(encoding="utf-8")
    else:
        text = Path(owner.rates_file).read_text(encoding="utf-8")
    try:
        read_dialled("", owner.home)
        return Tariff(owner.home, Rates.parse(text))
    except ValueError as error:
        raise OwnerError(f"{owner.rates_file or owner.home}: {error}") from error


def _input(capture: CaptureFile, messages: int) -> Input:
    batch = capture.decoder.batch
    read = capture.read
    return Input(
        path=shown(capture.path),  # a name of other octets than UTF-8 is no JSON
        sha256=read.sha256,
        bytes=read.octets,
        packets=batch.packets,
        sip_messages=messages,
        first_seen=utc(batch.first_time),
        last_seen=utc(batch.last_time),
        not_decoded=not_decoded(batch) | capture.decoder.reassembly.unfinished(),
        problems=_problems(capture),
    )
