"""Words that may stay: lower case where they are compared so, and no name among them."""

from __future__ import annotations

from ringfence.evidence.redaction import vocabulary
from ringfence.model.message import COMPACT_FORMS


def test_words_are_compared_in_lower_case() -> None:
    for words in (vocabulary.HEADER_NAMES, vocabulary.SDP_NAMES, vocabulary.SDP_TOKENS,
                  vocabulary.DIGEST_VALUES, vocabulary.PARAMETERS, vocabulary.REASONS):  # fmt: skip
        assert all(word == word.lower() for word in words)


def test_methods_are_spelled_as_they_are_sent() -> None:
    assert all(method.isupper() for method in vocabulary.METHODS)


def test_compact_names_are_known() -> None:
    assert set(COMPACT_FORMS) <= vocabulary.HEADER_NAMES
    assert set(COMPACT_FORMS.values()) <= vocabulary.HEADER_NAMES


def test_no_default_realm_is_a_domain() -> None:
    assert not any(b"." in realm for realm in vocabulary.DEFAULT_REALMS)
