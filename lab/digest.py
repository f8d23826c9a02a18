"""Digest answers (RFC 2617, MD5 with qop=auth) for the lab's own phones."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_PARAMETER: Final = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


def parameters(header: str) -> dict[str, str]:
    """The name=value pairs of a challenge or of credentials, unquoted."""
    return {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(header)}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and the password that goes, or does not go, with it."""

    user: str
    password: str

    def answer(
        self, challenge: Mapping[str, str], method: str, uri: str, cnonce: str, count: int = 1
    ) -> str:
        """The value of an Authorization header answering `challenge`."""
        realm, nonce = challenge["realm"], challenge["nonce"]
        secret = _md5(f"{self.user}:{realm}:{self.password}")
        target = _md5(f"{method}:{uri}")
        head = f'Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{uri}"'
        if "qop" not in challenge:
            return f'{head}, response="{_md5(f"{secret}:{nonce}:{target}")}", algorithm=MD5'
        nc = f"{count:08x}"
        response = _md5(f"{secret}:{nonce}:{nc}:{cnonce}:auth:{target}")
        return f'{head}, response="{response}", algorithm=MD5, cnonce="{cnonce}", qop=auth, nc={nc}'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
