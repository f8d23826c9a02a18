"""Picked messages, read into the profile of their source."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from ringfence.detect import _fields as f
from ringfence.detect._tally import CALLER_DIGITS, FOREIGN_DIGITS
from ringfence.detect.profile import MAX_CALLS, MAX_PLACES, MAX_TEXT, Call, MediaEnd, Profile
from ringfence.detect.sipvicious import read_tag
from ringfence.wire import _columns as columns
from ringfence.wire._parts import parts_of
from ringfence.wire.table import MessageTable, unmapped

# (input number, packet number, time in ns) of a message
Place = tuple[int, int, int]
_LOOPBACK_HOSTS = (b"127.0.0.1", b"localhost", b"0.0.0.0", b"::1")


# The 32-bit and the 64-bit columns of a batch.
Views = tuple["memoryview[int]", "memoryview[int]"]


def views_of(table: MessageTable) -> Views:
    """Columns as they are read fastest; made once for all messages of a table."""
    return memoryview(table.batch.slots), memoryview(table.batch.wide)


class PickedMessage:
    """One picked row: numbers and texts by column, read when asked for."""

    __slots__ = ("_base", "_octets", "_slots", "_wide", "_words", "reason")

    def __init__(
        self, table: MessageTable, row: int, reason: int, views: Views | None = None
    ) -> None:
        parts_of(table.batch, row)
        self._base = row * columns.SLOT_WIDTH
        self._wide = row * columns.WIDE_WIDTH
        self._slots, self._words = views or views_of(table)
        self._octets = table.octets
        self.reason = reason

    def number(self, slot: int) -> int:
        """A 32-bit column."""
        return self._slots[self._base + slot]

    def wide(self, slot: int) -> int:
        """A 64-bit column."""
        return self._words[self._wide + slot]

    def octets(self, slot: int) -> bytes:
        """The octets of a span, cut to what a profile keeps."""
        return bytes(self._span(slot))

    def text(self, slot: int) -> str:
        """A span as text; octets that are not UTF-8 as escapes."""
        return self._span(slot).decode("utf-8", "backslashreplace")

    def _span(self, slot: int) -> bytearray | bytes:
        o = self._base + slot
        length = self._slots[o + 1]
        if not length:
            return b""
        if length > MAX_TEXT:  # noqa: PLR1730  min() takes three times as long
            length = MAX_TEXT
        at = self._slots[o]
        return self._octets[at : at + length]

    @property
    def account(self) -> str:
        """The user that a REGISTER binds, or that another request is sent by."""
        method = self.number(columns.METHOD) or self.number(columns.CSEQ_METHOD)
        return self.text(columns.TO_USER if method == columns.M_REGISTER else columns.FROM_USER)

    @property
    def asker_port(self) -> int:
        """Port of the side that asks: of a request its source, of an answer its destination."""
        is_request = self.number(columns.METHOD)
        return self.number(columns.SOURCE_PORT if is_request else columns.DESTINATION_PORT)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request, as its answer says: kept where the request is still to come."""

    method: int
    account: str
    asked_for: str
    status: int
    call_hash: int
    media: tuple[MediaEnd, ...]
    port: int  # of the side that asked
    place: Place


def outcome_of(message: PickedMessage, place: Place) -> Outcome:
    """The outcome that an answer tells of, or the request itself when its answer is not at hand."""
    method = message.number(columns.METHOD) or message.number(columns.CSEQ_METHOD)
    asked_for = message.text(columns.TO_USER)
    return Outcome(
        method,
        asked_for if method == columns.M_REGISTER else message.text(columns.FROM_USER),
        asked_for,
        message.number(columns.STATUS) or 200,
        message.wide(columns.CALL_HASH),
        _media(message) if method == columns.M_INVITE else (),
        message.asker_port,
        place,
    )


def read_request(message: PickedMessage, profile: Profile, place: Place) -> None:
    """Keep what a request shows of its sender."""
    reason = message.reason
    authorised = message.text(columns.AUTH_USER)
    account = authorised or message.account
    named = "accounts" if authorised or not _is_caller(message, account) else "callers"
    profile.add(named, account)
    profile.add("agents", message.text(columns.USER_AGENT))
    if len(profile.ports) < MAX_CALLS:
        profile.ports.add(message.number(columns.SOURCE_PORT))
    if reason & (f.P_MARK | f.P_GUESS):
        _read_tag(message, profile, place)
    if reason & f.P_NUMBER:
        _read_invite(message, profile, account, place)


