"""What is in a file: its octets within bounds, and the text that they spell.

Settings come from Windows, from editors, from spreadsheets: UTF-8 with and without a mark,
UTF-16, and Windows' own Western set are told apart here, once, for all readers.
"""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from ringfence.model.auditing import AuditError
from ringfence.model.text import shown

# A phone system of 200,000 extensions has less; a log or a disk image has more.
MAX_OCTETS = 64 * 1024 * 1024

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the same octets
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOK = 4096


def octets(path: Path) -> bytes:
    """All octets of a file. Raises AuditError; never waits for a pipe or a device."""
    try:
        kind = path.stat()
        if not stat.S_ISREG(kind.st_mode):
            raise AuditError(f"{shown(str(path))}: not a file; name a file of settings")
        if kind.st_size > MAX_OCTETS:
            raise AuditError(f"{shown(str(path))}: {_too_large(kind.st_size)}")
        with path.open("rb") as file:
            found = file.read(MAX_OCTETS + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, AuditError):
            raise
        raise AuditError(f"{shown(str(path))}: {_why(error)}") from None
    if len(found) > MAX_OCTETS:
        raise AuditError(f"{shown(str(path))}: {_too_large(len(found))}")
    return found


def decoded(content: bytes, name: str) -> str:
    """The text of a file, its line ends made one. Raises AuditError where it is none."""
    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError as error:
        # Not the error itself: it carries the octets, and there may be secrets among them.
        raise AuditError(
            f"{shown(name)}: octet {error.start} is no {error.encoding}; save it as UTF-8"
        ) from None
    if "\0" in text:
        raise AuditError(f"{shown(name)}: not text; name a file of settings, not a program's data")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding(content: bytes) -> str:
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    head = content[:_LOOK]
    # Without a mark, text of the West in UTF-16 has a zero in every second octet.
    if len(head) >= 4 and head[1::2].count(0) > len(head) * 0.4 and 0 not in head[::2]:
        return "utf-16-le"
    if len(head) >= 4 and head[::2].count(0) > len(head) * 0.4 and 0 not in head[1::2]:
        return "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _western(content)
    return "utf-8"


def _western(content: bytes) -> str:
    """Windows' set where it has all the octets, else ISO 8859-1, which has every one."""
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _too_large(size: int) -> str:
    return f"{size:,} octets; at most {MAX_OCTETS:,} are read: name the file of settings itself"


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file; check the name"
    if isinstance(error, PermissionError):
        return "it may not be read; run as its owner, or copy it"
    return f"it cannot be read ({type(error).__name__})"
