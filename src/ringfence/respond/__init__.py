"""From a verdict to measures: planned, written down, each with an expiry and an undo."""
