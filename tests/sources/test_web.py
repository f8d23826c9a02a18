"""A machine that answers in JSON over HTTPS, and what it may try."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from ringfence.model.outside import OutsideError
from ringfence.sources.web import LONGEST_S, MAX_ANSWER, HttpsJson
from tests.https_server import Asked, Reply, https_server
from tests.mail_server import Certificate, certificate_of

URL = "https://router.example"


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return certificate_of(tmp_path)


def web(response: httpx.Response, **more: object) -> HttpsJson:
    transport = httpx.MockTransport(lambda _: response)
    return HttpsJson(URL, login=("ringfence", "s3cret"), transport=transport, **more)  # type: ignore[arg-type]


def test_a_question_over_tls_with_login_and_json(certificate: Certificate) -> None:
    def answer(asked: Asked) -> Reply:
        return 201, {"got": asked.json, "as": asked.login, "with": asked.params}

    with https_server(certificate, answer) as server:
        asked = HttpsJson(
            server.url, login=("ringfence", "s3cret"), authority_file=str(certificate.root)
        )
        found = asked.ask("PUT", "/rest/list", params={"a": "b"}, body={"address": "203.0.113.7"})
        asked.close()
    assert found == {
        "got": {"address": "203.0.113.7"}, "as": "ringfence:s3cret", "with": {"a": "b"}
    }  # fmt: skip
    assert server.asked[0].method == "PUT"


def test_a_certificate_that_nobody_signed_gets_no_secret(certificate: Certificate) -> None:
    with https_server(certificate, lambda _: (200, {})) as server:
        asked = HttpsJson(server.url, login=("ringfence", "s3cret"))
        with pytest.raises(OutsideError, match=r"certificate is not trusted.*authority_file"):
            asked.ask("GET", "/")
    assert server.asked == []


def test_a_certificate_for_another_name_gets_no_secret(tmp_path: Path) -> None:
    certificate = certificate_of(tmp_path, "elsewhere.example")
    with https_server(certificate, lambda _: (200, {})) as server:
        asked = HttpsJson(server.url, authority_file=str(certificate.root))
        with pytest.raises(OutsideError, match="as its certificate does"):
            asked.ask("GET", "/")
    assert server.asked == []


def test_nobody_there_is_said() -> None:
    asked = HttpsJson("http://127.0.0.1:1", name="router")
    with pytest.raises(OutsideError, match=r"router: .*refused"):
        asked.ask("GET", "/")


def test_a_proxy_of_the_environment_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://192.0.2.1:3128")
    with pytest.raises(OutsideError, match="refused"):
        HttpsJson("http://127.0.0.1:1").ask("GET", "/")


def test_an_empty_answer_is_none() -> None:
    assert web(httpx.Response(204)).ask("DELETE", "/x") is None


@pytest.mark.parametrize(("response", "says"), [
    (httpx.Response(401), "401, refuses the login: see the key"),
    (httpx.Response(403), "403, does not allow it: see the key"),
    (httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), "status 302"),
    (httpx.Response(400, json={"error": 400, "message": "Bad", "detail": "no such list"}),
     "status 400, no such list"),
    (httpx.Response(500, json={"error": {"code": "", "message": "it broke"}}), "500, it broke"),
    (httpx.Response(400, json={"detail": "\x1b[2Jboo\n"}), r"400, \\x1b\[2Jboo\\x0a"),
    (httpx.Response(400, json={"detail": ["x"]}), "status 400$"),
    (httpx.Response(400, content=b"[" * 100_000), "status 400$"),
    (httpx.Response(200, content=b"<html>"), "no JSON"),
    (httpx.Response(200, content=b"[" * 100_000), "no JSON"),
    (httpx.Response(200, content=b"x" * (MAX_ANSWER + 1)), "more than 4 MiB"),
])  # fmt: skip
def test_what_is_no_answer_ends_in_a_sentence(response: httpx.Response, says: str) -> None:
    with pytest.raises(OutsideError, match=says) as error:
        web(response, refused="see the key").ask("GET", "/")
    assert str(error.value).startswith("router.example: ")
    assert "s3cret" not in str(error.value)


def test_an_answer_without_end_is_left() -> None:
    moments = iter([0.0, 1.0, LONGEST_S + 1])

    def dripping() -> httpx.Response:
        return httpx.Response(200, content=(b" " for _ in range(1000)))

    with pytest.raises(OutsideError, match="no end of its answer"):
        web(dripping(), monotonic=lambda: next(moments)).ask("GET", "/")


def test_silence_is_bounded() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    asked = HttpsJson(URL, transport=httpx.MockTransport(silent))
    with pytest.raises(OutsideError, match="no answer within 10 s"):
        asked.ask("GET", "/")


@pytest.mark.parametrize("url", [
    "http://router.example", "ftp://router.example", "router.example", "", "https://",
    "https://ringfence:s3cret@router.example", "https://router.example\x00",
])  # fmt: skip
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https") as error:
        HttpsJson(url)
    assert "s3cret" not in str(error.value)


def test_roots_that_are_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_text("nothing")
    for name in ("root.pem", "missing.pem"):
        with pytest.raises(ValueError, match=f"{name}: no certificates"):
            HttpsJson(URL, authority_file=str(tmp_path / name))
