"""A case as evidence: sealed for those who judge, redacted for those outside."""
