"""A phone system's settings, captures and the present case in; what is weak out, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Protocol

from ringfence.audit import answers, credentials
from ringfence.audit.breached import RangeLookUp
from ringfence.audit.guesses import Guesses, guesses_of
from ringfence.audit.hashes import can_check
from ringfence.flow.answers import Taken, take_answers
from ringfence.flow.investigation import Owner, investigate
from ringfence.model.incident import Incident
from ringfence.model.pbx import Extension, Pbx, Place
from ringfence.model.secret import Secret
from ringfence.model.settings import Settings
from ringfence.model.text import count
from ringfence.model.weakness import Audit, Weakness

Network = IPv4Network | IPv6Network
# Users that XAPI hands over at once.
_PAGE = 100
_MOST_USERS = 200_000

NOBODY = Owner()  # an owner who says nothing
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Further:
    """What else is looked at, beside files."""

    settings: Settings | None = None  # with `[threecx]`: its users over XAPI
    probe: str = ""  # the owner's own phone system, asked as a stranger would
    mine: bool = False  # it is his, though its address is not of this network
    extension: str = ""  # one that exists, so that answers can be compared


NOTHING_FURTHER = Further()


def audit(
    paths: Sequence[Path],
    captures: Sequence[str] = (),
    incident: Incident | None = None,
    *,
    owner: Owner = NOBODY,
    own: Sequence[Network] = (),
    ask_breached: bool = False,
    further: Further = NOTHING_FURTHER,
) -> Audit:
    """Read the sources and weigh all of it.

    Raises AuditError, CaptureError, OwnerError, ProbeError, SettingsError, OSError.

    `own`: networks whose users are the owner's. `ask_breached`: five hexadecimal digits of a
    hash leave this machine for each password that breaks no other rule.
    """
    from ringfence.audit import reading

    pbxes = reading.read(paths) if paths else []
    if further.settings is not None:
        pbxes.append(_threecx(further.settings))
    more = [_settings(pbxes)]
    if further.probe:
        more.append(_probe(further))
    breached = look_up() if ask_breached else None
    return weigh(pbxes, captures, incident, owner, own, breached, more)


@dataclass(frozen=True, slots=True)
class Found:
    """What one way of looking found, what it could not tell, and where it looked."""

    weaknesses: tuple[Weakness, ...]
    not_checked: tuple[str, ...]
    source: str = ""  # where it is not one of the files


class Listing(Protocol):
    """What XAPI lists."""

    def listed(self, path: str, params: Mapping[str, str]) -> list[object]: ...


def fetch(xapi: Listing, source: str) -> Pbx:
    """All users of a 3CX, page by page. Raises what XAPI raises, AuditError."""
    from ringfence.audit.threecx_xapi import read_users

    entries: list[object] = []
    while len(entries) < _MOST_USERS:
        asked = {"$expand": "Phones,Groups", "$orderby": "Number", "$top": str(_PAGE)}
        page = xapi.listed("/Users", {**asked, "$skip": str(len(entries))})
        entries += page
        if len(page) < _PAGE:
            break
    return read_users(entries, source)


def _threecx(settings: Settings) -> Pbx:
    from ringfence.flow.outside import xapi_of

    xapi = xapi_of(settings, "read the users")
    try:
        return fetch(xapi, settings.threecx.url)
    finally:
        xapi.close()


def _settings(pbxes: Sequence[Pbx]) -> Found:
    """What the settings leave open."""
    from ringfence.audit import exposure

    today = datetime.now(UTC).date()
    return Found(
        tuple(weakness for pbx in pbxes for weakness in exposure.weigh(pbx, today)),
        tuple(says for pbx in pbxes for says in exposure.unsaid(pbx)),
    )


def _probe(further: Further) -> Found:
    from ringfence.flow.probing import probe_fully

    weaknesses, unsure = probe_fully(further.probe, mine=further.mine, known=further.extension)
    return Found(tuple(weaknesses), unsure, f"sip:{further.probe}")


def _seen(
    pbxes: Sequence[Pbx],
    captures: Sequence[str],
    servers: Sequence[str],
    accused: Iterable[str],
    owner: Owner,
    own: Sequence[Network],
) -> Found:
    """What the captures show of the owner's servers."""
    from ringfence.audit import seen
    from ringfence.flow.seeing import see

    shown = see(
        list(captures), tuple(map(ip_address, servers)), own, tuple(map(ip_address, accused)),
        owner.known,
    )  # fmt: skip
    extensions = tuple(extension for pbx in pbxes for extension in pbx.extensions)
    today = datetime.now(UTC).date()
    return Found(tuple(seen.weigh(shown, extensions, today)), seen.unsure(shown, extensions))


def weigh(
    pbxes: Sequence[Pbx],
    captures: Sequence[str] = (),
    incident: Incident | None = None,
    owner: Owner = NOBODY,
    own: Sequence[Network] = (),
    breached: RangeLookUp | None = None,
    more: Sequence[Found] = (),
) -> Audit:
    """The same of phone systems that were read; `more`: what was found by looking elsewhere."""
    taken = Taken()
    servers: list[str] = []
    others = list(more)
    if captures:
        accused = {suspect.address for suspect in incident.suspects} if incident else set()
        taken, incident, servers = _from_captures(captures, incident, owner, own)
        others.append(_seen(pbxes, captures, servers, accused, owner, own))
    guesses = guesses_of(incident, taken.words, taken.theirs, taken.accounts)
    found = [weakness for pbx in pbxes for weakness in credentials.weigh(pbx, guesses, breached)]
    extensions = _extensions(pbxes, taken, servers)
    found += answers.weak(taken.ours, extensions)
    found += [weakness for one in others for weakness in one.weaknesses]
    sources = [source for pbx in pbxes for source in pbx.sources]
    sources += [*captures, *(one.source for one in others if one.source)]
    return Audit(
        tuple(sorted(found, key=credentials.urgency)),
        tuple(dict.fromkeys(sources)),
        len(extensions),
        sum(bool(secret.text) for secret in _secrets(pbxes)),
        sum(_is_hash(secret) for secret in _secrets(pbxes)),
        answers.tried_of(taken.ours, extensions),
        (*_not_checked(pbxes, guesses, breached), *(s for one in others for s in one.not_checked)),
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
