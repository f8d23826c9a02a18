# Ringfence block list: MikroTik RouterOS
#
# Case:    RF-20261125-7f3a2c
# Made:    2026-11-25T03:12:00Z
# Blocks:  3 addresses, 1 of them by source port only; left out: 1 of the accused
# Why:     these addresses attacked the phone system over SIP, and are proven not to be forged; README.md
#          beside this file has the reason of each, and who was left out
# Expires: addresses by themselves; a reboot ends them as well; the rules stay, and match nobody, until the
#          undo
# Apply:   copy it to the router (Files), then /import file-name=mikrotik.rsc
# Undo:    /import file-name=mikrotik-undo.rsc
# Note:    look: /ip firewall address-list print where list=ringfence-RF-20261125-7f3a2c
# Note:    an IPv6 attacker often owns a whole /64: write ADDRESS/64 in place of the address, after checking
#          that no user of yours is in it

/ip firewall raw remove [find where comment="ringfence-RF-20261125-7f3a2c"]
/ip firewall address-list remove [find where comment="ringfence-RF-20261125-7f3a2c"]
/ipv6 firewall raw remove [find where comment="ringfence-RF-20261125-7f3a2c"]
/ipv6 firewall address-list remove [find where comment="ringfence-RF-20261125-7f3a2c"]

/ip firewall address-list add list=ringfence-RF-20261125-7f3a2c address=203.0.113.66 timeout=7d00:00:00 comment="ringfence-RF-20261125-7f3a2c"
/ip firewall raw add chain=prerouting action=drop src-address-list=ringfence-RF-20261125-7f3a2c comment="ringfence-RF-20261125-7f3a2c"

/ipv6 firewall address-list add list=ringfence-RF-20261125-7f3a2c address=2001:db8::66/128 timeout=7d00:00:00 comment="ringfence-RF-20261125-7f3a2c"
/ipv6 firewall raw add chain=prerouting action=drop src-address-list=ringfence-RF-20261125-7f3a2c comment="ringfence-RF-20261125-7f3a2c"

/ip firewall address-list add list=ringfence-RF-20261125-7f3a2c-1 address=198.51.100.9 timeout=7d00:00:00 comment="ringfence-RF-20261125-7f3a2c"
/ip firewall raw add chain=prerouting action=drop src-address-list=ringfence-RF-20261125-7f3a2c-1 protocol=udp src-port=40000,40001 comment="ringfence-RF-20261125-7f3a2c"
/ip firewall raw add chain=prerouting action=drop src-address-list=ringfence-RF-20261125-7f3a2c-1 protocol=tcp src-port=40000,40001 comment="ringfence-RF-20261125-7f3a2c"
