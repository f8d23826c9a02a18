"""3CX's XAPI: OAuth2 client credentials (`/connect/token`), then JSON with the token.

One token serves until shortly before its end; where 3CX does not take it any more (a
restart), one is asked for once again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import httpx

from ringfence.model.outside import OutsideError
from ringfence.sources.web import HttpsJson

# A token is asked for again so long before it ends.
_EARLY_S = 30.0
_UNAUTHORISED = 401
_REFUSED = "the application needs a role that may {may}, and its key (Integrations > API)"


class Xapi:
    """One 3CX. Raises ValueError for an address that is not safe to ask."""

    def __init__(
        self,
        url: str,
        client_id: str,
        secret: str,
        *,
        may: str = "do this",
        authority_file: str = "",
        monotonic: Callable[[], float] = time.monotonic,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`may` is what its role is for, for who reads that it was refused."""
        name = f"3CX at {httpx.URL(url).host}" if url.isascii() and url.isprintable() else "3CX"
        self._web = HttpsJson(
            url, name=name, authority_file=authority_file, refused=_REFUSED.format(may=may),
            monotonic=monotonic, transport=transport,
        )  # fmt: skip
        self.host = self._web.host
        self._login = {"client_id": client_id, "client_secret": secret}
        self._monotonic = monotonic
        self._token, self._token_until = "", 0.0

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
    ) -> object:
        """The answer to a question below `/xapi/v1`. Raises OutsideError."""
        known = bool(self._token) and self._monotonic() < self._token_until
        if not known:
            self._log_in()
        try:
            return self._ask(method, path, params, body)
        except OutsideError as error:
            self._token = ""
            if not known or error.status != _UNAUTHORISED:
                raise
        self._log_in()
        return self._ask(method, path, params, body)

    def listed(self, path: str, params: Mapping[str, str]) -> list[object]:
        """The entries of an answer to a list's question. Raises OutsideError."""
        return listed(self.ask("GET", path, params=params), self.host)

    def close(self) -> None:
        """No more questions."""
        self._web.close()

    def _ask(
        self, method: str, path: str, params: Mapping[str, str] | None, body: object
    ) -> object:
        bearer = {"Authorization": f"Bearer {self._token}"}
        return self._web.ask(method, f"/xapi/v1{path}", params=params, body=body, headers=bearer)

    def _log_in(self) -> None:
        form = {"grant_type": "client_credentials", **self._login}
        answer = self._web.ask("POST", "/connect/token", form=form)
        found = answer if isinstance(answer, dict) else {}
        token, lasts_s = found.get("access_token"), found.get("expires_in", 60)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise OutsideError(f"3CX at {self.host}: no token in the answer of /connect/token")
        self._token = token
        lasts_s = lasts_s if isinstance(lasts_s, int) else 60
        self._token_until = self._monotonic() + max(0.0, lasts_s - _EARLY_S)


def listed(answer: object, host: str) -> list[object]:
    """The entries of OData's answer. Raises OutsideError."""
    found = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise OutsideError(f"3CX at {host}: no list of entries in the answer")
    return found
