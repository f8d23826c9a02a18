"""Letters handed to real mail servers, and to some that lie, hang or babble."""

from __future__ import annotations

import base64
import socket
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import pytest

from ringfence.model.post import PostError, Sent
from ringfence.model.settings import MailServer
from ringfence.reports.post import MAX_REPLY_LINES, check, send
from tests.mail_server import (
    Certificate,
    Desk,
    Talk,
    certificate_of,
    mail_server,
    script,
    vicious_server,
)

LETTER = b"""From: anna@office.example
To: abuse@hosting.example
Subject: Attack from 203.0.113.66

From: this line only looks like a header
.
..two dots, and one line that is only a dot above
.leading dot
QUIT
last
"""
SENDER = "anna@office.example"
DESK = "abuse@hosting.example"
SECRET = "horse, battery"  # of nobody
EHLO = "250 mail.office.example\r\n"
READY = "220 mail.office.example\r\n"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_of(tmp_path_factory.mktemp("certificate"))


def plain(port: int, **more: object) -> MailServer:
    return MailServer(server="127.0.0.1", port=port, security="none", **more)  # type: ignore[arg-type]


def secured(port: int, certificate: Certificate, how: str = "starttls", **more: str) -> MailServer:
    return MailServer(
        server="localhost", port=port, security=how, authority_file=str(certificate.root), **more
    )


def post(
    server: MailServer,
    octets: bytes = LETTER,
    receivers: Sequence[str] = (DESK,),
    sender: str = SENDER,
    timeout_s: float = 10,
) -> Sent:
    return send(octets, sender, receivers, server, timeout_s=timeout_s)


def refused(
    server: MailServer,
    octets: bytes = LETTER,
    receivers: Sequence[str] = (DESK,),
    timeout_s: float = 10,
) -> PostError:
    with pytest.raises(PostError) as caught:
        post(server, octets, receivers, timeout_s=timeout_s)
    assert "\n" not in str(caught.value)
    return caught.value


def met_with(talk: Talk, timeout_s: float = 10) -> PostError:
    with vicious_server(talk) as port:
        return refused(plain(port), timeout_s=timeout_s)


def test_letter_arrives_octet_for_octet() -> None:
    desk = Desk()
    with mail_server(desk) as port:
        sent = post(plain(port))
    (letter,) = desk.letters
    assert letter.octets == LETTER.replace(b"\n", b"\r\n")
    assert (letter.sender, letter.receivers) == (SENDER, (DESK,))
    assert sent == Sent(f"127.0.0.1:{port}", "", (DESK,), (), "2.0.0 queued as 4F1")


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\n"])
def test_bare_line_ends_smuggle_no_second_letter(end: bytes) -> None:
    smuggled = end.join((b"Subject: x", b"", b"text", b".", b"MAIL FROM:<a@b.example>", b"end"))
    desk = Desk()
    with mail_server(desk) as port:
        post(plain(port), smuggled)
    assert [one.octets for one in desk.letters] == [
        b"Subject: x\r\n\r\ntext\r\n.\r\nMAIL FROM:<a@b.example>\r\nend\r\n"
    ]


def test_ten_megabytes_arrive_whole() -> None:
    big = b"Subject: evidence\r\n\r\n" + (b"." + b"x" * 70 + b"\r\n") * 140_000
    desk = Desk()
    with mail_server(desk) as port:
        post(plain(port), big, timeout_s=60)
    assert desk.letters[0].octets == big


@pytest.mark.parametrize("how", ["tls", "starttls"])
def test_letter_goes_over_tls_with_login(certificate: Certificate, how: str) -> None:
    desk = Desk(password=SECRET)
    tls = {"tls": certificate} if how == "tls" else {"starttls": certificate}
    with mail_server(desk, **tls) as port:  # type: ignore[arg-type]
        sent = post(secured(port, certificate, how, user="anna", password=SECRET))
    assert sent.secured.startswith("TLSv1.")
    assert (desk.letters[0].user, desk.letters[0].secured) == ("anna", True)
    assert desk.attempts == ["PLAIN"]


def test_server_that_knows_only_login_is_logged_in_to(certificate: Certificate) -> None:
    desk = Desk(password="pässwörd")
    with mail_server(desk, starttls=certificate, without=("PLAIN",)) as port:
        post(secured(port, certificate, user="anna", password="pässwörd"))
    assert desk.attempts == ["LOGIN"]


