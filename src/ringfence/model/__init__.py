"""The words: frozen values, no logic beyond their invariants."""
