"""What a phone system said of a request, told again as the messages that it speaks of.

How it works: detection knows messages only. So an event becomes the octets of a request
and of its answer, as far as the event tells of them, and goes through the same kernels.
Rows of such tables bear `feed.FROM_LOGS` in the column `interface`: they are no packets,
and no evidence.
Rules: nothing is told that the event does not say. Without a Call-ID of its own a
source has one for each port and account, as neither a phone that insists nor who
guesses shall be made up; there is no nonce and no To tag, so no address is proven by
what is told; a header of each source's own name keeps those apart that only look
alike because they are told in one voice. What a stranger wrote cannot leave its place.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b

from ringfence.model import event as kinds
from ringfence.model.endpoint import Address, endpoint, plain_address
from ringfence.model.event import Event
from ringfence.wire.feed import FROM_LOGS, Feed
from ringfence.wire.framing import METHODS
from ringfence.wire.table import MessageTable

# "Last message repeated 100 000 times" is believed as far as it can matter to a verdict.
MAX_REPEATS = 100
# Octets of one text of an event; a name longer than an account may be is still seen to be.
MAX_TEXT = 200
# Octets of a message that is told: five texts, each octet escaped at worst.
_MAX_MESSAGE = 5 * 3 * MAX_TEXT + 1024
# Sources of which something was refused before: their calls are told. The one of which
# nothing was said for longest goes first.
MAX_REFUSED = 65_536
# CSeq numbers are 31 bits (RFC 3261 8.1.1.5).
_MAX_NUMBER = 2**31 - 1

# A name of nobody (RFC 2606): events do not say which one was asked for.
_HOST = b"pbx.invalid"
_REFUSALS = frozenset((kinds.REFUSED, kinds.NO_ACCOUNT, kinds.NOT_ALLOWED))
_KNOWN = frozenset(method.decode() for method in METHODS) - {"ACK", "CANCEL", "BYE"}
# What ends a user, a URI or a quoted text where it stands in a message.
_ENDS = frozenset(b'@:;>"?, ')
_REASONS = {
    100: b"Trying", 200: b"OK", 400: b"Bad Request", 401: b"Unauthorized", 403: b"Forbidden",
    404: b"Not Found",
}  # fmt: skip
_TRANSPORTS = {"udp": b"UDP", "tcp": b"TCP", "tls": b"TLS", "ws": b"WS", "wss": b"WSS"}


class Retold:
    """Events in, tables of messages out. `server` is who was asked where an event names nobody.

    A log says of calls that they were put through, and not who was busy, how long they
    took and how they were asked for: a call centre looks like a thief. So that a call
    was answered is told of a source to which something was refused before, or of all
    where `all_calls` asks for it. Of others it is told that their credentials were right,
    and nothing of those who needed none, as trunks.
    """

    def __init__(self, server: Address, *, all_calls: bool = False) -> None:
        self.feed = Feed(FROM_LOGS)
        self.untold = 0  # events that name no address
        self._server = server
        self._all_calls = all_calls
        self._refused: OrderedDict[str, None] = OrderedDict()
        self._told = 0

    def tell(self, event: Event, now_ns: int) -> bool:
        """Take one event. False: full, nothing was taken; ask for the tables, and come again."""
        source = plain_address(event.source)
        if source is None or event.kind not in kinds.EVENT_KINDS:
            self.untold += 1
            return True
        event = self._of_interest(event)
        if event.kind == kinds.ACCEPTED and not event.account:
            return True
        times = max(1, min(event.count, MAX_REPEATS))
        if not self.feed.has_room_for(2 * times, 2 * times * _MAX_MESSAGE):
            return False
        server = plain_address(event.server) or self._server
        there, here = (source, event.port & 0xFFFF), (server, event.server_port & 0xFFFF or 5060)
        for _ in range(times):
            self._told = self._told % _MAX_NUMBER + 1
            asked, answered = messages(event, self._told)
            told = event.transport or "udp", event.time_ns or now_ns
            self.feed.put(asked, *there, *here, *told)
            self.feed.put(answered, *here, *there, *told)
        return True

    def tables(self) -> Iterator[MessageTable]:
        """What was told since it was asked last."""
        return self.feed.tables()

    def _of_interest(self, event: Event) -> Event:
        """The event; of a call of no interest only that its credentials were right."""
        if event.kind in _REFUSALS:
            self._refused[event.source] = None
            self._refused.move_to_end(event.source)
            if len(self._refused) > MAX_REFUSED:
                self._refused.popitem(last=False)
        if event.kind != kinds.CALLED or self._all_calls or event.source in self._refused:
            return event
        return replace(event, kind=kinds.ACCEPTED, method="INVITE")


def messages(event: Event, number: int) -> tuple[bytes, bytes]:
    """The request and its answer; `number` tells one request from another."""
    method = _method(event)
    status, bears_credentials = _outcome(event, method)
    account = _user(event.account)
    asked_for = account if method == b"REGISTER" else _user(event.number) or account
    # What makes no sense is told as such: a CSeq that is none.
    said = b"%d" % number if event.kind != kinds.ODD else b"odd"
    ends = _lines(
        (b"Via", _via(event, number)),
        (b"From", b"<sip:%s>;tag=r%x" % (_at_host(account), number)),
        (b"To", b"<sip:%s>" % _at_host(asked_for)),
        (b"Call-ID", _call_id(event)),
        (b"CSeq", b"%s %s" % (said, method)),
    )
    # The kernel knows an order of headers by the first eight octets of their names.
    more = [(b"%s-Told" % _digest(event.source), _word(event.origin))]
    if event.claimed_user_agent:
        more.append((b"User-Agent", _text(event.claimed_user_agent)))
    if bears_credentials:
        more.append((b"Authorization", b'Digest username="%s"' % account))
    uri = _HOST if method == b"REGISTER" else _at_host(asked_for)
    request = b"%s sip:%s SIP/2.0\r\n" % (method, uri)
    end = b"Content-Length: 0\r\n\r\n"
    request += ends + b"Max-Forwards: 70\r\n" + _lines(*more) + end
    return request, b"SIP/2.0 %d %s\r\n" % (status, _REASONS[status]) + ends + end


def _method(event: Event) -> bytes:
    """That of the request; where the event does not say, the one that it is mostly said of."""
    method = event.method.upper()
    if method in _KNOWN:
        return method.encode()
    if event.kind == kinds.CALLED or event.number:
        return b"INVITE"
    return b"INFO" if event.kind == kinds.ODD else b"REGISTER"


def _outcome(event: Event, method: bytes) -> tuple[int, bool]:
    """Status of the answer, and whether credentials came.

    That credentials of an INVITE were right does not say that somebody answered the call.
    """
    if event.kind == kinds.CHALLENGED:
        return 401, False
    if event.kind == kinds.REFUSED:
        return 401, True
    if event.kind == kinds.ACCEPTED:
        return (100 if method == b"INVITE" else 200), True
    if event.kind == kinds.CALLED:
        return 200, bool(event.account)
    if event.kind == kinds.NO_ACCOUNT:
        return 404, False
    return (403 if event.kind == kinds.NOT_ALLOWED else 400), False


def _via(event: Event, number: int) -> bytes:
    address = plain_address(event.source)
    transport = _TRANSPORTS.get(event.transport, b"UDP")
    where = endpoint(str(address), event.port & 0xFFFF or 5060).encode()
    return b"SIP/2.0/%s %s;branch=z9hG4bKr%x" % (transport, where, number)


def _call_id(event: Event) -> bytes:
    """The event's; else one for each source, port and account."""
    if event.call_id:
        return _word(event.call_id)
    return b"r%s@told" % _digest(f"{event.source} {event.port} {event.account}")


