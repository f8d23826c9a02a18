"""The guard at work, and others in its place: what reached the phone system behind the firewall."""
