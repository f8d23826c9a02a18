"""What is well on this machine, and what is not: looked at, never changed."""
