"""A mail as it lies in a file (.eml): its headers and its texts, read without trust.

How it works: parts are found by their boundaries, and each is read once; nothing nests
deeper, is longer or more than the bounds below. What is beyond them is left out, for a
mail that answers a letter is small. Charsets are those that mails are written in; a
codec that computes is not called for a stranger.
"""

from __future__ import annotations

import binascii
import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.model.follow_up import MAX_MAIL_OCTETS, MailError

# Headers of one part, and octets of them: honest mails have some sixty.
MAX_HEADERS = 400
MAX_HEADER_OCTETS = 128 << 10
MAX_DEPTH = 8
MAX_PARTS = 100
# Of each text, in octets as it stands and in characters as it is read.
MAX_TEXT = 256 << 10

_CHARSETS = re.compile(
    r"utf-8|utf-16(-[lb]e)?|ascii|iso8859-\d+|latin|cp125\d|cp437|cp85\d|koi8-[ru]|gb2312|gbk|"
    r"gb18030|big5|euc_(jp|kr)|shift_jis|cp932|cp949|iso2022_(jp|kr)"
)
_WORD = re.compile(r"=\?([\w-]{1,40})(?:\*[\w-]*)?\?([bBqQ])\?([^?\s]{0,2000})\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t]+(?==\?)")
_PARAMETER = re.compile(r';\s*([\w-]{1,40})\*?0?\*?\s*=\s*(?:"([^"]{0,400})"|([^\s;"]{1,400}))')
_OUTLOOK = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Headers:
    """Headers of a mail or a part: names in small letters, in their order, decoded."""

    lines: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """The first of this name; "" where there is none."""
        return next((value for known, value in self.lines if known == name), "")

    def has(self, name: str) -> bool:
        """Whether there is one of this name, empty or not."""
        return any(known == name for known, _ in self.lines)

    @property
    def media_type(self) -> str:
        """text/plain, where it says nothing else."""
        return self.get("content-type").partition(";")[0].strip().lower() or "text/plain"

    def parameter(self, name: str) -> str:
        """Of Content-Type: charset, boundary."""
        for known, quoted, plain in _PARAMETER.findall(self.get("content-type")):
            if known.lower() == name:
                return str(quoted or plain)
        return ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part that holds text; HTML is text already."""

    headers: Headers
    text: str


@dataclass(frozen=True, slots=True)
class Mail:
    """Headers, and the parts in their order."""

    headers: Headers
    parts: tuple[Part, ...]

    def of_type(self, media_type: str) -> list[Part]:
        """Parts of a media type."""
        return [part for part in self.parts if part.headers.media_type == media_type]

    @property
    def text(self) -> str:
        """What a reader sees: plain text, else HTML as text."""
        for media_type in ("text/plain", "text/html"):
            texts = [p.text for p in self.of_type(media_type) if p.text.strip()]
            if texts:
                return "\n\n".join(texts)[:MAX_TEXT]
        return ""


def read_mail(octets: bytes) -> Mail:
    """The mail in these octets. Raises MailError for what is none."""
    if len(octets) > MAX_MAIL_OCTETS:
        raise MailError(f"more than {MAX_MAIL_OCTETS >> 20} MiB: that is no reply")
    if octets.startswith(_OUTLOOK):
        raise MailError("an Outlook file (.msg): save the mail as .eml")
    if octets.startswith(b"\xef\xbb\xbf"):
        octets = octets[3:]
    if octets.startswith((b"From ", b">From ")):  # one mail of an mbox file
        octets = octets.partition(b"\n")[2]
    headers, body = _split(octets)
    if not any(headers.has(name) for name in ("from", "subject", "message-id", "date", "received")):
        raise MailError("no mail: it has neither From nor Subject nor Message-ID; save it as .eml")
    parts: list[Part] = []
    for part in _parts(headers, body, 0):
        parts.append(part)
        if len(parts) >= MAX_PARTS:
            break
    return Mail(headers, tuple(parts))


def read_headers(text: str) -> Headers:
    """Headers that stand in a text, as a bounce returns them."""
    return _split(text.lstrip("\r\n").encode("utf-8", "replace"))[0]


def html_as_text(markup: str) -> str:
    """What a reader sees of HTML: no tags, scripts or styles; lines where blocks end."""
    found: list[str] = []
    place, small = 0, markup.lower()
    while (begin := markup.find("<", place)) >= 0:
        found.append(markup[place:begin])
        end = markup.find(">", begin)
        if end < 0:
            return html.unescape("".join(found))
        tag = small[begin + 1 : min(end, begin + 12)].lstrip("/").split(maxsplit=1)
        name = tag[0].rstrip("/") if tag else ""
        if name in ("br", "p", "div", "tr", "li", "h1", "h2", "h3", "table"):
            found.append("\n")
        elif name == "blockquote":  # quoted: its text stays, its lines are marked as such
            found.append("\n> " if small[begin + 1] != "/" else "\n")
        place = end + 1
        if name in ("script", "style", "head", "title") and small[begin + 1] != "/":
            close = small.find(f"</{name}", place)
            place = close if close >= 0 else len(markup)
    found.append(markup[place:])
    return html.unescape("".join(found))


def _split(octets: bytes) -> tuple[Headers, bytes]:
    """Headers, and what stands behind the empty line."""
    head = octets[:MAX_HEADER_OCTETS]
    ends = [(at, at + len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := head.find(mark)) >= 0]
    end, body = min(ends, default=(len(head), len(head)))
    if head.startswith((b"\n", b"\r\n")):
        return Headers(()), octets[head.index(b"\n") + 1 :]
    lines: list[tuple[str, list[str]]] = []
    for line in head[:end].decode("utf-8", "replace").split("\n"):
        if line[:1] in (" ", "\t") and lines:
            lines[-1][1].append(line.strip())
            continue
        name, colon, value = line.partition(":")
        if colon and len(lines) < MAX_HEADERS:
            lines.append((name.strip().lower(), [value.strip()]))
    return Headers(tuple((n, _decoded(" ".join(v))) for n, v in lines)), octets[body:]


def _decoded(value: str) -> str:
    """Encoded words (RFC 2047) as text."""
    if "=?" not in value:
        return value
    return _WORD.sub(_word, _BETWEEN_WORDS.sub(r"\1", value))


def _word(found: re.Match[str]) -> str:
    charset, encoding, text = found.groups()
    if encoding in "bB":
        octets = _base64(text.encode("ascii", "replace"))
    else:
        octets = binascii.a2b_qp(text.encode("utf-8", "replace"), header=True)
    return _text(octets, charset)


def _parts(headers: Headers, body: bytes, depth: int) -> Iterator[Part]:
    """Parts that hold text, in their order, and the beginnings of returned mails."""
    media_type = headers.media_type
    boundary = headers.parameter("boundary")
    if media_type.startswith("multipart/") and boundary and depth < MAX_DEPTH:
        for inner in _pieces(body, boundary.encode("utf-8", "replace")):
            yield from _parts(*_split(inner), depth + 1)
    elif media_type.startswith(("text/", "message/")):
        octets = _unpacked(body[:MAX_TEXT], headers.get("content-transfer-encoding"))
        text = _text(octets, headers.parameter("charset") or "utf-8")[:MAX_TEXT]
        text = text.replace("\r\n", "\n")
        yield Part(headers, html_as_text(text) if media_type == "text/html" else text)
    else:
        yield Part(headers, "")


def _pieces(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """What stands between boundaries, one after the other."""
    mark = b"--" + boundary
    begin = 0 if body.startswith(mark) else body.find(b"\n" + mark) + 1
    if begin == 0 and not body.startswith(mark):
        return
    for _ in range(MAX_PARTS):
        line = body.find(b"\n", begin)
        if line < 0 or body.startswith(mark + b"--", begin):
            return
        following = body.find(b"\n" + mark, line)
        yield body[line + 1 : following if following >= 0 else len(body)].removesuffix(b"\r")
        if following < 0:
            return
        begin = following + 1


def _unpacked(octets: bytes, encoding: str) -> bytes:
    encoding = encoding.strip().lower()
    if encoding == "base64":
        return _base64(octets)
    return binascii.a2b_qp(octets) if encoding == "quoted-printable" else octets


def _base64(octets: bytes) -> bytes:
    """As much of it as can be read."""
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", octets.partition(b"=")[0])
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def _text(octets: bytes, charset: str) -> str:
    """Text in its charset; in UTF-8 where nobody knows that one."""
    try:
        name = codecs.lookup(charset.strip().strip("'\"")).name
    except (LookupError, ValueError):
        name = "utf-8"
    if not _CHARSETS.fullmatch(name):
        name = "utf-8"
    return octets.decode(name, "replace")
