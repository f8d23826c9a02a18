"""pjsip.conf: endpoint, auth and aor joined into an extension; registration into a trunk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ringfence.audit import saying
from ringfence.audit.asterisk_conf import MAX_UNKNOWN, Conf, Section
from ringfence.audit.columns import media
from ringfence.audit.rows import Troubles
from ringfence.model.pbx import Extension, Pbx, Setting, System, Topic, Trunk
from ringfence.model.secret import Hashed, Kind, Secret
from ringfence.model.text import shown

TYPES = frozenset({"endpoint", "auth", "aor", "identify", "registration", "transport"})
# Types of sections that hold nothing for an audit, or only one of the settings below.
_OTHER = frozenset({
    "global", "system", "acl", "contact", "domain_alias", "resource_list", "inbound-publication",
    "outbound-publish", "asterisk-publication", "phoneprov", "subscription_persistence",
    "certificate", "profile", "wizard",
})  # fmt: skip
_REALM = "asterisk"  # Asterisk's own, where none is set
_CALLER = re.compile(r'\s*"?([^"<]*?)"?\s*(?:<\s*([^>]*?)\s*>)?\s*\Z')
_URI = re.compile(r"\s*<?\s*sips?:(?:[^@>]*@)?(\[[^\]]+\](?::\d+)?|[^;>\s/]+)", re.IGNORECASE)
_SOUNDS_SECRET = re.compile(r"(pass|passwd|password|secret|pwd|token)$")
_KNOWN_SECRETS = {"password", "refresh_token", "oauth_secret", "oauth_clientid"}


@dataclass(slots=True)
class _Sections:
    """The sections by type and name: a name may stand once for each type."""

    by: dict[str, dict[str, Section]] = field(default_factory=dict)
    every: dict[str, list[Section]] = field(default_factory=dict)

    def get(self, kind: str, name: str) -> Section | None:
        """The section of a type and a name."""
        return self.by.get(kind, {}).get(name)

    def all(self, kind: str) -> list[Section]:
        """All sections of a type, in their order."""
        return self.every.get(kind, [])


def suits(conf: Conf) -> bool:
    """Whether these are the settings of chan_pjsip."""
    return any(section.get("type").lower() in TYPES for section in conf.sections)


def read(conf: Conf) -> Pbx:
    """The phone system that pjsip.conf describes."""
    troubles = Troubles(shown(conf.source))
    unknown: dict[str, None] = {}
    sections = _sorted(conf, unknown)
    matches = _matches(sections)
    registered = {section.get("endpoint") for section in sections.all("registration")} - {""}
    extensions: list[Extension] = []
    trunks: list[Trunk] = []
    settings = list(_system(conf, sections))
    for endpoint in sections.all("endpoint"):
        if endpoint.name == "anonymous":
            continue
        if _is_trunk(endpoint, sections, matches, registered):
            trunks.append(_trunk(endpoint, sections, matches, troubles))
            continue
        one = _extension(endpoint, sections, troubles, len(extensions) + 1)
        extensions.append(one)
        settings.extend(_endpoint(endpoint, one.number, sections, matches))
    trunks.extend(_registrations(sections, trunks, troubles))
    return Pbx(
        system=System.PJSIP,
        sources=conf.sources,
        extensions=tuple(extensions),
        trunks=tuple(trunks),
        settings=tuple(settings),
        unknown=tuple(unknown),
        troubles=(*conf.troubles, *troubles.all()),
    )


def _sorted(conf: Conf, unknown: dict[str, None]) -> _Sections:
    found = _Sections()
    for section in conf.sections:
        if section.template:
            continue
        kind = section.get("type").lower()
        if kind in TYPES or kind in _OTHER:
            found.by.setdefault(kind, {})[section.name] = section
            found.every.setdefault(kind, []).append(section)
        elif section.options and len(unknown) < MAX_UNKNOWN:
            unknown[f"[{shown(section.name)}] type={shown(kind)}"] = None
        for name in section.sounding(_SOUNDS_SECRET, _KNOWN_SECRETS):
            if len(unknown) < MAX_UNKNOWN:
                unknown[f"{shown(name)} of type={shown(kind)}"] = None
    return found


# ---------------------------------------------------------------- extensions


def _extension(endpoint: Section, sections: _Sections, troubles: Troubles, row: int) -> Extension:
    name, number = _caller(endpoint.get("callerid"))
    number = _number(endpoint, number)
    secrets: list[Secret] = []
    auth_id = ""
    for auth in _auths(endpoint.get("auth"), sections, troubles, endpoint):
        user = auth.get("username") or auth.name
        auth_id = auth_id or user
        secrets.append(Secret(Kind.AUTH_ID, user, column="username"))
        secrets.extend(_secrets(auth, sections, Kind.PASSWORD, troubles))
    return Extension(
        number=number,
        place=endpoint.place(),
        name=name,
        auth_id=auth_id,
        secrets=tuple(secrets),
        outside=saying.outside(
            [part for text in endpoint.every("permit") for part in saying.lists(text)],
            [part for text in endpoint.every("deny") for part in saying.lists(text)],
        ),
        row=row,
    )


def _number(endpoint: Section, caller: str) -> str:
    if endpoint.name.isdigit():
        return endpoint.name
    mailbox = endpoint.get("mailboxes").partition(",")[0].partition("@")[0].strip()
    for found in (caller, mailbox):
        # An extension's, not the number that others are shown.
        if found.isdigit() and len(found) <= 7:
            return found
    return endpoint.name


def _caller(text: str) -> tuple[str, str]:
    told = _CALLER.match(text)
    return (told[1].strip(), (told[2] or "").strip()) if told else ("", "")


def _auths(names: str, sections: _Sections, troubles: Troubles, of: Section) -> Iterator[Section]:
    for name in saying.lists(names):
        auth = sections.get("auth", name)
        if auth is None:
            troubles.add(0, f"[{shown(of.name)}] names auth={shown(name)}, which is not there")
        else:
            yield auth


def _secrets(
    auth: Section, sections: _Sections, kind: Kind, troubles: Troubles
) -> Iterator[Secret]:
    how = auth.get("auth_type").lower()
    user, realm = auth.get("username") or auth.name, auth.get("realm") or _realm(sections)
    password = auth.get("password")
    if password and how != "md5":
        yield Secret(kind, password, column="password")
    if how == "md5" or not password:
        yield from _hashed(
            auth, "MD5", auth.get("md5_cred"), "md5_cred", user, realm, kind, troubles
        )
    for value in auth.every("password_digest"):
        algorithm, _, digest = value.partition(":")
        algorithm = algorithm.strip().upper().replace("SHA256", "SHA-256")
        yield from _hashed(auth, algorithm, digest, "password_digest", user, realm, kind, troubles)
    for name in ("refresh_token", "oauth_secret"):
        if auth.get(name):
            yield Secret(kind, auth.get(name), column=name)


def _hashed(
    auth: Section,
    algorithm: str,
    digest: str,
    column: str,
    user: str,
    realm: str,
    kind: Kind,
    troubles: Troubles,
) -> Iterator[Secret]:
    found = saying.hexdigest(digest, algorithm)
    if found:
        yield Secret(kind, hashed=Hashed(algorithm, user, realm, found), column=column)
    elif digest.strip():
        place = auth.place(column)
        troubles.add(place.line, f"[{shown(auth.name)}] {column} is no hash of a known kind")


def _realm(sections: _Sections) -> str:
    for section in sections.all("global"):
        if section.get("default_realm"):
            return section.get("default_realm")
    return _REALM


# -------------------------------------------------------------------- trunks


def _matches(sections: _Sections) -> dict[str, list[str]]:
    """The hosts by which endpoints are known without a password."""
    found: dict[str, list[str]] = {}
    for section in sections.all("identify"):
        hosts = [host for text in section.every("match") for host in saying.lists(text)]
        found.setdefault(section.get("endpoint") or section.name, []).extend(hosts)
    return found


def _is_trunk(
    endpoint: Section,
    sections: _Sections,
    matches: dict[str, list[str]],
    registered: set[str],
) -> bool:
    if endpoint.get("outbound_auth") or endpoint.name in registered:
        return True
    if endpoint.get("auth"):
        return False
    return endpoint.name in matches or bool(_contacts(endpoint, sections))


def _contacts(endpoint: Section, sections: _Sections) -> list[str]:
    """The hosts to which calls for an endpoint go without anybody having registered."""
    found = []
    for name in saying.lists(endpoint.get("aors")):
        aor = sections.get("aor", name)
        for text in aor.every("contact") if aor else ():
            found.extend(_hosts(text))
    return found


def _hosts(text: str) -> list[str]:
    told = _URI.match(text)
    return [told[1]] if told else []


def _trunk(
    endpoint: Section, sections: _Sections, matches: dict[str, list[str]], troubles: Troubles
) -> Trunk:
    secrets = [
        secret
        for names in (endpoint.get("outbound_auth"), endpoint.get("auth"))
        for auth in _auths(names, sections, troubles, endpoint)
        for secret in _secrets(auth, sections, Kind.TRUNK, troubles)
    ]
    hosts = [*matches.get(endpoint.name, ()), *_contacts(endpoint, sections)]
    for section in sections.all("registration"):
        if section.get("endpoint") == endpoint.name:
            hosts.extend(_hosts(section.get("server_uri")))
    hosts.extend(_hosts(endpoint.get("outbound_proxy")))
    return Trunk(
        endpoint.name, endpoint.place(), tuple(dict.fromkeys(hosts)), tuple(dict.fromkeys(secrets))
    )


def _registrations(
    sections: _Sections, trunks: Sequence[Trunk], troubles: Troubles
) -> Iterator[Trunk]:
    """Registrations that belong to no endpoint, or have a secret of their own."""
    known = {trunk.name: set(trunk.secrets) for trunk in trunks}
    for section in sections.all("registration"):
        secrets = tuple(
            secret
            for auth in _auths(section.get("outbound_auth"), sections, troubles, section)
            for secret in _secrets(auth, sections, Kind.TRUNK, troubles)
        )
        of = section.get("endpoint") or section.name
        if of in known and set(secrets) <= known[of]:
            continue
        yield Trunk(
            section.name, section.place(), tuple(_hosts(section.get("server_uri"))), secrets
        )


# ------------------------------------------------------------------ settings


def _system(conf: Conf, sections: _Sections) -> Iterator[Setting]:
    anonymous = sections.get("endpoint", "anonymous")
    # Calls of nobody's go to the endpoint of this name, and nowhere where there is none.
    place = anonymous.place() if anonymous else conf.sections[0].place()
    yield Setting(
        Topic.GUESTS, saying.yes(anonymous is not None and not anonymous.get("auth")), place
    )
    for section in sections.all("transport"):
        protocol = section.get("protocol").lower() or "udp"
        for value in ("udp", "tcp") if protocol == "flow" else (protocol,):
            yield Setting(Topic.TRANSPORT, value, section.place("protocol"))
    for section in sections.all("global"):
        if section.get("user_agent"):
            yield Setting(
                Topic.SERVER_HEADER, section.get("user_agent"), section.place("user_agent")
            )
    yield from _algorithms(sections)


def _algorithms(sections: _Sections) -> Iterator[Setting]:
    asked = [
        *((one, "default_auth_algorithms_uas") for one in sections.all("global")),
        *((one, "supported_algorithms_uas") for one in sections.all("auth")),
    ]
    said: dict[str, Setting] = {}
    for section, name in asked:
        for value in saying.lists(section.get(name)):
            said.setdefault(value, Setting(Topic.ALGORITHM, value, section.place(name)))
    if not said and sections.all("auth"):
        # Nothing is set: Asterisk asks for MD5.
        said["MD5"] = Setting(Topic.ALGORITHM, "MD5", sections.all("auth")[0].place())
    yield from said.values()


def _endpoint(
    endpoint: Section, number: str, sections: _Sections, matches: dict[str, list[str]]
) -> Iterator[Setting]:
    place = endpoint.place("media_encryption", "webrtc")
    web = saying.truth(endpoint.get("webrtc"))
    yield Setting(
        Topic.MEDIA,
        "dtls" if web else media(endpoint.get("media_encryption")) or "no",
        place,
        number,
    )
    if endpoint.get("auth") or endpoint.name in matches:
        return
    yield Setting(Topic.UNPROVEN_CALLS, "yes", endpoint.place(), number)
    aors = [sections.get("aor", name) for name in saying.lists(endpoint.get("aors"))]
    if any(aor is not None and (aor.get("max_contacts") or "0") != "0" for aor in aors):
        yield Setting(Topic.BLIND_REGISTRATION, "yes", endpoint.place(), number)
