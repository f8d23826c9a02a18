"""A case to what is preserved for others: sealed bags, and a redacted twin of what is in them."""
