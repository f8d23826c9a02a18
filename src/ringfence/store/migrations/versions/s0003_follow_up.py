"""What follows on a case: contacts found, letters, replies, marks, and the hand that came back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Six tables beside the cases."""
    op.create_table(
        "letters",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("receiver", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("addresses", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("message_id", sa.String(400), nullable=False),
        sa.Column("sent_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_letters"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_letters_case_id"),
    )
    op.create_index("ix_letters_case_id", "letters", ["case_id"])
    op.create_index("ix_letters_message_id", "letters", ["message_id"])
    op.create_table(
        "mailboxes",
        sa.Column("letter", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("mailbox", sa.String(320), nullable=False),
        sa.PrimaryKeyConstraint("letter", "place", name="pk_mailboxes"),
        sa.ForeignKeyConstraint(["letter"], ["letters.number"], name="fk_mailboxes_letter"),
    )
    op.create_index("ix_mailboxes_mailbox", "mailboxes", ["mailbox"])
    op.create_table(
        "replies",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("letter", sa.Integer),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("sender", sa.String(400), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("message_id", sa.String(400), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("says", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("tickets", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_replies"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_replies_case_id"),
        sa.ForeignKeyConstraint(["letter"], ["letters.number"], name="fk_replies_letter"),
    )
    op.create_index("ix_replies_case_id", "replies", ["case_id"])
    op.create_index("ix_replies_message_id", "replies", ["message_id"], unique=True)
    op.create_table(
        "marks",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_marks"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_marks_case_id"),
    )
    op.create_index("ix_marks_case_id", "marks", ["case_id"])
    op.create_table(
        "attributions",
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("found", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "address", name="pk_attributions"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_attributions_case_id"),
    )
    op.create_table(
        "returns",
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("later", sa.String(64), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("sure_db", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "later", name="pk_returns"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_returns_case_id"),
        sa.ForeignKeyConstraint(["later"], ["cases.id"], name="fk_returns_later"),
    )
    op.create_index("ix_returns_later", "returns", ["later"])
