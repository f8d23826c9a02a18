"""Blocks carried to machines outside: routers, and the phone system's own list."""
