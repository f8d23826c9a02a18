"""Who may reach port 5060: trunks, known users, WireGuard peers."""
