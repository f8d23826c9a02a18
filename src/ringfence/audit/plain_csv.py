"""A list of extensions as somebody exported or wrote it: a CSV whose columns have usual names.

Switchvox writes such a list (`ext`, `phone_password`), and so do many others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ringfence.audit.columns import Layout, Use, extensions
from ringfence.audit.rows import Table, plain
from ringfence.model.pbx import Pbx, System

_NAMES = {
    # The first that a row holds is its number; a user's name is one where nothing else is.
    Use.NUMBER: (
        "extension extensionnumber exten ext number nebenstelle durchwahl phonenumber alias"
        " subscriber account user username login sipuser sipusername"
    ),
    Use.AUTH_ID: "authid authname authuser authusername authenticationid authenticationname",
    Use.NAME: "name displayname fullname callerid description",
    Use.FIRST: "firstname fname vorname givenname",
    Use.LAST: "lastname lname nachname surname familyname",
    Use.MAIL: "email mail emailaddress mailaddress",
    Use.MOBILE: "mobile mobilenumber cell cellphone handy mobilephonenumber mobilephone",
    Use.DID: "did dids ddi directnumber directinward incallexten outboundcallerid",
    Use.MAC: "mac macaddress digiumphonemacaddress mac1",
    Use.DISABLED: "disabled locked gesperrt",
    Use.ENABLED: "enabled active aktiv",
    Use.LAN_ONLY: "lanonly allowlanonly",
    Use.ABROAD: "abroad international internationalcalls",
    Use.REALM: "realm domain sipdomain",
    Use.HA1: "ha1 md5cred md5secret md5",
    Use.HA1B: "ha1b",
    Use.HA1_SHA256: "ha1sha256 sha256",
    Use.HA1_SHA512: "ha1sha512t256 sha512256",
    Use.MEDIA: "mediaencryption srtp encryption",
    Use.TRANSPORT: "transport",
    Use.PROVISIONING: "provisioning provisioningurl provisioninglink",
    Use.PASSWORD: (
        "sippassword sipsecret phonepassword authpassword authenticationpassword linesecret secret"
        " password passwort kennwort pass passwd pwd"
    ),
    Use.PIN: "pin userpin pinnumber pincode",
    Use.VOICEMAIL: (
        "vmpin voicemailpin voicemailpassword vmpassword vmpwd voicemailvmpwd mailboxpin mbpin"
        " vmsecret"
    ),
    Use.WEB: "webpassword webpass phonewebpassword deskphonewebpass adminpassword",
    Use.LOGIN: "loginpassword userpassword portalpassword",
    Use.SERVICE: "servicepassword",
    Use.KNOWN: (
        "id title location department company position context language protocol row comment"
        " notes group site"
    ),
}
_USES = {name: use for use, names in _NAMES.items() for name in names.split()}
LAYOUT = Layout(System.LIST, _USES)

# Where a column is plainly the phone's, `password` is that of the user at the pages.
_PHONES = set("sippassword sipsecret phonepassword authpassword linesecret".split())  # noqa: SIM905
_SECRETS = {Use.PASSWORD, Use.PIN, Use.VOICEMAIL, Use.WEB, Use.LOGIN, Use.HA1, Use.HA1B}
_USERS = {"user", "username", "login", "sipuser", "sipusername", "account", "alias"}


def suits(names: Sequence[str]) -> bool:
    """Whether a table of these columns names extensions and a secret of each."""
    uses = {_USES.get(plain(name)) for name in names}
    return Use.NUMBER in uses and bool(_SECRETS & uses)


def read(table: Table) -> Pbx:
    """The phone system that a table describes."""
    bare = [plain(name) for name in table.names]
    uses = dict(_USES)
    if _PHONES & set(bare):
        uses.update(dict.fromkeys(("password", "passwort", "kennwort", "pass"), Use.LOGIN))
    numbers = [name for name in _NAMES[Use.NUMBER].split() if name in bare]
    for name in numbers[1:]:
        # Beside a number, a user's name is what a digest carries.
        uses[name] = Use.AUTH_ID if name in _USERS else Use.KNOWN
    return extensions(table, replace(LAYOUT, uses=uses))
