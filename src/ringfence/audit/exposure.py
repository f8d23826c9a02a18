"""What a phone system's settings leave open: `weigh`.

How it works: the settings are sorted by what they are about; for each topic one function says
which rules of `exposures.py` they break. What holds for the whole system is one weakness for
each place; what holds for extensions is one for all of them, which names them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from ipaddress import ip_address

from ringfence.audit import exposures as rules
from ringfence.audit.exposures import Rule, broken
from ringfence.audit.networks import is_inside
from ringfence.audit.releases import TABLE_OF, Age, Release, names_version, read_header
from ringfence.model.pbx import Extension, Pbx, Place, Setting, Topic
from ringfence.model.text import count, shown
from ringfence.model.weakness import Severity, Weakness

Settings = list[Setting]

_YES = frozenset({"yes", "true", "on", "1", "all", "always"})
_NO = frozenset({"no", "false", "off", "0", "none", "never", ""})
_NO_LIMIT = _NO | {"unlimited", "infinite", "-1"}
_IN_CLEAR = re.compile(r"\s*(?:http|tftp|ftp)(?::|\Z)", re.IGNORECASE)
_LISTENS = re.compile(r"(?:\A|\D)(\d{1,5})(?:/\w+)?(?:\s+on\s+(\S+))?")

# Ports of a phone system that govern it, and its pages. The rest that a source names as a
# manager's is taken for one.
PAGES = {
    80: "web pages",
    443: "web pages",
    5000: "web pages of 3CX",
    5001: "web pages of 3CX",
    8089: "web server with TLS",
}
MANAGERS = {
    5038: "manager interface (AMI)",
    5039: "manager interface with TLS (AMI)",
    8021: "event socket",
    8088: "web server of Asterisk (ARI, AMI over HTTP)",
}

# Some topics say nothing when they are not there: the source has no such setting.
_ASKED = {
    Topic.GUESTS: "whether guests may call",
    Topic.TELLS_UNKNOWN: "whether unknown users are answered otherwise",
    Topic.ALGORITHM: "which digest algorithms are offered",
    Topic.TRANSPORT: "whether there is a TLS transport",
    Topic.MEDIA: "whether calls are encrypted",
    Topic.DAILY_LIMIT: "whether spending has a daily limit",
    Topic.SERVER_HEADER: "which version it is",
    Topic.PROVISIONING: "how phones fetch their settings",
    Topic.MANAGER: "where its manager ports listen",
    Topic.SECURITY_LOG: "whether refused logins are logged",
}


def weigh(pbx: Pbx, today: date = TABLE_OF) -> list[Weakness]:
    """The rules of what is open that these settings break; ages of versions as of `today`."""
    by_topic: dict[Topic, Settings] = {}
    for setting in pbx.settings:
        by_topic.setdefault(setting.topic, []).append(setting)
    found = [weakness for t, settings in by_topic.items() for weakness in _RULES[t](settings)]
    for setting in by_topic.get(Topic.SERVER_HEADER, []):
        found += weigh_header(setting.value, setting.place, today)
    found += _abroad_of(pbx.extensions)
    found += _outside_of(pbx.extensions)
    return found


def unsaid(pbx: Pbx) -> tuple[str, ...]:
    """What could not be checked because this source does not say it."""
    there = {setting.topic for setting in pbx.settings}
    missing = [says for topic, says in _ASKED.items() if topic not in there]
    if not there & {Topic.ABROAD} and all(e.abroad is None for e in pbx.extensions):
        missing.append("who may call abroad")
    source = shown(pbx.sources[0]) if pbx.sources else str(pbx.system)
    return (f"{source} does not say {', '.join(missing)}",) if missing else ()


def weigh_header(header: str, place: Place, today: date) -> list[Weakness]:
    """How old it is by what it says of itself, and that it says so."""
    found = [
        broken(rule, place, detail=_age_of(release))
        for release in read_header(header, today)
        if (rule := _AGES.get(release.age)) is not None
    ]
    if names_version(header):
        found.append(broken(rules.HEADER, place, detail=header[:80]))
    return found


_AGES = {Age.ENDED: rules.OUTDATED, Age.SUCCEEDED: rules.SUCCEEDED}


def _age_of(release: Release) -> str:
    """The version in words: what ended when, and what is newest."""
    assert release.branch is not None  # noqa: S101  only known branches have an age
    ends = release.branch.ends
    when = f"repaired until {ends}" if ends else f"of {release.branch.appeared}"
    return (
        f"{release.product} {release.version}, branch {release.branch.name} {when}; "
        f"the newest that we know is {release.newest}"
    )


def _yes(rule: Rule) -> Callable[[Settings], Iterator[Weakness]]:
    return lambda settings: _where(rule, settings, lambda value: _word(value) in _YES)


def _no(rule: Rule) -> Callable[[Settings], Iterator[Weakness]]:
    return lambda settings: _where(rule, settings, lambda value: _word(value) in _NO)


def _where(
    rule: Rule,
    settings: Settings,
    breaks: Callable[[str], bool],
    detail: Callable[[str], str] = lambda _: "",
) -> Iterator[Weakness]:
    """The settings that break a rule: each of the system, and those of extensions together."""
    met: dict[str, Setting] = {}
    for setting in settings:
        if not breaks(setting.value):
            continue
        if setting.extension:
            met.setdefault(setting.extension, setting)
        else:
            yield broken(rule, setting.place, detail=detail(setting.value))
    if met:
        first = next(iter(met.values()))
        yield broken(rule, first.place, detail=detail(first.value), extensions=tuple(met))


def _word(value: str) -> str:
    return value.strip().lower()


def _algorithms(settings: Settings) -> Iterator[Weakness]:
    offered = [s for s in settings if not s.extension]
    weak = [s for s in offered if is_md5(s.value)]
    if weak:
        rule = rules.MD5 if len(weak) == len(offered) else rules.MD5_TOO
        yield broken(rule, weak[0].place)


def is_md5(algorithm: str) -> bool:
    """Whether a digest algorithm is MD5; that is meant where none is named (RFC 7616 §3.3)."""
    return _word(algorithm).removesuffix("-sess") in {"md5", ""}


def _transports(settings: Settings) -> Iterator[Weakness]:
    offered = {_word(s.value) for s in settings if not s.extension}
    if offered and not offered & {"tls", "wss"}:
        yield broken(rules.NO_TLS, settings[0].place, detail=", ".join(sorted(offered)[:8]))


def _media(settings: Settings) -> Iterator[Weakness]:
    """Extensions may encrypt where the system's own setting does not."""
    yield from _no(rules.MEDIA)(settings)


