"""Cases with their investigations, sources, traits and journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first tables."""
    op.create_table(
        "cases",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("opened_at", sa.String(40), nullable=False),
        sa.Column("changed_at", sa.String(40), nullable=False),
        sa.Column("merged_into", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.ForeignKeyConstraint(["merged_into"], ["cases.id"], name="fk_cases_merged_into"),
        sa.CheckConstraint("state IN ('open', 'closed', 'merged')", name="ck_cases_state"),
    )
    op.create_table(
        "filed",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("tool", sa.String(80), nullable=False),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.Column("incident", sa.LargeBinary, nullable=False),
        sa.Column("folder", sa.Text),
        sa.PrimaryKeyConstraint("number", name="pk_filed"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_filed_case_id"),
    )
    op.create_index("ix_filed_case_id", "filed", ["case_id"])
    op.create_table(
        "sources",
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("first_seen", sa.String(40), nullable=False),
        sa.Column("last_seen", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "address", name="pk_sources"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_sources_case_id"),
    )
    op.create_index("ix_sources_address", "sources", ["address"])
    op.create_table(
        "traits",
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("trait", sa.String(400), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "trait", name="pk_traits"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_traits_case_id"),
    )
    op.create_index("ix_traits_trait", "traits", ["trait"])
    op.create_table(
        "journal",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_journal"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_journal_case_id"),
    )
    op.create_index("ix_journal_case_id", "journal", ["case_id"])