def _at_host(user: bytes) -> bytes:
    return b"%s@%s" % (user, _HOST) if user else _HOST


def _user(text: str) -> bytes:
    """A name as the user of a URI and in quotes alike: what would end it is escaped.

    What SQL or a shell would obey stays, as rules look for it.
    """
    octets = text.encode("utf-8", "backslashreplace")[:MAX_TEXT]
    escaped = b"".join(
        b"%%%02X" % octet if octet < 0x21 or octet in _ENDS or octet == 0x7F else b"%c" % octet
        for octet in octets
    )
    return escaped[:-1] + b"%5C" if escaped.endswith(b"\\") else escaped


def _word(text: str) -> bytes:
    """A text without blanks: visible ASCII, all else as a low line."""
    octets = text.encode("ascii", "replace")[:MAX_TEXT]
    return bytes(octet if 0x21 <= octet < 0x7F else 0x5F for octet in octets)


def _text(text: str) -> bytes:
    """A text on one line, without blanks around it."""
    octets = text.encode("utf-8", "backslashreplace")[:MAX_TEXT]
    return bytes(octet if octet >= 0x20 and octet != 0x7F else 0x5F for octet in octets).strip()


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8).hexdigest().encode()


def _lines(*fields: tuple[bytes, bytes]) -> bytes:
    return b"".join(b"%s: %s\r\n" % field for field in fields)
