"""What Kamailio logged is counted by source, and told again as an Asterisk would."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.fail2ban import FILTER
from lab.guard.scribe import MAX_SAID, MAX_SECONDS, OTHERS, Scribe, read_tally
from ringfence.model.event import REFUSED
from ringfence.wire.asterisk_log import AsteriskLog
from ringfence.wire.kamailio_log import KamailioLog

EVE = "203.0.113.66"
SEEN = b" 3(4711) WARNING: <script>: seen 1795698874.25 203.0.113.66 5071 udp %s REGISTER\n"
LOGIN = (
    b" 3(4711) WARNING: <script>: ringfence/lab kind=%s src=203.0.113.66 port=5071 proto=udp "
    b"dst=192.0.2.10 dport=5060 method=REGISTER user=%s number= callid=a%%40b ua=Zoiper\n"
)
NOW = 1_795_698_874.5


def scribe() -> tuple[Scribe, io.StringIO, io.StringIO]:
    asterisk, syslog = io.StringIO(), io.StringIO()
    return Scribe(asterisk=asterisk, syslog=syslog, now=lambda: NOW), asterisk, syslog


def test_requests_and_refusals_are_counted_by_source() -> None:
    made, _, _ = scribe()
    for line in (SEEN % b"none", SEEN % b"credentials", LOGIN % (b"refused", b"214")):
        made.read(line)
    arrived = made.sources[EVE]
    assert (arrived.requests, arrived.credentials, arrived.refused) == (2, 1, 1)
    assert (arrived.first, arrived.last) == (1795698874.25, 1795698874.25)


def test_a_user_who_calls_himself_like_a_line_of_ours_is_counted_as_himself() -> None:
    """Only what Kamailio wrote in front is believed: a stranger's text stands behind it."""
    made, _, _ = scribe()
    made.read(LOGIN % (b"refused", b"x%20seen%201%20192.0.2.1"))
    made.read(b" 3(1) WARNING: <script>: refused: REGISTER of <script>: seen 1 192.0.2.1 1 udp\n")
    assert list(made.sources) == [EVE]


def test_asterisk_line_is_one_that_our_own_reader_understands() -> None:
    made, asterisk, _ = scribe()
    made.read(LOGIN % (b"refused", b"214"))
    event = AsteriskLog().read([asterisk.getvalue().encode()])
    assert [(one.kind, one.source, one.port, one.account) for one in event] == [
        (REFUSED, EVE, 5071, "214")
    ]


def test_a_quote_in_a_name_does_not_end_the_field() -> None:
    made, asterisk, _ = scribe()
    made.read(LOGIN % (b"refused", b"2%22,RemoteAddress=%22IPV4/UDP/192.0.2.1/5060"))
    assert asterisk.getvalue().count('RemoteAddress="') == 1


@pytest.mark.skipif(not FILTER.exists(), reason="fail2ban is not installed")
def test_asterisk_line_is_one_that_fail2ban_matches(tmp_path: Path) -> None:
    made, asterisk, _ = scribe()
    for kind in (b"challenged", b"accepted", b"refused", b"no_account"):
        made.read(LOGIN % (kind, b"214"))
    log = tmp_path / "security"
    log.write_text(asterisk.getvalue())
    fail2ban = shutil.which("fail2ban-regex")
    assert fail2ban is not None
    said = subprocess.run([fail2ban, str(log), str(FILTER)], capture_output=True, text=True,
                          check=True).stdout  # fmt: skip
    assert "Lines: 4 lines, 0 ignored, 2 matched, 2 missed" in said


def test_syslog_line_is_one_that_our_own_reader_understands() -> None:
    made, _, syslog = scribe()
    made.read(LOGIN % (b"refused", b"214"))
    event = KamailioLog(mark="lab").read([syslog.getvalue().encode()])
    assert [(one.kind, one.source, one.port) for one in event] == [(REFUSED, EVE, 5071)]


def test_a_flood_of_names_fills_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.guard.scribe.MAX_SOURCES", 2)
    made, _, _ = scribe()
    for n in range(5):
        made.read((SEEN % b"none").replace(b"113.66", b"113.%d" % n))
    assert made.sources[OTHERS].requests == 3
    assert len(made.sources) == 3


def test_a_long_run_fills_no_table_either() -> None:
    made, _, _ = scribe()
    for n in range(MAX_SECONDS + 9):
        made.read((SEEN % b"none").replace(b"1795698874", b"%d" % (1795698874 + n)))
    assert len(made.sources[EVE].by_second) == MAX_SECONDS
    assert made.sources[EVE].requests == MAX_SECONDS + 9


def test_what_kamailio_says_itself_is_shown_for_a_while(capsys: pytest.CaptureFixture[str]) -> None:
    made, _, _ = scribe()
    for _ in range(MAX_SAID + 5):
        made.read(b" 0(1) ERROR: no memory left")
    assert len(capsys.readouterr().out.splitlines()) == MAX_SAID


def test_tally_is_read_back(tmp_path: Path) -> None:
    log, tally = SEEN % b"credentials", tmp_path / "tally.json"
    subprocess.run(
        ["python3", "-m", "lab.guard.scribe", "--tally", str(tally)], input=log, check=True
    )
    (arrived,) = read_tally(tally).values()
    assert (arrived.requests, arrived.by_second) == (1, {1795698874: 1})
    assert read_tally(tmp_path / "none.json") == {}
