"""Mails that came back, as bytes."""

from __future__ import annotations


def mail(body: str = "Hello.", **headers: str) -> bytes:
    """A plain mail of a desk; headers by keyword, in_reply_to for In-Reply-To."""
    known = {
        "from": "Abuse Desk <abuse@example.net>",
        "to": "anna@victim.example",
        "subject": "Re: SIP attack",
        "date": "Sun, 4 Oct 2026 10:00:00 +0200",
        "message_id": "<r1@example.net>",
    } | headers
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in known.items())
    return f"{head}\r\n{body}".encode()


def multipart(*parts: str, kind: str = "mixed", more: str = "", **headers: str) -> bytes:
    """A mail of several parts, each with its own headers."""
    inner = "".join(f"--b\r\n{part}\r\n" for part in parts)
    return mail(
        f"{inner}--b--\r\n", content_type=f'multipart/{kind}; boundary="b"{more}', **headers
    )


def bounce(action: str = "failed", original: str = "<l1@victim.example>", **headers: str) -> bytes:
    """A delivery report (RFC 3464)."""
    told = {"from": "MAILER-DAEMON@mx.example.net", "subject": "Undelivered Mail"} | headers
    return multipart(
        "Content-Type: text/plain\r\n\r\nI am sorry.",
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
        f"Final-Recipient: rfc822; abuse@example.net\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no\r\n such user",
        f"Content-Type: text/rfc822-headers\r\n\r\nSubject: SIP attack\r\nMessage-ID: {original}",
        kind="report",
        more="; report-type=delivery-status",
        **told,
    )
