"""An address to the party that answers for it, with the place that each fact came from."""
