"""Machines of the owner that answer in JSON over HTTPS: his phone system, his routers.

The certificate is checked, by the system's roots or those of a file of the owner; in clear
only this machine is spoken to. Redirects are not followed, proxies not used: the secret
goes to that machine and nowhere else. Answers are bounded in size and in time.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping

import httpx
import msgspec

from ringfence.model.outside import OutsideError
from ringfence.model.text import shown

TIMEOUT_S = 10.0
# For a whole answer: one that comes octet by octet would hold us up for ever.
LONGEST_S = 30.0
MAX_ANSWER = 4 * 1024 * 1024
_MAX_SAYS = 200
_OURSELVES = {"127.0.0.1", "::1", "localhost"}
_NOT_ALLOWED = {401, 403}
_LOG_IN = 401


class HttpsJson:
    """One such machine. Raises ValueError for an address that is not safe to ask."""

    def __init__(
        self,
        url: str,
        *,
        name: str = "",
        headers: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
        authority_file: str = "",
        refused: str = "",
        monotonic: Callable[[], float] = time.monotonic,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`login` are user and password, `refused` is what to look at where it says no."""
        address = _safe(url)
        self.host = address.host
        self._name, self._refused = name or address.host, refused
        self._monotonic = monotonic
        self._client = httpx.Client(
            base_url=address, headers=headers, auth=login, timeout=TIMEOUT_S, trust_env=False,
            verify=_trusted(authority_file), transport=transport,
        )  # fmt: skip

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> object:
        """The JSON of the answer; None where it is empty. Raises OutsideError."""
        content = None if body is None else msgspec.json.encode(body)
        kind = {"Content-Type": "application/json"} if content is not None else {}
        request = self._client.build_request(
            method, path, params=params, content=content, data=form,
            headers={"Accept": "application/json", **kind, **(headers or {})},
        )  # fmt: skip
        try:
            response = self._client.send(request, stream=True)
            try:
                octets = self._read(response)
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise OutsideError(f"{self._name}: {_why(error)}") from None
        if not response.is_success:
            raise self._error(response.status_code, octets)
        return self._decoded(octets)

    def close(self) -> None:
        """No more questions."""
        self._client.close()

    def _read(self, response: httpx.Response) -> bytes:
        until = self._monotonic() + LONGEST_S
        octets = bytearray()
        for piece in response.iter_bytes():
            octets += piece
            if len(octets) > MAX_ANSWER:
                raise OutsideError(f"{self._name}: an answer of more than 4 MiB")
            if self._monotonic() > until:
                raise OutsideError(f"{self._name}: no end of its answer within {LONGEST_S:.0f} s")
        return bytes(octets)

    def _decoded(self, octets: bytes) -> object:
        if not octets.strip():
            return None
        try:
            return msgspec.json.decode(octets)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise OutsideError(f"{self._name}: an answer that is no JSON") from None

    def _error(self, status: int, octets: bytes) -> OutsideError:
        if status in _NOT_ALLOWED:
            what = "refuses the login" if status == _LOG_IN else "does not allow it"
            hint = f": {self._refused}" if self._refused else ""
            return OutsideError(f"{self._name}: {status}, {what}{hint}", status)
        said = _said(octets)
        return OutsideError(f"{self._name}: status {status}{f', {said}' if said else ''}", status)


def _safe(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{shown(url[:100])}: no address like https://pbx.example") from error
    if address.scheme not in ("https", "http") or not address.host or address.userinfo:
        raise ValueError(f"{address.host or 'this'}: no address like https://pbx.example")
    if address.scheme != "https" and address.host not in _OURSELVES:
        raise ValueError(f"{address.host}: over https:// only; the secret would go in clear")
    return address


def _trusted(authority_file: str) -> ssl.SSLContext:
    """Roots of this file, else those of the system. Raises ValueError."""
    if not authority_file:
        return httpx.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=authority_file)
    except (OSError, ssl.SSLError):
        raise ValueError(f"{authority_file}: no certificates (PEM) that can be read") from None


def _why(error: httpx.HTTPError) -> str:
    """What went wrong, in words; the request, which holds the secret, is not among them."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return (
            "its certificate is not trusted: name its root in authority_file, and the machine as "
            "its certificate does"
        )
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {TIMEOUT_S:.0f} s"
    return shown(text)[:_MAX_SAYS] or type(error).__name__


def _said(octets: bytes) -> str:
    """The machine's own sentence about an error, where its JSON has one."""
    try:
        found = msgspec.json.decode(octets)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    while isinstance(found, dict):
        found = next((found[key] for key in ("detail", "message", "error") if key in found), "")
    return shown(found)[:_MAX_SAYS] if isinstance(found, str) else ""
