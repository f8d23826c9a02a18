#!/bin/sh
# Ringfence block list: iptables and ipset (Linux), the undo
#
# Case:    RF-20261125-7f3a2c
# Made:    2026-11-25T03:12:00Z
# Blocks:  3 addresses, 1 of them by source port only; left out: 1 of the accused
# Why:     these addresses attacked the phone system over SIP, and are proven not to be forged; README.md
#          beside this file has the reason of each, and who was left out
# Expires: addresses by themselves, 604800 seconds after it was run; a reboot ends all; the empty sets and
#          their rules stay until the undo
# Apply:   sh ipset-undo.sh   (as root)
# Undo:    sh ipset-undo.sh
# Note:    look: ipset list
# Note:    an IPv6 attacker often owns a whole /64: make a set of type hash:net for it, after checking that no
#          user of yours is in it
set -u
left=0

while iptables -w -t raw -D PREROUTING -m set --match-set rf4-RF-20261125-7f3a2c src -j DROP 2>/dev/null; do :; done
if ipset list -name rf4-RF-20261125-7f3a2c >/dev/null 2>&1; then
    ipset destroy rf4-RF-20261125-7f3a2c || left=1
fi

while ip6tables -w -t raw -D PREROUTING -m set --match-set rf6-RF-20261125-7f3a2c src -j DROP 2>/dev/null; do :; done
if ipset list -name rf6-RF-20261125-7f3a2c >/dev/null 2>&1; then
    ipset destroy rf6-RF-20261125-7f3a2c || left=1
fi

while iptables -w -t raw -D PREROUTING -m set --match-set rp4-RF-20261125-7f3a2c src,src -j DROP 2>/dev/null; do :; done
if ipset list -name rp4-RF-20261125-7f3a2c >/dev/null 2>&1; then
    ipset destroy rp4-RF-20261125-7f3a2c || left=1
fi

while ip6tables -w -t raw -D PREROUTING -m set --match-set rp6-RF-20261125-7f3a2c src,src -j DROP 2>/dev/null; do :; done
if ipset list -name rp6-RF-20261125-7f3a2c >/dev/null 2>&1; then
    ipset destroy rp6-RF-20261125-7f3a2c || left=1
fi

exit $left