@pytest.mark.parametrize("without", [(), ("PLAIN",)])
def test_wrong_password_is_tried_once_and_never_shown(
    certificate: Certificate, without: tuple[str, ...]
) -> None:
    desk = Desk(password=SECRET)
    server = {"user": "anna", "password": "wrong horse"}
    with mail_server(desk, starttls=certificate, without=without) as port:
        error = refused(secured(port, certificate, **server))
    assert "mail.user or mail.password is wrong" in str(error)
    assert "wrong horse" not in repr(error) + str(error.__cause__) + str(error.__context__)
    assert len(desk.attempts) == 1
    assert (desk.letters, error.later) == ([], False)


def test_password_that_the_server_repeats_is_not_shown(certificate: Certificate) -> None:
    said = base64.b64encode(f"\0anna\0{SECRET}".encode()).decode()
    context = certificate.context()
    ehlo = "250-mail.office.example\r\n250 AUTH PLAIN\r\n"

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inner:
            script(READY, ehlo, f"535 bad: AUTH PLAIN {said} ({SECRET})\r\n")(inner)

    with vicious_server(talk) as port:
        error = refused(secured(port, certificate, "tls", user="anna", password=SECRET))
    assert "535 bad: AUTH PLAIN ... (...)" in str(error)


def test_user_without_a_password_is_told_so(certificate: Certificate) -> None:
    with mail_server(Desk(password=SECRET), starttls=certificate) as port:
        error = refused(secured(port, certificate, user="anna"))
    assert "mail.user has no password" in str(error)


def test_server_that_wants_a_login_says_so(certificate: Certificate) -> None:
    with mail_server(Desk(password=SECRET), starttls=certificate) as port:
        error = refused(secured(port, certificate))
    assert "write mail.user and mail.password" in str(error)


def test_server_without_a_known_login_is_refused(certificate: Certificate) -> None:
    desk = Desk(password=SECRET)
    with mail_server(desk, starttls=certificate, without=("PLAIN", "LOGIN")) as port:
        error = refused(secured(port, certificate, user="anna", password=SECRET))
    assert "PLAIN or LOGIN is needed" in str(error)


@pytest.mark.parametrize("how", ["tls", "starttls"])
def test_unknown_certificate_gets_nothing(certificate: Certificate, how: str) -> None:
    desk = Desk()
    tls = {"tls": certificate} if how == "tls" else {"starttls": certificate}
    with mail_server(desk, **tls) as port:  # type: ignore[arg-type]
        error = refused(MailServer(server="localhost", port=port, security=how))
    assert "its certificate is not known" in str(error)
    assert "mail.authority_file" in str(error)
    assert desk.letters == []


def test_certificate_of_another_name_gets_nothing(tmp_path: Path) -> None:
    other = certificate_of(tmp_path, "mail.office.example")
    desk = Desk()
    with mail_server(desk, starttls=other) as port:
        error = refused(secured(port, other))
    assert "its certificate is for another name" in str(error)
    assert desk.letters == []


def test_certificate_that_has_ended_gets_nothing(tmp_path: Path) -> None:
    old = certificate_of(tmp_path, days=-1)
    with mail_server(Desk(), tls=old) as port:
        error = refused(secured(port, old, "tls"))
    assert "its certificate does not hold now" in str(error)


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_roots_that_cannot_be_read_are_named(tmp_path: Path, text: str | None) -> None:
    roots = tmp_path / "roots.pem"
    if text:
        roots.write_text(text)
    error = refused(MailServer(server="localhost", port=1, authority_file=str(roots)))
    assert f"mail.authority_file {roots}: " in str(error)


def test_no_starttls_offered_sends_nothing_in_the_clear() -> None:
    desk = Desk()
    with mail_server(desk) as port:
        error = refused(MailServer(server="127.0.0.1", port=port, security="starttls"))
    assert "offers no STARTTLS, and nothing is sent in the clear" in str(error)
    assert desk.letters == []


def test_words_put_before_tls_do_not_count_after_it(certificate: Certificate) -> None:
    """Command injection into STARTTLS: an answer that waits in the buffer."""
    talk = script(READY, "250-a\r\n250 STARTTLS\r\n", "220 go\r\n250 AUTH PLAIN\r\n", hold=True)
    with vicious_server(talk) as port:
        error = refused(secured(port, certificate))
    assert "somebody may sit between" in str(error)


def test_tls_at_once_with_a_server_that_speaks_first() -> None:
    with mail_server(Desk()) as port:
        error = refused(MailServer(server="localhost", port=port, security="tls"))
    assert 'port 465 is "tls", 587 "starttls"' in str(error)


