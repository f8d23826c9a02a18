"""Mails in files, most of them hostile."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.cases import mail as module
from ringfence.cases.mail import MAX_HEADERS, MAX_PARTS, html_as_text, read_headers, read_mail
from ringfence.model.follow_up import MAX_MAIL_OCTETS, MailError
from tests.cases.mails import mail, multipart

# What a bad reader would take minutes for.
SLOW_S = 5.0


def test_plain_mail_is_read() -> None:
    read = read_mail(mail("Hello,\r\nwe look at it.\r\n"))
    assert read.headers.get("from") == "Abuse Desk <abuse@example.net>"
    assert read.text == "Hello,\nwe look at it.\n"


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"From abuse@example.net Sun Oct 4\n"])
def test_byte_order_marks_and_mbox_lines_stand_before_it(before: bytes) -> None:
    assert read_mail(before + mail("text")).text == "text"


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"", "no mail"),
        (b"%PDF-1.7 \n\n", "no mail"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"\.msg"),
        (b"\n\nSubject: too late", "no mail"),
        (b"x" * (MAX_MAIL_OCTETS + 1), "MiB"),
    ],
)
def test_what_is_no_mail_says_so(octets: bytes, says: str) -> None:
    with pytest.raises(MailError, match=says):
        read_mail(octets)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?ISO-8859-1?Q?Gr=FC=DFe?=", "Grüße"),
        ("=?utf-8?q?a_b?=  =?utf-8?q?c?=", "a bc"),
        ("=?no-such?q?abc?=", "abc"),
        ("=?zlib?b?eJw=?=", "x\ufffd"),
        ("=?utf-8?b?x?=", ""),
        ("=?utf-8?q?never closed", "=?utf-8?q?never closed"),
    ],
)
def test_encoded_words(written: str, read: str) -> None:
    assert read_mail(mail(subject=written)).headers.get("subject") == read


@pytest.mark.parametrize(
    "charset", ["utf-7", "idna", "punycode", "undefined", "rot13", "zip", "unicode_escape", "\x00"]
)
def test_codecs_that_compute_are_not_called(charset: str) -> None:
    octets = mail("+ADw-b+AD4- \\x41", content_type=f'text/plain; charset="{charset}"')
    assert read_mail(octets).text == "+ADw-b+AD4- \\x41"


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        ("base64", "SGVsbG8=", "Hello"),
        ("base64", "SGVsbG8", "Hello"),
        ("base64", "SGVs!!bG8=x", "Hello"),
        ("quoted-printable", "a=3Db=\r\nc=ZZ", "a=bc=ZZ"),
        ("x-unknown", "as it is", "as it is"),
    ],
)
def test_transfer_encodings_broken_or_not(encoding: str, body: str, text: str) -> None:
    assert read_mail(mail(body, content_transfer_encoding=encoding)).text == text


def test_html_alone_is_shown_as_text() -> None:
    body = (
        "<html><head><title>t</title></head><style>p{}</style><p>We &amp; you</p>"
        "<script>alert('suspended')</script><div>second<br>third</div>"
        "<blockquote>please suspend</blockquote></html>"
    )
    read = read_mail(mail(body, content_type="text/html; charset=utf-8"))
    lines = [line for line in read.text.split("\n") if line.strip()]
    assert lines == ["We & you", "second", "third", "> please suspend"]


@pytest.mark.parametrize("markup", ["<" * 200_000, "<script>" * 30_000, "<p" * 90_000, "&" * 9999])
def test_html_that_never_ends_takes_no_time(markup: str) -> None:
    begun = time.perf_counter()
    html_as_text(markup)
    assert time.perf_counter() - begun < SLOW_S


def test_plain_text_is_read_before_html() -> None:
    octets = multipart(
        "Content-Type: text/html\r\n\r\n<b>html</b>", "Content-Type: text/plain\r\n\r\nplain"
    )
    assert read_mail(octets).text == "plain"


def test_header_bomb_is_bounded() -> None:
    octets = b"Subject: x\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"\r\nhello"
    assert len(read_mail(octets).headers.lines) <= MAX_HEADERS


def test_one_header_without_end_is_cut() -> None:
    folded = b"Subject: x\r\n" + b" folded\r\n" * 500_000
    begun = time.perf_counter()
    read = read_mail(folded)
    assert len(read.headers.get("subject")) <= module.MAX_HEADER_OCTETS
    assert time.perf_counter() - begun < SLOW_S


def test_a_thousand_parts_within_each_other() -> None:
    octets = b"Subject: deep\r\n"
    for n in range(1000):
        octets += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
    begun = time.perf_counter()
    assert read_mail(octets + b"\r\nat the bottom").text == ""
    assert time.perf_counter() - begun < SLOW_S


def test_a_part_that_names_the_boundary_of_the_whole() -> None:
    part = 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\ninner'
    assert read_mail(multipart(*[part] * 50)).parts


def test_a_hundred_thousand_parts_are_cut() -> None:
    begun = time.perf_counter()
    read = read_mail(multipart(*["Content-Type: text/plain\r\n\r\nx"] * 100_000))
    assert len(read.parts) <= MAX_PARTS
    assert time.perf_counter() - begun < SLOW_S


def test_header_names_the_content_type_in_any_spelling() -> None:
    headers = read_headers("\nCONTENT-TYPE: Text/HTML; x=1; Charset = latin1\n\n")
    assert headers.media_type == "text/html"
    assert headers.parameter("charset") == "latin1"
    assert headers.parameter("boundary") == ""


@given(st.binary(max_size=2000))
def test_any_octets_are_a_mail_or_none(octets: bytes) -> None:
    for attempt in (octets, b"Subject: x\n" + octets, b"Subject: x\n\n" + octets):
        try:
            assert isinstance(read_mail(attempt).text, str)
        except MailError:
            assert attempt is octets or not attempt.startswith(b"Subject")


@given(
    st.lists(
        st.sampled_from(
            [
                b"--b\r\n", b"--b--\r\n", b"\r\n", b"--b", b"Content-Type: text/html\r\n",
                b"Content-Type: multipart/mixed; boundary=b\r\n", b"text <b>", b"\x00\xff",
                b"Content-Type: message/rfc822\r\n", b"Content-Transfer-Encoding: base64\r\n",
                b"Content-Type: text/plain; charset=utf-16\r\n", b"=?utf-8?b?/w==?=",
            ]
        ),
        max_size=40,
    )
)  # fmt: skip
def test_any_structure_is_read(pieces: list[bytes]) -> None:
    octets = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"".join(pieces)
    assert len(read_mail(octets).parts) <= MAX_PARTS
