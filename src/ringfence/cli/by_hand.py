"""How to record without a recorder here: the words of docs/capture.md, for the terminal."""

from __future__ import annotations

BY_HAND = """\
Record with Wireshark on the machine of the phone system (3CX on Windows, for example):

1. Get Wireshark from https://www.wireshark.org and install it with Npcap, as it offers.
2. Start it as administrator. Capture, Options: choose the interface to the Internet.
3. Into "Capture filter for selected interfaces" write:  port 5060 or port 5061
4. Start. Wait a minute, longer if the attack comes and goes.
5. Stop. File, Save As: attack.pcapng. Change nothing in it: it is the evidence.
6. Copy it to the machine with Ringfence:  ringfence investigate attack.pcapng

3CX can record as well: Admin Console, Dashboard (in older versions: Activity Log),
Capture; it gives a pcap that Ringfence reads.

On Linux it is one of these lines, and then this command again:
  sudo apt install tcpdump        Debian, Ubuntu, 3CX on Debian
  sudo dnf install tcpdump        Fedora, Red Hat, FreePBX
"""