def test_password_never_goes_without_tls() -> None:
    desk = Desk(password=SECRET)
    with mail_server(desk) as port:
        error = refused(plain(port, user="anna", password=SECRET))
    assert "no password goes without TLS" in str(error)
    assert desk.attempts == []


def test_nothing_goes_to_another_machine_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    """The peer is looked at, not the name: here it pretends to be elsewhere."""
    monkeypatch.setattr("ringfence.reports.post._Line.is_loopback", lambda self: False)
    desk = Desk()
    with mail_server(desk) as port:
        error = refused(plain(port))
        assert "is on another machine" in str(error)
        assert desk.letters == []
        send(LETTER, SENDER, [DESK], plain(port), in_the_clear=True)
    assert len(desk.letters) == 1


def test_one_of_two_receivers_is_refused() -> None:
    desk = Desk(refused={"gone@hosting.example": "550 5.1.1 no such user \x1b[2J"})
    with mail_server(desk) as port:
        sent = post(plain(port), receivers=["gone@hosting.example", DESK, DESK])
    assert desk.letters[0].receivers == (DESK,)
    assert sent.accepted == (DESK,)
    (refusal,) = sent.refused
    assert (refusal.mailbox, refusal.later) == ("gone@hosting.example", False)
    assert refusal.says == r"550 5.1.1 no such user \x1b[2J"


def test_greylisting_asks_to_come_again() -> None:
    with mail_server(Desk(refused={DESK: "451 4.7.1 greylisted"})) as port:
        error = refused(plain(port))
    assert error.later
    assert "451 4.7.1 greylisted" in str(error)
    assert "try once more in half an hour" in str(error)


def test_relay_denied_names_the_login() -> None:
    with mail_server(Desk(refused={DESK: "554 5.7.1 relay access denied"})) as port:
        error = refused(plain(port))
    assert not error.later
    assert "relay access denied; where it does not relay for strangers, write mail.user" in str(
        error
    )


def test_sender_that_is_not_ours_is_told_so() -> None:
    with mail_server(Desk(refused_senders={SENDER: "553 5.7.1 not your mailbox"})) as port:
        error = refused(plain(port))
    assert "553 5.7.1 not your mailbox (naming the sender)" in str(error)


@pytest.mark.parametrize(
    ("answer", "advice", "later"),
    [
        ("552 5.3.4 too much", "without the attachments", False),
        ("554 5.7.1 spam", "it does not want this letter", False),
        ("452 4.3.1 disk full", "half an hour", True),
    ],
)
def test_letter_refused_after_data(answer: str, advice: str, later: bool) -> None:
    with mail_server(Desk(answer=answer)) as port:
        error = refused(plain(port))
    assert answer in str(error)
    assert advice in str(error)
    assert (error.later, error.maybe_sent) == (later, False)


def test_letter_too_big_is_told_before_it_is_sent() -> None:
    desk = Desk()
    with mail_server(desk, max_octets=100) as port:
        error = refused(plain(port))
    assert "takes letters of 100 octets" in str(error)
    assert desk.letters == []


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = refused(plain(port))
    assert str(error).startswith(f"mail server 127.0.0.1:{port}: nobody listens there")


def test_name_that_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    error = refused(MailServer(server="mail.office.example", security="tls"))
    assert "mail.office.example:465: its name is not found" in str(error)


@pytest.mark.parametrize(
    "replies", [(), (READY,), (READY, EHLO), (READY, EHLO, "250 ok\r\n", "250 ok\r\n")]
)
def test_server_that_stops_answering(replies: tuple[str, ...]) -> None:
    began = monotonic()
    error = met_with(script(*replies or ("",), hold=True), timeout_s=0.3)
    assert "no answer within 0.3 s" in str(error)
    assert error.later
    assert monotonic() - began < 5


def test_server_that_drips_has_no_more_time_than_a_silent_one() -> None:
    def talk(connection: socket.socket) -> None:
        connection.settimeout(0.05)
        for _ in range(400):
            connection.sendall(b"2")
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                pass

    began = monotonic()
    assert "no answer within 0.3 s" in str(met_with(talk, timeout_s=0.3))
    assert monotonic() - began < 5


def test_silence_after_the_whole_letter_may_mean_that_it_arrived() -> None:
    replies = (READY, EHLO, "250 ok\r\n", "250 ok\r\n", "354 go on\r\n")
    error = met_with(script(*replies, hold=True), timeout_s=0.05)
    assert error.maybe_sent
    assert "it may have arrived" in str(error)


def test_connection_that_breaks_before_the_letter_has_sent_nothing() -> None:
    error = met_with(script(READY, EHLO, "250 ok\r\n"))
    assert not error.maybe_sent
    assert "it closed the connection" in str(error)


