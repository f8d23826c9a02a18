"""The redacted twin: what may leave the house, and nothing that names a real user."""
