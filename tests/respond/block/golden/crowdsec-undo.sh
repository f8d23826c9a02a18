#!/bin/sh
# Ringfence block list: CrowdSec, the undo
#
# Case:    RF-20261125-7f3a2c
# Made:    2026-11-25T03:12:00Z
# Blocks:  3 addresses, 1 of them by source port only; left out: 1 of the accused
# Why:     these addresses attacked the phone system over SIP, and are proven not to be forged; README.md
#          beside this file has the reason of each, and who was left out
# Expires: by itself, 604800 seconds after it was imported
# Apply:   sh crowdsec-undo.sh   (as root)
# Undo:    sh crowdsec-undo.sh
# Note:    a bouncer has to be there: 'cscli bouncers list'; decisions alone drop nothing
# Note:    look: cscli decisions list --origin cscli-import
# Note:    an IPv6 attacker often owns a whole /64: write ADDRESS/64 and scope range, after checking that no
#          user of yours is in it
# Note:    left out, because users share them and only ports may be blocked: 198.51.100.9
set -eu
cscli decisions delete --scenario ringfence/RF-20261125-7f3a2c && exit 0
# older versions only by address: that deletes other decisions on it as well
cscli decisions delete --ip 203.0.113.66
cscli decisions delete --ip 2001:db8::66
