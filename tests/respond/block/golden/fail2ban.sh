#!/bin/sh
# Ringfence block list: fail2ban
#
# Case:    RF-20261125-7f3a2c
# Made:    2026-11-25T03:12:00Z
# Blocks:  3 addresses, 1 of them by source port only; left out: 1 of the accused
# Why:     these addresses attacked the phone system over SIP, and are proven not to be forged; README.md
#          beside this file has the reason of each, and who was left out
# Expires: after the bantime of the jail, which rules alone: 'fail2ban-client get JAIL bantime'. Meant until
#          2026-12-02T03:12:00Z
# Apply:   sh fail2ban.sh JAIL   (as root; JAIL is asterisk if nothing is given)
# Undo:    sh fail2ban-undo.sh JAIL
# Note:    a jail bans from its own ports only: choose one whose action is for all ports
# Note:    an IPv6 attacker often owns a whole /64: write ADDRESS/64 in place of the address, after checking
#          that no user of yours is in it
# Note:    left out, because users share them and only ports may be blocked: 198.51.100.9
set -eu
jail="${1:-asterisk}"
fail2ban-client status "$jail" >/dev/null || {
    echo "no jail named $jail: fail2ban-client status lists them" >&2
    exit 2
}
fail2ban-client set "$jail" banip 203.0.113.66 2001:db8::66
