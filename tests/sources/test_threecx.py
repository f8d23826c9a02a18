"""3CX's XAPI, played."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from ringfence.model.event import Event
from ringfence.sources.threecx import POLL_S, ThreecxLog
from ringfence.sources.web import MAX_ANSWER
from tests.wire.test_threecx_events import ATTACKER, entry

URL = "https://pbx.example"


class Clock:
    """Seconds that pass when the test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Xapi:
    """A 3CX with an event log; `handle` is what httpx asks."""

    def __init__(self) -> None:
        self.entries: list[dict[str, object]] = []
        self.asked: list[httpx.Request] = []
        self.token = "t1"
        self.lasts_s: object = 60

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.path == "/connect/token":
            form = parse_qs(request.content.decode())
            if form["client_secret"] != ["s3cret"]:
                return httpx.Response(401)
            return httpx.Response(
                200, json={"access_token": self.token, "expires_in": self.lasts_s}
            )
        if request.headers["Authorization"] != f"Bearer {self.token}":
            return httpx.Response(401)
        return httpx.Response(200, json={"value": self._chosen(dict(request.url.params))})

    def _chosen(self, params: dict[str, str]) -> list[dict[str, object]]:
        if params["$orderby"] == "Id desc":
            return self.entries[-1:]
        after = int(params["$filter"].removeprefix("Id gt "))
        return [one for one in self.entries if isinstance(one["Id"], int) and one["Id"] > after]


def log(xapi: Xapi, clock: Clock, *, from_start: bool = False) -> ThreecxLog:
    transport = httpx.MockTransport(xapi.handle)
    return ThreecxLog(
        URL, "ringfence", "s3cret", from_start=from_start, monotonic=clock, transport=transport
    )


def test_only_what_is_new_is_told_each_once() -> None:
    xapi, clock = Xapi(), Clock()
    xapi.entries = [entry("blocked", [ATTACKER], 7)]
    source = log(xapi, clock)
    assert source.read(0) == []
    xapi.entries.append(entry("blocked", [ATTACKER], 8))
    assert source.read(0) == []  # not due yet
    clock.now += POLL_S
    assert [event.source for event in source.read(0)] == [ATTACKER]
    clock.now += POLL_S
    assert source.read(0) == []
    assert source.trouble == ""
    source.close()


def test_from_the_start_when_asked() -> None:
    xapi = Xapi()
    xapi.entries = [entry("blocked", [ATTACKER], 7)]
    assert len(log(xapi, Clock(), from_start=True).read(0)) == 1


def test_a_token_is_renewed_before_it_ends_and_after_it_was_refused() -> None:
    xapi, clock = Xapi(), Clock()
    source = log(xapi, clock)
    source.read(0)
    clock.now += 40
    source.read(0)
    assert [request.url.path for request in xapi.asked].count("/connect/token") == 2
    xapi.token = "t2"  # 3CX was restarted
    clock.now += POLL_S
    source.read(0)
    assert source.trouble == ""
    assert [request.url.path for request in xapi.asked].count("/connect/token") == 3


def test_pauses_grow_while_it_fails() -> None:
    clock = Clock()
    transport = httpx.MockTransport(lambda _: httpx.Response(500))
    source = ThreecxLog(URL, "ringfence", "x", monotonic=clock, transport=transport)
    source.read(0)
    first = source._next_at - clock.now
    clock.now = source._next_at
    source.read(0)
    assert source._next_at - clock.now == 2 * first
    assert "status 500" in source.trouble


@pytest.mark.parametrize("response", [
    httpx.Response(302, headers={"Location": "https://elsewhere.example/"}),
    httpx.Response(200, content=b"[" * 100_000),
    httpx.Response(200, content=b"[1]"),
    httpx.Response(200, content=b"x" * (MAX_ANSWER + 1)),
    httpx.Response(200, json={"access_token": "a\r\nb"}),
    httpx.Response(200, json={}),
])  # fmt: skip
def test_answers_that_are_none_end_in_a_sentence(response: httpx.Response) -> None:
    transport = httpx.MockTransport(lambda _: response)
    source = ThreecxLog(URL, "ringfence", "s3cret", monotonic=Clock(), transport=transport)
    assert source.read(0) == []
    assert source.trouble.startswith("3CX at pbx.example: ")
    assert "s3cret" not in source.trouble


def test_the_secret_does_not_leave_the_machine_in_clear() -> None:
    with pytest.raises(ValueError, match="https"):
        ThreecxLog("http://pbx.example", "ringfence", "s3cret")


def test_over_a_real_connection() -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer({"access_token": "t", "expires_in": 60})

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            assert asked["$filter"] == ["Id gt 0"]
            self.answer({"value": [entry("blocked", [ATTACKER], 7)]})

        def answer(self, value: object) -> None:
            octets = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        source = ThreecxLog(
            f"http://127.0.0.1:{server.server_address[1]}", "ringfence", "s3cret", from_start=True
        )
        events: list[Event] = source.read(0)
        source.close()
        server.shutdown()
        thread.join()
    assert [event.source for event in events] == [ATTACKER]
