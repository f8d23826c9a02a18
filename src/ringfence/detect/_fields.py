"""Where each number of a source's row lies; `_fields.pxd` holds the same for C."""

from __future__ import annotations

# numbers of one source; those of every message first, eight to a cache line
ADDRESS_HIGH = 0
ADDRESS_LOW = 1
FIRST = 2
LAST = 3
MESSAGES = 4
RESPONSES = 5
AGENT = 6
ACCOUNT = 7
REGISTERS = 8
INVITES = 9
OPTIONS = 10
OTHERS = 11
MARKS = 12
WORTH = 13
PORT = 14
SERVER = 15
ACKS = 16
REPEATED = 17
CREDENTIALS = 18
CHALLENGED = 19
REFUSED = 20
ACCEPTED = 21
ANSWERS = 22
ECHOED = 23
NOT_FOUND = 24
REJECTED = 25
SUCCEEDED = 26
ANSWERED = 27
PICKED = 28
SERVED = 29
ANONYMOUS = 30
TCP = 31
ACCOUNTS = 32
NUMBERS = 33
ORDER = 34
DIALOGS = 35
ENTERED = 36
INVENTED = 37
NUMBER_MISSING = 38
TARGET = 39
TARGETS = 40
CHANGED = 41
AUTH_REST = 42
AUTH_ANSWER = 43
ODD = 44
STRANGERS = 45
ROW_WIDTH = 48  # a multiple of eight

# why a message was picked to be looked at (bits)
P_AGENT = 1
P_MARK = 2
P_ACCOUNT = 4
P_NUMBER = 8
P_REFUSED = 16
P_NOT_FOUND = 32
P_ENTERED = 64
P_ANSWER = 128
P_END = 256
P_GUESS = 512

# marks that a message bears (bits)
K_SIPVICIOUS_TAG = 1
K_SVCRACK_TAG = 2
K_TOOL_AGENT = 4
K_DECIMAL_CALL_ID = 8
K_DECIMAL_BRANCH = 16
K_NMAP = 32
