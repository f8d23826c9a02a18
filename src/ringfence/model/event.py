"""What a phone system said of one request: a line of its log, an event of its interface."""

from __future__ import annotations

from dataclasses import dataclass

CHALLENGED = "challenged"  # asked for credentials: the normal first step, no failure
REFUSED = "refused"  # credentials came, and were wrong
ACCEPTED = "accepted"  # credentials came, and were right
NO_ACCOUNT = "no_account"  # the account that was named does not exist
NOT_ALLOWED = "not_allowed"  # an access list, a disabled account, a forbidden destination
ODD = "odd"  # a request that makes no sense
CALLED = "called"  # a call was put through
EVENT_KINDS = (CHALLENGED, REFUSED, ACCEPTED, NO_ACCOUNT, NOT_ALLOWED, ODD, CALLED)


@dataclass(frozen=True, slots=True)
class Event:
    """One request as the phone system saw it. `claimed_…` and `account` a stranger wrote."""

    kind: str  # one of EVENT_KINDS
    origin: str  # which log or interface: "asterisk.security", "kamailio.log", "3cx.events"
    source: str  # the address that the system's own socket saw, never one out of a message
    port: int = 0  # 0: the log does not say
    transport: str = ""  # udp, tcp, tls, ws, wss; "": the log does not say
    time_ns: int = 0  # UTC; 0: the line bears no time
    method: str = ""  # REGISTER, INVITE …; "": the log does not say
    account: str = ""
    server: str = ""  # our address that was asked
    server_port: int = 0
    call_id: str = ""
    number: str = ""  # that was dialled
    claimed_user_agent: str = ""
    claimed_nonce: str = ""  # that came back with the credentials: whether we gave it, packets say
    count: int = 1  # "last message repeated 3 times"
