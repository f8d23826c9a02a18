"""An incident in the formats in which others take it: one file a format, bytes out, nothing sent.

How it works: `disclosure.py` picks what may leave the house, by a list of what is
told, not of what is left out; STIX, MISP and AbuseIPDB are written from that alone.
"""
