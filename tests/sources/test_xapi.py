"""3CX's login for programs, played over TLS."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.model.outside import OutsideError
from ringfence.sources.xapi import Xapi
from tests.https_server import Asked, Reply, https_server
from tests.mail_server import certificate_of


class Threecx:
    """Gives tokens, and takes the one that it gave last."""

    def __init__(self) -> None:
        self.token = "t1"
        self.lasts_s: object = 60
        self.answers: Reply = (200, {"value": [1]})

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/connect/token":
            if asked.form["client_secret"] != "s3cret":
                return 401, {}
            return 200, {"access_token": self.token, "expires_in": self.lasts_s}
        if asked.headers["authorization"] != f"Bearer {self.token}":
            return 401, {}
        return self.answers


def test_one_token_serves_until_3cx_forgets_it(tmp_path: Path) -> None:
    certificate, pbx = certificate_of(tmp_path), Threecx()
    with https_server(certificate, pbx.answer) as server:
        xapi = Xapi(server.url, "ringfence", "s3cret", authority_file=str(certificate.root))
        assert xapi.listed("/Blocklist", {"$top": "1"}) == [1]
        assert xapi.ask("POST", "/Blocklist", body={}) == {"value": [1]}
        pbx.token = "t2"
        assert xapi.listed("/Blocklist", {}) == [1]
        xapi.close()
    paths = [one.path for one in server.asked]
    assert paths.count("/connect/token") == 2
    assert server.asked[1].params == {"$top": "1"}


def test_a_refusal_names_the_role_and_is_not_asked_again(tmp_path: Path) -> None:
    certificate, pbx = certificate_of(tmp_path), Threecx()
    pbx.answers = (401, {})
    with https_server(certificate, pbx.answer) as server:
        xapi = Xapi(
            server.url, "ringfence", "s3cret", may="end calls", authority_file=str(certificate.root)
        )
        with pytest.raises(OutsideError, match=r"3CX at localhost: 401.* may end calls"):
            xapi.ask("GET", "/ActiveCalls")
        assert len(server.asked) == 2
        wrong = Xapi(server.url, "ringfence", "no", authority_file=str(certificate.root))
        with pytest.raises(OutsideError, match="refuses the login"):
            wrong.ask("GET", "/ActiveCalls")


@pytest.mark.parametrize("lasts_s", [0, -5, "soon", None])
def test_a_token_that_lasts_no_time_is_asked_for_each_time(tmp_path: Path, lasts_s: object) -> None:
    certificate, pbx = certificate_of(tmp_path), Threecx()
    pbx.lasts_s = lasts_s
    with https_server(certificate, pbx.answer) as server:
        xapi = Xapi(server.url, "ringfence", "s3cret", authority_file=str(certificate.root))
        xapi.ask("GET", "/x")
        xapi.ask("GET", "/x")
    number = [one.path for one in server.asked].count("/connect/token")
    assert number == (2 if isinstance(lasts_s, int) else 1)


@pytest.mark.parametrize("answer", [{}, [], {"value": None}, {"value": {}}])
def test_an_answer_without_list_is_an_error(tmp_path: Path, answer: object) -> None:
    certificate, pbx = certificate_of(tmp_path), Threecx()
    pbx.answers = (200, answer)
    with https_server(certificate, pbx.answer) as server:
        xapi = Xapi(server.url, "ringfence", "s3cret", authority_file=str(certificate.root))
        with pytest.raises(OutsideError, match="no list"):
            xapi.listed("/Blocklist", {})
