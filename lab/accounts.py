"""The extensions of the lab's PBX and their passwords, the same in every run."""

import hashlib
from dataclasses import dataclass
from typing import Final

FIRST: Final = 201
LAST: Final = 299


@dataclass(frozen=True, slots=True)
class Account:
    """One extension: its user name, its password, the name on the display."""

    user: str
    password: str
    display: str


_NAMES: Final = (
    "Ada", "Ben", "Cleo", "Dina", "Emil", "Fay", "Gus", "Hana", "Ivo", "June",
    "Kim", "Leo", "Mia", "Nils", "Ola", "Pia", "Quin", "Rosa", "Sam", "Tess",
)  # fmt: skip
# What attackers find: numeric passwords, as too many phones are set up.
_WEAK: Final = {"240": "2430", "244": "4444", "250": "1950"}


def _strong(user: str) -> str:
    """A fixed password nobody guesses."""
    return hashlib.sha256(b"ringfence lab " + user.encode()).hexdigest()[:16]


def account(user: str) -> Account:
    """The account of extension `user`."""
    name = _NAMES[int(user) % len(_NAMES)]
    return Account(user, _WEAK.get(user, _strong(user)), f"{name} {user}")


ACCOUNTS: Final = tuple(account(str(number)) for number in range(FIRST, LAST + 1))
