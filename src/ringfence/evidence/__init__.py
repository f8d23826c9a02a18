"""A case to sealed evidence: what is preserved for others, and how they check it."""
