# Ringfence block list: MikroTik, the undo
#
# Case:    RF-20261125-7f3a2c
# Made:    2026-11-25T03:12:00Z
# Blocks:  3 addresses, 1 of them by source port only; left out: 1 of the accused
# Why:     these addresses attacked the phone system over SIP, and are proven not to be forged; README.md
#          beside this file has the reason of each, and who was left out
# Expires: addresses by themselves; a reboot ends them as well; the rules stay, and match nobody, until the
#          undo
# Apply:   copy it to the router (Files), then /import file-name=mikrotik-undo.rsc
# Undo:    /import file-name=mikrotik-undo.rsc
# Note:    look: /ip firewall address-list print where list=ringfence-RF-20261125-7f3a2c
# Note:    an IPv6 attacker often owns a whole /64: write ADDRESS/64 in place of the address, after checking
#          that no user of yours is in it

/ip firewall raw remove [find where comment="ringfence-RF-20261125-7f3a2c"]
/ip firewall address-list remove [find where comment="ringfence-RF-20261125-7f3a2c"]
/ipv6 firewall raw remove [find where comment="ringfence-RF-20261125-7f3a2c"]
/ipv6 firewall address-list remove [find where comment="ringfence-RF-20261125-7f3a2c"]
