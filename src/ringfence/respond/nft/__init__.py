"""Linux' own firewall: measures as elements of sets that the kernel ends by itself."""
