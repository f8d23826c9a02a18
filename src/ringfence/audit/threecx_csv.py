"""3CX: what Users > Export writes, of all versions: by the names of its columns.

Up to version 18 with passwords and the phone's page; from 20 with little more than the PIN.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.audit.columns import Layout, Use, extensions
from ringfence.audit.rows import Table, plain
from ringfence.model.pbx import Pbx, System

# Names of version 12 to 20, plain. The first of a use that holds something counts.
_USES = {
    "number": Use.NUMBER,
    "firstname": Use.FIRST,
    "lastname": Use.LAST,
    "emailaddress": Use.MAIL,
    "email": Use.MAIL,
    "mobilenumber": Use.MOBILE,
    "mobile": Use.MOBILE,
    "authid": Use.AUTH_ID,
    "did": Use.DID,
    "outboundcallerid": Use.DID,  # as a rule the same number, and as easily guessed
    "mac": Use.MAC,
    "macaddress": Use.MAC,
    "disabled": Use.DISABLED,
    "enabled": Use.ENABLED,
    "disableexternalcalls": Use.INTERNAL_ONLY,
    "internal": Use.INTERNAL_ONLY,
    "allowlanonly": Use.LAN_ONLY,
    "enablesrtp": Use.MEDIA,
    "srtpmode": Use.MEDIA,
    "securesip": Use.TLS,
    "provlink": Use.PROVISIONING,
    "provisioninglink": Use.PROVISIONING,
    "authpassword": Use.PASSWORD,
    "password": Use.PASSWORD,
    "pin": Use.PIN,
    "pinnumber": Use.PIN,
    "vmpin": Use.VOICEMAIL,
    "voicemailpin": Use.VOICEMAIL,
    "deskphonewebpass": Use.WEB,
    "deskphonepassword": Use.WEB,
    "srvcaccesspwd": Use.SERVICE,
    "accesspassword": Use.SERVICE,
    "webclientpassword": Use.LOGIN,
    "enablevoicemail": Use.MAILBOX,
    "vmenable": Use.MAILBOX,
    "vmenabled": Use.MAILBOX,
    "vmnopin": Use.NO_PIN,
}
_KNOWN = """
    WebMeetingFriendlyName WebMeetingPrivateRoom ClickToCall ClickToCallFriendlyName
    ClickToCallAuth WebMeetingAcceptReject WMApprove WMApprovePartners VMPlayCallerID
    VMPlayMsgDateTime
    VMEmailOptions VMLanguage QueueStatus
    SIPID DeliverAudio SupportReinvite SupportReplaces ManagementAccess
    ReporterAccess WallboardAccess TurnOffMyPhone HideFWrules CanSeeRecordings
    CanDeleteRecordings RecordCalls RecordExternal RecordExternalCallsOnly RecordCanSee
    RecordCanDelete RecordStartStop RecordNotify CallScreening EmailMissedCalls
    BlockRemoteTunnel PinProtect PinProtected PinTimeout InterfaceIP UseTunnel DND UseCTI
    StartupScreen HotelModuleAccess DontShowExtInPHBK HideInPhonebook VoipAdmin SysAdmin
    PhoneSysAdmin PhoneModel PhoneTemplate CustomTemplate PhoneSettings AllowAllRecordings
    PushExtension Integration AllowOwnRecordings SMS Role Department Template Model Router
    Language Ringtone QRingtone Transcription HotDesk HotDeskingAllowed AllowToUseHotdesking
    MS365SignInDisabled MS365CalendarDisabled MS365ContactsDisabled MS365TeamsDisabled
    GoogleSignInDisabled GoogleContactsDisabled GoogleCalendarDisabled BLF BLFs Id Groups
"""
LAYOUT = Layout(System.THREECX, {**_USES, **{plain(name): Use.KNOWN for name in _KNOWN.split()}})


def suits(names: Sequence[str]) -> bool:
    """Whether a table of these columns is an export of 3CX."""
    bare = {plain(name) for name in names}
    signs = {"authid", "authpassword", "vmpin", "pin", "srvcaccesspwd", "allowlanonly", "sipid"}
    return {"number", "firstname", "lastname"} <= bare and bool(signs & bare)


def read(table: Table) -> Pbx:
    """The phone system that a table describes."""
    return extensions(table, LAYOUT)
