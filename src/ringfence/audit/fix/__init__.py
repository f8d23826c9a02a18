"""New secrets in the words of each phone system. Pure: contents in, files out."""
