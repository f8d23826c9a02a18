"""Where each number of a source's row lies; `_fields.pxd` holds the same for C."""

from __future__ import annotations

# numbers of one source; those of every message first, eight to a cache line
ADDRESS_HIGH = 0
ADDRESS_LOW = 1
FIRST = 2
LAST = 3
MESSAGES = 4
RESPONSES = 5
SERVED = 6
ANSWERS = 7
AGENT = 8
ORDER = 9
HAND = 10
SERVER = 11
WORTH = 12
MARKS = 13
PICKED = 14
PORT = 15
ACCOUNT = 16
REGISTERS = 17
CREDENTIALS = 18
REFUSED = 19
CHALLENGED = 20
AUTH_REST = 21
AUTH_ANSWER = 22
ECHOED = 23
SUCCEEDED = 24
ACCEPTED = 25
ACCEPTED_AT = 26
INVENTED = 27
NOT_FOUND = 28
REJECTED = 29
ACCOUNTS = 30
REPEATED = 31
INVITES = 32
NUMBERS = 33
ACKS = 34
DIALOGS = 35
ANSWERED = 36
CALLED = 37
OPTIONS = 38
TARGET = 39
OTHERS = 40
TARGETS = 41
TCP = 42
SINCE = 43
ANONYMOUS = 44
ENTERED = 45
NUMBER_MISSING = 46
CHANGED = 47
ODD = 48
STRANGERS = 49
CLIENTS = 50
HOSTS = 51
NUMBER = 52
PORTS = 53
RETURNS = 54
REFUSED_CALLS = 55
CALLERS = 56
FORBIDDEN = 57
UNREACHED = 58
LOOPED = 59
CALLS_KEPT = 60  # answered calls of which there is a record (`_calls.py`)
CALLS_LEFT = 61  # those that gave way
TALKED_LEFT = 62  # how long those lasted (ns)
ROW_WIDTH = 64  # a multiple of eight

# why a message was picked to be looked at (bits)
P_AGENT = 1
P_MARK = 2
P_ACCOUNT = 4
P_NUMBER = 8
P_REFUSED = 16
P_NOT_FOUND = 32
P_ENTERED = 64
P_ANSWER = 128
P_GUESS = 256
P_EARLY = 512
P_LATE = 1024
P_QUIET = 2048

# marks that a message bears (bits)
K_SIPVICIOUS_TAG = 1
K_SVCRACK_TAG = 2
K_TOOL_AGENT = 4
K_DECIMAL_CALL_ID = 8
K_DECIMAL_BRANCH = 16
K_NMAP = 32
K_SIPP = 64
K_SVMAP_FROM = 128

# what is known of an open transaction (bits); status, method, row and echo stand above
T_CREDENTIALS = 1
T_DONE = 2
T_EARLY = 4
T_TAGGED = 8
T_ODD = 16

# what a source is paired with: three bits; the fourth is set for an account of a strange
# name, and for callers
D_ACCOUNT = 1
D_NUMBER = 2
D_TARGET = 3
D_CLIENT = 4
D_HOST = 5
D_PORT = 6
D_REFUSED_CALL = 7
D_CALLER = 10

# a record of an answered call: its row and flags, its two tags as one, the transaction of
# its answer, when it began and ended (ns), number and account, five words each
C_STATE = 0
C_TAGS = 1
C_TRANSACTION = 2
C_ANSWERED = 3
C_ENDED = 4
C_NUMBER = 6
C_ACCOUNT = 11
CALL_WIDTH = 16
C_EARLY = 1  # flag: its request was not seen so far
