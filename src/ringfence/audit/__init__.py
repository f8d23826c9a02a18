"""A phone system's settings → weaknesses of credentials and exposure."""
