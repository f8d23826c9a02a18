"""FreePBX: what Bulk Handler writes (13 and later), and Bulk Extensions before it.

Extensions, the users of User Management, and the numbers from outside: three kinds of file,
told apart by their columns. Numbers from outside are given to the extensions that they ring.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ringfence.audit.columns import Layout, Use, extensions
from ringfence.audit.rows import Table, plain
from ringfence.model.pbx import Extension, Pbx, System

_USES = {
    "extension": Use.NUMBER,
    "defaultextension": Use.NUMBER,
    "deviceid": Use.KNOWN,
    "name": Use.NAME,
    "displayname": Use.NAME,
    "fname": Use.FIRST,
    "lname": Use.LAST,
    "description": Use.NAME,
    "username": Use.KNOWN,
    "voicemailemail": Use.MAIL,
    "email": Use.MAIL,
    "dictemail": Use.MAIL,
    "usermanemail": Use.MAIL,
    "cell": Use.MOBILE,
    "outboundcid": Use.DID,
    "mac": Use.MAC,
    "macaddress": Use.MAC,
    "secret": Use.PASSWORD,
    "devinfosecret": Use.PASSWORD,
    "md5cred": Use.HA1,
    "devinfomd5secret": Use.HA1,
    "md5secret": Use.HA1,
    # Of the user where users and devices are apart: typed at a phone to log in.
    "password": Use.PIN,
    "voicemailvmpwd": Use.VOICEMAIL,
    "vmpwd": Use.VOICEMAIL,
    "usermanpassword": Use.LOGIN,
    "jabberpassword": Use.SERVICE,
    "xactviewprofilepassword": Use.SERVICE,
    "xmpppass": Use.SERVICE,
    "mediaencryption": Use.MEDIA,
    "encryption": Use.MEDIA,
    "devinfoencryption": Use.MEDIA,
    "transport": Use.TRANSPORT,
    "devinfotransport": Use.TRANSPORT,
    "permit": Use.PERMIT,
    "devinfopermit": Use.PERMIT,
    "deny": Use.DENY,
    "devinfodeny": Use.DENY,
}
_KNOWN = """
    action cid_masquerade sipname ringtimer call_screen pinless noanswer noanswer_dest
    noanswer_cid busy_dest busy_cid chanunavail_dest chanunavail_cid emergency_cid tech hardware
    dial devicetype deviceuser user id langcode vm voicemail pager attach saycid envelope delete
    options account accountcode ddial pre_ring strategy grptime grplist annmsg_id ringing grppre
    dring needsconf remotealert_id toolate_id postdest faxenabled faxemail cfringtimer
    concurrency_limit qnostate add_xactview jabber_host jabber_domain jabber_resource
    jabber_port jabber_username xactview_createprofile xmpp_user hint_override mohclass
    context dtmfmode disallow allow avpf icesupport rtcp_mux namedcallgroup namedpickupgroup
    callgroup pickupgroup qualify qualifyfreq rewrite_contact force_rport rtp_symmetric
    direct_media max_contacts remove_existing minimum_expiration maximum_expiration
    sendrpid trustrpid sipdriver bundle aggregate_mwi media_use_received_transport
    message_context max_audio_streams max_video_streams media_encryption_optimistic
    refer_blind_progress device_state_busy_at match outbound_proxy outbound_auth force_callerid
    sessiontimers defaultuser canreinvite host nat port type videosupport vmexten
    secret_origional secret_original emergency_cid mailbox nomailbox recording busy fixedcid
    work home fax company department title auth primary_group permissions timezone language
    rvolume chanunavail answermode intercom pinless dictenabled dictformat parkinglot
"""
_FAMILIES = (
    "findmefollow", "voicemail", "languages", "callwaiting", "vmx", "vmcontext", "cc", "recording",
    "devinfo", "answermode", "userman", "xactview", "dictation", "callforward", "dnd", "fmfm",
    "parkpro", "pinsets", "cxpanel", "sangoma", "zulu", "sms", "faxpro", "contactmanager",
    "customappsreg", "donotdisturb", "intercom", "calltrace", "hotelwakeup", "presencestate",
)  # fmt: skip
LAYOUT = Layout(
    System.FREEPBX,
    {**{plain(name): Use.KNOWN for name in _KNOWN.split()}, **_USES},
    tuple(_FAMILIES),
    realm="asterisk",
)
_USERS = replace(LAYOUT, uses={**LAYOUT.uses, "password": Use.LOGIN})

_SIGNS = {"secret", "devinfosecret", "voicemailvmpwd", "vmpwd", "tech", "findmefollowenabled"}
_RINGS = re.compile(r"from-did-direct,([^,]+),|ext-local,([^,]+),")


def suits(names: Sequence[str]) -> bool:
    """Whether a table of these columns is an export of FreePBX."""
    bare = {plain(name) for name in names}
    extension = {"extension", "name"} <= bare and len(_SIGNS & bare) > 1
    return extension or is_users(names) or is_dids(names)


def is_users(names: Sequence[str]) -> bool:
    """Whether these are the users of User Management."""
    return {"username", "password", "defaultextension"} <= {plain(name) for name in names}


def is_dids(names: Sequence[str]) -> bool:
    """Whether these are the numbers from outside (Inbound Routes)."""
    bare = {plain(name) for name in names}
    return {"extension", "cidnum", "destination"} <= bare and not _SIGNS & bare


def read(table: Table) -> Pbx:
    """The phone system that a table describes; of numbers from outside: none of extensions."""
    if is_dids(table.names):
        return Pbx(System.FREEPBX, (table.source,), troubles=table.troubles)
    if not is_users(table.names):
        return extensions(table, LAYOUT)
    found = extensions(table, _USERS)
    belong = tuple(one for one in found.extensions if one.number.lower() != "none")
    return replace(found, extensions=belong)


def dids(table: Table) -> dict[str, list[str]]:
    """The numbers from outside, by the extension that they ring."""
    names = [plain(name) for name in table.names]
    number, rings = names.index("extension"), names.index("destination")
    found: dict[str, list[str]] = {}
    for row in table.rows:
        told = _RINGS.match(row.values[rings].strip())
        if told and row.values[number].strip():
            found.setdefault(told[1] or told[2], []).append(row.values[number].strip())
    return found


def with_dids(pbx: Pbx, found: Mapping[str, Sequence[str]]) -> Pbx:
    """The same, its extensions with the numbers that ring them."""
    return replace(pbx, extensions=tuple(_with(one, found) for one in pbx.extensions))


def _with(one: Extension, found: Mapping[str, Sequence[str]]) -> Extension:
    more = found.get(one.number)
    return replace(one, dids=tuple(dict.fromkeys((*one.dids, *more)))) if more else one