@pytest.mark.parametrize(
    "babble",
    [
        b"220-" + b"x" * 100_000,
        b"220-more\r\n" * (MAX_REPLY_LINES * 3),
        b"220" + b"\0" * 100_000,
    ],
    ids=["line", "lines", "nul"],
)
def test_reply_without_end_is_cut(babble: bytes) -> None:
    assert "answers without end" in str(met_with(script(babble, hold=True), timeout_s=5))


@pytest.mark.parametrize(
    "babble",
    [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x1b]0;gone\x07\r\n", b"HTTP/1.1 400 Bad\r\n", b"99\r\n"],
)
def test_server_that_speaks_something_else(babble: bytes) -> None:
    error = met_with(script(babble))
    assert "does not speak SMTP" in str(error)
    assert str(error).isprintable()


@pytest.mark.parametrize(
    ("greeting", "later"), [("421 too busy\r\n", True), ("554 no service\r\n", False)]
)
def test_server_that_does_not_want_to_talk(greeting: str, later: bool) -> None:
    error = met_with(script(greeting))
    assert greeting.strip() in str(error)
    assert error.later == later


@pytest.mark.parametrize(
    "receiver",
    ["a@b.example>\r\nRCPT TO:<c@d.example", "a@b.example, c@d.example", "<a@b.example>", "a", ""],
)
def test_receiver_that_is_no_mailbox_brings_in_no_command(receiver: str) -> None:
    desk = Desk()
    with mail_server(desk) as port:
        error = refused(plain(port), receivers=[receiver])
    assert "is no mailbox" in str(error)
    assert desk.letters == []


@pytest.mark.parametrize("receivers", [[], [f"a{n}@hosting.example" for n in range(51)]])
def test_letter_to_nobody_or_to_everybody_is_refused(receivers: list[str]) -> None:
    assert "one mailbox at least and 50 at most" in str(refused(plain(1), receivers=receivers))


@pytest.mark.parametrize("octets", [b"a: b\n\n\0", b"a: b\n\n" + b"x" * 999])
def test_letter_that_smtp_cannot_carry_is_refused(octets: bytes) -> None:
    assert "NUL or a line of more than 998 octets" in str(refused(plain(1), octets))


def test_domain_with_letters_beyond_ascii_goes_in_its_ascii_form() -> None:
    desk = Desk()
    with mail_server(desk, smtputf8=False) as port:
        post(plain(port), receivers=["abuse@bücher.example"])
    assert desk.letters[0].receivers == ("abuse@xn--bcher-kva.example",)


def test_mailbox_beyond_ascii_needs_a_server_that_can() -> None:
    desk = Desk()
    with mail_server(desk, smtputf8=False) as port:
        error = refused(plain(port), receivers=["jürgen@hosting.example"])
    assert "SMTPUTF8" in str(error)
    with mail_server(desk) as port:
        post(plain(port), receivers=["jürgen@hosting.example"])
    assert desk.letters[0].receivers == ("jürgen@hosting.example",)
    assert "SMTPUTF8" in desk.letters[0].options


def test_text_beyond_ascii_is_announced() -> None:
    desk = Desk()
    with mail_server(desk) as port:
        post(plain(port), b"Subject: x\n\nGr\xc3\xbc\xc3\x9fe\n")
    assert "BODY=8BITMIME" in desk.letters[0].options
    error = _without_8bit()
    assert "8BITMIME" in str(error)


def _without_8bit() -> PostError:
    with vicious_server(script(READY, EHLO, hold=True)) as port:
        return refused(plain(port), b"Subject: x\n\n\xc3\xbc\n")


@pytest.mark.parametrize(
    ("server", "says"),
    [
        (MailServer(), "no mail server is named"),
        (MailServer(server="a b"), "not the name of a machine"),
        (MailServer(server="localhost", security="ssl"), "write tls, starttls or none"),
    ],
)
def test_server_that_is_none(server: MailServer, says: str) -> None:
    assert says in str(refused(server))


def test_check_logs_in_and_sends_nothing(certificate: Certificate) -> None:
    desk = Desk(password=SECRET)
    with mail_server(desk, starttls=certificate, max_octets=1000) as port:
        checked = check(secured(port, certificate, user="anna", password=SECRET))
    assert checked.server == f"localhost:{port}"
    assert (checked.logged_in, checked.max_octets) == (True, 1000)
    assert checked.certificate_until.endswith("Z")
    assert (desk.letters, desk.attempts) == ([], ["PLAIN"])
