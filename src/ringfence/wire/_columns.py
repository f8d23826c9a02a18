"""Where each column of a message row lies; `_columns.pxd` holds the same for C.

A batch keeps its rows in two flat arrays: `slots` (int32, SLOT_WIDTH a row) and
`wide` (uint64, WIDE_WIDTH a row). A span takes two slots: offset of its first
octet in the batch's buffer, and length; offset 0 with length 0 is "not there".
"""

from __future__ import annotations

# numbers
SOURCE_PORT = 0
DESTINATION_PORT = 1
TRANSPORT = 2
IP_VERSION = 3
INTERFACE = 4
TEXT = 5
TEXT_LENGTH = 6
HEAD_LENGTH = 7
BODY_LENGTH = 8
METHOD = 9
STATUS = 10
CSEQ_NUMBER = 11
CSEQ_METHOD = 12
MAX_FORWARDS = 13
EXPIRES = 14
CONTENT_LENGTH = 15
HEADER_COUNT = 16
RPORT = 17
SDP_PORT = 18
AUTH_NC = 19
AUTH_QOP = 20

# spans: offset, then length
URI = 21
URI_USER = 23
URI_HOST = 25
FROM = 27
FROM_DISPLAY = 29
FROM_USER = 31
FROM_HOST = 33
FROM_TAG = 35
TO = 37
TO_DISPLAY = 39
TO_USER = 41
TO_HOST = 43
TO_TAG = 45
CALL_ID = 47
CSEQ = 49
VIA = 51
VIA_BRANCH = 53
VIA_HOST = 55
VIA_RECEIVED = 57
CONTACT = 59
USER_AGENT = 61
CONTENT_TYPE = 63
AUTH = 65
AUTH_USER = 67
AUTH_REALM = 69
AUTH_NONCE = 71
AUTH_RESPONSE = 73
AUTH_ALGORITHM = 75
AUTH_URI = 77
CHALLENGE = 79
CHALLENGE_REALM = 81
CHALLENGE_NONCE = 83
SDP_ADDRESS = 85

SLOT_WIDTH = 88

# wide numbers
TIME = 0
PACKET = 1
POSITION = 2
SOURCE_HIGH = 3
SOURCE_LOW = 4
DESTINATION_HIGH = 5
DESTINATION_LOW = 6
CALL_HASH = 7
ORDER_HASH = 8
ANOMALIES = 9
WIDE_WIDTH = 10

# methods; 0 is a response
M_INVITE = 1
M_ACK = 2
M_BYE = 3
M_CANCEL = 4
M_REGISTER = 5
M_OPTIONS = 6
M_SUBSCRIBE = 7
M_NOTIFY = 8
M_PUBLISH = 9
M_MESSAGE = 10
M_INFO = 11
M_PRACK = 12
M_UPDATE = 13
M_REFER = 14
M_OTHER = 15

# transports
T_UDP = 1
T_TCP = 2
T_TLS = 3
T_SCTP = 4
T_WS = 5
T_WSS = 6

# why a packet yields no message: indices of Batch.counts
R_LINK_UNKNOWN = 0
R_NOT_IP = 1
R_LINK_CUT = 2
R_IP_DAMAGED = 3
R_LAYERS_TOO_MANY = 4
R_ENCRYPTED_IP = 5
R_TRANSPORT_OTHER = 6
R_UDP_DAMAGED = 7
R_UDP_OTHER = 8
R_MEDIA = 9
R_TCP_EMPTY = 10
R_TCP_OTHER = 11
R_TLS_ENCRYPTED = 12
R_FRAGMENT = 13
R_HEP_DAMAGED = 14
R_CUT_PACKETS = 15
R_RECORD_DAMAGED = 16
R_SIP_START_ONLY = 17
REASONS = 18

# what the walker stops for
STOP_NEED_MORE = 0
STOP_FULL = 1
STOP_TCP = 2
STOP_FRAGMENT = 3
STOP_BLOCK = 4
STOP_DAMAGED = 5
STOP_HEP = 6

NUMBERS = {
    "source_port": SOURCE_PORT,
    "destination_port": DESTINATION_PORT,
    "transport": TRANSPORT,
    "ip_version": IP_VERSION,
    "interface": INTERFACE,
    "text": TEXT,
    "text_length": TEXT_LENGTH,
    "head_length": HEAD_LENGTH,
    "body_length": BODY_LENGTH,
    "method": METHOD,
    "status": STATUS,
    "cseq_number": CSEQ_NUMBER,
    "cseq_method": CSEQ_METHOD,
    "max_forwards": MAX_FORWARDS,
    "expires": EXPIRES,
    "content_length": CONTENT_LENGTH,
    "header_count": HEADER_COUNT,
    "rport": RPORT,
    "sdp_port": SDP_PORT,
    "auth_nc": AUTH_NC,
    "auth_qop": AUTH_QOP,
}
SPANS = {
    "uri": URI,
    "uri_user": URI_USER,
    "uri_host": URI_HOST,
    "from": FROM,
    "from_display": FROM_DISPLAY,
    "from_user": FROM_USER,
    "from_host": FROM_HOST,
    "from_tag": FROM_TAG,
    "to": TO,
    "to_display": TO_DISPLAY,
    "to_user": TO_USER,
    "to_host": TO_HOST,
    "to_tag": TO_TAG,
    "call_id": CALL_ID,
    "cseq": CSEQ,
    "via": VIA,
    "via_branch": VIA_BRANCH,
    "via_host": VIA_HOST,
    "via_received": VIA_RECEIVED,
    "contact": CONTACT,
    "user_agent": USER_AGENT,
    "content_type": CONTENT_TYPE,
    "auth": AUTH,
    "auth_user": AUTH_USER,
    "auth_realm": AUTH_REALM,
    "auth_nonce": AUTH_NONCE,
    "auth_response": AUTH_RESPONSE,
    "auth_algorithm": AUTH_ALGORITHM,
    "auth_uri": AUTH_URI,
    "challenge": CHALLENGE,
    "challenge_realm": CHALLENGE_REALM,
    "challenge_nonce": CHALLENGE_NONCE,
    "sdp_address": SDP_ADDRESS,
}
WIDE = {
    "time": TIME,
    "packet": PACKET,
    "position": POSITION,
    "source_high": SOURCE_HIGH,
    "source_low": SOURCE_LOW,
    "destination_high": DESTINATION_HIGH,
    "destination_low": DESTINATION_LOW,
    "call_hash": CALL_HASH,
    "order_hash": ORDER_HASH,
    "anomalies": ANOMALIES,
}
METHODS = (
    "",
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "REGISTER",
    "OPTIONS",
    "SUBSCRIBE",
    "NOTIFY",
    "PUBLISH",
    "MESSAGE",
    "INFO",
    "PRACK",
    "UPDATE",
    "REFER",
    "OTHER",
)
TRANSPORTS = ("", "udp", "tcp", "tls", "sctp", "ws", "wss")
