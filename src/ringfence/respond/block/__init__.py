"""Block lists: one file for each kind of firewall, each a pure function of the plan."""
