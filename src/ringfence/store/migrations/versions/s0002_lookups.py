"""What registries answered, and their pauses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables that may be emptied at any time."""
    op.create_table(
        "lookups",
        sa.Column("first", sa.String(33), nullable=False),
        sa.Column("last", sa.String(33), nullable=False),
        sa.Column("asked_at", sa.String(40), nullable=False),
        sa.Column("expires_at", sa.String(40), nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("first", "last", name="pk_lookups"),
    )
    op.create_index("ix_lookups_expires_at", "lookups", ["expires_at"])
    op.create_table(
        "pauses",
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("until", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_pauses"),
    )
