"""What changes in a phone system so that no secret of it breaks a rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ringfence.audit.fix import asterisk, freeswitch, kamailio, table
from ringfence.audit.fix.replacement import Maker, plan
from ringfence.model.new_secret import Change
from ringfence.model.pbx import Pbx, System
from ringfence.model.weakness import Weakness

_FORMS = {
    System.THREECX: table.files,
    System.FREEPBX: table.files,
    System.LIST: table.files,
    System.PJSIP: asterisk.files,
    System.SIP_CONF: asterisk.files,
    System.FREESWITCH: freeswitch.files,
    System.KAMAILIO: kamailio.files,
}
# Where a user's name in the digest stands beside nothing that depends on it.
_IDS = frozenset({System.THREECX, System.LIST})
# Asterisk keeps PINs of mailboxes in a file of their own.
_NO_PINS = frozenset({System.PJSIP, System.SIP_CONF})


def change(
    pbx: Pbx, weaknesses: Iterable[Weakness], maker: Maker, contents: Mapping[str, bytes]
) -> Change:
    """The files; `contents` are the octets of the sources by name. Raises FixError."""
    planned = plan(pbx, weaknesses, maker, ids=pbx.system in _IDS, pins=pbx.system not in _NO_PINS)
    files, undone = _FORMS[pbx.system](pbx, planned, contents)
    failed = {id(one) for one, _ in undone}
    done = [one.new for one in planned.replacements if id(one) not in failed]
    secrets = {id(new): new for new in done}.values()
    left = dict.fromkeys([*planned.left, *(why for _, why in undone)])
    return Change(pbx.system, files, tuple(secrets), tuple(left))
