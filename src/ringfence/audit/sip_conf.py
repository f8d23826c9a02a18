"""sip.conf: friends, peers and users of chan_sip, which is old and still at work everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.audit import saying
from ringfence.audit.asterisk_conf import MAX_UNKNOWN, Conf, Section
from ringfence.audit.rows import Troubles
from ringfence.model.pbx import Extension, Pbx, Place, Setting, System, Topic, Trunk
from ringfence.model.secret import Hashed, Kind, Secret
from ringfence.model.text import shown

TYPES = frozenset({"friend", "peer", "user"})
_REALM = "asterisk"
_CALLER = re.compile(r'\s*"?([^"<]*?)"?\s*(?:<\s*([^>]*?)\s*>)?\s*\Z')
_SOUNDS_SECRET = re.compile(r"(pass|passwd|password|secret|pwd)$")
_KNOWN_SECRETS = {"secret", "md5secret", "remotesecret", "vmsecret"}
# [peer?][transport://]user[@domain][:secret[:authuser]]@host[:port][/extension][~expiry]
_REGISTER = re.compile(
    r"(?:[^?/]*\?)?(?:(?:udp|tcp|tls|wss?)://)?(?P<rest>.*)@(?P<host>\[[^\]]+\](?::\d+)?|[^@/~]+)"
    r"(?:/[^~]*)?(?:~\d*)?\Z",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Register:
    user: str
    host: str
    secret: tuple[Secret, ...]
    place: Place


def suits(conf: Conf) -> bool:
    """Whether these are the settings of chan_sip."""
    if any(section.get("type").lower() in TYPES for section in conf.sections):
        return any(
            section.get("host", "secret", "md5secret", "context") for section in conf.sections
        )
    general = conf.section("general")
    signs = {"allowguest", "alwaysauthreject", "udpbindaddr", "autocreatepeer", "register"}
    return general is not None and any(option.name in signs for option in general.options)


def read(conf: Conf) -> Pbx:
    """The phone system that sip.conf describes."""
    troubles = Troubles(shown(conf.source))
    unknown: dict[str, None] = {}
    general = conf.section("general") or Section("general", conf.source, 0)
    realm = general.get("realm") or _REALM
    registers = list(_registers(general, troubles))
    hosts = {_bare(one.host) for one in registers}
    extensions: list[Extension] = []
    trunks: list[Trunk] = []
    settings = list(_system(general))
    for section in conf.sections:
        if section.template or section.name.lower() in {"general", "authentication"}:
            continue
        if section.get("type").lower() not in TYPES:
            if section.options and len(unknown) < MAX_UNKNOWN:
                unknown[f"[{shown(section.name)}] type={shown(section.get('type'))}"] = None
            continue
        _note(section, unknown)
        if _is_trunk(section, hosts):
            trunks.append(_trunk(section, realm, troubles))
        else:
            one = _extension(section, realm, troubles, len(extensions) + 1)
            extensions.append(one)
            settings.extend(_of(section, one.number, general))
    known = {secret.text for trunk in trunks for secret in trunk.secrets}
    trunks.extend(
        Trunk(one.user, one.place, (one.host,), one.secret)
        for one in registers
        if not all(secret.text in known for secret in one.secret)
        or not any(_bare(one.host) == _bare(host) for trunk in trunks for host in trunk.hosts)
    )
    trunks.extend(_proofs(conf))
    return Pbx(
        system=System.SIP_CONF,
        sources=conf.sources,
        extensions=tuple(extensions),
        trunks=tuple(trunks),
        settings=tuple(settings),
        unknown=tuple(unknown),
        troubles=(*conf.troubles, *troubles.all()),
    )


def _note(section: Section, unknown: dict[str, None]) -> None:
    for name in section.sounding(_SOUNDS_SECRET, _KNOWN_SECRETS):
        if len(unknown) < MAX_UNKNOWN:
            unknown[shown(name)] = None


def _is_trunk(section: Section, registered: set[str]) -> bool:
    """A provider, not a phone: it does not come to us, and we do not know it as a number."""
    host = section.get("host").lower()
    if host in {"", "dynamic"}:
        return False
    if _bare(host) in registered or not section.name.isdigit():
        return True
    insecure = section.get("insecure").lower()
    return bool(section.get("remotesecret", "fromdomain")) or any(
        part in insecure for part in ("invite", "very")
    )


def _extension(section: Section, realm: str, troubles: Troubles, row: int) -> Extension:
    name, caller = "", ""
    if told := _CALLER.match(section.get("callerid")):
        name, caller = told[1].strip(), (told[2] or "").strip()
    name = section.get("fullname") or name
    mailbox = section.get("mailbox").partition(",")[0].partition("@")[0].strip()
    number = section.name
    if not number.isdigit():
        number = next((n for n in (caller, mailbox) if n.isdigit() and len(n) <= 7), number)
    return Extension(
        number=number,
        place=section.place(),
        name=name,
        auth_id=section.name,
        secrets=tuple(_secrets(section, realm, Kind.PASSWORD, troubles)),
        outside=saying.outside(
            [
                part
                for text in section.every("permit", "contactpermit")
                for part in saying.lists(text)
            ],
            [part for text in section.every("deny", "contactdeny") for part in saying.lists(text)],
        ),
        row=row,
    )


def _secrets(section: Section, realm: str, kind: Kind, troubles: Troubles) -> Iterator[Secret]:
    digest = section.get("md5secret")
    found = saying.hexdigest(digest)
    if found:
        # Where it stands, chan_sip does not look at the secret.
        user = section.name if kind is Kind.PASSWORD else _user(section)
        yield Secret(kind, hashed=Hashed("MD5", user, realm, found), column="md5secret")
    elif digest:
        troubles.add(
            section.place("md5secret").line, f"[{shown(section.name)}] md5secret is no MD5 hash"
        )
    if section.get("secret") and not found:
        yield Secret(kind, section.get("secret"), column="secret")
    for name, of in (("remotesecret", Kind.TRUNK), ("vmsecret", Kind.VOICEMAIL)):
        if section.get(name):
            yield Secret(of, section.get(name), column=name)


def _user(section: Section) -> str:
    return section.get("defaultuser", "username") or section.name


def _trunk(section: Section, realm: str, troubles: Troubles) -> Trunk:
    port = section.get("port")
    host = section.get("host")
    if port and port != "5060" and ":" not in host:
        host = f"{host}:{port}"
    hosts = [host, *saying.lists(section.get("outboundproxy").replace("sip:", ""))]
    return Trunk(
        section.name,
        section.place(),
        tuple(dict.fromkeys(one for one in hosts if one.lower() != "force")),
        tuple(_secrets(section, realm, Kind.TRUNK, troubles)),
    )


def _registers(general: Section, troubles: Troubles) -> Iterator[_Register]:
    for option in general.options:
        if option.name != "register":
            continue
        place = Place(option.source, option.line, "register")
        told = _REGISTER.match(option.value)
        if told is None:
            troubles.add(option.line, "register => has no host behind an @: not read")
            continue
        user, _, rest = told["rest"].partition(":")
        secret, _, _ = rest.rpartition(":") if rest.count(":") else (rest, "", "")
        found = (Secret(Kind.TRUNK, secret, column="register"),) if secret else ()
        yield _Register(user.partition("@")[0] or user, told["host"].strip(), found, place)


def _proofs(conf: Conf) -> Iterator[Trunk]:
    """`auth = user:secret@realm`: what chan_sip answers to others' challenges."""
    for section in conf.sections:
        if section.template:
            continue
        for option in section.options:
            if option.name != "auth" or "@" not in option.value:
                continue
            who, _, realm = option.value.rpartition("@")
            place = Place(option.source, option.line, section.name)
            user, plain, secret = who.partition(":")
            if plain and "#" not in user:
                yield Trunk(user, place, (), (Secret(Kind.TRUNK, secret, column="auth"),))
                continue
            user, _, digest = who.partition("#")
            if found := saying.hexdigest(digest):
                hashed = Hashed("MD5", user, realm, found)
                yield Trunk(user, place, (), (Secret(Kind.TRUNK, hashed=hashed, column="auth"),))


