"""One fuzz harness a decoder; its invariant stands in its first lines (docs/fuzzing.md)."""
