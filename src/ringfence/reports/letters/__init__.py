"""A case and its contacts to letters: one file a receiver, templates beside them."""
