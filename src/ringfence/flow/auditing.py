"""A phone system's settings, captures and the present case in; what is weak out, worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from ringfence.audit import answers, credentials
from ringfence.audit.breached import RangeLookUp
from ringfence.audit.guesses import Guesses, guesses_of
from ringfence.audit.hashes import can_check
from ringfence.flow.answers import Taken, take_answers
from ringfence.flow.investigation import Owner, investigate
from ringfence.model.incident import Incident
from ringfence.model.pbx import Extension, Pbx, Place
from ringfence.model.secret import Secret
from ringfence.model.text import count
from ringfence.model.weakness import Audit, Weakness

Network = IPv4Network | IPv6Network
Weigher = Callable[[Pbx], list[Weakness]]

NOBODY = Owner()  # an owner who says nothing
_TIMEOUT_S = 10.0


def audit(
    paths: Sequence[Path],
    captures: Sequence[str] = (),
    incident: Incident | None = None,
    *,
    owner: Owner = NOBODY,
    own: Sequence[Network] = (),
    ask_breached: bool = False,
) -> Audit:
    """Read the sources and weigh all of it. Raises AuditError, CaptureError, OwnerError.

    `own`: networks whose users are the owner's. `ask_breached`: five hexadecimal digits of a
    hash leave this machine for each password that breaks no other rule.
    """
    from ringfence.audit import exposure, reading

    pbxes = reading.read(paths) if paths else []
    breached = look_up() if ask_breached else None
    return weigh(pbxes, captures, incident, owner, own, breached, (exposure.weigh,))


def weigh(
    pbxes: Sequence[Pbx],
    captures: Sequence[str] = (),
    incident: Incident | None = None,
    owner: Owner = NOBODY,
    own: Sequence[Network] = (),
    breached: RangeLookUp | None = None,
    more: Iterable[Weigher] = (),
) -> Audit:
    """The same of phone systems that were read; `more`: what else weighs them."""
    taken = Taken()
    servers: list[str] = []
    if captures:
        taken, incident, servers = _from_captures(captures, incident, owner, own)
    guesses = guesses_of(incident, taken.words, taken.theirs, taken.accounts)
    found: list[Weakness] = []
    for pbx in pbxes:
        found += credentials.weigh(pbx, guesses, breached)
        for weigher in more:
            found += weigher(pbx)
    extensions = _extensions(pbxes, taken, servers)
    found += answers.weak(taken.ours, extensions)
    return Audit(
        tuple(sorted(found, key=credentials.urgency)),
        tuple(dict.fromkeys((*(s for pbx in pbxes for s in pbx.sources), *captures))),
        len(extensions),
        sum(bool(secret.text) for secret in _secrets(pbxes)),
        sum(_is_hash(secret) for secret in _secrets(pbxes)),
        answers.tried_of(taken.ours, extensions),
        tuple(_not_checked(pbxes, guesses, breached)),
    )


def look_up() -> RangeLookUp:
    """The look-up of stolen passwords by ranges of hashes."""
    import httpx

    from ringfence import __version__

    headers = {"User-Agent": f"ringfence/{__version__}", "Add-Padding": "true"}
    client = httpx.Client(headers=headers, timeout=_TIMEOUT_S)

    def get(url: str) -> str:
        try:
            return client.get(url).raise_for_status().text
        except httpx.HTTPError as error:
            raise OSError(type(error).__name__) from None

    return RangeLookUp(get)


def _from_captures(
    captures: Sequence[str], incident: Incident | None, owner: Owner, own: Sequence[Network]
) -> tuple[Taken, Incident, list[str]]:
    """Answers of the captures; the incident that was handed over, or theirs; the servers."""
    seen = investigate(list(captures), owner).incident
    attackers = {suspect.address for suspect in seen.suspects}
    if incident is not None:
        attackers |= {suspect.address for suspect in incident.suspects}
    taken = take_answers(list(captures), seen.defended, attackers, own)
    return taken, incident or seen, seen.defended


def _extensions(
    pbxes: Sequence[Pbx], taken: Taken, servers: Sequence[str]
) -> tuple[Extension, ...]:
    """Those of the settings; without settings the users of whom the captures say they belong."""
    if pbxes:
        return tuple(extension for pbx in pbxes for extension in pbx.extensions)
    place = Place(f"captures of {', '.join(servers)}" if servers else "captures")
    return tuple(Extension(user, place) for user in sorted(taken.belong))


def _secrets(pbxes: Sequence[Pbx]) -> list[Secret]:
    found = []
    for pbx in pbxes:
        found += [secret for extension in pbx.extensions for secret in extension.secrets]
        found += [secret for trunk in pbx.trunks for secret in trunk.secrets]
        found += pbx.managers
    return found


def _is_hash(secret: Secret) -> bool:
    return secret.hashed is not None and not secret.text


def _not_checked(
    pbxes: Sequence[Pbx], guesses: Guesses, breached: RangeLookUp | None
) -> Iterable[str]:
    for pbx in pbxes:
        yield from pbx.troubles
        if pbx.unknown:
            yield (
                f"{pbx.sources[0] if pbx.sources else pbx.system}: not known, and not looked at: "
                f"{', '.join(pbx.unknown)}"
            )
    strange = sum(
        secret.hashed is not None and _is_hash(secret) and not can_check(secret.hashed)
        for secret in _secrets(pbxes)
    )
    if strange:
        yield f"{count(strange, 'hash', 'hashes')} of an algorithm that is not known here"
    if not guesses.accounts:
        yield "what an attacker tried: no case and no capture with one was given"
    if breached is None:
        yield "passwords stolen elsewhere: looked up in the lists that come with this program only"
    elif breached.failed or breached.left_out:
        missed = breached.failed + breached.left_out
        yield f"{count(missed, 'password')} could not be looked up among stolen ones"
