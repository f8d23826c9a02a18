"""What was found, for people to read and to send. Nothing here decodes packets."""
