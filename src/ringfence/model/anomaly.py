"""What was odd about a message: the closed set that kernel, full parse and rules share.

How it works: one bit each, 63 at most, so a set fits into a signed column. The
low 32 are what one pass over a message (or the packets around it) can tell; the
others only the full parse finds. A bit says what stood there, not that somebody
attacks: valid messages may carry those in `INFORMATIVE`.
"""

from __future__ import annotations

import enum
from typing import Final


class Anomaly(enum.IntFlag):
    """One deviation each; "RFC" without a name is RFC 3261."""

    # -- headers that every message has (8.1.1, 20)
    NO_CALL_ID = 1 << 0  # no Call-ID (8.1.1.4)
    NO_CSEQ = 1 << 1  # no CSeq (8.1.1.5)
    NO_FROM = 1 << 2  # no From (8.1.1.3)
    NO_TO = 1 << 3  # no To (8.1.1.2)
    NO_VIA = 1 << 4  # no Via (8.1.1.7)
    NO_MAX_FORWARDS = 1 << 5  # a request without Max-Forwards (8.1.1.6); RFC 2543 had none
    REPEATED_SINGLE_HEADER = 1 << 6  # a header that may stand once stands again (7.3.1)

    # -- CSeq (8.1.1.5, 20.16)
    CSEQ_INVALID = 1 << 7  # not a number and a method
    CSEQ_TOO_LARGE = 1 << 8  # 2**31 or more
    CSEQ_METHOD_MISMATCH = 1 << 9  # another method than the request line's

    # -- start line (7.1, 7.2)
    STATUS_OUT_OF_RANGE = 1 << 10  # status is not three digits, 100 to 699
    VERSION_UNKNOWN = 1 << 11  # start line or Via names another version than SIP/2.0
    START_LINE_SPACING = 1 << 12  # more than one blank between its parts, or blanks at its end
    JUNK_BEFORE_START = 1 << 13  # blanks or line ends before the start line (7.5 forgives CRLF)

    # -- lines (7.3.1, 25.1)
    BARE_LF = 1 << 14  # a line ends in LF without CR
    LINE_WITHOUT_COLON = 1 << 15  # a header line that is none
    HEAD_NOT_ENDED = 1 << 16  # no empty line after the headers (7)

    # -- length (18.3, 20.14)
    LENGTH_INVALID = 1 << 17  # Content-Length is not a number: negative, or words
    LENGTH_BEYOND_PACKET = 1 << 18  # Content-Length is more than what is there
    OCTETS_AFTER_BODY = 1 << 19  # Content-Length is less than what is there: the rest is ignored

    # -- bounds and transport
    HEAD_TOO_LONG = 1 << 20  # longer than MAX_HEAD
    TOO_MANY_HEADERS = 1 << 21  # more than MAX_HEADERS
    CUT_BY_CAPTURE = 1 << 22  # the capture kept only the first octets of the packet
    FRAGMENTS_OVERLAP = 1 << 23  # IP fragments of its datagram overlap (RFC 5722)
    TCP_RESYNCHRONISED = 1 << 24  # octets before it in its TCP connection were lost or unreadable
    TCP_OVERLAP_DIFFERS = 1 << 25  # a TCP retransmission brought other octets than the first time

    LENGTHS_DISAGREE = 1 << 26  # several Content-Length headers, several numbers (RFC 4475 3.3.9)
    NUL_IN_HEAD = 1 << 27  # a NUL octet in the head, outside a quoted pair (25.1)
    REQUEST_URI_WITH_BLANK = 1 << 28  # a blank inside the request-URI (7.1)
    URI_INVALID = 1 << 29  # a URI that its grammar does not allow: host, port, escapes (19.1.1)
    MAX_FORWARDS_INVALID = 1 << 30  # Max-Forwards is not 0 to 255 (20.22)
    EXPIRES_INVALID = 1 << 31  # Expires, or that of a contact, is not 0 to 2**32-1 (20.19, 20.10)

    # -- from here on only the full parse
    NAME_INVALID = 1 << 32  # the method or a header's name is not a token (7.1, 7.3.1)
    HEAD_NOT_UTF8 = 1 << 33  # the head is not UTF-8 (7)

    # -- Via (8.1.1.7, 20.42)
    VIA_INVALID = 1 << 34  # sent-protocol or sent-by cannot be read
    VIA_TRANSPORT_DIFFERS = 1 << 35  # the top Via of a request names another transport than its own
    VIA_BROADCAST = 1 << 36  # sent-by is a broadcast address (RFC 4475 3.3.10)
    BRANCH_WITHOUT_COOKIE = 1 << 37  # top branch absent or without z9hG4bK: RFC 2543, or home-made
    BRANCH_EMPTY = 1 << 38  # nothing, or nothing behind z9hG4bK (RFC 4475 3.2.1)

    # -- what a dialog needs
    NO_TAG = 1 << 39  # From has no tag (8.1.1.3), or To of a response above 100 (8.2.6.2)
    NO_CONTACT = 1 << 40  # INVITE, or its 2xx, without Contact (8.1.1.8, 12.1)

    # -- addresses (20.10, 20.20, 20.39, 25.1)
    ADDRESS_INVALID = 1 << 41  # empty, or neither name-addr nor addr-spec
    ADDRESS_WITH_BLANK = 1 << 42  # a blank inside <...> (RFC 4475 3.1.2.14)
    ADDRESS_NEEDS_BRACKETS = 1 << 43  # "?" or "," in a URI outside <...> (20)
    DISPLAY_NAME_INVALID = 1 << 44  # unquoted, yet not words (RFC 4475 3.1.2.15)
    QUOTE_NOT_CLOSED = 1 << 45  # a quoted string without its end (RFC 4475 3.1.2.6)

    # -- URIs (19.1.1, 25.1)
    REQUEST_URI_IN_BRACKETS = 1 << 46  # the request-URI stands in <...> (7.1)
    REQUEST_URI_HAS_HEADERS = 1 << 47  # headers behind "?" in the request-URI (19.1.1)
    URI_SCHEME_UNKNOWN = 1 << 48  # neither sip, sips nor tel (8.2.2.1)
    URI_ESCAPED_NUL = 1 << 49  # %00: what ends strings in C (RFC 4475 3.1.1.4)
    IPV6_WITHOUT_BRACKETS = 1 << 50  # host and port cannot be told apart (RFC 5118 4.2)

    # -- lists and parameters (7.3.1)
    SEPARATOR_EXTRA = 1 << 51  # ";" or "," with nothing between (RFC 4475 3.1.2.1)
    PARAMETER_REPEATED = 1 << 52  # a parameter's name stands twice in one value
    TOO_MANY_PARTS = 1 << 53  # more values, or parameters, than are looked at

    # -- single fields
    RETRY_AFTER_INVALID = 1 << 54  # Retry-After is not 0 to 2**32-1 (20.33)
    WARNING_INVALID = 1 << 55  # warn-code is not three digits (20.43)
    DATE_INVALID = 1 << 56  # Date is not an RFC 1123 date in GMT (20.17)
    AUTH_SCHEME_UNKNOWN = 1 << 57  # credentials or a challenge other than Digest or Basic (22)
    AUTH_INCOMPLETE = 1 << 58  # Digest lacks what it cannot work without (RFC 7616 3.3, 3.4)
    EXTENSION_UNKNOWN = 1 << 59  # Require or Proxy-Require name no registered option tag (8.2.2.3)
    MEDIA_TYPE_UNKNOWN = 1 << 60  # a body's type is absent or unheard of, or only such are accepted
    SDP_INVALID = 1 << 61  # a session description without what it must have (RFC 8866 5)


# Nothing odd.
NONE: Final = Anomaly(0)

# What a sound message may carry: other than RFC 3261's advice, but understood.
INFORMATIVE: Final = (
    Anomaly.NO_MAX_FORWARDS
    | Anomaly.JUNK_BEFORE_START
    | Anomaly.OCTETS_AFTER_BODY
    | Anomaly.BRANCH_WITHOUT_COOKIE
    | Anomaly.NO_TAG
    | Anomaly.URI_ESCAPED_NUL
)
