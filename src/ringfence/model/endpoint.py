"""Address and port in one word."""

from __future__ import annotations


def endpoint(address: str, port: int) -> str:
    """192.0.2.1:5060, [2001:db8::1]:5060 (RFC 3986 3.2.2)."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