def _bare(host: str) -> str:
    """Without its port."""
    return re.sub(r":\d+\Z", "", host.strip().lower())


# ------------------------------------------------------------------ settings


def _system(general: Section) -> Iterator[Setting]:
    # Where nothing is said, chan_sip takes calls of nobody's.
    guests = saying.truth(general.get("allowguest"))
    yield Setting(Topic.GUESTS, saying.yes(guests is not False), general.place("allowguest"))
    rejects = saying.truth(general.get("alwaysauthreject"))
    if rejects is not None:
        place = general.place("alwaysauthreject")
        yield Setting(Topic.TELLS_UNKNOWN, saying.yes(not rejects), place)
    yield Setting(Topic.ALGORITHM, "MD5", general.place("realm"))  # it knows no other
    if saying.truth(general.get("udpenable")) is not False:
        yield Setting(Topic.TRANSPORT, "udp", general.place("udpbindaddr", "bindaddr"))
    for option, value in (("tcpenable", "tcp"), ("tlsenable", "tls")):
        if saying.truth(general.get(option)):
            yield Setting(Topic.TRANSPORT, value, general.place(option))
    if general.get("useragent"):
        yield Setting(Topic.SERVER_HEADER, general.get("useragent"), general.place("useragent"))
    created = general.get("autocreatepeer").lower()
    if created:
        blind = saying.truth(created) is not False
        yield Setting(Topic.BLIND_REGISTRATION, saying.yes(blind), general.place("autocreatepeer"))


def _of(section: Section, number: str, general: Section) -> Iterator[Setting]:
    sdes = section.get("encryption") or general.get("encryption")
    dtls = saying.truth(section.get("dtlsenable") or general.get("dtlsenable"))
    value = "dtls" if dtls else "sdes" if saying.truth(sdes) else "no"
    yield Setting(Topic.MEDIA, value, section.place("encryption", "dtlsenable"), number)
    insecure = {part.strip().lower() for part in section.get("insecure").split(",")}
    bare = not section.get("secret", "md5secret")
    if bare or insecure & {"invite", "very"}:
        yield Setting(Topic.UNPROVEN_CALLS, "yes", section.place("insecure", "secret"), number)
    if bare and section.get("host").lower() == "dynamic":
        yield Setting(Topic.BLIND_REGISTRATION, "yes", section.place("host"), number)
