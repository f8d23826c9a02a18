"""One file a step, each with the step before it."""
