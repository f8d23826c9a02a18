# Ringfence block list: Windows Firewall
#
# Case:    RF-20261125-7f3a2c
# Made:    2026-11-25T03:12:00Z
# Blocks:  3 addresses, 1 of them by source port only; left out: 1 of the accused
# Why:     these addresses attacked the phone system over SIP, and are proven not to be forged; README.md
#          beside this file has the reason of each, and who was left out
# Expires: NOT by itself: meant until 2026-12-02T03:12:00Z. With -Expire behind the command a scheduled task
#          takes the rules away then
# Apply:   powershell -ExecutionPolicy Bypass -File windows-firewall.ps1   (as administrator)
# Undo:    powershell -ExecutionPolicy Bypass -File windows-firewall-undo.ps1
# Note:    rules that block come before rules that allow, so 3CX's own rules need no change
# Note:    look: Get-NetFirewallRule -Group 'Ringfence RF-20261125-7f3a2c'
# Note:    an IPv6 attacker often owns a whole /64: write ADDRESS/64 in place of the address, after checking
#          that no user of yours is in it
#Requires -RunAsAdministrator
param([switch]$Expire)
$ErrorActionPreference = 'Stop'

# what an earlier run left, so that running twice is running once
Remove-NetFirewallRule -Group 'Ringfence RF-20261125-7f3a2c' -ErrorAction SilentlyContinue

New-NetFirewallRule -Name 'Ringfence-RF-20261125-7f3a2c-1' -DisplayName 'Ringfence RF-20261125-7f3a2c (1)' -Group 'Ringfence RF-20261125-7f3a2c' -Description 'Attackers on SIP, meant until 2026-12-02T03:12:00Z' -Direction Inbound -Action Block -Profile Any -RemoteAddress @('203.0.113.66', '2001:db8::66') | Out-Null

New-NetFirewallRule -Name 'Ringfence-RF-20261125-7f3a2c-2' -DisplayName 'Ringfence RF-20261125-7f3a2c (2)' -Group 'Ringfence RF-20261125-7f3a2c' -Description 'Attackers on SIP, meant until 2026-12-02T03:12:00Z' -Direction Inbound -Action Block -Profile Any -RemoteAddress @('198.51.100.9') -Protocol UDP -RemotePort @('40000', '40001') | Out-Null

New-NetFirewallRule -Name 'Ringfence-RF-20261125-7f3a2c-3' -DisplayName 'Ringfence RF-20261125-7f3a2c (3)' -Group 'Ringfence RF-20261125-7f3a2c' -Description 'Attackers on SIP, meant until 2026-12-02T03:12:00Z' -Direction Inbound -Action Block -Profile Any -RemoteAddress @('198.51.100.9') -Protocol TCP -RemotePort @('40000', '40001') | Out-Null

if ($Expire) {
    $action = New-ScheduledTaskAction -Execute 'powershell.exe' -Argument '-NoProfile -Command Remove-NetFirewallRule -Group ''Ringfence RF-20261125-7f3a2c'''
    $trigger = New-ScheduledTaskTrigger -Once -At ([datetime]::Parse('2026-12-02T03:12:00Z'))
    Register-ScheduledTask -TaskName 'Ringfence RF-20261125-7f3a2c' -Action $action -Trigger $trigger -User 'SYSTEM' -RunLevel Highest -Force | Out-Null
}