def _is_caller(message: PickedMessage, name: str) -> bool:
    """Whether the tally takes this name for that of a caller, not for an account."""
    if message.number(columns.METHOD) == columns.M_REGISTER or not name.isascii():
        return False
    digits = name.removeprefix("+")
    return not name or name.isalpha() or (digits.isdigit() and len(digits) >= CALLER_DIGITS)


def _read_tag(message: PickedMessage, profile: Profile, place: Place) -> None:
    leak = read_tag(message.octets(columns.FROM_TAG))
    if leak is None:
        return
    profile.note("sipvicious_tag", place)
    profile.note_hostile(message.asker_port)
    if leak.guess is not None:
        profile.add("guesses", f"{leak.target}:{leak.guess}")
    elif leak.target:
        profile.add("targets", f"{leak.tool} {leak.target}")


def _read_invite(message: PickedMessage, profile: Profile, account: str, place: Place) -> None:
    number = message.text(columns.URI_USER)
    profile.add("numbers", number)
    profile.note("call", place)
    if len(profile.seen["call"]) < MAX_PLACES:
        _read_lies(message, profile, place)
    call_hash = message.wide(columns.CALL_HASH)
    call = profile.calls.get(call_hash)
    if call is None:
        if len(profile.calls) < MAX_CALLS:
            profile.calls[call_hash] = Call(
                number,
                account,
                place[2],
                at=place,
                port=message.asker_port,
                media=_media(message),
            )
    elif not call.is_asked:
        call.ask(number, account, place, _media(message))


def read_outcome(outcome: Outcome, reason: int, profile: Profile) -> None:
    """Keep what became of a request."""
    place = outcome.place
    if reason & f.P_REFUSED:
        profile.add("refused_accounts", outcome.account)
        profile.note("refused", place)
        profile.note_flow("refused", outcome.account, outcome.port, place[2])
        profile.note_hostile(outcome.port)
        if len(profile.refused_calls) < MAX_CALLS:
            profile.refused_calls.add(outcome.call_hash)
    elif reason & f.P_NOT_FOUND:
        profile.add("missing_accounts", outcome.asked_for)
        profile.note("not_found", place)
        profile.note_hostile(outcome.port)
        if outcome.method == columns.M_INVITE and _leaves_country(outcome.asked_for):
            # Dialled, whether or not its INVITE is looked at: no name that was guessed.
            profile.add("numbers", outcome.asked_for)
    elif reason & f.P_ENTERED:
        profile.add("accepted_accounts", outcome.account)
        profile.note("entered", place)
        profile.note_flow("entered", outcome.account, outcome.port, place[2])
    elif reason & f.P_ANSWER:
        _read_answer(outcome, profile)


def _read_answer(outcome: Outcome, profile: Profile) -> None:
    call_hash, place = outcome.call_hash, outcome.place
    call = profile.calls.get(call_hash)
    if call is None:
        if len(profile.calls) >= MAX_CALLS or outcome.status >= 300:
            return
        number = outcome.asked_for
        profile.add("numbers", number)
        call = Call(number, outcome.account, place[2], at=place, port=outcome.port, is_asked=False)
        profile.calls[call_hash] = call
    call.status = outcome.status
    if 200 <= outcome.status < 300 and not call.answered_ns:
        call.answered_ns = place[2]
        call.ended_ns = 0  # an end that was read before is none of an answered call
        call.media += outcome.media
        profile.note("answered", place)


def _leaves_country(number: str) -> bool:
    """As the tally asks it of what an INVITE dials."""
    return len(number) >= FOREIGN_DIGITS or (len(number) > 7 and number[0] in "+0")


def _media(message: PickedMessage) -> tuple[MediaEnd, ...]:
    """Where this message's sender wants its media: as it writes, and where it is."""
    port = message.number(columns.SDP_PORT)
    if not port:
        return ()
    stated = message.octets(columns.SDP_ADDRESS)
    return ((message.wide(columns.SOURCE_HIGH), message.wide(columns.SOURCE_LOW), port, stated),)


def _read_lies(message: PickedMessage, profile: Profile, place: Place) -> None:
    """What an INVITE says of itself that its packet contradicts."""
    source = message.wide(columns.SOURCE_HIGH), message.wide(columns.SOURCE_LOW)
    target = message.wide(columns.DESTINATION_HIGH), message.wide(columns.DESTINATION_LOW)
    if source == target:
        return
    via_host = message.octets(columns.VIA_HOST)
    if via_host and via_host == str(ip_address(unmapped(*target))).encode():
        profile.note("via_names_target", place)
    if message.octets(columns.URI_HOST) in _LOOPBACK_HOSTS:
        profile.note("loopback_uri", place)
    if message.octets(columns.URI).startswith(b"sip:@"):
        profile.note("empty_uri_user", place)
