"""3CX's event log, asked for by its XAPI every few seconds.

OAuth2 client credentials (`/connect/token`), then `GET /xapi/v1/EventLogs` with
everything newer than what was read. Over TLS with the certificate checked; in clear
to this machine only. The application needs a role that may read the event log.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable

import httpx

from ringfence.model.event import Event
from ringfence.model.heard import Heard
from ringfence.wire.threecx_events import MAX_ENTRIES, ThreecxEvents

POLL_S = 5.0
TIMEOUT_S = 10.0
# A page of entries is some hundred KiB.
MAX_ANSWER = 4 * 1024 * 1024
LONGEST_PAUSE_S = 300.0
# A token is asked for again so long before it ends.
_EARLY_S = 30.0
_OURSELVES = {"127.0.0.1", "::1", "localhost"}
_NOT_ALLOWED = {401, 403}


class ThreecxError(Exception):
    """What the XAPI answered instead of events."""


class ThreecxLog:
    """The event log of one 3CX. Raises ValueError for an address that is not safe to ask."""

    def __init__(
        self,
        url: str,
        client_id: str,
        secret: str,
        *,
        from_start: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        address = httpx.URL(url)
        if address.scheme != "https" and address.host not in _OURSELVES:
            raise ValueError(f"{url}: XAPI over https:// only; the secret would go in clear")
        self.trouble = ""
        self._client = httpx.Client(base_url=address, timeout=TIMEOUT_S, transport=transport)
        self._login = {"client_id": client_id, "client_secret": secret}
        self._monotonic = monotonic
        self._reader = ThreecxEvents()
        self._know_where = from_start
        self._token, self._token_until = "", 0.0
        self._next_at = 0.0
        self._pause_s = POLL_S

    @property
    def heard(self) -> Heard:
        return self._reader.heard

    def read(self, wait_s: float) -> list[Event]:
        """Events that are new; waits until the next question is due, at most `wait_s`."""
        left_s = self._next_at - self._monotonic()
        if left_s > 0:
            select.select([], [], [], min(left_s, wait_s))
            return []
        try:
            events = self._ask()
        except (httpx.HTTPError, ThreecxError) as error:
            self.trouble = f"3CX at {self._client.base_url.host}: {error}"
            self._token = ""
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
            self._next_at = self._monotonic() + self._pause_s
            return []
        self.trouble = ""
        self._pause_s = POLL_S
        self._next_at = self._monotonic() + POLL_S
        return events

    def close(self) -> None:
        self._client.close()

    def _ask(self) -> list[Event]:
        """New entries, the oldest first; on the first time only where the log ends."""
        if not self._know_where:
            newest = self._get({"$orderby": "Id desc", "$top": "1"})
            self._reader.last_id = max((_id_of(entry) for entry in newest), default=0)
            self._know_where = True
            return []
        newer = f"Id gt {self._reader.last_id}"
        page = self._get({"$filter": newer, "$orderby": "Id", "$top": str(MAX_ENTRIES)})
        return self._reader.read_entries(page)

    def _get(self, params: dict[str, str]) -> list[object]:
        if self._monotonic() >= self._token_until or not self._token:
            self._log_in()
        request = self._client.build_request(
            "GET", "/xapi/v1/EventLogs", params=params,
            headers={"Authorization": f"Bearer {self._token}"},
        )  # fmt: skip
        found = self._answer(request).get("value")
        if not isinstance(found, list):
            raise ThreecxError("no list of entries in the answer")
        return found

    def _log_in(self) -> None:
        data = {"grant_type": "client_credentials", **self._login}
        answer = self._answer(self._client.build_request("POST", "/connect/token", data=data))
        token, lasts_s = answer.get("access_token"), answer.get("expires_in", 60)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise ThreecxError("no token in the answer of /connect/token")
        self._token = token
        lasts_s = lasts_s if isinstance(lasts_s, int) else 60
        self._token_until = self._monotonic() + max(0.0, lasts_s - _EARLY_S)

    def _answer(self, request: httpx.Request) -> dict[str, object]:
        """One JSON object, of bounded size. Redirects are not followed."""
        import msgspec

        response = self._client.send(request, stream=True)
        try:
            if response.status_code in _NOT_ALLOWED:
                raise ThreecxError(
                    f"{response.status_code}: the application needs a role that may read the "
                    "event log (Integrations > API)"
                )
            if response.status_code != httpx.codes.OK:
                raise ThreecxError(f"status {response.status_code}")
            octets = _bounded(response)
        finally:
            response.close()
        try:
            return msgspec.json.decode(octets, type=dict[str, object])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ThreecxError("an answer that is no JSON object") from error


def _bounded(response: httpx.Response) -> bytes:
    octets = b""
    for piece in response.iter_bytes():
        octets += piece
        if len(octets) > MAX_ANSWER:
            raise ThreecxError("an answer of more than 4 MiB")
    return octets


def _id_of(entry: object) -> int:
    number = entry.get("Id") if isinstance(entry, dict) else None
    return number if isinstance(number, int) else 0
