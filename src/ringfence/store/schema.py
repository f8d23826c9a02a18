"""Tables of the store. What they hold is explained in `model/case.py`.

A change here needs a migration in `migrations/versions/`; a test compares both.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


def _case_id() -> Column[str]:
    return Column("case_id", String(64), ForeignKey("cases.id"), nullable=False)


CASES = Table(
    "cases",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("opened_at", String(40), nullable=False),
    Column("changed_at", String(40), nullable=False),
    Column("merged_into", String(64), ForeignKey("cases.id")),
    CheckConstraint("state IN ('open', 'closed', 'merged')", name="state"),
)

FILED = Table(
    "filed",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    _case_id(),
    Column("at", String(40), nullable=False),
    Column("tool", String(80), nullable=False),
    Column("inputs", Text, nullable=False),  # SHA-256, a line each
    Column("incident", LargeBinary, nullable=False),  # the document, JSON
    Column("folder", Text),
    Index("ix_filed_case_id", "case_id"),
)

SOURCES = Table(
    "sources",
    METADATA,
    Column("case_id", String(64), ForeignKey("cases.id"), primary_key=True),
    Column("address", String(64), primary_key=True),
    Column("verdict", String(16), nullable=False),
    Column("first_seen", String(40), nullable=False),
    Column("last_seen", String(40), nullable=False),
    Index("ix_sources_address", "address"),
)

TRAITS = Table(
    "traits",
    METADATA,
    Column("case_id", String(64), ForeignKey("cases.id"), primary_key=True),
    Column("trait", String(400), primary_key=True),
    Index("ix_traits_trait", "trait"),
)

JOURNAL = Table(
    "journal",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    _case_id(),
    Column("at", String(40), nullable=False),
    Column("who", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_journal_case_id", "case_id"),
)

# What registries answered, by the network that they returned (`attribute/memory.py`).
LOOKUPS = Table(
    "lookups",
    METADATA,
    Column("first", String(33), primary_key=True),
    Column("last", String(33), primary_key=True),
    Column("asked_at", String(40), nullable=False),
    Column("expires_at", String(40), nullable=False),
    Column("answer", LargeBinary, nullable=False),  # JSON
    Index("ix_lookups_expires_at", "expires_at"),
)

PAUSES = Table(
    "pauses",
    METADATA,
    Column("host", String(255), primary_key=True),
    Column("until", String(40), nullable=False),
)