def _abroad(settings: Settings) -> Iterator[Weakness]:
    return _where(rules.ABROAD, settings, lambda value: _word(value) == "all")


def _limit(settings: Settings) -> Iterator[Weakness]:
    return _where(rules.NO_LIMIT, settings, lambda value: _word(value) in _NO_LIMIT)


def _provisioning(settings: Settings) -> Iterator[Weakness]:
    def scheme(value: str) -> str:
        return value.partition(":")[0].strip()[:8]

    return _where(
        rules.PROVISIONING, settings, lambda value: _IN_CLEAR.match(value) is not None, scheme
    )


def _managers(settings: Settings) -> Iterator[Weakness]:
    for setting in settings:
        if _word(setting.value) in _NO:
            continue
        port, listens_at = listening(setting.value)
        severity = _reach(listens_at)
        if severity is None:
            continue
        rule = rules.WEB if port in PAGES else rules.MANAGER
        named = MANAGERS.get(port, PAGES.get(port, ""))
        detail = f"{named}, {setting.value[:80]}" if named else setting.value[:80]
        yield broken(rule, setting.place, detail=detail, severity=min(severity, rule.severity))


def listening(value: str) -> tuple[int, str]:
    """Port and address of "5038 on 0.0.0.0"; 0 and "" where they are not said."""
    found = _LISTENS.search(value)
    if found is None:
        return 0, ""
    return int(found[1]), (found[2] or "").strip("[],;")


def _reach(listens_at: str) -> Severity | None:
    """How bad it is to listen there; None at loopback. Where it is not said, everywhere."""
    try:
        address = ip_address(listens_at)
    except ValueError:
        return None if _word(listens_at) == "localhost" else rules.HIGH
    if address.is_loopback:
        return None
    everywhere = address.is_unspecified or not is_inside(address)
    return rules.HIGH if everywhere else rules.MEDIUM


def _nothing(_: Settings) -> Iterable[Weakness]:
    return ()


_RULES: dict[Topic, Callable[[Settings], Iterable[Weakness]]] = {
    Topic.GUESTS: _yes(rules.GUESTS),
    Topic.TELLS_UNKNOWN: _yes(rules.TELLS_UNKNOWN),
    Topic.ALGORITHM: _algorithms,
    Topic.TRANSPORT: _transports,
    Topic.MEDIA: _media,
    Topic.ABROAD: _abroad,
    Topic.DAILY_LIMIT: _limit,
    Topic.SERVER_HEADER: _nothing,  # takes a day: see `weigh`
    Topic.PROVISIONING: _provisioning,
    Topic.MANAGER: _managers,
    Topic.BLIND_REGISTRATION: _yes(rules.BLIND_REGISTRATION),
    Topic.UNPROVEN_CALLS: _yes(rules.UNPROVEN_CALLS),
    Topic.SECURITY_LOG: _no(rules.UNLOGGED),
}


def _abroad_of(extensions: Iterable[Extension]) -> Iterator[Weakness]:
    """Calls abroad that most may make: then nobody chose who needs them."""
    known = [e for e in extensions if e.abroad is not None and not e.disabled]
    able = [e for e in known if e.abroad]
    if len(able) > 1 and len(able) * 2 > len(known):
        detail = f"{len(able):,} of {count(len(known), 'extension')}"
        numbers = tuple(e.number for e in able)
        yield broken(rules.ABROAD, able[0].place, detail=detail, extensions=numbers)


def _outside_of(extensions: Iterable[Extension]) -> Iterator[Weakness]:
    known = [e for e in extensions if e.outside is not None and not e.disabled]
    if len(known) > 1 and all(e.outside for e in known):
        numbers = tuple(e.number for e in known)
        yield broken(rules.OUTSIDE_ALL, known[0].place, extensions=numbers)
