"""The guard put on this machine, and taken away again."""
