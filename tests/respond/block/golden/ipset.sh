#!/bin/sh
# Ringfence block list: iptables and ipset (Linux)
#
# Case:    RF-20261125-7f3a2c
# Made:    2026-11-25T03:12:00Z
# Blocks:  3 addresses, 1 of them by source port only; left out: 1 of the accused
# Why:     these addresses attacked the phone system over SIP, and are proven not to be forged; README.md
#          beside this file has the reason of each, and who was left out
# Expires: addresses by themselves, 604800 seconds after it was run; a reboot ends all; the empty sets and
#          their rules stay until the undo
# Apply:   sh ipset.sh   (as root)
# Undo:    sh ipset-undo.sh
# Note:    look: ipset list
# Note:    an IPv6 attacker often owns a whole /64: make a set of type hash:net for it, after checking that no
#          user of yours is in it
set -eu

# filled beside the old one, then exchanged in one step
ipset restore -exist <<'END'
create rf4-RF-20261125-7f3a2c hash:ip family inet timeout 604800 maxelem 65536 counters
create rf4-RF-20261125-7f3a2c-n hash:ip family inet timeout 604800 maxelem 65536 counters
flush rf4-RF-20261125-7f3a2c-n
add rf4-RF-20261125-7f3a2c-n 203.0.113.66 timeout 604800
swap rf4-RF-20261125-7f3a2c rf4-RF-20261125-7f3a2c-n
destroy rf4-RF-20261125-7f3a2c-n
END
iptables -w -t raw -C PREROUTING -m set --match-set rf4-RF-20261125-7f3a2c src -j DROP 2>/dev/null ||
    iptables -w -t raw -I PREROUTING -m set --match-set rf4-RF-20261125-7f3a2c src -j DROP

# filled beside the old one, then exchanged in one step
ipset restore -exist <<'END'
create rf6-RF-20261125-7f3a2c hash:ip family inet6 timeout 604800 maxelem 65536 counters
create rf6-RF-20261125-7f3a2c-n hash:ip family inet6 timeout 604800 maxelem 65536 counters
flush rf6-RF-20261125-7f3a2c-n
add rf6-RF-20261125-7f3a2c-n 2001:db8::66 timeout 604800
swap rf6-RF-20261125-7f3a2c rf6-RF-20261125-7f3a2c-n
destroy rf6-RF-20261125-7f3a2c-n
END
ip6tables -w -t raw -C PREROUTING -m set --match-set rf6-RF-20261125-7f3a2c src -j DROP 2>/dev/null ||
    ip6tables -w -t raw -I PREROUTING -m set --match-set rf6-RF-20261125-7f3a2c src -j DROP

# filled beside the old one, then exchanged in one step
ipset restore -exist <<'END'
create rp4-RF-20261125-7f3a2c hash:ip,port family inet timeout 604800 maxelem 65536 counters
create rp4-RF-20261125-7f3a2c-n hash:ip,port family inet timeout 604800 maxelem 65536 counters
flush rp4-RF-20261125-7f3a2c-n
add rp4-RF-20261125-7f3a2c-n 198.51.100.9,udp:40000 timeout 604800
add rp4-RF-20261125-7f3a2c-n 198.51.100.9,tcp:40000 timeout 604800
add rp4-RF-20261125-7f3a2c-n 198.51.100.9,udp:40001 timeout 604800
add rp4-RF-20261125-7f3a2c-n 198.51.100.9,tcp:40001 timeout 604800
swap rp4-RF-20261125-7f3a2c rp4-RF-20261125-7f3a2c-n
destroy rp4-RF-20261125-7f3a2c-n
END
iptables -w -t raw -C PREROUTING -m set --match-set rp4-RF-20261125-7f3a2c src,src -j DROP 2>/dev/null ||
    iptables -w -t raw -I PREROUTING -m set --match-set rp4-RF-20261125-7f3a2c src,src -j DROP
