"""What is done against sources, and who is never blocked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables beside the cases."""
    op.create_table(
        "measures",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(8), nullable=False),
        sa.Column("case_id", sa.String(64)),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("ports", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("since", sa.String(40), nullable=False),
        sa.Column("until", sa.String(40), nullable=False),
        sa.Column("ended_at", sa.String(40), nullable=False),
        sa.Column("ended_why", sa.Text, nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_measures"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_measures_case_id"),
    )
    op.create_index("ix_measures_id", "measures", ["id"], unique=True)
    op.create_index("ix_measures_case_id", "measures", ["case_id"])
    op.create_index("ix_measures_address", "measures", ["address"])
    op.create_index("ix_measures_until", "measures", ["until"])
    op.create_table(
        "allowed",
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("since", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("network", name="pk_allowed"),
    )
