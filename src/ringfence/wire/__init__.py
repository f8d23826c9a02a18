"""Octets to messages and back: pure functions, no input or output, no clock."""
