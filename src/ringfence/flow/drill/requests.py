"""What a drill says in SIP: OPTIONS and REGISTER, never a call.

Each bears its mark (X-Ringfence-Drill). Its account is invented, and the challenge that its
password answers is as well: no account of the owner's is touched, and the guard has no proof
of the address, so that its block ends after a minute.
"""

from __future__ import annotations

import secrets
from hashlib import md5

from ringfence.flow.drill.line import Request

PLAIN = "ringfence-drill"
# What SIPVicious calls itself: every guard and every list knows it.
TOOL_AGENT = "friendly-scanner"


def options(pbx: str, mark: str, agent: str = PLAIN, transport: str = "UDP") -> Request:
    """The question whether anybody is there."""
    return _request("OPTIONS", pbx, "drill", mark, agent, transport)


def register(pbx: str, mark: str, agent: str = PLAIN, transport: str = "UDP") -> Request:
    """An account that does not exist; of an attack tool: with a wrong password."""
    account = f"drill-{secrets.token_hex(4)}"
    guess = _guess(account, pbx) if agent != PLAIN else ""
    return _request("REGISTER", pbx, account, mark, agent, transport, guess)


def _request(
    method: str, pbx: str, user: str, mark: str, agent: str, transport: str, more: str = ""
) -> Request:
    there = f"[{pbx}]" if ":" in pbx else pbx

    def made(address: str, port: int) -> bytes:
        here = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        call = secrets.token_hex(8)
        return (
            f"{method} sip:{there} SIP/2.0\r\n"
            f"Via: SIP/2.0/{transport} {here};rport;branch=z9hG4bK{call}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{user}@{there}>;tag={call[:8]}\r\n"
            f"To: <sip:{user}@{there}>\r\nCall-ID: {call}@ringfence-drill\r\n"
            f"CSeq: 1 {method}\r\nContact: <sip:{user}@{here}>\r\nUser-Agent: {agent}\r\n"
            f"X-Ringfence-Drill: {mark}\r\n{more}Expires: 0\r\nContent-Length: 0\r\n\r\n"
        ).encode()

    return made


def _guess(account: str, pbx: str) -> str:
    response = md5(secrets.token_bytes(16), usedforsecurity=False).hexdigest()
    return (
        f'Authorization: Digest username="{account}", realm="drill", '
        f'nonce="{secrets.token_hex(8)}", uri="sip:{pbx}", response="{response}"\r\n'
    )
