"""Commands; no decision is made here."""
