"""The guard: it hears, decides, acts, proves, keeps and tells, for ever.

ears ──▶ engine ──▶ decisions ──┬─▶ hand    the firewall, and whether it holds
│                              ├─▶ ledger  one attack, one entry ──▶ alarms, status
└─▶ the last minute ──▶ clerk ─┴─▶         cases
"""
