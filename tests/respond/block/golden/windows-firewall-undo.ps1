# Ringfence block list: Windows Firewall, the undo
#
# Case:    RF-20261125-7f3a2c
# Made:    2026-11-25T03:12:00Z
# Blocks:  3 addresses, 1 of them by source port only; left out: 1 of the accused
# Why:     these addresses attacked the phone system over SIP, and are proven not to be forged; README.md
#          beside this file has the reason of each, and who was left out
# Expires: NOT by itself: meant until 2026-12-02T03:12:00Z. With -Expire behind the command a scheduled task
#          takes the rules away then
# Apply:   powershell -ExecutionPolicy Bypass -File windows-firewall-undo.ps1   (as administrator)
# Undo:    powershell -ExecutionPolicy Bypass -File windows-firewall-undo.ps1
# Note:    rules that block come before rules that allow, so 3CX's own rules need no change
# Note:    look: Get-NetFirewallRule -Group 'Ringfence RF-20261125-7f3a2c'
# Note:    an IPv6 attacker often owns a whole /64: write ADDRESS/64 in place of the address, after checking
#          that no user of yours is in it
#Requires -RunAsAdministrator
Remove-NetFirewallRule -Group 'Ringfence RF-20261125-7f3a2c' -ErrorAction SilentlyContinue
Unregister-ScheduledTask -TaskName 'Ringfence RF-20261125-7f3a2c' -Confirm:$false -ErrorAction SilentlyContinue
