"""Words that name nobody: what a redacted message may keep as it was.

Only what stands here is kept without a look at who wrote it; everything else is
masked, or goes through the rules for names. Source: the IANA registries of SIP,
and what servers and phones send.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[bytes]:
    return frozenset(text.lower().encode().split())


METHODS: Final = frozenset(
    b"""ACK BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER
    SUBSCRIBE UPDATE""".split()
)

HEADER_NAMES: Final = _words(
    """
    accept accept-contact accept-encoding accept-language accept-resource-priority alert-info
    allow allow-events answer-mode authentication-info authorization call-id call-info contact
    content-disposition content-encoding content-id content-language content-length content-type
    cseq date diversion encryption error-info event expires feature-caps flow-timer from
    geolocation geolocation-error geolocation-routing hide history-info identity identity-info
    in-reply-to info-package join max-breadth max-forwards mime-version min-expires min-se
    organization p-access-network-info p-answer-state p-asserted-identity p-asserted-service
    p-associated-uri p-called-party-id p-charging-function-addresses p-charging-vector
    p-early-media p-preferred-identity p-preferred-service p-profile-key p-served-user
    p-user-database p-visited-network-id path permission-missing policy-contact policy-id
    priority priv-answer-mode privacy proxy-authenticate proxy-authorization proxy-require rack
    reason record-route recv-info refer-events-at refer-sub refer-to referred-by reject-contact
    remote-party-id replaces reply-to request-disposition require resource-priority response-key
    retry-after route rseq security-client security-server security-verify server service-route
    session-expires session-id sip-etag sip-if-match subject subscription-state supported
    suppress-if-match target-dialog timestamp to trigger-consent unsupported user-agent
    user-to-user via warning www-authenticate
    a b c d e f i j k l m n o r s t u v x y
    """
)

# Values made of such words: methods, option tags, packages, types, and their parameters.
TOKENS: Final = (
    METHODS
    | {method.lower() for method in METHODS}
    | _words(
        """
    100rel 199 answermode early-session eventlist explicitsub from-change geolocation-http
    geolocation-sip gin gruu histinfo ice join multiple-refer norefersub nosub outbound path
    policy precondition pref privacy recipient-list-invite record-aware replaces
    resource-priority sdp-anat sec-agree siprec tdialog timer trickle-ice uui com.nortelnetworks
    presence winfo message-summary dialog refer reg conference kpml load-control ua-profile hold
    talk line-seize call-info check-sync keep-alive as-feature-event vq-rtcpxr
    application text multipart message audio video image sdp pidf xml plain html mixed
    alternative related signed sip sipfrag cpim octet-stream dtmf dtmf-relay hookflash isup qsig
    simple-message-summary dialog-info rlmi reginfo media_control im-iscomposing conference-info
    json pkcs7-mime pkcs7-signature vq-rtcpxr vnd x charset utf-8 us-ascii iso-8859-1 level q
    identity gzip deflate br compress en de fr es it nl pl ru zh us gb at ch
    session render icon alert handling required optional early by-reference
    refresher uac uas active pending terminated reason deactivated probation rejected timeout
    giveup noresource invariant retry-after expires id none header user critical
    normal urgent non-urgent emergency proxy redirect cancel no-cancel fork no-fork recurse
    no-recurse parallel sequential queue no-queue auto manual require true false yes no
    calling called full off uri name unconditional user-busy no-answer do-not-disturb
    unavailable time-of-day deflection follow-me out-of-service away versions 1.0 2.0
    """
    )
)

TRANSPORTS: Final = _words("udp tcp tls tls-sctp sctp ws wss dtls-udp")
URI_VALUES: Final = TRANSPORTS | METHODS | _words("phone ip dialstring on true yes only 1")
DIGEST_VALUES: Final = _words(
    "md5 md5-sess sha-256 sha-256-sess sha-512-256 sha-512-256-sess akav1-md5 akav2-md5"
    " auth auth-int true false auth,auth-int utf-8"
)
SCHEMES: Final = _words("sip sips tel im pres http https urn mailto data cid")
AUTH_SCHEMES: Final = _words("digest basic bearer ntlm kerberos negotiate tls-dsk")
PARAMETERS: Final = _words(
    """
    transport user lr ob method maddr ttl rport received branch tag expires q port keep alias
    comp sigcomp-id reg-id audio video ice text
    +sip.instance +sip.ice +sip.rendering +sip.byeless methods pub-gruu temp-gruu gr
    phone-context isub ext postd screen privacy party id-type id reason counter index cause
    limit username realm nonce uri response algorithm cnonce opaque qop nc stale domain auts
    nextnonce rspauth userhash charset extension ver hide purpose line rinstance
    """
)
# Realms that software comes with, and hosts that are nobody's.
DEFAULT_REALMS: Final = _words(
    "asterisk freepbx 3cxphonesystem kamailio opensips freeswitch sip voip localhost sipvicious"
)
NOBODYS_HOSTS: Final = _words(
    "localhost localhost.localdomain invalid anonymous.invalid anonymous example.com unknown"
)
# Suffixes of names that mean something inside a house only (RFC 6762, 8375, usage).
PRIVATE_SUFFIXES: Final = tuple(
    b".local .lan .home .internal .intranet .corp .private .localdomain .home.arpa .office"
    b" .test".split()
)

REASONS: Final = frozenset(
    line.strip().lower().encode()
    for line in """
    Trying
    Ringing
    Call Is Being Forwarded
    Queued
    Session Progress
    Early Dialog Terminated
    OK
    Accepted
    No Notification
    Multiple Choices
    Moved Permanently
    Moved Temporarily
    Use Proxy
    Alternative Service
    Bad Request
    Unauthorized
    Payment Required
    Forbidden
    Not Found
    Method Not Allowed
    Not Acceptable
    Proxy Authentication Required
    Request Timeout
    Gone
    Conditional Request Failed
    Request Entity Too Large
    Request-URI Too Long
    Unsupported Media Type
    Unsupported URI Scheme
    Bad Extension
    Extension Required
    Session Interval Too Small
    Interval Too Brief
    Bad Identity Info
    Flow Failed
    Anonymity Disallowed
    Temporarily Unavailable
    Temporarily not available
    Call/Transaction Does Not Exist
    Call leg/transaction does not exist
    Loop Detected
    Too Many Hops
    Address Incomplete
    Ambiguous
    Busy Here
    Request Terminated
    Not Acceptable Here
    Bad Event
    Request Pending
    Undecipherable
    Server Internal Error
    Internal Server Error
    Not Implemented
    Bad Gateway
    Service Unavailable
    Server Time-out
    Gateway Time-out
    Version Not Supported
    Message Too Large
    Busy Everywhere
    Busy
    Decline
    Declined
    Does Not Exist Anywhere
    Unwanted
    Rejected
    Forbidden (Bad auth)
    Wrong password
    User not found
    Giving a try
    trying -- your call is important to us
    Unauthorised
    """.splitlines()
)

# Session descriptions: attributes whose values are made of SDP_TOKENS and numbers, others' names.
SDP_PLAIN: Final = _words(
    "rtpmap fmtp ptime maxptime sendrecv sendonly recvonly inactive silencesupp rtcp-mux"
    " rtcp-rsize setup rtcp-fb framesize curr des conf direction charset"
)
SDP_NAMES: Final = SDP_PLAIN | _words(
    "rtcp crypto fingerprint ice-ufrag ice-pwd ice-options ice-lite candidate end-of-candidates"
    " remote-candidates ssrc ssrc-group mid msid group extmap tool cat keywds orient type lang"
    " sdplang key-mgmt label content zrtp-hash encryption identity tcap pcfg acap path"
    " accept-types accept-wrapped-types connection rtcp-xr x-nat nortpproxy alt sctp-port simulcast"
    " rid"
)
SDP_TOKENS: Final = _words(
    """
    audio video text application message image rtp avp avpf savp savpf udp tcp tls dtls sctp msrp
    udptl t38 webrtc-datachannel in ip4 ip6 as ct tias rs rr
    pcmu pcma g722 g7221 g723 g726-16 g726-24 g726-32 g726-40 aal2-g726-32 g728 g729 g729a g729b
    gsm gsm-efr ilbc speex opus amr amr-wb isac l16 lpc dvi4 silk evs cn telephone-event red
    h261 h263 h263-1998 h263-2000 h264 h265 vp8 vp9 av1 jpeg theora rtx ulpfec
    annexb no yes mode mode-set octet-align bitrate minptime useinbandfec stereo usedtx
    maxplaybackrate profile-level-id packetization-mode actpass active passive holdconn off on
    qos local remote none mandatory optional e2e sendrecv sendonly recvonly inactive nack pli
    ccm fir goog-remb transport-cc
    """
)
