"""The journal of what the guard decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table, bounded by whoever writes it."""
    op.create_table(
        "decisions",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("last_at", sa.String(40), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("ports", sa.Text, nullable=False),
        sa.Column("enforced", sa.Boolean, nullable=False),
        sa.Column("lasts_s", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("weight_db", sa.Float, nullable=False),
        sa.Column("proven", sa.String(16), nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("campaign", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("messages", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.Column("summed", sa.String(400)),
        sa.PrimaryKeyConstraint("number", name="pk_decisions"),
    )
    op.create_index("ix_decisions_at", "decisions", ["at"])
    op.create_index("ix_decisions_summed", "decisions", ["summed"], unique=True)
