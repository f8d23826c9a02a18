"""Tables of the store.

What they hold is explained in `model/`: `case.py`, `letter.py`, `follow_up.py`, `measure.py`,
`regular.py`.

A change here needs a migration in `migrations/versions/`; a test compares both.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
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

LETTERS = Table(
    "letters",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    _case_id(),
    Column("kind", String(16), nullable=False),
    Column("at", String(40), nullable=False),
    Column("receiver", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("network", String(64), nullable=False),
    Column("addresses", Text, nullable=False),  # a line each
    Column("file", Text, nullable=False),
    Column("message_id", String(400), nullable=False),
    Column("sent_at", String(40), nullable=False),  # "" while it was only written
    Index("ix_letters_case_id", "case_id"),
    Index("ix_letters_message_id", "message_id"),
)

# Whom a letter went to: in the order of the letter, in small letters.
MAILBOXES = Table(
    "mailboxes",
    METADATA,
    Column("letter", Integer, ForeignKey("letters.number"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("mailbox", String(320), nullable=False),
    Index("ix_mailboxes_mailbox", "mailbox"),
)

REPLIES = Table(
    "replies",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    _case_id(),
    Column("letter", Integer, ForeignKey("letters.number")),
    Column("at", String(40), nullable=False),
    Column("sender", String(400), nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", String(400), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("says", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("tickets", Text, nullable=False),  # a line each
    Index("ix_replies_case_id", "case_id"),
    Index("ix_replies_message_id", "message_id", unique=True),
)

# What was said about steps: only ever added to; the latest counts.
MARKS = Table(
    "marks",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    _case_id(),
    Column("step", String(32), nullable=False),
    Column("network", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", String(40), nullable=False),
    Column("who", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_marks_case_id", "case_id"),
)

ATTRIBUTIONS = Table(
    "attributions",
    METADATA,
    Column("case_id", String(64), ForeignKey("cases.id"), primary_key=True),
    Column("address", String(64), primary_key=True),
    Column("at", String(40), nullable=False),
    Column("found", LargeBinary, nullable=False),  # `model.responsible.Responsible`, JSON
)

# An earlier case, and a later one of the same hand.
RETURNS = Table(
    "returns",
    METADATA,
    Column("case_id", String(64), ForeignKey("cases.id"), primary_key=True),
    Column("later", String(64), ForeignKey("cases.id"), primary_key=True),
    Column("at", String(40), nullable=False),
    Column("sure_db", Float, nullable=False),
    Index("ix_returns_later", "later"),
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

# What was done against sources: an end before its time is the only thing that changes.
MEASURES = Table(
    "measures",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(8), nullable=False),
    Column("case_id", String(64), ForeignKey("cases.id")),
    Column("action", String(16), nullable=False),
    Column("address", String(64), nullable=False),
    Column("ports", Text, nullable=False),  # with commas
    Column("reason", Text, nullable=False),
    Column("by", String(200), nullable=False),
    Column("since", String(40), nullable=False),
    Column("until", String(40), nullable=False),
    Column("ended_at", String(40), nullable=False),  # "": in force until its time is over
    Column("ended_why", Text, nullable=False),
    Column("host", String(255), nullable=False),
    Index("ix_measures_id", "id", unique=True),
    Index("ix_measures_case_id", "case_id"),
    Index("ix_measures_address", "address"),
    Index("ix_measures_until", "until"),
)

# Networks that are never blocked.
ALLOWED = Table(
    "allowed",
    METADATA,
    Column("network", String(64), primary_key=True),
    Column("why", Text, nullable=False),
    Column("by", String(200), nullable=False),
    Column("since", String(40), nullable=False),
)

# Alarms, one row for each of those to whom they go: until they got there, or never will.
ALERTS = Table(
    "alerts",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("channel", String(64), nullable=False),  # never its address: that may be a secret
    Column("severity", String(16), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("raised_at", String(40), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("says", Text, nullable=False),  # why it did not get there
    CheckConstraint("state IN ('waiting', 'delivered', 'given_up')", name="state"),
    Index("ix_alerts_state", "state"),
)

# What the guard decided, with what became of it left to `measures`.
DECISIONS = Table(
    "decisions",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", String(40), nullable=False),
    Column("last_at", String(40), nullable=False),
    Column("host", String(255), nullable=False),
    Column("action", String(16), nullable=False),
    Column("address", String(64), nullable=False),  # "": of many
    Column("ports", Text, nullable=False),  # with commas
    Column("enforced", Boolean, nullable=False),
    Column("lasts_s", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("kinds", Text, nullable=False),  # with commas
    Column("weight_db", Float, nullable=False),
    Column("proven", String(16), nullable=False),
    Column("account", Text, nullable=False),
    Column("campaign", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("messages", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("times", BigInteger, nullable=False),
    Column("summed", String(400)),  # what its hour's rows have in common; NULL: one decision
    Index("ix_decisions_at", "at"),
    Index("ix_decisions_summed", "summed", unique=True),
)

# Who was let in by the phone system, and is not accused: the guard's memory over restarts.
REGULARS = Table(
    "regulars",
    METADATA,
    Column("host", String(255), primary_key=True),
    Column("address", String(64), primary_key=True),
    Column("account", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("first_at", String(40), nullable=False),
    Column("last_at", String(40), nullable=False),
    Index("ix_regulars_last_at", "last_at"),
)
